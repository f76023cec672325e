package api_test

import (
	"fmt"
	"strings"

	"kleroterion/api/client"
)

// volunteers are 60 people: 20 young ones, who all live in the north, and 40 old ones in both districts.
// Three neighbours share an address.
func volunteers() string {
	var b strings.Builder
	b.WriteString("id,name,address,district,age,gender\n")
	for i := range 60 {
		district, age := []string{"north", "south"}[i%2], "30+"
		if i < 20 {
			district, age = "north", "16-29"
		}
		fmt.Fprintf(&b, "P%d,Resident Number%d,%d Long Road,%s,%s,%s\n", i, i, i/3+1, district, age, []string{"f", "m"}[i/2%2])
	}
	return b.String()
}

// frozenVolunteers is a register that discloses all three features.
func (w *town) frozenVolunteers() client.Register {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	mapping := &client.Mapping{Person: "id", Name: []string{"name"}, Address: []string{"address"}, Features: []client.Feature{
		{Name: "district", Column: "district"}, {Name: "age", Column: "age"}, {Name: "gender", Column: "gender"},
	}}
	made, err := i.AddRegisterWithResponse(ctx, nil, client.NewRegister{City: "example", Name: "volunteers", Mapping: mapping})
	must(w.t, err)
	job, err := i.Upload(ctx, client.Rows{Register: made.JSON201.ID, File: strings.NewReader(volunteers())})
	must(w.t, err)
	_, err = i.WaitJob(ctx, job.ID, nil)
	must(w.t, err)
	freeze, err := i.FreezeRegisterWithResponse(ctx, made.JSON201.ID, nil, client.Freeze{PublishSmallCells: true})
	must(w.t, err)
	_, err = i.WaitJob(ctx, freeze.JSON202.ID, nil)
	must(w.t, err)
	got, err := i.GetRegisterWithResponse(ctx, made.JSON201.ID)
	must(w.t, err)
	return *got.JSON200
}

// quotaLines are quotas as other tools write them.
const quotaLines = "feature,value,min,max\nage,16-29,2,2\nage,30+,4,4\ndistrict,north,3,4\ndistrict,south,2,3\ngender,f,3,3\ngender,m,3,3\n"

func newLottery() client.NewLottery {
	return client.NewLottery{Size: 6, Categories: quotaLines, OnePerHousehold: true, Panels: 50}
}

// contrary are quotas that contradict each other: nobody young lives in the south.
func contrary() []client.Quota {
	return []client.Quota{
		{Feature: "age", Value: "16-29", Min: 4, Max: 6}, {Feature: "age", Value: "30+", Min: 0, Max: 6},
		{Feature: "district", Value: "north", Min: 0, Max: 6}, {Feature: "district", Value: "south", Min: 4, Max: 6},
	}
}

// ready starts a lottery and waits for it.
func (w *town) ready(register string, in client.NewLottery) client.Lottery {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	made, err := i.StartLotteryWithResponse(ctx, register, nil, in)
	must(w.t, err)
	_, err = i.WaitJob(ctx, made.JSON202.Job, nil)
	must(w.t, err)
	got, err := i.GetLotteryWithResponse(ctx, made.JSON202.ID)
	must(w.t, err)
	return *got.JSON200
}

func (w *town) openPanelDraw(l client.Lottery, decision string) client.Draw {
	w.t.Helper()
	made, err := w.as(w.registrar).OpenDrawWithResponse(w.t.Context(), nil, client.NewDraw{City: l.City, Decision: decision, Register: l.Register,
		Method: client.NewDrawMethodPanels, Lottery: l.ID, DrawTime: w.clock.Load() + 30, Rehearsal: true})
	must(w.t, err)
	return *made.JSON201
}
