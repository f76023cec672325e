package service_test

import (
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
	"kleroterion/randomness/canonical"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

func TestAGiftIsRecordedOnceAndItsReceiptIsTheSameForEver(t *testing.T) {
	bothModes(t, 3, func(t *testing.T, c *polity, r service.RoundView) {
		for n, g := range []grants.GiftAdd{c.gift(r, 2, "mill", "900", 1), c.payment(r, 2, "mill", "900", "t-1")} {
			first := c.gave(r, g)[0]
			size := c.logSize()
			c.clock.Add(100) // a crash before the answer: the sender sends it again, later
			again, err := c.Give(t.Context(), r.ID, g)
			must(t, err)
			byNumber, err := c.GiftReceipt(t.Context(), r.ID, first.Promise.N)
			must(t, err)
			if diff := cmp.Diff(first, again) + cmp.Diff(first, byNumber); diff != "" || c.logSize() != size {
				t.Errorf("sent again: %d new records, receipts: %s", c.logSize()-size, diff)
			}
			c.holdsGift(t, r, first, int64(n+1))
		}
		last, err := c.Gifts(t.Context(), r.ID, "", service.GiftWindow{Limit: 10})
		must(t, err)
		c.clock.Store(r.GiftsEnd)
		c.work()
		late, err := c.Give(t.Context(), r.ID, c.payment(r, 2, "mill", "900", "t-1"))
		must(t, err)
		if late.Promise.N != last[1].N {
			t.Errorf("after the close the payment has number %d, recorded was %d", late.Promise.N, last[1].N)
		}
		c.replayRound(t, r.ID)
	})
}

// holdsGift holds a receipt against the log and the log's key.
func (c *polity) holdsGift(t *testing.T, r service.RoundView, got service.GiftReceipt, gifts int64) {
	t.Helper()
	e, err := c.LogEntry(t.Context(), got.Promise.Index)
	must(t, err)
	rec, err := audit.Decode(e.Record)
	must(t, err)
	body, err := grants.Parse[grants.GiftAdd](rec.Body)
	must(t, err)
	want := grants.Receipt{At: body.At, Gift: sha256.Sum256(rec.Body), Index: e.Seq, Leaf: e.Leaf, Log: "test/log", N: e.N, Round: r.Hash, V: 1}
	if diff := cmp.Diff(want, got.Promise); diff != "" || e.Subject != r.Subject || e.Kind != audit.KindGiftAdd {
		t.Errorf("receipt of a %s of %s: %s", e.Kind, e.Subject, diff)
	}
	text, err := canonical.Marshal(got.Promise)
	must(t, err)
	if !c.signedByLog(identity.Message(identity.ThingReceipt, text), got.Signature) {
		t.Error("the log's key did not sign the receipt")
	}
	v, err := c.Round(t.Context(), r.ID)
	must(t, err)
	if v.Gifts != gifts {
		t.Errorf("the row counts %d gifts, want %d", v.Gifts, gifts)
	}
}

func TestGiftsAreFoundByNumberAndDonor(t *testing.T) {
	c := newGivers(t, 4)
	r := c.giversRound(c.newRound("spring"), "mill")
	list := c.gave(r, c.gift(r, 2, "mill", "900", 1), c.payment(r, 3, "mill", "12", "t-1"), c.gift(r, 2, "mill", "7", 2))
	row, err := c.Gift(t.Context(), r.ID, list[1].Promise.N)
	must(t, err)
	if row.Donor != "members/"+token(3) || row.Project != "mill" || row.Amount != funding.Units(12) || !row.Paid || row.Refunded || row.At != c.clock.Load() {
		t.Errorf("the payment is %+v", row)
	}
	mine, err := c.Gifts(t.Context(), r.ID, "members/"+token(2), service.GiftWindow{Limit: 10})
	must(t, err)
	if len(mine) != 2 || mine[0].N != list[0].Promise.N || mine[1].N != list[2].Promise.N || mine[0].Paid {
		t.Errorf("gifts of one donor: %+v", mine)
	}
	next, err := c.Gifts(t.Context(), r.ID, "", service.GiftWindow{After: list[0].Promise.N, Limit: 1})
	must(t, err)
	if len(next) != 1 || next[0].N != list[1].Promise.N {
		t.Errorf("the gift after the first: %+v", next)
	}
	_, err = c.Gift(t.Context(), r.ID, 1)
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = c.GiftReceipt(t.Context(), r.ID, 1)
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = c.Gifts(t.Context(), "none", "", service.GiftWindow{Limit: 1})
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = c.Give(t.Context(), "none", c.gift(r, 2, "mill", "900", 1))
	wantRefusal(t, err, service.KindNotFound, "not_found")
}

// badGift is a gift that intake refuses.
type badGift struct {
	name string
	kind service.Kind
	rule string
	gift grants.GiftAdd
}

func forged(g grants.GiftAdd) grants.GiftAdd {
	g.Signature.Signature = append([]byte{}, g.Signature.Signature...)
	g.Signature.Signature[5] ^= 1
	return g
}

// badPayments are refused in every mode, in a round with a mill of member 0, a weir of member 1 that
// is only applied for, and payment t-1 of member 2.
func (c *polity) badPayments(r service.RoundView) []badGift {
	wrong := r
	wrong.Hash[0] ^= 1
	strange := c.payment(r, 2, "mill", "5", "x1")
	strange.Connector = "purse"
	both := c.payment(r, 2, "mill", "5", "x2")
	both.Gift = both.Paid
	return []badGift{
		{"of a stranger", service.KindForbidden, grants.RuleNotOnRoll, c.payment(r, 99, "mill", "5", "x3")},
		{"for another round", service.KindInvalid, grants.RuleWrongRound, c.payment(wrong, 2, "mill", "5", "x4")},
		{"to a project nobody knows", service.KindInvalid, grants.RuleUnknown, c.payment(r, 2, "bridge", "5", "x5")},
		{"to a project that is not approved", service.KindConflict, grants.RuleNotApproved, c.payment(r, 2, "weir", "5", "x6")},
		{"to one's own project", service.KindForbidden, grants.RuleOwn, c.payment(r, 0, "mill", "5", "x7")},
		{"of nothing", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "0", "x8")},
		{"below the unit", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "0.5", "x9")},
		{"below nothing", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "-5", "x10")},
		{"with an exponent", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "5e3", "x11")},
		{"with a leading zero", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "05", "x12")},
		{"of 29 digits", service.KindInvalid, grants.RuleAmount, c.payment(r, 2, "mill", "10000000000000000000000000000", "x13")},
		{"that is recorded with another amount", service.KindConflict, grants.RuleRepeated, c.payment(r, 2, "mill", "6", "t-1")},
		{"by another connector", service.KindInvalid, grants.RuleConnector, strange},
		{"with a forged signature", service.KindInvalid, grants.RuleSignature, forged(c.payment(r, 2, "mill", "5", "x14"))},
		{"that is a gift too", service.KindInvalid, grants.RuleGift, both},
		{"that is empty", service.KindInvalid, grants.RuleGift, grants.GiftAdd{}},
	}
}

