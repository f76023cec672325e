package grants

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// badGift is a gift that the door refuses, in a round with mill (ada's) approved, weir (bo's) only
// applied for, and cy's gift with nonce 1 and payment t-1 of 900 to the mill recorded.
type badGift struct {
	name, rule string
	gift       GiftAdd
}

func doorRound(t *testing.T, mode poll.Mode) *held {
	h := newWorld(mode).open().approved(t, "mill")
	if err := h.ApplyGift(2, h.gift("cy", "mill", "900", 1, giftStart)); err != nil {
		t.Fatal(err)
	}
	if err := h.ApplyGift(3, h.payment("cy", "mill", "900", "t-1", giftStart)); err != nil {
		t.Fatal(err)
	}
	h.n = 3
	return h
}

func (h *held) badPayments() []badGift {
	at := giftStart + 1
	strange := h.payment("cy", "mill", "5", "t-2", at)
	strange.Connector = "mint"
	forged := h.payment("cy", "mill", "5", "t-2", at)
	forged.Signature = must(Paid{Amount: "5"}.Sign(person("cy").private(), "bank", at)).Signature
	other := must(Paid{Amount: "5", Donor: person("cy").donor(), Project: "mill", Reference: "t-2"}.Sign(person("bank").private(), "bank", at))
	return []badGift{
		{"paid, by a stranger", RuleNotOnRoll, h.payment("zoe", "mill", "5", "t-2", at)},
		{"paid, to nothing", RuleUnknown, h.payment("cy", "bridge", "5", "t-2", at)},
		{"paid, of 0", RuleAmount, h.payment("cy", "mill", "0", "t-2", at)},
		{"paid, to one's own project", RuleOwn, h.payment("ada", "mill", "5", "t-2", at)},
		{"paid, by an unknown connector", RuleConnector, strange},
		{"paid, signed by the donor", RuleSignature, forged},
		{"paid, for another round", RuleWrongRound, other},
		{"paid, the reference again with another amount", RuleRepeated, h.payment("cy", "mill", "901", "t-1", at)},
		{"paid, the reference again by another donor", RuleRepeated, h.payment("di", "mill", "900", "t-1", at)},
		{"paid, without a reference", RuleGift, h.payment("cy", "mill", "5", "", at)},
		{"paid, a second early", RuleWindow, h.payment("cy", "mill", "5", "t-2", giftStart-1)},
		{"paid, at the end", RuleWindow, h.payment("cy", "mill", "5", "t-2", giftEnd)},
	}
}

func (h *held) badOpenGifts() []badGift {
	at := giftStart + 1
	good := h.gift("cy", "mill", "5", 2, at)
	change := func(old, new string) GiftAdd {
		text := strings.Replace(string(good.Gift), old, new, 1)
		return GiftAdd{At: at, Gift: []byte(text), Signature: identity.Sign(person("cy").private(), identity.ThingGift, []byte(text))}
	}
	both, neither, named := good, good, good
	both.Paid, neither.Gift, named.Connector = h.payment("cy", "mill", "5", "t-2", at).Paid, nil, "bank"
	as := good
	as.Signature = identity.Sign(person("cy").private(), identity.ThingBallot, good.Gift)
	sealed := must(Gift{Donor: person("cy").donor(), Nonce: nonce(2), Round: h.hash(), Sealed: "AAAA"}.Sign(person("cy").private(), at))
	return []badGift{
		{"by a stranger", RuleNotOnRoll, h.gift("zoe", "mill", "5", 1, at)},
		{"for another round", RuleWrongRound, change(h.hash().String(), strings.Repeat("0", 64))},
		{"to an unknown project", RuleUnknown, h.gift("cy", "bridge", "5", 2, at)},
		{"to one's own project", RuleOwn, h.gift("ada", "mill", "5", 1, at)},
		{"of 0", RuleAmount, h.gift("cy", "mill", "0", 2, at)},
		{"of part of a unit", RuleAmount, h.gift("cy", "mill", "5.5", 2, at)},
		{"of less than nothing", RuleAmount, h.gift("cy", "mill", "-5", 2, at)},
		{"with a leading zero", RuleAmount, h.gift("cy", "mill", "05", 2, at)},
		{"of 29 digits", RuleAmount, h.gift("cy", "mill", "1"+strings.Repeat("0", 28), 2, at)},
		{"of 39 digits", RuleAmount, h.gift("cy", "mill", "1"+strings.Repeat("0", 38), 2, at)},
		{"the nonce again with another amount", RuleRepeated, h.gift("cy", "mill", "901", 1, at)},
		{"signed by another", RuleSignature, GiftAdd{At: at, Gift: good.Gift, Signature: h.gift("di", "mill", "5", 2, at).Signature}},
		{"signed as a ballot", RuleSignature, as},
		{"a second early", RuleWindow, h.gift("cy", "mill", "5", 2, giftStart-1)},
		{"at the end", RuleWindow, h.gift("cy", "mill", "5", 2, giftEnd)},
		{"own and paid", RuleGift, both}, {"neither own nor paid", RuleGift, neither}, {"own by a connector", RuleGift, named},
		{"sealed in an open round", RuleGift, sealed},
		{"with white space", RuleGift, change(`"v":1`, `"v": 1`)}, {"of another version", RuleGift, change(`"v":1`, `"v":2`)},
		{"by a founder's name", RuleGift, change("members/", "founders/")}, {"with a short nonce", RuleGift, change(nonce(2), "2")},
		{"with a member too many", RuleGift, change(`{`, `{"a":1,`)}, {"to a project in capitals", RuleGift, change("mill", "Mill")},
	}
}

