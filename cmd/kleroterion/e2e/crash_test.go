package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
)

// homeCity is the city that works while the service is being killed.
const homeCity = "home"

// crash is one database under a service that is killed again and again.
type crash struct {
	*place
	database  string // as the store opens it
	child     *child
	auditor   *auditor
	operator  *client.Instance
	registrar *client.Instance // nil until its key is there
	token     string           // of the registrar
	vkey      string           // of the log
	ledger    *ledger

	lists        []*list
	unanswered   []*post // sent and not answered before a kill
	fresh        []*post // answered since the last start
	names        int     // for what needs a new name
	kills        int
	acknowledged int
	repeated     int
	seen         map[string]int // moments that were met as planned
}

// delay is a moment on the schedule; it is the plan, not a wait for something to happen.
type delay time.Duration

func (d delay) pass(t testing.TB) {
	timer := time.NewTimer(time.Duration(d))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// newCrash has the database with this URL, or the embedded one.
func newCrash(t *testing.T, url string) *crash {
	c := &crash{place: newPlace(t), database: url, ledger: newLedger(), seen: map[string]int{}}
	if url == "" {
		c.database = "sqlite:" + filepath.Join(c.dir, "kleroterion.db")
		return c
	}
	c.env = append(c.env, "KLERO_DATABASE_URL="+url)
	return c
}

func (c *crash) kill() {
	c.child.kill()
	c.kills++
}

// resume starts the service and compares it with the ledger.
func (c *crash) resume() {
	c.t.Helper()
	c.child = c.start()
	if c.auditor == nil {
		c.auditor, c.vkey = newAuditor(c.t, c.child.vkey), c.child.vkey
	}
	if c.child.vkey != c.vkey {
		c.t.Fatalf("the log's key was %s and is %s", c.vkey, c.child.vkey)
	}
	c.operator = got(client.New(c.child.url, c.place.token))(c.t)
	if c.token != "" {
		c.registrar = got(client.New(c.child.url, c.token))(c.t)
	}
	c.ledger.has(c.t, c.operator, c.registrar, false)
	c.repeat()
	if _, err := os.Stat(filepath.Join(publicDir(c.dir), "checkpoint")); err == nil || c.auditor.opts.Saved != nil {
		c.auditor.log(publicDir(c.dir))
	}
}

// name makes a name that is new, and the same in every run.
func (c *crash) name(what string) string {
	c.names++
	return fmt.Sprintf("%s-%03d", what, c.names)
}

// isPublished: when a draw's opening is acknowledged, the public log has it. Where the service was killed
// meanwhile nobody can ask.
func (c *crash) isPublished(d client.Draw) {
	c.t.Helper()
	if c.child.cmd.ProcessState != nil {
		return
	}
	list := got(c.operator.ListLogEntriesWithResponse(c.t.Context(), &client.ListLogEntriesParams{Subject: &d.Subject}))(c.t).JSON200.Items
	text := string(got(os.ReadFile(filepath.Join(publicDir(c.dir), "checkpoint")))(c.t))
	var size int64
	if lines := strings.SplitN(text, "\n", 3); len(lines) == 3 {
		size = got(strconv.ParseInt(lines[1], 10, 64))(c.t)
	}
	if len(list) == 0 || list[0].Seq >= size {
		c.t.Errorf("the opening of %s is acknowledged, and the published log ends at %d: %+v", d.Subject, size, list)
	}
}