// badGifts are what donors sign and this mode refuses; nonce 1 of member 2 is recorded.
func (c *polity) badGifts(r service.RoundView) []badGift {
	wrong := r
	wrong.Hash[0] ^= 1
	stranger := c.gift(r, 2, "mill", "5", 3)
	c.keys["members/"+token(2)], c.keys["kept"] = person("thief"), c.keys["members/"+token(2)]
	stolen := c.gift(r, 2, "mill", "5", 4)
	c.keys["members/"+token(2)] = c.keys["kept"]
	list := []badGift{
		{"with a forged signature", service.KindInvalid, grants.RuleSignature, forged(stranger)},
		{"signed by somebody else", service.KindInvalid, grants.RuleSignature, stolen},
		{"with a nonce that is recorded", service.KindConflict, grants.RuleRepeated, c.gift(r, 2, "mill", "6", 1)},
	}
	if r.Terms.Mode == poll.ModeOpen {
		return append(list,
			badGift{"for another round", service.KindInvalid, grants.RuleWrongRound, c.gift(wrong, 2, "mill", "5", 5)},
			badGift{"to a project nobody knows", service.KindInvalid, grants.RuleUnknown, c.gift(r, 2, "bridge", "5", 6)},
			badGift{"to a project that is not approved", service.KindConflict, grants.RuleNotApproved, c.gift(r, 2, "weir", "5", 7)},
			badGift{"to one's own project", service.KindForbidden, grants.RuleOwn, c.gift(r, 0, "mill", "5", 8)},
			badGift{"of nothing", service.KindInvalid, grants.RuleAmount, c.gift(r, 2, "mill", "0", 9)})
	}
	open := r
	terms := *r.Terms
	terms.Mode = poll.ModeOpen
	open.Terms = &terms
	later := terms
	later.Mode = poll.ModeSealed
	next := *r.Terms.Beacon
	next.Round++
	later.Beacon = &next
	other := r
	other.Terms = &later
	broken := grants.Gift{Donor: "members/" + token(2), Nonce: "0000000000000000000000000000000b", Round: r.Hash, Sealed: "bm8gZmlsZQ=="}
	signed, err := broken.Sign(c.keys["members/"+token(2)], 0)
	must(c.t, err)
	return append(list,
		badGift{"that is not sealed", service.KindInvalid, grants.RuleGift, c.gift(open, 2, "mill", "5", 10)},
		badGift{"sealed to another beacon", service.KindInvalid, grants.RuleSealedRound, c.gift(other, 2, "mill", "5", 12)},
		badGift{"with a broken seal", service.KindInvalid, grants.RuleSealedForm, signed})
}

