package service_test

import (
	"bytes"
	"context"
	"fmt"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// donor is member i as the roll names it.
func donor(i int) string { return poll.MemberVoter("members", token(i)) }

// donate gives as an honest donor's program does, sealed where the round wants it.
func (c *polity) donate(r service.RoundView, i int, project, amount string) service.GiftReceipt {
	c.t.Helper()
	x := grants.Gift{Amount: amount, Donor: donor(i), Nonce: fmt.Sprintf("%032x", c.logSize()), Project: project, Round: r.Hash}
	if r.Terms.Mode == poll.ModeSealed {
		var err error
		x, err = grants.Door{Manifest: r.Terms, Hash: r.Hash}.Seal(c.network.Chain(), x, c.Entropy)
		must(c.t, err)
	}
	add, err := x.Sign(c.keys[donor(i)], 0)
	must(c.t, err)
	receipt, err := c.Give(c.t.Context(), r.ID, add)
	must(c.t, err)
	return receipt
}

// givenRound has the projects mill and weir and a round in which members 2 to 5 gave 9 and 16 to the mill,
// 4, 4 and 25 to the weir. Member 0 owns the mill, member 1 the weir.
func (c *polity) givenRound(in service.NewRound) service.RoundView {
	c.t.Helper()
	r := c.openedRound(in)
	c.approvedProjects(r, "mill", "weir")
	c.clock.Store(r.GiftsStart)
	c.donate(r, 2, "mill", "900")
	c.donate(r, 3, "mill", "1600")
	c.donate(r, 2, "weir", "400")
	c.donate(r, 4, "weir", "400")
	c.donate(r, 5, "weir", "2500")
	return r
}

// final lets the clock pass the end of the gifts and the beacon, and the workers match.
func (c *polity) final(r service.RoundView) service.RoundView {
	c.t.Helper()
	c.clock.Store(max(c.clock.Load(), r.GiftsEnd))
	c.work()
	c.clock.Store(max(c.clock.Load(), r.DueAt+5))
	c.work()
	v := c.now(r)
	if v.State != service.RoundFinal {
		c.t.Fatalf("the round is %s, want final:\n%s", v.State, c.log)
	}
	return v
}

func (c *polity) now(r service.RoundView) service.RoundView {
	c.t.Helper()
	v, err := c.Round(c.t.Context(), r.ID)
	must(c.t, err)
	return v
}

// gets is what every project gets in all by a version.
func (c *polity) gets(r service.RoundView, version int64) map[string]string {
	c.t.Helper()
	f, _, err := c.RoundResult(c.t.Context(), r.ID, version)
	must(c.t, err)
	m := map[string]string{}
	for _, p := range f.Payable() {
		m[p.Project] = p.Amount.String()
	}
	return m
}

// corrected asks for a correction and lets the workers do it.
func (c *polity) corrected(r service.RoundView, reason string, changes ...grants.Correction) service.Job {
	c.t.Helper()
	job, err := c.Correct(c.t.Context(), c.steward, r.ID, service.NewCorrection{Changes: changes, Reason: reason})
	must(c.t, err)
	c.work()
	job, err = c.Correction(c.t.Context(), c.steward, r.ID, job.ID)
	must(c.t, err)
	return job
}

func (c *polity) pseudonym(r service.RoundView, i int) string {
	return grants.Door{Hash: r.Hash}.Pseudonym(donor(i))
}

// kinds counts the records of a round by kind.
func (c *polity) kinds(r service.RoundView) map[audit.Kind]int {
	c.t.Helper()
	list, err := c.SubjectEntries(c.t.Context(), r.Subject)
	must(c.t, err)
	n := map[audit.Kind]int{}
	for _, e := range list {
		n[e.Kind]++
	}
	return n
}

func (c *polity) pay(r service.RoundView, version int64, project, amount, reference string) error {
	c.t.Helper()
	n, err := funding.ParseAmount(amount)
	must(c.t, err)
	_, err = c.RecordPayout(c.t.Context(), c.steward, r.ID, service.NewPayout{Project: project, Account: "DE-" + project, Amount: n, Reference: reference, Version: version})
	return err
}

// replica is a second process on the same store; before is called for its nth write, and what it
// returns is what that write fails with.
func (c *polity) replica(before func(n int) error) *service.Service {
	c.t.Helper()
	o := c.Options
	o.Store = &watched{Store: c.db, before: before}
	s, err := service.New(o)
	must(c.t, err)
	return s
}

type watched struct {
	service.Store
	before func(n int) error
	n      int
}

func (w *watched) Write(ctx context.Context, fn func(service.Tx) error) error {
	w.n++
	if err := w.before(w.n); err != nil {
		return err
	}
	return w.Store.Write(ctx, fn)
}

// verifiedRound checks the round's bundle as an auditor does.
func (c *polity) verifiedRound(r service.RoundView) {
	c.t.Helper()
	var file bytes.Buffer
	must(c.t, c.RoundBundle(c.t.Context(), r.ID, &file))
	b, err := bundle.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(c.t, err)
	report, err := verify.Bundle(c.t.Context(), b, verify.Options{Chains: c.Chains})
	must(c.t, err)
	for _, check := range report.Checks {
		if !check.OK {
			c.t.Errorf("check %d, %s: %s", check.No, check.Name, check.Evidence)
		}
	}
	if len(report.Checks) != 13 {
		c.t.Errorf("%d checks, want 13", len(report.Checks))
	}
}

// audited replays the round from the log and checks its bundle.
func (c *polity) audited(r service.RoundView) *grants.Round {
	c.t.Helper()
	replayed := c.replayRound(c.t, r.ID)
	c.verifiedRound(r)
	return replayed
}
