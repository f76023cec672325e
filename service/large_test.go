package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
)

func BenchmarkLargeOpening(b *testing.B) {
	c := newPolityUnder(b, 5000, func(c *polity, ch *charter.Charter) {
		ch.Chambers = append([]charter.Chamber{{ID: charter.ChamberFounders, Share: ratio.New(1, 2)}}, ch.Chambers...)
		ch.Chambers[1].Share = ratio.New(3, 10)
		ch.Founders = &charter.Founders{Members: []string{token(0), token(1)}}
		ch.Ratchet = &charter.Ratchet{Age: 0, Epoch: 500_000, Start: c.clock.Load(), Tiers: []charter.Tier{
			{Share: ratio.New(1, 2)}, {Share: ratio.New(1, 10), Members: 3, Hold: 1, After: 100_000}}}
	})
	b.Run("poll", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			c.openedPoll(fmt.Sprintf("large-%d-%d", n, time.Now().UnixNano()))
		}
	})
	b.Run("community", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Community(b.Context(), "commons")
			must(b, err)
		}
	})
}

func BenchmarkLargeJury(b *testing.B) {
	w := newWorld(b)
	var town strings.Builder
	town.WriteString("id,name,contact,district\n")
	for i := range 5000 {
		fmt.Fprintf(&town, "P%05d,Name %d,p%d@example.org,%s\n", i, i, i, []string{"north", "south"}[i%2])
	}
	reg := w.imported("large", town.String())
	_, err := w.FreezeRegister(b.Context(), w.registrar, reg.ID, service.Freeze{})
	must(b, err)
	w.work()
	in := w.newDraw(reg, "large")
	in.OnePerHousehold = false
	in.Strata = []sortition.Stratum{{Stratum: "north", Seats: 500, Alternates: 500}, {Stratum: "south", Seats: 500, Alternates: 500}}
	d, err := w.OpenDraw(b.Context(), w.registrar, in)
	must(b, err)
	w.clock.Store(d.DueAt + 5)
	w.work()
	start := time.Now()
	_, err = w.OpenSeats(b.Context(), w.registrar, service.NewJury{DrawID: d.ID, Answer: 100_000, Starts: w.clock.Load(), Ends: w.clock.Load() + 1_000_000})
	must(b, err)
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/open")
	for b.Loop() {
		list, err := w.Letters(b.Context(), w.registrar, d.ID, service.CodeAnswer, nil)
		must(b, err)
		if len(list) != 1000 {
			b.Fatal(len(list))
		}
	}
	l, err := w.Letters(b.Context(), w.registrar, d.ID, service.CodeAnswer, []int64{5})
	must(b, err)
	start = time.Now()
	_, err = w.Answer(b.Context(), l[0].Code, service.Answer{Act: "decline"})
	must(b, err)
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/answer")
}