func TestIntakeRefusesEachWithItsCodeAndRecordsNothing(t *testing.T) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newGivers(t, 3)
			c.keys["members/"+token(99)] = person("nobody")
			in := c.newRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			in.Connectors = []grants.Connector{{ID: bank, Key: publicKey(person(bank))}}
			r := c.openedRound(in)
			c.approvedProjects(r, "mill")
			c.movedProject(c.owned(r, grants.Apply, 1, "weir"))
			for _, at := range []int64{r.GiftsStart - 1, r.GiftsEnd} {
				c.clock.Store(at)
				c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error { _, err := c.Give(t.Context(), r.ID, c.gift(r, 2, "mill", "5", 1)); return err })
			}
			c.clock.Store(r.GiftsStart)
			c.gave(r, c.gift(r, 2, "mill", "5", 1), c.payment(r, 2, "mill", "5", "t-1"))
			for _, bad := range append(c.badPayments(r), c.badGifts(r)...) {
				t.Run(bad.name, func(t *testing.T) {
					c.refusedHere(t, bad.kind, bad.rule, func() error { _, err := c.Give(t.Context(), r.ID, bad.gift); return err })
				})
			}
			c.replayRound(t, r.ID)
		})
	}
}

func TestARoundThatIsKnownEndsGiftsWhateverTheClockSays(t *testing.T) {
	bothModes(t, 3, func(t *testing.T, c *polity, r service.RoundView) {
		g := c.gift(r, 2, "mill", "5", 1)
		n, err := c.network.Chain().FirstRoundAtOrAfter(r.GiftsEnd)
		must(t, err)
		b, err := c.network.Sign(n)
		must(t, err)
		_, err = c.PasteBeacon(t.Context(), c.operator, c.network.Chain().Hash, b)
		must(t, err)
		c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error { _, err := c.Give(t.Context(), r.ID, g); return err })
	})
}

func TestAWithdrawnProjectTakesNoGiftThatWasOnItsWay(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill", "weir")
	c.movedProject(c.owned(r, grants.Withdraw, 0, "mill"))
	c.refusedHere(t, service.KindConflict, grants.RuleNotApproved, func() error { _, err := c.Give(t.Context(), r.ID, c.gift(r, 2, "mill", "5", 1)); return err })
	c.gave(r, c.gift(r, 2, "weir", "5", 1))
	c.replayRound(t, r.ID)
}

