package e2e

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/store/storetest"
)

// rounds is how often a service is killed once it works: two and a half times the schedule.
const rounds = 30

func TestNothingAcknowledgedIsLostWhenTheServiceIsKilledOnSQLite(t *testing.T) {
	t.Parallel()
	killAgainAndAgain(newCrash(t, ""))
}

func TestNothingAcknowledgedIsLostWhenTheServiceIsKilledOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killAgainAndAgain(newCrash(t, storetest.Postgres(t)))
}

func killAgainAndAgain(c *crash) {
	c.t.Helper()
	for _, file := range []string{"devchain.key", "log.key", "public/.lock"} {
		c.duringStart(file)
	}
	c.resume()
	c.must(c.addCity(homeCity))
	c.must(c.addKey("first"))
	c.registrar = got(client.New(c.child.url, c.token))(c.t)
	for round := range rounds {
		m, n, before := moments[round%len(moments)], round/len(moments), c.kills
		m.kill(c, n)
		if c.kills != before+1 {
			c.t.Fatalf("%s: %d kills", m.name, c.kills-before)
		}
		c.resume()
		if c.t.Failed() {
			c.t.Fatalf("killed %s, time %d", m.name, n+1)
		}
	}
	c.settle()
	c.t.Log(c)
	if c.kills < 30 {
		c.t.Errorf("%d kills, want at least 30", c.kills)
	}
	for _, met := range []string{"publishing", "importing", "sorting"} {
		if c.seen[met] == 0 {
			c.t.Errorf("the service was never killed while %s", met)
		}
	}
}

// settle lets everything come to its end, and judges it.
func (c *crash) settle() {
	c.t.Helper()
	lists, draws := slices.Clone(c.lists), slices.Collect(maps.Keys(c.ledger.draws))
	over := watch(c.t, time.Second, 2*time.Minute, func() bool {
		lists = slices.DeleteFunc(lists, func(l *list) bool { return c.advance(l, client.RegisterStateFrozen) })
		draws = slices.DeleteFunc(draws, func(id string) bool {
			d := *got(c.operator.GetDrawWithResponse(c.t.Context(), id))(c.t).JSON200
			return d.Status == client.DrawStatusDrawn || d.Status == client.DrawStatusVoid
		})
		return len(lists)+len(draws) == 0
	})
	if !over {
		c.t.Fatalf("in the end %d registers are not frozen and the draws %v are not over", len(lists), draws)
	}
	c.ledger.has(c.t, c.operator, c.registrar, true)
	c.everyDrawOnce()
	for id, d := range c.ledger.draws {
		if d.Status == client.DrawStatusDrawn {
			o := office{t: c.t, operator: c.operator}
			c.auditor.bundle(o.bundle(id))
		}
	}
	if err := c.child.stop(); err != nil {
		c.t.Errorf("asked to end: %v", err)
	}
	c.auditor.log(publicDir(c.dir))
	c.noErrors()
}

// everyDrawOnce reads the whole log: each draw was opened once and ended once, by the round of its
// manifest.
func (c *crash) everyDrawOnce() {
	c.t.Helper()
	opened, ended := map[audit.Hash]uint64{}, map[audit.Hash]int{}
	for _, e := range c.wholeLog() {
		rec := got(audit.Decode(e.Record))(c.t)
		switch b := got(rec.Decoded())(c.t).(type) {
		case audit.DrawOpen:
			if _, twice := opened[b.Commit]; twice {
				c.t.Errorf("draw %s is opened twice", b.Commit)
			}
			opened[b.Commit] = got(sortition.ParseManifest(b.Manifest))(c.t).Beacon.Round
		case audit.DrawResult:
			if ended[b.Commit]++; b.Beacon.Round != opened[b.Commit] {
				c.t.Errorf("draw %s was decided by round %d, its manifest says %d", b.Commit, b.Beacon.Round, opened[b.Commit])
			}
		case audit.DrawVoid:
			ended[b.Commit]++
		}
	}
	if len(opened) != len(c.ledger.draws) {
		c.t.Errorf("the log opens %d draws, the service has %d", len(opened), len(c.ledger.draws))
	}
	for commit := range opened {
		if ended[commit] != 1 {
			c.t.Errorf("draw %s ended %d times", commit, ended[commit])
		}
	}
}

func (c *crash) wholeLog() []client.LogEntry {
	c.t.Helper()
	var all []client.LogEntry
	for cursor := (*string)(nil); ; {
		page := got(c.operator.ListLogEntriesWithResponse(c.t.Context(), &client.ListLogEntriesParams{Limit: new(int64(200)), Cursor: cursor}))(c.t).JSON200
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = &page.Next
	}
}

// noErrors: a service that was killed has nothing to complain about afterwards.
func (c *crash) noErrors() {
	c.t.Helper()
	text := string(got(os.ReadFile(c.log))(c.t))
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"level":"ERROR"`) || !strings.HasPrefix(line, "{") {
			c.t.Errorf("the service said: %s", line)
		}
	}
}