func (h *held) badSealedGifts() []badGift {
	at, m := giftStart+1, h.door.Manifest
	good := h.gift("cy", "mill", "5", 2, at)
	seal := func(round uint64, size int) GiftAdd {
		file := must(timelock.Seal(h.w.state.Chain, round, []byte(strings.Repeat(" ", size)), entropy("door")))
		return must(Gift{Donor: person("cy").donor(), Nonce: nonce(2), Round: h.hash(), Sealed: base64.StdEncoding.EncodeToString(file)}.Sign(person("cy").private(), at))
	}
	open := must(Gift{Amount: "5", Donor: person("cy").donor(), Nonce: nonce(2), Project: "mill", Round: h.hash()}.Sign(person("cy").private(), at))
	text := must(Gift{Donor: person("cy").donor(), Nonce: nonce(2), Round: h.hash(), Sealed: "AAA"}.Sign(person("cy").private(), at))
	short := must(Gift{Donor: person("cy").donor(), Nonce: nonce(2), Round: h.hash(), Sealed: "AAAA"}.Sign(person("cy").private(), at))
	return []badGift{
		{"by a stranger", RuleNotOnRoll, h.gift("zoe", "mill", "5", 1, at)},
		{"open in a sealed round", RuleGift, open},
		{"the nonce again with another amount", RuleRepeated, h.gift("cy", "mill", "901", 1, at)},
		{"signed by another", RuleSignature, GiftAdd{At: at, Gift: good.Gift, Signature: h.gift("di", "mill", "5", 2, at).Signature}},
		{"sealed to the next round", RuleSealedRound, seal(m.Beacon.Round+1, 512)},
		{"a byte too long", RuleSealedForm, seal(m.Beacon.Round, 513)},
		{"no base64", RuleSealedForm, text}, {"no timelock file", RuleSealedForm, short},
		{"at the end", RuleWindow, h.gift("cy", "mill", "5", 2, giftEnd)},
	}
}

// bads is what the door of a mode refuses.
func (h *held) bads() []badGift {
	if h.door.Manifest.Mode == poll.ModeSealed {
		return append(h.badSealedGifts(), h.badPayments()...)
	}
	return append(h.badOpenGifts(), h.badPayments()...)
}

