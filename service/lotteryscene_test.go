package service_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service"
)

// panelTown is 90 people with three features; some share an address.
func panelTown() string {
	var b strings.Builder
	out := csv.NewWriter(&b)
	rows := [][]string{{"id", "name", "address", "gender", "age_group", "district"}}
	for i := range 90 {
		rows = append(rows, []string{fmt.Sprintf("P%02d", i), fmt.Sprintf("Name %d", i), fmt.Sprintf("%d Long Road", 1+i/2%40),
			[]string{"f", "m"}[i*7%16/9], []string{"16-34", "35-59", "60+"}[i*5%9/3], []string{"east", "north", "west"}[i*11%13/5]})
	}
	if err := out.WriteAll(rows); err != nil {
		panic(err) // of a strings.Builder
	}
	return b.String()
}

// panelQuotas are for 12 seats.
func panelQuotas() []quota.Quota {
	return []quota.Quota{
		{Feature: "gender", Value: "f", Min: 6, Max: 6}, {Feature: "gender", Value: "m", Min: 6, Max: 6},
		{Feature: "age_group", Value: "16-34", Min: 3, Max: 5}, {Feature: "age_group", Value: "35-59", Min: 3, Max: 5}, {Feature: "age_group", Value: "60+", Min: 3, Max: 5},
		{Feature: "district", Value: "east", Min: 3, Max: 5}, {Feature: "district", Value: "north", Min: 3, Max: 5}, {Feature: "district", Value: "west", Min: 3, Max: 5},
	}
}

func (w *world) frozenTown(name string) service.Register {
	w.t.Helper()
	reg := w.imported(name, panelTown())
	_, err := w.FreezeRegister(w.t.Context(), w.registrar, reg.ID, service.Freeze{PublishSmallCells: true})
	must(w.t, err)
	w.work()
	reg, err = w.Register(w.t.Context(), w.registrar, reg.ID)
	must(w.t, err)
	return reg
}

func (w *world) newLottery(reg service.Register) service.NewLottery {
	return service.NewLottery{RegisterID: reg.ID, Size: 12, Quotas: panelQuotas(), OnePerHousehold: true, Panels: 100}
}

// lottery is a ready one.
func (w *world) lottery(in service.NewLottery) service.Lottery {
	w.t.Helper()
	l, err := w.StartLottery(w.t.Context(), w.registrar, in)
	must(w.t, err)
	w.work()
	l, err = w.Service.Lottery(w.t.Context(), w.registrar, l.ID)
	must(w.t, err)
	if l.State != service.LotteryReady {
		job, err := w.Job(w.t.Context(), w.registrar, l.Job)
		w.t.Fatalf("lottery is %s: %+v %s %v", l.State, job, job.Report, err)
	}
	return l
}

func (w *world) panelDraw(l service.Lottery, decision string) service.NewDraw {
	return service.NewDraw{City: "example", Decision: decision, RegisterID: l.RegisterID, Lottery: l.ID, Method: sortition.Panels,
		DrawTime: w.clock.Load() + 30, Rehearsal: true}
}

// drawnPanel is a draw of the lottery that has its result.
func (w *world) drawnPanel(l service.Lottery, decision string) service.DrawView {
	w.t.Helper()
	d, err := w.OpenDraw(w.t.Context(), w.registrar, w.panelDraw(l, decision))
	must(w.t, err)
	w.clock.Store(d.DueAt + 5)
	w.work()
	v, err := w.Draw(w.t.Context(), d.ID)
	must(w.t, err)
	if v.State != service.DrawDrawn {
		w.t.Fatalf("draw is %s", v.Status)
	}
	return v
}

// seatsBy counts register ids by feature and value.
func (w *world) seatsBy(t testing.TB, reg service.Register, ids []string) map[string]int64 {
	t.Helper()
	var file strings.Builder
	_, err := w.RegisterFile(t.Context(), reg.Root, &file)
	must(t, err)
	counts := map[string]int64{}
	for line := range strings.Lines(file.String()) {
		e := entryOf(t, line)
		for _, id := range ids {
			if id != fmt.Sprintf("%x", e.ID) {
				continue
			}
			for feature, value := range e.Features {
				counts[feature+" "+value]++
			}
		}
	}
	return counts
}

// wantQuotas checks people against quotas, as anybody could who has the register.
func (w *world) wantQuotas(t testing.TB, reg service.Register, ids []string, quotas []quota.Quota) {
	t.Helper()
	counts := w.seatsBy(t, reg, ids)
	for _, q := range quotas {
		if n := counts[q.Feature+" "+q.Value]; n < q.Min || n > q.Max {
			t.Errorf("%d people with %s %s, want %d to %d", n, q.Feature, q.Value, q.Min, q.Max)
		}
	}
}
