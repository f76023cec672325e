package grants

import (
	"testing"

	"kleroterion/service/poll"
)

// giftRecords are n gifts by the members, each with its own nonce.
func giftRecords(h *held, n int) []Record {
	records := make([]Record, n)
	for i := range records {
		records[i] = Record{N: int64(i + 2), Body: body(h.gift(people[1+i%4], "mill", "900", i, giftStart))}
	}
	return records
}

func BenchmarkGiftsAreReplayed(b *testing.B) {
	const n = 2000
	w := newWorld(poll.ModeOpen)
	first := w.open().approved(b, "mill")
	records := giftRecords(first, n)
	for b.Loop() {
		h := w.open().approved(b, "mill")
		for _, d := range h.donors {
			d.gifts = -n // more than one of them may give
		}
		if _, err := h.ApplyGifts(b.Context(), records); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/gift")
}

func BenchmarkSealedGiftsOpen(b *testing.B) {
	const n = 200
	h := newWorld(poll.ModeSealed).open().approved(b, "mill")
	if _, err := h.ApplyGifts(b.Context(), giftRecords(h, n)); err != nil {
		b.Fatal(err)
	}
	if err := h.ApplyClose(Close{At: giftEnd, Gifts: n}); err != nil {
		b.Fatal(err)
	}
	sealed := append([]gift{}, h.gifts...)
	for b.Loop() {
		copy(h.gifts, sealed)
		h.opened = nil
		if err := h.Open(b.Context(), h.w.state.Chain, h.closing(), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/gift")
}

// A version of 100,000 gifts, without matching's own work: what counts, and the pseudonyms.
func BenchmarkInputs(b *testing.B) {
	const n = 100_000
	h := newWorld(poll.ModeOpen).open().approved(b, "mill")
	g := gift{donor: h.donors[person("cy").donor()], project: h.projects["mill"], amount: units("900")}
	for i := range n {
		g.n = int64(i + 2)
		h.gifts = append(h.gifts, g)
	}
	if err := h.ApplyClose(Close{At: giftEnd, Gifts: n}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Inputs(nil); err != nil {
			b.Fatal(err)
		}
	}
}