func TestGiftsThatTheDoorRefuses(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := doorRound(t, w.asked.Mode)
		for _, c := range h.bads() {
			t.Run(c.name, func(t *testing.T) {
				_, err := h.CheckGift(c.gift)
				wantRule(t, err, c.rule)
				if c.rule != RuleSealedRound { // only a look inside shows it, and then nothing opens
					wantRule(t, h.ApplyGift(9, c.gift), c.rule)
				}
				if h.Gifts() != 2 || h.Last() != giftStart {
					t.Fatalf("the refusal left %d gifts, the last at %d", h.Gifts(), h.Last())
				}
			})
		}
		if err := h.ApplyGift(9, h.gift("cy", "mill", "5", 2, giftEnd-1)); err != nil {
			t.Errorf("a good gift in the last second: %v", err)
		}
	})
}

func TestGiftsToAProjectInEveryState(t *testing.T) {
	for _, s := range []State{Applied, Rejected, Appealed, Withdrawn} {
		h := brought(t, s)
		_, err := h.CheckGift(h.gift("cy", "mill", "5", 1, giftStart))
		wantRule(t, err, RuleNotApproved)
	}
	h := brought(t, Approved)
	if _, err := h.CheckGift(h.gift("cy", "mill", "5", 1, giftStart)); err != nil {
		t.Error(err)
	}
}

func TestAGiftSentAgainHasTheSameRecord(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := doorRound(t, w.asked.Mode)
		for n, g := range map[int64]GiftAdd{2: h.gift("cy", "mill", "900", 1, giftStart+5), 3: h.payment("cy", "mill", "900", "t-1", giftStart+5)} {
			got, err := h.CheckGift(g)
			if err != nil || got.N != n {
				t.Errorf("sent again: record %d, %v, want record %d", got.N, err, n)
			}
			wantRule(t, h.ApplyGift(9, g), RuleRepeated)
		}
		got, err := h.CheckGift(h.gift("di", "mill", "900", 1, giftStart+5))
		if err != nil || got.N != 0 {
			t.Errorf("another donor's nonce 1: record %d, %v", got.N, err)
		}
	})
}

func TestOwnersMayGiveToTheirOwnWhereTheRoundAllowsIt(t *testing.T) {
	w := newWorld(poll.ModeOpen)
	w.asked.Self = SelfAllowed
	h := w.open().approved(t, "mill")
	h.gave(t, h.gift("ada", "mill", "5", 1, giftStart))
}

func TestADonorsThousandGifts(t *testing.T) {
	h := doorRound(t, poll.ModeOpen)
	h.donors[person("cy").donor()].gifts = MaxGifts - 1
	h.gave(t, h.gift("cy", "mill", "5", 2, giftStart))
	wantRule(t, h.ApplyGift(9, h.gift("cy", "mill", "5", 3, giftStart)), RuleTooMany)
	h.gave(t, h.payment("cy", "mill", "5", "t-2", giftStart))
}

func TestABatchStopsAtTheFirstBadGift(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := w.open().approved(t, "mill")
		records := []Record{
			{N: 4, Body: body(h.gift("cy", "mill", "5", 1, giftStart))}, {N: 6, Body: body(h.gift("di", "mill", "5", 1, giftStart))},
			{N: 7, Body: body(h.gift("cy", "mill", "6", 1, giftStart))}, {N: 8, Body: body(h.gift("cy", "mill", "5", 3, giftStart))},
		}
		n, err := h.ApplyGifts(t.Context(), records)
		wantRule(t, err, RuleRepeated)
		if n != 2 || h.Gifts() != 2 {
			t.Errorf("%d applied, %d gifts", n, h.Gifts())
		}
		if n, err := h.ApplyGifts(t.Context(), records[3:]); err != nil || n != 1 {
			t.Errorf("the rest: %d, %v", n, err)
		}
		_, err = h.ApplyGifts(t.Context(), []Record{{N: 9, Body: []byte("{}")}})
		wantRule(t, err, RuleGift)
		_, err = h.ApplyGifts(t.Context(), []Record{{N: 8, Body: body(h.gift("cy", "mill", "5", 9, giftStart))}})
		wantRule(t, err, RuleRecord)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = h.ApplyGifts(ctx, records); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	})
}

