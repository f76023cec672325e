package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"kleroterion/api/client"
)

// list is a register on its way to being frozen.
type list struct {
	name string
	id   string // once it is acknowledged
	rows int
	csv  []byte

	job string // acknowledged and not seen to be over
}

// newList makes an empty register.
func (c *crash) newList(rows int) *list {
	c.t.Helper()
	l := &list{name: c.name("list"), rows: rows}
	l.csv = residents(c.t, byte(c.names), rows)
	c.must(c.addList(l))
	c.lists = append(c.lists, l)
	return l
}

// upload sends a list's rows. Uploads have no Idempotency-Key: when one was accepted and the answer was
// lost, the register says so.
func (c *crash) upload(l *list) {
	c.t.Helper()
	job, err := c.registrar.Upload(c.t.Context(), client.Rows{Register: l.id, File: bytes.NewReader(l.csv)})
	if refused(err, "register_state") {
		return
	}
	must(c.t, err)
	l.job, c.ledger.jobs[job.ID] = job.ID, job
	c.acknowledged++
}

// advance takes a list one step on its way to a state, if it is ready for it, and reports whether it is
// there.
func (c *crash) advance(l *list, to client.RegisterState) bool {
	c.t.Helper()
	if l.job != "" {
		job := *got(c.registrar.GetJobWithResponse(c.t.Context(), l.job))(c.t).JSON200
		if job.State == client.JobStatePending {
			return false
		}
		l.job = ""
	}
	reg := *got(c.registrar.GetRegisterWithResponse(c.t.Context(), l.id))(c.t).JSON200
	switch {
	case reg.State == client.RegisterStateDraft:
		c.upload(l)
	case reg.State == client.RegisterStateImported && reg.Rows != int64(l.rows):
		c.t.Errorf("register %s has %d rows, the file had %d", l.name, reg.Rows, l.rows)
	case reg.State == to:
		return true
	case reg.State == client.RegisterStateImported:
		c.must(c.freeze(l))
	}
	return false
}

// bring takes a list to a state, by waiting for its jobs.
func (c *crash) bring(l *list, to client.RegisterState) {
	c.t.Helper()
	await(c.t, time.Minute, "register "+l.name+" to be "+string(to), func() bool { return c.advance(l, to) })
}

// ready is a list that is frozen, the newest.
func (c *crash) ready() *list {
	c.t.Helper()
	for i := len(c.lists) - 1; i >= 0; i-- {
		if l := c.lists[i]; c.ledger.registers[l.id].State == client.RegisterStateFrozen {
			return l
		}
	}
	l := c.newList(300)
	c.bring(l, client.RegisterStateFrozen)
	c.ledger.has(c.t, c.operator, c.registrar, false)
	return l
}

// torn is an upload that stops in the middle: after a number of bytes it calls, and then never ends.
type torn struct {
	ctx  context.Context
	rows []byte // repeated as often as it takes
	at   int
	left int
	call func()
}

func (u *torn) Read(p []byte) (int, error) {
	if u.left == 0 {
		if u.call != nil {
			u.call()
			u.call = nil
		}
		<-u.ctx.Done()
		return 0, errors.Join(io.ErrUnexpectedEOF, u.ctx.Err())
	}
	n := copy(p[:min(len(p), u.left)], u.rows[u.at:])
	u.at, u.left = (u.at+n)%len(u.rows), u.left-n
	return n, nil
}
