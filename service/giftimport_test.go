package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

func TestAnImportRecordsAllRowsOnceHoweverOftenItIsSent(t *testing.T) {
	bothModes(t, 4, func(t *testing.T, c *polity, r service.RoundView) {
		c.gave(r, c.payment(r, 2, "mill", "900", "t-1"))
		list := []grants.GiftAdd{
			c.payment(r, 2, "mill", "900", "t-1"), // recorded before
			c.payment(r, 3, "mill", "400", "t-2"), c.payment(r, 2, "weir", "100", "t-3"), c.payment(r, 3, "weir", "25", "t-4"),
			c.payment(r, 3, "mill", "400", "t-2"), // twice in the list
		}
		v, err := c.Round(t.Context(), r.ID)
		must(t, err)
		next := int64(c.records(t, v)) + 1
		got, err := c.ImportGifts(t.Context(), c.steward, r.ID, list)
		must(t, err)
		if diff := cmp.Diff(service.GiftImport{Recorded: 3, Repeated: 2, First: next, Last: next + 2}, got); diff != "" {
			t.Error(diff)
		}
		c.clock.Store(r.GiftsEnd) // what is recorded is recorded, also when the round takes no more
		again, err := c.ImportGifts(t.Context(), c.steward, r.ID, list)
		must(t, err)
		if diff := cmp.Diff(service.GiftImport{Repeated: 5}, again); diff != "" {
			t.Error(diff)
		}
		if round := c.replayRound(t, r.ID); round.Gifts() != 4 {
			t.Errorf("%d gifts are recorded, want 4", round.Gifts())
		}
	})
}

func (c *polity) records(t testing.TB, r service.RoundView) int {
	t.Helper()
	list, err := c.SubjectEntries(t.Context(), r.Subject)
	must(t, err)
	return len(list)
}

func TestAnImportWithBadRowsNamesEachAndStoresNothing(t *testing.T) {
	bothModes(t, 4, func(t *testing.T, c *polity, r service.RoundView) {
		c.keys["members/"+token(99)] = person("nobody")
		c.gave(r, c.payment(r, 2, "mill", "5", "t-1"))
		c.movedProject(c.owned(r, grants.Withdraw, 1, "weir"))
		list := []grants.GiftAdd{c.payment(r, 3, "mill", "7", "y1")}
		want := []service.FieldError{}
		for _, bad := range c.badPayments(r) {
			want = append(want, service.FieldError{Pointer: fmt.Sprintf("/gifts/%d", len(list)), Rule: bad.rule})
			list = append(list, bad.gift)
		}
		list = append(list, c.payment(r, 3, "mill", "7", "y2"), c.payment(r, 3, "mill", "8", "y2"), c.gift(r, 3, "mill", "8", 1))
		want = append(want, service.FieldError{Pointer: fmt.Sprintf("/gifts/%d", len(list)-2), Rule: grants.RuleRepeated},
			service.FieldError{Pointer: fmt.Sprintf("/gifts/%d", len(list)-1), Rule: grants.RuleConnector})
		var e *service.Error
		c.refusedHere(t, service.KindInvalid, "import", func() error {
			_, err := c.ImportGifts(t.Context(), c.steward, r.ID, list)
			errors.As(err, &e)
			return err
		})
		got := append([]service.FieldError{}, e.Fields...)
		for i := range got {
			if got[i].Detail == "" {
				t.Errorf("%s says nothing", got[i].Pointer)
			}
			got[i].Detail = ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows named (-want +got):\n%s", diff)
		}
	})
}

func TestAnImportThatIsNoneIsRefused(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill")
	good := []grants.GiftAdd{c.payment(r, 2, "mill", "5", "t-1")}
	send := func(a service.Actor, round string, list []grants.GiftAdd) func() error {
		return func() error { _, err := c.ImportGifts(t.Context(), a, round, list); return err }
	}
	c.refusedHere(t, service.KindInvalid, "import", send(c.steward, r.ID, nil))
	c.refusedHere(t, service.KindInvalid, "import", send(c.steward, r.ID, make([]grants.GiftAdd, 10_001)))
	c.refusedHere(t, service.KindUnauthorized, "key_required", send(service.Actor{}, r.ID, good))
	c.refusedHere(t, service.KindNotFound, "not_found", send(service.Actor{KeyID: "x", Role: service.RoleSteward, Community: "others"}, r.ID, good))
	c.refusedHere(t, service.KindNotFound, "not_found", send(c.steward, "none", good))
	c.clock.Store(r.GiftsEnd)
	c.refusedHere(t, service.KindInvalid, "import", send(c.steward, r.ID, good))
}

// failing is the real store whose AddGift fails at the nth gift.
type failing struct {
	service.Store
	left *int
}

type failingTx struct {
	service.Tx
	left *int
}

var errDisk = errors.New("the disk is full")

func (f failing) Write(ctx context.Context, fn func(service.Tx) error) error {
	return f.Store.Write(ctx, func(tx service.Tx) error { return fn(failingTx{tx, f.left}) })
}

func (f failingTx) AddGift(g service.Gift, giver *service.Giver) error {
	if *f.left--; *f.left < 0 {
		return errDisk
	}
	return f.Tx.AddGift(g, giver)
}