func TestWhatOnlyOpeningShowsMakesAGiftInvalid(t *testing.T) {
	h := newWorld(poll.ModeSealed).open().approved(t, "mill", "weir", "dam")
	cy, at := person("cy"), giftStart
	inside := func(n int, x Gift) string {
		if x.Donor == "" {
			x.Donor = cy.donor()
		}
		x.Nonce, x.V = nonce(n), 1
		if x.Round == [32]byte{} {
			x.Round = h.hash()
		}
		return padded(512, string(body(x)))
	}
	mill := func(amount string) Gift { return Gift{Amount: amount, Project: "mill"} }
	changed := h.gift(cy, "mill", "5", 14, at)
	raw := must(base64.StdEncoding.DecodeString(must(Parse[GiftAdd](body(changed))).claim(t).sealed))
	raw[len(raw)-1] ^= 1
	list := []struct{ rule, text string }{
		{RulePadding, strings.Repeat(" ", 512)}, {RulePadding, strings.TrimSuffix(inside(2, mill("5")), " ") + "\n"},
		{RuleInner, padded(512, "{}")}, {RuleInner, padded(512, `{"amount":5}`)},
		{RuleCopied, inside(5, Gift{Amount: "5", Project: "mill", Donor: person("di").donor()})},
		{RuleCopied, inside(99, mill("5"))}, {RuleInnerRound, inside(7, Gift{Amount: "5", Project: "mill", Round: [32]byte{1}})},
		{RuleUnknown, inside(8, Gift{Amount: "5", Project: "bridge"})}, {RuleOwn, inside(9, Gift{Amount: "5", Project: "dam"})},
		{RuleNotApproved, inside(10, Gift{Amount: "5", Project: "weir"})},
		{RuleAmount, inside(11, mill("0"))}, {RuleAmount, inside(12, mill(strings.Repeat("9", 29)))},
	}
	want := []Invalid{}
	for i, c := range list {
		h.gave(t, h.sealText(cy, i+1, c.text, at))
		want = append(want, Invalid{h.n, c.rule})
	}
	h.gave(t, must(Gift{Donor: cy.donor(), Nonce: nonce(14), Round: h.hash(), Sealed: base64.StdEncoding.EncodeToString(raw)}.Sign(cy.private(), at)))
	want = append(want, Invalid{h.n, RuleUnopenable})
	h.gave(t, h.sealText(cy, 15, "x"+strings.Repeat(" ", 511), at))
	if err := h.ApplyRefund(Refund{At: at, N: h.n, Reason: ForAsked}); err != nil {
		t.Fatal(err)
	}
	h.gave(t, h.gift(cy, "mill", "900", 16, at), h.gift("di", "mill", "1600", 16, at))
	h.moved(t, h.owned(Withdraw, "bo", "weir", giftEnd-1))
	v := h.closed(t).version(t, "")
	if diff := cmp.Diff(want, v.File.Invalid); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"mill": "90000", "dam": "0"}, v.amounts()); diff != "" {
		t.Error(diff)
	}
}

func (g GiftAdd) claim(t *testing.T) Claim {
	t.Helper()
	c, err := g.Claim()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnlyTheRoundsBeaconOpensIt(t *testing.T) {
	h := newWorld(poll.ModeSealed).open().approved(t, "mill")
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart))
	chain := h.w.state.Chain
	wantRule(t, h.Open(t.Context(), chain, h.closing(), nil), RuleStage)
	if err := h.ApplyClose(Close{At: giftEnd, Gifts: 1}); err != nil {
		t.Fatal(err)
	}
	_, err := h.Compute(nil, nil)
	wantRule(t, err, RuleStage)
	next := must(h.w.net.Sign(h.door.Manifest.Beacon.Round + 1))
	wantRule(t, h.Open(t.Context(), chain, next, nil), RuleBeacon)
	next.Round--
	wantRule(t, h.Open(t.Context(), chain, next, nil), RuleBeacon)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Open(ctx, chain, h.closing(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	told := ""
	if err := h.Open(t.Context(), chain, h.closing(), func(done, total int64) { told += string(rune('0'+done)) + "/" + string(rune('0'+total)) }); err != nil || told != "1/1" {
		t.Errorf("opened: %v, told %q", err, told)
	}
	wantRule(t, h.Open(t.Context(), chain, h.closing(), nil), RuleStage)
}
