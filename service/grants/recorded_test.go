package grants

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/funding"
	"kleroterion/service/poll"
)

// kept is what a service keeps of a gift that it took.
func kept(tb testing.TB, h *held, n int64, g GiftAdd) Recorded {
	tb.Helper()
	a, err := h.CheckGift(g)
	if err != nil {
		tb.Fatal(err)
	}
	return Recorded{N: n, At: g.At, Donor: a.Donor, Project: a.Claim.Project, Once: a.Once, Same: a.Same, Amount: a.Amount, Paid: g.Connector != ""}
}

// again is the same round before its first record, for gifts without their signatures.
func (h *held) again() *held {
	return &held{Round: must(NewRecorded(h.text, h.roll, 3)), w: h.w, text: h.text, roll: h.roll, n: 1, seq: map[string]int64{}}
}

func TestRecordedGiftsGiveTheSameResultAsTheirRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newWorld(poll.ModeOpen).open().approved(t, three...)
		fast := h.again().approved(t, three...)
		for i := range rapid.IntRange(0, 12).Draw(rt, "gifts") {
			p, project := rapid.SampledFrom(people[3:]).Draw(rt, "donor"), rapid.SampledFrom(three).Draw(rt, "project")
			g := h.gift(p, project, fmt.Sprint(rapid.Int64Range(1, 5_000).Draw(rt, "amount")), i, giftStart+int64(i))
			if rapid.Bool().Draw(rt, "paid") {
				g = h.payment(p, project, "1234567890123456789012345678", fmt.Sprintf("no %d: \"<é\u2028> \\", i), giftStart+int64(i))
			}
			row := kept(t, h, int64(i+8), g)
			if err := h.ApplyGift(row.N, g); err != nil {
				rt.Fatal(err)
			}
			if n, err := fast.ApplyRecorded([]Recorded{row}); n != 1 || err != nil {
				rt.Fatalf("%d gifts taken, %v", n, err)
			}
		}
		if h.Last() != fast.Last() || h.Gifts() != fast.Gifts() {
			rt.Errorf("last at %d with %d gifts, want %d with %d", fast.Last(), fast.Gifts(), h.Last(), h.Gifts())
		}
		if diff := cmp.Diff(string(h.closed(t).version(t, "").Bytes), string(fast.closed(t).version(t, "").Bytes)); diff != "" {
			rt.Errorf("from records and from what was kept: %s", diff)
		}
	})
}

func TestDamagedGiftsAreRefused(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill", "weir")
	own, paid := kept(t, h, 8, h.gift("di", "mill", "900", 1, giftStart)), kept(t, h, 9, h.payment("ed", "mill", "900", "a 1", giftStart))
	for name, tc := range map[string]struct {
		of     Recorded
		damage func(*Recorded)
		rule   string
	}{
		"another amount":                 {own, func(g *Recorded) { g.Amount = units("901") }, RuleSignature},
		"nothing":                        {own, func(g *Recorded) { g.Amount = funding.Amount{} }, RuleAmount},
		"too much":                       {own, func(g *Recorded) { g.Amount = units("10000000000000000000000000000") }, RuleAmount},
		"another donor":                  {own, func(g *Recorded) { g.Donor = person("ed").donor() }, RuleSignature},
		"another donor with their nonce": {own, func(g *Recorded) { g.Donor = person("ed").donor(); g.Once = g.Donor + " " + nonce(1) }, RuleSignature},
		"another's nonce":                {own, func(g *Recorded) { g.Once = person("ed").donor() + " " + nonce(1) }, RuleSignature},
		"a stranger":                     {own, func(g *Recorded) { g.Donor = person("zoe").donor() }, RuleSignature},
		"another project":                {own, func(g *Recorded) { g.Project = "weir" }, RuleSignature},
		"another nonce":                  {own, func(g *Recorded) { g.Once = g.Donor + " " + nonce(2) }, RuleSignature},
		"another digest":                 {own, func(g *Recorded) { g.Same[31] ^= 1 }, RuleSignature},
		"signed as paid":                 {own, func(g *Recorded) { g.Paid = true }, RuleConnector},
		"paid as signed":                 {paid, func(g *Recorded) { g.Paid = false }, RuleSignature},
		"a payment of another amount":    {paid, func(g *Recorded) { g.Amount = units("90") }, RuleSignature},
		"another reference":              {paid, func(g *Recorded) { g.Once = "bank a 2" }, RuleSignature},
		"another connector":              {paid, func(g *Recorded) { g.Once = "till a 1" }, RuleConnector},
		"before the window":              {own, func(g *Recorded) { g.At = giftStart - 1 }, RuleWindow},
		"after the window":               {own, func(g *Recorded) { g.At = giftEnd }, RuleWindow},
		"no number":                      {own, func(g *Recorded) { g.N = 0 }, RuleRecord},
	} {
		t.Run(name, func(t *testing.T) {
			fast := h.again().approved(t, "mill", "weir")
			bad := tc.of
			tc.damage(&bad)
			good := kept(t, h, 7, h.gift("ed", "weir", "5", 9, giftStart))
			n, err := fast.ApplyRecorded([]Recorded{good, bad})
			if wantRule(t, err, tc.rule); n != 1 || fast.Gifts() != 1 {
				t.Errorf("%d gifts taken, the round has %d, want the one before", n, fast.Gifts())
			}
			if _, err := fast.ApplyRecorded([]Recorded{tc.of}); err != nil {
				t.Errorf("without the damage: %v", err)
			}
		})
	}
}