func TestAnImportThatBreaksHalfwayLeavesNothing(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill")
	list := make([]grants.GiftAdd, 20)
	for i := range list {
		list[i] = c.payment(r, 2, "mill", "5", fmt.Sprint("t-", i))
	}
	o, left := c.Options, 11
	o.Store = failing{c.Options.Store, &left}
	s, err := service.New(o)
	must(t, err)
	before := c.logSize()
	if _, err := s.ImportGifts(t.Context(), c.steward, r.ID, list); !errors.Is(err, errDisk) {
		t.Errorf("the import gave %v", err)
	}
	if c.logSize() != before {
		t.Errorf("%d records are left of it", c.logSize()-before)
	}
	got, err := c.ImportGifts(t.Context(), c.steward, r.ID, list)
	must(t, err)
	if got.Recorded != 20 || c.replayRound(t, r.ID).Gifts() != 20 {
		t.Errorf("sent again: %+v", got)
	}
}

func TestAnImportIsDoneOnceForItsKey(t *testing.T) {
	c := newGivers(t, 3)
	r := c.giversRound(c.newRound("spring"), "mill")
	var answers [2]service.GiftImport
	for i := range answers {
		_, replayed, err := c.Once(t.Context(), c.steward, "key", [32]byte{1}, func(ctx context.Context) ([]byte, error) {
			var err error
			answers[i], err = c.ImportGifts(ctx, c.steward, r.ID, []grants.GiftAdd{c.payment(r, 2, "mill", "5", "t-1")})
			return nil, err
		})
		must(t, err)
		if replayed != (i == 1) {
			t.Errorf("answer %d: replayed %v", i, replayed)
		}
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" || answers[0].Recorded != 1 {
		t.Errorf("%+v, then %s", answers[0], diff)
	}
}

func TestARefundIsRecordedOnceAndTheGiftCountsNoMore(t *testing.T) {
	bothModes(t, 4, func(t *testing.T, c *polity, r service.RoundView) {
		list := c.gave(r, c.gift(r, 2, "mill", "900", 1), c.payment(r, 3, "mill", "400", "t-1"))
		n := list[0].Promise.N
		refund := func(a service.Actor, n int64, why grants.Reason) func() error {
			return func() error { _, err := c.RefundGift(t.Context(), a, r.ID, n, why); return err }
		}
		c.refusedHere(t, service.KindUnauthorized, "key_required", refund(service.Actor{}, n, grants.ForAsked))
		c.refusedHere(t, service.KindNotFound, "not_found", refund(c.registrar, n, grants.ForAsked))
		c.refusedHere(t, service.KindNotFound, "not_found", refund(c.steward, 1, grants.ForAsked))
		c.refusedHere(t, service.KindInvalid, grants.RuleRecord, refund(c.steward, n, "mood"))
		for i, receipt := range list {
			got, err := c.RefundGift(t.Context(), c.steward, r.ID, receipt.Promise.N, grants.ForFailed)
			must(t, err)
			if kept, err := c.Gift(t.Context(), r.ID, receipt.Promise.N); err != nil || !kept.Refunded || cmp.Diff(kept, got) != "" {
				t.Errorf("refund %d: %+v is kept as %+v, %v", i, got, kept, err)
			}
		}
		c.refusedHere(t, service.KindConflict, grants.RuleRefund, refund(c.steward, n, grants.ForAsked))
		same, err := c.Give(t.Context(), r.ID, c.payment(r, 3, "mill", "400", "t-1"))
		must(t, err)
		if same.Promise.N != list[1].Promise.N {
			t.Errorf("the refunded payment sent again is record %d, want %d", same.Promise.N, list[1].Promise.N)
		}
		kept := c.gave(r, c.gift(r, 2, "mill", "4", 2))[0].Promise.N
		c.clock.Store(r.GiftsEnd)
		c.refusedHere(t, service.KindConflict, grants.RuleWindow, refund(c.steward, kept, grants.ForAsked))
		if n := c.kinds(r)[audit.KindGiftRefund]; n != 2 {
			t.Errorf("%d refunds are recorded", n)
		}
		c.replayRound(t, r.ID)
	})
}

// One gift that the store cannot take costs nobody else theirs.
func TestOneGiftInTroubleDoesNotCostTheOthersTheirs(t *testing.T) {
	const gifts = 30
	c := newGivers(t, 4)
	r := c.giversRound(c.newRound("spring"), "mill")
	o := c.Options
	o.Store = faultyGifts{c.Options.Store}
	s, err := service.New(o)
	must(t, err)
	errs := make([]error, gifts)
	done := make(chan int, gifts)
	for i := range gifts {
		g := c.gift(r, 2+i%2, "mill", fmt.Sprint(100+i), i)
		go func() { _, errs[i] = s.Give(t.Context(), r.ID, g); done <- i }()
	}
	for range gifts {
		<-done
	}
	for i, err := range errs {
		if (i == 7) != errors.Is(err, errDisk) || i != 7 && err != nil {
			t.Errorf("gift %d: %v", i, err)
		}
	}
	if n := c.replayRound(t, r.ID).Gifts(); n != gifts-1 {
		t.Errorf("%d gifts recorded, want %d", n, gifts-1)
	}
}

// faultyGifts fails for the gift of 107.
type faultyGifts struct{ service.Store }

type faultyGiftsTx struct{ service.Tx }

func (f faultyGifts) Write(ctx context.Context, fn func(service.Tx) error) error {
	return f.Store.Write(ctx, func(tx service.Tx) error { return fn(faultyGiftsTx{tx}) })
}

func (f faultyGiftsTx) AddGift(g service.Gift, giver *service.Giver) error {
	if g.Amount.String() == "107" {
		return errDisk
	}
	return f.Tx.AddGift(g, giver)
}