func TestADonorGivesAThousandTimesAndPaymentsAreNotCounted(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill")
	c.gaveAtOnce(t, r, grants.MaxGifts, func(n int) grants.GiftAdd { return c.gift(r, 2, "mill", "5", n) })
	c.refusedHere(t, service.KindConflict, grants.RuleTooMany, func() error { _, err := c.Give(t.Context(), r.ID, c.gift(r, 2, "mill", "5", 5000)); return err })
	c.gave(r, c.gift(r, 2, "mill", "5", 7), c.payment(r, 2, "mill", "5", "t-1")) // one again, one of the bank
	if v, err := c.Round(t.Context(), r.ID); err != nil || v.Gifts != grants.MaxGifts+1 {
		t.Errorf("%d gifts, %v", v.Gifts, err)
	}
}

// gaveAtOnce sends gifts 0 to n-1 from 32 senders.
func (c *polity) gaveAtOnce(t testing.TB, r service.RoundView, n int, make func(int) grants.GiftAdd) {
	t.Helper()
	errs := [32]error{}
	var all sync.WaitGroup
	for w := range len(errs) {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += len(errs) {
				_, errs[w] = c.Give(t.Context(), r.ID, make(i))
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		must(t, err)
	}
}

func TestTheSameGiftSentAtOnceIsOneRecord(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill")
	g := c.gift(r, 2, "mill", "900", 1)
	receipts, errs := make([]service.GiftReceipt, 20), make([]error, 20)
	var all sync.WaitGroup
	for i := range receipts {
		all.Go(func() { receipts[i], errs[i] = c.Give(t.Context(), r.ID, g) })
	}
	all.Wait()
	for i := range receipts {
		must(t, errs[i])
		if diff := cmp.Diff(receipts[0], receipts[i]); diff != "" {
			t.Fatalf("receipt %d: %s", i, diff)
		}
	}
	if v, err := c.Round(t.Context(), r.ID); err != nil || v.Gifts != 1 {
		t.Errorf("%d gifts, %v", v.Gifts, err)
	}
}

// TestEachGiftIsInOrOutWhenTheRoundClosesMeanwhile lets the clock reach the end while gifts arrive. Who has a
// receipt counts, whoever was refused does not, and round.close says how many.
func TestEachGiftIsInOrOutWhenTheRoundClosesMeanwhile(t *testing.T) {
	const senders, each = 16, 12
	bothModes(t, 3, func(t *testing.T, c *polity, r service.RoundView) {
		c.clock.Store(r.GiftsEnd - 1)
		taken, refused := [senders]int64{}, [senders]error{}
		gifts := [senders][]grants.GiftAdd{}
		for w := range senders {
			for i := range each {
				gifts[w] = append(gifts[w], c.gift(r, 2, "mill", "5", w*each+i))
			}
		}
		half := make(chan struct{}, senders)
		var all sync.WaitGroup
		for w := range senders {
			all.Go(func() {
				for i, g := range gifts[w] {
					if i == each/2 {
						half <- struct{}{}
					}
					if _, refused[w] = c.Give(t.Context(), r.ID, g); refused[w] != nil {
						return
					}
					taken[w]++
				}
			})
		}
		<-half
		c.clock.Store(r.GiftsEnd)
		c.work()
		all.Wait()
		total := int64(0)
		for w := range senders {
			total += taken[w]
			if refused[w] != nil {
				wantRefusal(t, refused[w], service.KindConflict, grants.RuleWindow)
			}
		}
		if total < each/2 || total == senders*each {
			t.Errorf("%d of %d gifts were taken: the round did not close meanwhile", total, senders*each)
		}
		closes, err := c.closesOf(t, r)
		must(t, err)
		if len(closes) != 1 || closes[0].Gifts != total {
			t.Errorf("%d have a receipt, the round closed with %+v", total, closes)
		}
		if got := c.replayRound(t, r.ID); got.Gifts() != total {
			t.Errorf("%d recorded, %d have a receipt", got.Gifts(), total)
		}
	})
}

func (c *polity) closesOf(t *testing.T, r service.RoundView) (list []grants.Close, err error) {
	t.Helper()
	err = c.db.Read(t.Context(), func(tx service.Tx) error {
		acts, err := tx.Acts(r.ID, audit.KindRoundClose, 0, 10)
		for _, a := range acts {
			body, err := grants.Parse[grants.Close](a.Body)
			must(t, err)
			list = append(list, body)
		}
		return err
	})
	return list, err
}