func TestRecordedGiftsAreHeldAgainstTheRound(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill", "weir")
	row := kept(t, h, 8, h.gift("di", "mill", "900", 1, giftStart+5))
	full := func(at *held) { at.donors[row.Donor].gifts = MaxGifts }
	for name, tc := range map[string]struct {
		before func(*held)
		rule   string
	}{
		"of a project that is not there": {func(*held) {}, RuleUnknown},
		"of a project not approved":      {func(at *held) { at.moved(t, at.owned(Apply, "ada", "mill", opens)) }, RuleNotApproved},
		"of its owner": {func(at *held) {
			at.moved(t, at.owned(Apply, "di", "mill", opens), review(Approve, "rita", "mill", opens))
		}, RuleOwn},
		"of who has given most":            {func(at *held) { at.approved(t, "mill"); full(at) }, RuleTooMany},
		"after the close":                  {func(at *held) { at.approved(t, "mill").closed(t) }, RuleStage},
		"before the record that was taken": {func(at *held) { at.approved(t, "mill"); at.last = giftStart + 6 }, RuleTime},
		"twice": {func(at *held) {
			if _, err := at.approved(t, "mill").ApplyRecorded([]Recorded{row}); err != nil {
				t.Error(err)
			}
		}, RuleRecord},
	} {
		t.Run(name, func(t *testing.T) {
			fast := h.again()
			tc.before(fast)
			_, err := fast.ApplyRecorded([]Recorded{row})
			wantRule(t, err, tc.rule)
		})
	}
}

func TestARoundTakesItsGiftsInOneWay(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill")
	g := h.gift("di", "mill", "900", 1, giftStart)
	row := kept(t, h, 8, g)
	_, err := h.ApplyRecorded([]Recorded{row})
	wantRule(t, err, RuleStage)
	fast := h.again().approved(t, "mill")
	wantRule(t, fast.ApplyGift(8, g), RuleStage)
	_, err = fast.CheckGift(g)
	wantRule(t, err, RuleStage)
	sealed := newWorld(poll.ModeSealed).open()
	_, err = NewRecorded(sealed.text, sealed.roll, 0)
	wantRule(t, err, RuleStage)
	_, err = NewRecorded(h.text, slices.Concat(h.roll, h.roll), 0)
	wantRule(t, err, RuleRoll)
	_, err = NewRecorded(h.text, h.roll, -1)
	wantRule(t, err, RuleRecord)
	_, err = NewRecorded(h.text[1:], h.roll, 0)
	wantRule(t, err, RuleForm)
}
