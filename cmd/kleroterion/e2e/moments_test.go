package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kleroterion/api/client"
	domain "kleroterion/service"
	"kleroterion/store"
)

// moment brings the service to a point and kills it there. n counts from 0 how often it was its turn.
type moment struct {
	name string
	kill func(c *crash, n int)
}

// moments is the schedule. Those that leave a leased job stand together, so that the schedule can end
// with others while the leases run out.
var moments = []moment{
	{"after some acknowledged requests, another under way", (*crash).afterRequests},
	{"in the middle of an upload", (*crash).midUpload},
	{"while the log is being published", (*crash).whilePublishing},
	{"between the opening of a draw and its round", (*crash).beforeRound},
	{"while a draw is being opened", (*crash).whileOpening},
	{"while a draw is being voided", (*crash).whileVoiding},
	{"while it stops", (*crash).whileStopping},
	{"during a freeze", (*crash).duringFreeze},
	{"right after an import was accepted", (*crash).afterImportAccepted},
	{"during an import", (*crash).duringImport},
	{"right after a freeze was accepted", (*crash).afterFreezeAccepted},
	{"right at the round", (*crash).atRound},
}

func (c *crash) afterRequests(n int) {
	for range n + 1 {
		c.must(c.addCity(c.name("city")))
		c.must(c.addKey(c.name("key")))
	}
	l := &list{name: c.name("list"), rows: 300}
	l.csv = residents(c.t, byte(c.names), l.rows)
	c.lists = append(c.lists, l)
	next := []*post{c.addList(l), c.addCity(c.name("city")), c.addKey(c.name("key"))}
	if n%3 != 0 {
		c.must(next[0])
	}
	c.cut(next[n%3], delay(n)*3*delay(time.Millisecond))
}

// midUpload: each time another number of the chunks of 1 MiB is stored already.
func (c *crash) midUpload(n int) {
	l := c.newList(300)
	ctx, stop := context.WithCancel(c.t.Context())
	body := &torn{ctx: ctx, rows: l.csv, left: 40_000 + n*1_200_000, call: func() { c.kill(); stop() }}
	if job, err := c.registrar.Upload(ctx, client.Rows{Register: l.id, File: body}); err == nil {
		c.t.Errorf("half an upload was accepted as job %s", job.ID)
	}
	stop()
}

func (c *crash) afterImportAccepted(n int) {
	l := c.newList(300)
	c.upload(l)
	c.kill()
}

// duringImport: the first time nothing of the new rows is stored, the second time a part is.
func (c *crash) duringImport(n int) {
	if n%2 == 0 {
		l := c.newList(6000)
		c.upload(l)
		c.meet(l.job, "making room", 0)
		c.kill()
		return
	}
	l := c.newList(40_000) // more than one transaction stores
	c.upload(l)
	db := got(store.Open(c.t.Context(), store.Options{URL: c.database}))(c.t)
	defer db.Close() // it read
	watch(c.t, 10*time.Millisecond, time.Minute, func() bool {
		var some []domain.Resident
		must(c.t, db.Read(c.t.Context(), func(tx domain.Tx) (err error) { some, err = tx.Lines(l.id, nil, 1); return err }))
		return len(some) > 0
	})
	if job := got(c.registrar.GetJobWithResponse(c.t.Context(), l.job))(c.t).JSON200; job.State == client.JobStatePending {
		c.seen["importing"]++
	}
	c.kill()
}

// meet waits until a job is seen in a step with so much done, or over.
func (c *crash) meet(job, step string, done int64) {
	c.t.Helper()
	watch(c.t, 20*time.Millisecond, time.Minute, func() bool {
		j := *got(c.registrar.GetJobWithResponse(c.t.Context(), job))(c.t).JSON200
		if j.State == client.JobStatePending && j.Step == step && j.Done >= done {
			c.seen[step]++
			return true
		}
		return j.State != client.JobStatePending
	})
}

func (c *crash) beforeRound(n int) {
	c.must(c.open(c.ready(), c.name("decision"), 5*time.Second))
	c.kill()
}

func (c *crash) afterFreezeAccepted(n int) {
	l := c.newList(300)
	c.bring(l, client.RegisterStateImported)
	c.must(c.freeze(l))
	delay(n * int(150*time.Millisecond)).pass(c.t)
	c.kill()
}

// whilePublishing kills when the publisher has files that have no name yet.
func (c *crash) whilePublishing(n int) {
	l := c.ready()
	over := make(chan struct{})
	p := c.open(l, c.name("decision"), 5*time.Second)
	go func() {
		defer close(over)
		if body, err := p.try(c.t.Context(), c); err == nil {
			p.answer = body
		}
	}()
	if c.publishing(5 * time.Second) {
		c.seen["publishing"]++
	}
	delay(n * int(4*time.Millisecond)).pass(c.t)
	c.kill()
	<-over
	if p.answer != nil {
		c.acknowledge(p, p.answer)
		return
	}
	c.unanswered = append(c.unanswered, p)
}

// publishing waits for a file that has no name yet.
func (c *crash) publishing(limit time.Duration) bool {
	return watch(c.t, 500*time.Microsecond, limit, func() bool {
		left, err := os.ReadDir(filepath.Join(publicDir(c.dir), ".tmp"))
		return err == nil && len(left) > 0
	})
}

func (c *crash) atRound(n int) {
	p := c.open(c.ready(), c.name("decision"), 4*time.Second)
	d := decoded[client.Draw](c.t, c.must(p))
	delay(time.Until(time.Unix(d.DueAt, int64(n)*int64(230*time.Millisecond)))).pass(c.t)
	c.kill()
}

func (c *crash) whileOpening(n int) {
	c.cut(c.open(c.ready(), c.name("decision"), 5*time.Second), delay(n*int(25*time.Millisecond)))
}

// duringFreeze: the first time no page is stored, the second time some are.
func (c *crash) duringFreeze(n int) {
	l := c.newList(9000 + n*9000)
	c.bring(l, client.RegisterStateImported)
	c.must(c.freeze(l))
	c.meet(l.job, "sorting", int64(n))
	c.kill()
}

// whileStopping kills what has been asked to end and is still at it.
func (c *crash) whileStopping(n int) {
	c.must(c.addCity(c.name("city")))
	must(c.t, c.child.cmd.Process.Signal(os.Interrupt))
	delay(n * int(15*time.Millisecond)).pass(c.t)
	c.kill()
}

func (c *crash) whileVoiding(n int) {
	d := decoded[client.Draw](c.t, c.must(c.open(c.ready(), c.name("withdrawn"), time.Hour)))
	c.cut(c.void(d), delay(n*int(8*time.Millisecond)))
}

// duringStart kills a service as soon as it has made one of its files, or is about to serve.
func (c *crash) duringStart(file string) {
	c.t.Helper()
	c.child = c.launch()
	made := watch(c.t, 500*time.Microsecond, time.Minute, func() bool {
		_, err := os.Stat(filepath.Join(c.dir, file))
		return err == nil
	})
	c.kill()
	if !made {
		c.t.Fatalf("a start did not make %s", file)
	}
}

func (c *crash) String() string {
	return fmt.Sprintf("%d kills, %d requests acknowledged, %d repeated, %d registers, %d draws; met: %v", c.kills, c.acknowledged, c.repeated,
		len(c.ledger.registers), len(c.ledger.draws), c.seen)
}
