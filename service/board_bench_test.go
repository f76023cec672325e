package service_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

const (
	benchGifts    = 100_000
	benchDonors   = 20_000
	benchProjects = 1_000
)

// crowd is a round with 100,000 gifts of 20,000 donors to 1,000 projects. Its gifts are in memory: what the
// first reading of their rows takes is not the question here.
type crowd struct {
	*polity
	r     service.RoundView
	gifts []service.Gift
}

// numbered is the real store, which is asked everything, and answers for the crowd's gifts too.
type numbered struct {
	service.Store
	of *crowd
}

type numberedTx struct {
	service.Tx
	of *crowd
}

func (n numbered) Read(ctx context.Context, fn func(service.Tx) error) error {
	return n.Store.Read(ctx, func(tx service.Tx) error { return fn(numberedTx{tx, n.of}) })
}

func (n numberedTx) LastEntry(subject string) (service.LogEntry, error) {
	e, err := n.Tx.LastEntry(subject)
	if subject == n.of.r.Subject {
		e.N += int64(len(n.of.gifts))
	}
	return e, err
}

func (n numberedTx) Gifts(round, donor string, after int64, limit int) ([]service.Gift, error) {
	if _, err := n.Tx.Gifts(round, donor, after, limit); err != nil {
		return nil, err
	}
	rest := n.of.gifts[max(0, after-1):]
	return rest[:min(limit, len(rest))], nil
}

func benchProject(i int) string { return fmt.Sprintf("project-%04d", i) }

func newCrowd(b *testing.B, rule funding.Rule, m uint64) *crowd {
	c := newGivers(b, 1)
	in := c.newRound("crowd")
	in.Params.Rule, in.Params.M, in.Params.Pool = rule, funding.Units(m), funding.Units(50_000_000)
	w := &crowd{polity: c, r: c.openedRound(in)}
	c.clock.Store(w.r.GiftsStart)
	must(b, c.db.Write(b.Context(), func(tx service.Tx) error {
		givers := make([]service.Giver, benchDonors)
		for i := range givers {
			givers[i] = service.Giver{Round: w.r.ID, Donor: donor(i + 1), Key: []byte("{}")}
		}
		for i := range benchProjects {
			p := grants.Project{ID: benchProject(i), Owner: token(0), Title: "x", State: grants.Approved, Seq: 1}
			if err := tx.PutProject(service.Project{Round: w.r.ID, Project: p}); err != nil {
				return err
			}
		}
		return tx.AddGivers(givers)
	}))
	o := c.Options
	o.Store = numbered{o.Store, w}
	var err error
	w.Service, err = service.New(o)
	must(b, err)
	w.grow(benchGifts)
	return w
}

// grow adds n gifts. Few projects get most of them, as in real rounds.
func (w *crowd) grow(n int) {
	for range n {
		i := len(w.gifts) + 1
		k := uint64(i) * 0x9E3779B97F4A7C15 >> 20
		who, project := int(k%benchDonors)+1, int((k>>8%(benchProjects*4))*(k>>24%benchProjects)/(benchProjects*4))%benchProjects
		w.gifts = append(w.gifts, service.Gift{
			Round: w.r.ID, N: int64(i + 1), Donor: donor(who), Project: benchProject(project), Amount: funding.Units(100 + k>>13%20_000), Paid: true,
		})
	}
}

// timed reports how long calls of do took.
func timed(b *testing.B, name string, times []time.Duration) {
	slices.Sort(times)
	at := func(n int) float64 { return float64(times[len(times)*n/1000].Microseconds()) / 1000 }
	b.ReportMetric(at(500), name+"-p50-ms")
	b.ReportMetric(at(990), name+"-p99-ms")
}

// BenchmarkBoard100000 asks while gifts come in: every eighth call follows a new gift, which is not timed.
func BenchmarkBoard100000(b *testing.B) {
	for _, rule := range []struct {
		rule funding.Rule
		m    uint64
	}{{funding.Quadratic, 0}, {funding.Pairwise, 2500}} {
		b.Run(string(rule.rule), func(b *testing.B) {
			w := newCrowd(b, rule.rule, rule.m)
			start := time.Now()
			v := w.estimate(b, w.Service, w.r)
			b.Logf("%d gifts read and matched at first in %v", v.Gifts, time.Since(start))
			var shown, asked []time.Duration
			for i := 0; b.Loop(); i++ {
				if i%8 == 0 {
					b.StopTimer()
					w.grow(1)
					b.StartTimer()
				}
				begun := time.Now()
				w.estimate(b, w.Service, w.r)
				shown = append(shown, time.Since(begun))
				begun = time.Now()
				_, err := w.WhatIf(b.Context(), w.r.ID, service.WhatIf{Donor: donor(i*7%benchDonors + 1), Project: benchProject(i % benchProjects), Amount: funding.Units(1000)})
				asked = append(asked, time.Since(begun))
				must(b, err)
			}
			timed(b, "estimate", shown)
			timed(b, "whatif", asked)
			w.together(b)
		})
	}
}

// together is 16 who ask at the same time.
func (w *crowd) together(b *testing.B) {
	const askers, each = 16, 100
	times := make([]time.Duration, askers*each)
	var all sync.WaitGroup
	for a := range askers {
		all.Go(func() {
			for i := range each {
				begun := time.Now()
				if _, err := w.WhatIf(b.Context(), w.r.ID, service.WhatIf{Project: benchProject((a*each + i) % benchProjects), Amount: funding.Units(1000)}); err != nil {
					b.Error(err)
				}
				times[a*each+i] = time.Since(begun)
			}
		})
	}
	all.Wait()
	timed(b, "16-askers", times)
}
