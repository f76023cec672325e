package service_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service"
)

// instance freezes a pool of the solver's test data.
func (w *world) instance(b testing.TB, name string) (service.Register, []quota.Quota) {
	b.Helper()
	dir := filepath.Join("..", "randomness", "sortition", "panels", "testdata", name)
	file, err := os.Open(filepath.Join(dir, "categories.csv"))
	must(b, err)
	defer file.Close()
	quotas, err := quota.ReadQuotas(file)
	must(b, err)
	m := register.Mapping{Person: "id", Address: []string{"address"}}
	for i, q := range quotas {
		if i == 0 || quotas[i-1].Feature != q.Feature {
			m.Features = append(m.Features, register.Feature{Name: q.Feature, Column: q.Feature})
		}
	}
	mapping, err := json.Marshal(m)
	must(b, err)
	reg, err := w.AddRegister(b.Context(), w.registrar, service.NewRegister{City: "example", Name: "large", Mapping: mapping})
	must(b, err)
	people, err := os.Open(filepath.Join(dir, "respondents.csv"))
	must(b, err)
	defer people.Close()
	_, err = w.Upload(b.Context(), w.registrar, reg.ID, false, people)
	must(b, err)
	w.work()
	_, err = w.FreezeRegister(b.Context(), w.registrar, reg.ID, service.Freeze{PublishSmallCells: true})
	must(b, err)
	w.work()
	reg, err = w.Register(b.Context(), w.registrar, reg.ID)
	must(b, err)
	return reg, quotas
}

// BenchmarkLargePanel is 1,727 people, 110 seats and 1,000 panels, step by step.
func BenchmarkLargePanel(b *testing.B) {
	w := newWorld(b)
	reg, quotas := w.instance(b, "syn_e_110")
	took := map[string]int64{} // milliseconds
	timed := func(name string, do func()) {
		start := time.Now()
		do()
		took[name] = time.Since(start).Milliseconds()
	}
	in := service.NewLottery{RegisterID: reg.ID, Size: 110, Quotas: quotas, OnePerHousehold: true}
	var l service.Lottery
	var d service.DrawView
	var err error
	timed("check", func() { _, err = w.CheckQuotas(b.Context(), w.registrar, in) })
	must(b, err)
	timed("lottery", func() { l = w.lottery(in) })
	timed("draw", func() { d = w.drawnPanel(l, "large") })
	afresh := func() *service.Service {
		s, err := service.New(w.Options)
		must(b, err)
		return s
	}
	s := afresh()
	timed("cold", func() { _, err = s.Draw(b.Context(), d.ID) })
	must(b, err)
	timed("report", func() { _, err = s.PanelReport(b.Context(), d.ID) })
	must(b, err)
	timed("alternates", func() { _, err = s.PanelAlternates(b.Context(), d.ID, 1000) })
	must(b, err)
	timed("open", func() {
		_, err = w.OpenSeats(b.Context(), w.registrar, service.NewJury{DrawID: d.ID, Answer: 100_000, Starts: w.clock.Load(), Ends: w.clock.Load() + 1_000_000})
	})
	must(b, err)
	var gone []int64
	for n := int64(1); n <= 33; n++ {
		gone = append(gone, n)
	}
	var v service.JuryView
	timed("gone33", func() { v, err = w.Undeliverable(b.Context(), w.registrar, d.ID, gone) })
	must(b, err)
	b.Logf("after 33 of 110 are gone: %+v", *v.Balance)
	for n := range int64(50) {
		_, err = w.Undeliverable(b.Context(), w.registrar, d.ID, []int64{40 + n})
		must(b, err)
	}
	for b.Loop() {
		_, err := w.Jury(b.Context(), d.ID)
		must(b, err)
	}
	b.ReportMetric(float64(l.Bytes), "bytes")
	for name, ms := range took {
		b.ReportMetric(float64(ms), "ms/"+name)
	}
}
