package grants

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
)

// usualGifts are bodies that the fast reading is there for.
func usualGifts(t testing.TB) map[string][]byte {
	open, sealed := newWorld(poll.ModeOpen).open(), newWorld(poll.ModeSealed).open()
	out := map[string][]byte{}
	for name, g := range map[string]GiftAdd{
		"open":    open.gift("cy", "mill", "900", 1, giftStart),
		"sealed":  sealed.gift("cy", "mill", "900", 1, giftStart),
		"payment": open.payment("cy", "mill", "900", "invoice 7, <b>&amp;", giftStart),
	} {
		body := must(canonical.Marshal(g))
		if short := must(g.CanonicalBody()); !bytes.Equal(short, body) {
			t.Errorf("%s: written as %s, want %s", name, short, body)
		}
		out[name] = body
	}
	return out
}

func TestUsualGiftsAreReadByTheirFixedParts(t *testing.T) {
	for name, body := range usualGifts(t) {
		if _, ok := leanGiftAdd(body); !ok {
			t.Errorf("%s goes the long way: %s", name, body)
		}
	}
}

// agree fails when a fast reading takes what the strict one refuses, or reads it otherwise.
func agree(t *testing.T, b []byte) {
	t.Helper()
	if fast, ok := leanGiftAdd(b); ok {
		strict, err := parseGiftAddStrictly(b)
		if diff := cmp.Diff(strict, fast); err != nil || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", b, err, diff)
		}
		agree(t, fast.Gift)
		agree(t, fast.Paid)
		if again, err := fast.CanonicalBody(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q is written again as %q, %v", b, again, err)
		}
	}
	if fast, ok := leanGift(b); ok {
		agreeOn(t, b, fast)
	}
	if fast, ok := leanPaid(b); ok {
		agreeOn(t, b, fast)
	}
}

func agreeOn[T any](t *testing.T, b []byte, fast T) {
	t.Helper()
	var strict T
	err := canonical.Unmarshal(b, &strict)
	if diff := cmp.Diff(strict, fast); err != nil || diff != "" {
		t.Fatalf("%q: %v, strict against fast:\n%s", b, err, diff)
	}
}

// Each byte of a gift is changed in many ways and left out: neither reading may take more than the other.
func TestChangedGiftsAreReadAlike(t *testing.T) {
	for name, body := range usualGifts(t) {
		for at := 0; at < len(body); at++ {
			if name == "sealed" && at > 300 && at < len(body)-250 {
				continue // one byte of base64 is like another
			}
			agree(t, append(bytes.Clone(body[:at]), body[at+1:]...))
			agree(t, body[:at])
			for _, c := range []byte("\"\\,A0/ \x80\x1f\x7f") {
				changed := bytes.Clone(body)
				changed[at] = c
				agree(t, changed)
				agree(t, append(append(bytes.Clone(body[:at]), c), body[at:]...))
			}
		}
	}
}

func FuzzGiftAdd(f *testing.F) {
	for _, body := range usualGifts(f) {
		f.Add(body)
		g := must(ParseGiftAdd(body))
		f.Add([]byte(g.Gift))
		f.Add([]byte(g.Paid))
	}
	f.Add([]byte(`{"at":0,"gift":{},"signature":{}}`))
	f.Add([]byte(`{"at":9007199254740992,"gift":{},"signature":{"signature":"00"}}`))
	f.Fuzz(agree)
}

func TestAReceiptHasItsCanonicalBytes(t *testing.T) {
	for _, r := range []Receipt{{}, {At: 1_800_000_000, Gift: beacon.Hash{1}, Index: 7, Leaf: beacon.Hash{2}, Log: `log.example/"1"\é`, N: 3, Round: beacon.Hash{4}, V: 1}} {
		if got, want := r.Canonical(), must(canonical.Marshal(r)); !bytes.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
