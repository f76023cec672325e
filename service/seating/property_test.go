package seating_test

import (
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/seating"
)

// crowd is anybody trying anything on one jury: the clerk, strangers, the drawn, and the rule.
type crowd struct {
	result sortition.Result
	jury   *seating.Jury
	log    []seating.Move // what was accepted
	ids    []string       // everybody in the result, and two who are not
	now    int64
	town   *town // where the draw is of panels
	seen   int   // moves of the log that Check has seen
}

func newCrowd(t *rapid.T) *crowd {
	r := sortition.Result{Commit: beacon.Hash{1}, V: 1, Strata: []sortition.Places{}}
	n := 1
	for i := range rapid.IntRange(1, 3).Draw(t, "strata") {
		seats := rapid.IntRange(0, 3).Draw(t, "seats")
		alternates := rapid.IntRange(0, 4).Draw(t, "alternates")
		r.Strata = append(r.Strata, sortition.Places{
			Stratum: string(rune('a' + i)), Seats: people(n, n+seats), Alternates: people(n+seats, n+seats+alternates),
		})
		n += seats + alternates
	}
	c := &crowd{result: r, now: opened, ids: people(1, n+2)}
	c.jury = c.fresh(t)
	return c
}

func (c *crowd) fresh(t *rapid.T) *seating.Jury {
	b, err := c.result.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	o := seating.Open{Answer: 50, At: opened, Commit: c.result.Commit, Deferral: true, Ends: opened + 400, Result: beacon.Hash(sha256.Sum256(b)), Starts: opened + 1}
	var j *seating.Jury
	if c.town != nil {
		j, err = seating.NewOfPanel(subject, c.result, sha256.Sum256(b), o, true, c.town.panel)
	} else {
		j, err = seating.New(subject, c.result, sha256.Sum256(b), o, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// try offers a move to the jury and keeps it when it was accepted. A refusal must change nothing.
func (c *crowd) try(t *rapid.T, m seating.Move) error {
	before, due := c.jury.Seats(), c.jury.Due(m.At)
	err := c.jury.Apply(m)
	c.checkDue(t, due, m, err)
	if err == nil {
		c.log = append(c.log, written(t, m))
		c.now = max(c.now, m.At)
		return nil
	}
	if diff := cmp.Diff(before, c.jury.Seats()); diff != "" {
		t.Fatalf("refused %+v (%v) and yet changed: %s", m, err, diff)
	}
	return err
}

// written is the move as its record gives it back.
func written(t *rapid.T, m seating.Move) seating.Move {
	b, err := m.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = seating.ParseMove(b); err != nil {
		t.Fatal(err)
	}
	return m
}

// checkDue: what follows by rule is accepted when it is due, and only then. Of a panel an offer is, besides,
// accepted as the first of all that is due.
func (c *crowd) checkDue(t *rapid.T, due []seating.Move, m seating.Move, err error) {
	at := slices.IndexFunc(due, func(d seating.Move) bool { return cmp.Equal(d, m) })
	want := at >= 0
	switch m.Act {
	case seating.Expire, seating.Complete:
	case seating.Invite, seating.Exhaust:
		if c.town == nil {
			return
		}
		want = at == 0
	default:
		return
	}
	if (err == nil) != want {
		t.Fatalf("%+v: %v, but due is %+v", m, err, due)
	}
}

// Wait lets time pass, at times beyond deadlines and the term.
func (c *crowd) Wait(t *rapid.T) { c.now += rapid.Int64Range(0, 60).Draw(t, "seconds") }

// Settle lets the service do what is due: all of it must be accepted, and leave nothing to do.
func (c *crowd) Settle(t *rapid.T) {
	for _, m := range c.jury.Due(c.now) {
		if err := c.try(t, m); err != nil {
			t.Fatalf("due and refused: %+v: %v", m, err)
		}
	}
	if again := c.jury.Due(c.now); len(again) > 0 {
		t.Fatalf("due again: %+v", again)
	}
	if at, ok := c.jury.NextDue(); ok && at <= c.now && c.now < c.jury.Open().Ends {
		t.Fatalf("next due is %d, now is %d", at, c.now)
	}
	for _, s := range c.jury.Seats() {
		if s.State == seating.Vacant && c.now < c.jury.Open().Ends {
			t.Fatalf("seat %d was left vacant", s.N)
		}
	}
}

// Half does a part of what is due, as a service that is killed.
func (c *crowd) Half(t *rapid.T) {
	due := c.jury.Due(c.now)
	for _, m := range due[:rapid.IntRange(0, len(due)).Draw(t, "done")] {
		if err := c.try(t, m); err != nil {
			t.Fatalf("due and refused: %+v: %v", m, err)
		}
	}
}

// Anything is any move at all, well formed or not, by anybody.
func (c *crowd) Anything(t *rapid.T) {
	m := seating.Move{
		Act: rapid.SampledFrom(acts).Draw(t, "act"), At: c.now + rapid.Int64Range(-3, 3).Draw(t, "skew"),
		ID: rapid.SampledFrom(c.ids).Draw(t, "id"), Seat: rapid.Int64Range(0, 10).Draw(t, "seat"),
	}
	c.dress(t, &m)
	_ = c.try(t, m)
}

// dress gives m the members of its act, mostly.
func (c *crowd) dress(t *rapid.T, m *seating.Move) {
	switch m.Act {
	case seating.Invite:
		m.Deadline = min(m.At+50, c.jury.Open().Ends)
	case seating.Defer, seating.Withdraw, seating.Recuse:
		m.Ground = rapid.SampledFrom(seating.Grounds()).Draw(t, "ground")
	case seating.GiveKey:
		m.Key = keyOf(1)
	case seating.Exhaust:
		m.ID = ""
	}
	if m.Act == seating.Recuse {
		m.Poll = poll
	}
}

// Answer is a person's legal act on a seat that they are invited to or hold: it must be accepted.
func (c *crowd) Answer(t *rapid.T) {
	seats := c.jury.Seats()
	if len(seats) == 0 || c.now < c.jury.Last() {
		return
	}
	s := rapid.SampledFrom(seats).Draw(t, "of")
	m := seating.Move{At: c.now, ID: s.Holder, Seat: s.N}
	switch {
	case s.State == seating.Invited && c.now < s.Deadline:
		m.Act = rapid.SampledFrom([]seating.Act{seating.Accept, seating.Accept, seating.Decline, seating.Defer, seating.Undeliverable}).Draw(t, "answer")
	case s.State == seating.Serving && c.now < c.jury.Open().Ends:
		m.Act = rapid.SampledFrom([]seating.Act{seating.GiveKey, seating.Withdraw}).Draw(t, "wish")
	default:
		return
	}
	c.dress(t, &m)
	if err := c.try(t, m); err != nil {
		t.Fatalf("legal and refused: %+v: %v", m, err)
	}
}

// Check is what must hold whatever anybody did. It looks at the accepted moves and the result alone.
func (c *crowd) Check(t *rapid.T) {
	c.checkNextDue(t)
	if c.seen == len(c.log) {
		return // every refusal was compared with what stood before
	}
	c.seen = len(c.log)
	if c.town != nil {
		c.checkFillings(t)
	} else {
		c.checkOffers(t)
	}
	c.checkHolders(t)
	again := c.fresh(t)
	for _, m := range c.log {
		if err := again.Apply(m); err != nil {
			t.Fatalf("replay: %+v: %v", m, err)
		}
	}
	if diff := cmp.Diff(c.jury.Seats(), again.Seats()); diff != "" {
		t.Fatalf("replay differs: %s", diff)
	}
	if diff := cmp.Diff(c.jury.Due(c.now), again.Due(c.now)); diff != "" {
		t.Fatalf("due differs: %s", diff)
	}
}

// checkNextDue: something is due at that second, and nothing at the one before or, without one, ever.
func (c *crowd) checkNextDue(t *rapid.T) {
	at, ok := c.jury.NextDue()
	if !ok {
		at = c.jury.Open().Ends + 1000
	}
	if ok != (len(c.jury.Due(at)) > 0) || len(c.jury.Due(at-1)) > 0 {
		t.Fatalf("next due is %d, %t; then %v, before %v", at, ok, c.jury.Due(at), c.jury.Due(at-1))
	}
}

// checkOffers: in each stratum the people invited are the first ones of its seats and alternates, in
// that order: nobody skipped, nobody twice, no stranger. A seat is empty only when that list is used up.
func (c *crowd) checkOffers(t *rapid.T) {
	seat := int64(0)
	for _, p := range c.result.Strata {
		from, to := seat+1, seat+int64(len(p.Seats))
		seat = to
		queue := append(slices.Clone(p.Seats), p.Alternates...)
		invited := []string{}
		for _, m := range c.log {
			if m.Seat < from || m.Seat > to {
				continue
			}
			switch {
			case m.Act == seating.Invite && len(invited) < len(p.Seats) && m.Seat != from+int64(len(invited)):
				t.Fatalf("first offers out of order: %+v", m)
			case m.Act == seating.Invite:
				invited = append(invited, m.ID)
			case m.Act == seating.Exhaust && len(invited) != len(queue):
				t.Fatalf("exhausted after %d of %d people", len(invited), len(queue))
			}
		}
		if len(invited) > len(queue) || !slices.Equal(invited, queue[:len(invited)]) {
			t.Fatalf("stratum %s invited %v, the result says %v", p.Stratum, invited, queue)
		}
	}
}

// checkHolders: everybody who has a seat was invited to it last, and has no other.
func (c *crowd) checkHolders(t *rapid.T) {
	held := map[string]int64{}
	for _, s := range c.jury.Seats() {
		if (s.Holder != "") != (s.State == seating.Invited || s.State == seating.Serving) {
			t.Fatalf("seat %d is %s with holder %q", s.N, s.State, s.Holder)
		}
		if s.Holder == "" {
			continue
		}
		if other, twice := held[s.Holder]; twice {
			t.Fatalf("%s has seats %d and %d", s.Holder, other, s.N)
		}
		held[s.Holder] = s.N
		last := ""
		for _, m := range c.log {
			if m.Seat == s.N && m.Act == seating.Invite {
				last = m.ID
			}
		}
		if last != s.Holder {
			t.Fatalf("seat %d is held by %s, invited was %s", s.N, s.Holder, last)
		}
	}
}

func TestWhateverAnybodyTriesTheResultDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCrowd(t)
		t.Repeat(map[string]func(*rapid.T){
			"wait": c.Wait, "settle": c.Settle, "half": c.Half, "anything": c.Anything, "answer": c.Answer, "": c.Check,
		})
	})
}

var acts = []seating.Act{
	seating.Invite, seating.Accept, seating.Decline, seating.Defer, seating.Expire, seating.Undeliverable,
	seating.GiveKey, seating.Withdraw, seating.Recuse, seating.Exhaust, seating.Complete,
}
