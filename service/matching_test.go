package service_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/devchain"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// rounds runs a test for open and sealed rounds.
func rounds(t *testing.T, members int, do func(t *testing.T, c *polity, in service.NewRound)) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newGivers(t, members)
			in := c.newRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			do(t, c, in)
		})
	}
}

func TestARoundIsMatchedWhenItsTimeHasCome(t *testing.T) {
	rounds(t, 6, func(t *testing.T, c *polity, in service.NewRound) {
		r := c.givenRound(in)
		_, _, err := c.RoundResult(t.Context(), r.ID, 0)
		wantRefusal(t, err, service.KindTooEarly, "no_result")
		back := c.donate(r, 3, "weir", "900")
		_, err = c.RefundGift(t.Context(), c.steward, r.ID, back.Promise.N, grants.ForAsked)
		must(t, err)
		c.clock.Store(r.GiftsEnd - 1)
		c.work()
		if v := c.now(r); v.State != service.RoundOpen {
			t.Fatalf("%s before its end", v.State)
		}
		v := c.final(r)
		// mill: 2·√900·√1600 = 2400. weir: 2·(20·20 + 20·50 + 20·50) = 4800. 100,000 is more than all: the rest goes in proportion.
		if diff := cmp.Diff(map[string]string{"mill": "33333", "weir": "66667"}, c.gets(r, 0)); diff != "" {
			t.Error(diff)
		}
		if v.Versions != 1 || v.Gifts != 6 || v.EndedAt == 0 || v.Status != "final" {
			t.Errorf("row %+v", v.Round)
		}
		replayed := c.audited(r)
		if got := replayed.Versions()[0].Digest; got != v.Digest {
			t.Errorf("digest %s, the records give %s", v.Digest, got)
		}
		if job, err := c.Job(t.Context(), c.operator, "round-"+r.ID); err != nil || job.State != service.JobDone || !strings.Contains(string(job.Report), v.Digest.String()) {
			t.Errorf("job %s, report %s, %v", job.State, job.Report, err)
		}
	})
}

func TestSealedGiftsAreNotOpenedBeforeTheirBeacon(t *testing.T) {
	c := newGivers(t, 6)
	r := c.givenRound(sealed(c.newRound("spring")))
	c.clock.Store(r.GiftsEnd)
	c.work()
	if v := c.now(r); v.State != service.RoundClosed || v.Versions != 0 {
		t.Fatalf("%s with %d versions, want closed", v.State, v.Versions)
	}
	_, _, err := c.RoundResult(t.Context(), r.ID, 0)
	wantRefusal(t, err, service.KindTooEarly, "no_result")
	wantRefusal(t, c.RoundBundle(t.Context(), r.ID, new(bytes.Buffer)), service.KindTooEarly, "no_result")
	c.final(r)
	c.audited(r)
}

func TestSealedRoundIsClosedWithTheFirstLaterBeacon(t *testing.T) {
	c := newGivers(t, 6)
	other := c.openedRound(c.newRound("open"))
	r := c.givenRound(sealed(c.newRound("spring")))
	b, err := c.network.Sign(r.Beacon)
	must(t, err)
	_, err = c.PasteBeacon(t.Context(), c.steward, r.Chain, b) // the clock is still in the window
	must(t, err)
	if v := c.now(r); v.State != service.RoundClosed {
		t.Errorf("the round is %s after its beacon was kept", v.State)
	}
	if v := c.now(other); v.State != service.RoundOpen {
		t.Errorf("an open round is %s: its gifts are no secret", v.State)
	}
	c.final(r)
	c.audited(r)
}

func TestASealedRoundWhoseBeaconNeverComesIsVoid(t *testing.T) {
	c := newGivers(t, 6)
	r := c.givenRound(sealed(c.newRound("spring")))
	c.network.SetFault(devchain.Halted)
	c.clock.Store(r.GiftsEnd)
	c.work()
	c.clock.Store(r.DueAt + 599)
	c.work()
	if v := c.now(r); v.State != service.RoundClosed {
		t.Fatalf("%s after 599 seconds", v.State)
	}
	c.clock.Store(r.DueAt + 700)
	c.work()
	v := c.now(r)
	if v.State != service.RoundVoid || !strings.Contains(v.VoidReason, "missing") {
		t.Fatalf("%s: %q", v.State, v.VoidReason)
	}
	c.audited(r)
	_, _, err := c.RoundResult(t.Context(), r.ID, 0)
	wantRefusal(t, err, service.KindConflict, "round_void")
	_, err = c.Correct(t.Context(), c.steward, r.ID, service.NewCorrection{Reason: "again"})
	wantRefusal(t, err, service.KindConflict, grants.RuleStage)
	wantRefusal(t, c.pay(r, 1, "mill", "1", "a"), service.KindConflict, grants.RuleStage)
	must(t, c.RoundBundle(t.Context(), r.ID, new(bytes.Buffer)))
}

func TestAVoidedRoundIsNotMatched(t *testing.T) {
	c := newGivers(t, 6)
	r := c.givenRound(sealed(c.newRound("spring")))
	c.clock.Store(r.GiftsEnd)
	c.work()
	_, err := c.VoidRound(t.Context(), c.steward, r.ID, "the bank failed")
	must(t, err)
	c.clock.Store(r.DueAt + 5)
	c.work()
	if job, err := c.Job(t.Context(), c.operator, "round-"+r.ID); err != nil || job.State != service.JobDone || c.now(r).Versions != 0 {
		t.Errorf("job %s, %d versions, %v", job.State, c.now(r).Versions, err)
	}
	c.audited(r)
}

func TestTwoReplicasGiveARoundOneResult(t *testing.T) {
	c := newGivers(t, 6)
	in := sealed(c.newRound("spring"))
	r := c.givenRound(in)
	c.clock.Store(r.GiftsEnd)
	_, err := c.Step(t.Context()) // closes it
	must(t, err)
	c.clock.Store(r.DueAt + 5)
	met := 0
	slow := c.replica(func(n int) error {
		if c.now(r).State != service.RoundClosed || n < 3 {
			return nil // the first writes are the claim and the beacon or the progress
		}
		met++
		c.clock.Add(60) // its lease ends, and the other does all of it
		c.work()
		return nil
	})
	_, err = slow.Step(t.Context())
	must(t, err)
	c.work()
	if n := c.kinds(r); met != 1 || n[audit.KindRoundClose] != 1 || n[audit.KindRoundResult] != 1 || c.now(r).State != service.RoundFinal {
		t.Errorf("met %d times, records %v", met, n)
	}
	c.audited(r)
}

func TestAWorkerThatDiesLeavesTheRoundToTheNext(t *testing.T) {
	lost := errors.New("the power is gone")
	c := newGivers(t, 6)
	in := sealed(c.newRound("spring"))
	r := c.givenRound(in)
	c.clock.Store(r.GiftsEnd)
	for last := 2; last < 5; last++ { // before the close, while reading, before the end
		dying := c.replica(func(n int) error {
			if n >= last {
				return lost
			}
			return nil
		})
		_, err := dying.Step(t.Context())
		must(t, err)
		if n := c.kinds(r); n[audit.KindRoundResult] != 0 || n[audit.KindRoundClose] > 1 {
			t.Fatalf("after write %d failed: %v", last, n)
		}
		c.clock.Store(max(c.clock.Load()+60, r.DueAt+5)) // its lease ends
	}
	c.final(r)
	if n := c.kinds(r); n[audit.KindRoundClose] != 1 || n[audit.KindRoundResult] != 1 {
		t.Errorf("records %v", n)
	}
	c.audited(r)
}
