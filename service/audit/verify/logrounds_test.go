package verify

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

func TestFundingRoundsInALogAreCounted(t *testing.T) {
	r := checkLog(t, spring(t, poll.ModeSealed).through(applied, paid).publish(), brought(t))
	if want := "1 funding round with 7 gifts: 1 with a result, 0 void, 0 open"; !r.OK || !strings.Contains(r.Checks[4].Evidence, want) {
		t.Errorf("%q is not in the report:\n%s", want, text(t, r))
	}
}

func TestFundingRoundsThatBreakTheirOrderFailTheLog(t *testing.T) {
	sealed := spring(t, poll.ModeSealed).withSteps(t)
	for name, tc := range map[string]struct {
		says string
		step int
		do   func(g *giving)
	}{
		"a second opening": {"opened once, and first", given, func(g *giving) {
			g.forge(audit.KindRoundOpen, roundSubject, canonicalRaw(g.records(roundSubject)[0].Body))
		}},
		"a gift after the close":   {"the round is closed, or void", closed, func(g *giving) { g.give(8, "mill", "100") }},
		"a top-up after the close": {"the round is closed, or void", closed, func(g *giving) { g.topup("100") }},
		"a move after the close":   {"the round is closed, or void", closed, func(g *giving) { g.owner(grants.Withdraw, 5, "well") }},
		"a gift when the gifts could be read": {"the log had seen the round", given, func(g *giving) {
			g.beatAt(g.terms.GiftsEnd + 60)
			g.give(8, "mill", "100")
		}},
		"weights when the gifts could be read": {"the log had seen the round", given, func(g *giving) {
			g.beatAt(g.terms.GiftsEnd + 60)
			g.weigh(2, map[int]int64{5: 1})
		}},
		"a record put back in time": {"is before the record before", given, func(g *giving) {
			g.add(audit.KindRoundTopup, audit.RoundTopup{Topup: grants.Topup{Amount: units("1"), At: g.now - 20, Reference: "x"}})
		}},
		"a close that counts otherwise": {"it counts 6 gifts, there are 7", given, func(g *giving) { g.closeRound(func(c *grants.Close) { c.Gifts-- }) }},
		"a close before its time": {"before the end of gifts", given, func(g *giving) {
			g.add(audit.KindRoundClose, audit.RoundClose{Close: grants.Close{At: g.now, Gifts: 7}})
		}},
		"a void after the result": {"has a result, or is void", counted1, (*giving).void},
		"a version left out":      {"version 3, the next is 2", counted1, func(g *giving) { g.resultOf(func(r *grants.ResultRecord) { r.Version = 3 }) }},
		"a version of another round": {"it names round", counted1, func(g *giving) {
			g.resultOf(func(r *grants.ResultRecord) { r.Hash = audit.Hash{1} })
		}},
		"another beacon": {"its beacon is round", closed, func(g *giving) {
			g.resultOf(func(r *grants.ResultRecord) { b := *r.Beacon; b.Round--; r.Beacon = &b })
		}},
		"no beacon": {"names its beacon in a sealed round", closed, func(g *giving) { g.resultOf(func(r *grants.ResultRecord) { r.Beacon = nil }) }},
		"a beacon that nobody signed": {"beacon of the round's result", closed, func(g *giving) {
			g.resultOf(func(r *grants.ResultRecord) {
				b := *r.Beacon
				b.Signature = bytes.Clone(b.Signature)
				b.Signature[40] ^= 1
				r.Beacon = &b
			})
		}},
		"paid by a version that was corrected": {"paid by version 1, the newest is 2", corrected, func(g *giving) {
			g.add(audit.KindPayoutDone, audit.PayoutDone{Payout: grants.Payout{Account: "a", Amount: units("1"), At: g.now, Project: "mill", Reference: "x", Version: 1}})
		}},
		"paid without a result": {"the round has no result", closed, func(g *giving) {
			g.add(audit.KindPayoutDone, audit.PayoutDone{Payout: grants.Payout{Account: "a", Amount: units("1"), At: g.now, Project: "mill", Reference: "x", Version: 1}})
		}},
		"a result without a close": {"not closed, or is void", given, func(g *giving) {
			done := g.again(g.t)
			done.through(closed, counted1)
			g.forge(audit.KindRoundResult, roundSubject, canonicalRaw(done.lastBody()))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := sealed.before[tc.step].again(t)
			tc.do(g)
			r := checkLog(t, g.publish(), brought(t))
			if got := failed(r); !slices.Equal(got, []int{5}) || !strings.Contains(r.Checks[4].Evidence, tc.says) {
				t.Errorf("failed %v, want 5 and %q:\n%s", got, tc.says, text(t, r))
			}
		})
	}
}

// beatAt lets the log see the round of a time.
func (g *giving) beatAt(now int64) {
	g.t.Helper()
	g.now = now
	g.beat(g.roundNow())
}

// resultOf logs the next version with a false record.
func (g *giving) resultOf(change func(*grants.ResultRecord)) {
	g.t.Helper()
	var changes []grants.Correction
	reason := ""
	if len(g.replica().Versions()) > 0 {
		changes, reason = []grants.Correction{{Donor: g.pseudonym(5), What: grants.Struck}}, "twice"
	}
	g.result(reason, changes, func(_ *grants.ResultFile, r *grants.ResultRecord) { change(r) })
}
