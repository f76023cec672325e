package web

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

// drawer is a service that knows one lottery.
type drawer struct {
	Service
	lottery service.Lottery
}

func (d drawer) Lottery(context.Context, service.Actor, string) (service.Lottery, error) {
	return d.lottery, nil
}

const someTerms = `{"excluded":["ee"],"one_per_household":true,"quotas":[{"feature":"age","max":3,"min":2,"value":"16-29"},{"feature":"age","max":2,"min":2,"value":"30+"}],"seated":["dd"],"size":5,"v":1}`

// panelDraw is a draw of one of 1,000 panels, drawn or not.
func panelDraw(t *testing.T, p printer, l service.Lottery, number int64) draw {
	t.Helper()
	p.pages.Service = drawer{lottery: l}
	v := service.DrawView{Draw: service.Draw{ID: "1", Subject: "city/a/jury/park", LotteryID: l.ID}, Status: "scheduled",
		Panel: &service.DrawnPanel{Number: number, Count: l.Panels, Seated: []string{"dd"}, Lowest: l.Lowest, Highest: l.Highest, Proved: l.Proved, Gap: l.Gap}}
	d := draw{DrawView: v, Manifest: &sortition.Manifest{Method: sortition.Panels, OnePerHousehold: true, Register: sortition.RegisterRef{Size: 60}}, Counted: true}
	if number >= 0 {
		v.Panel.Seats = []string{"a1", "b2", "c3", "d4"}
		d.Result = &sortition.Result{V: 1, Panel: &number}
	}
	var err error
	d.Panel, err = p.pages.panelOf(t.Context(), v)
	must(t, err)
	d.fill(map[string]int64{"": 60}, clockAt(0))
	return d
}

func TestADrawOfPanelsSaysWhatIsDrawn(t *testing.T) {
	p := newPrinter(t)
	l := service.Lottery{ID: "17", Terms: []byte(someTerms), Method: panels.Leximin, Panels: 1000, Proved: true, Gap: "0/1", Lowest: 71, Highest: 250, DrawID: "1"}
	before := p.page("draw", view{Page: panelDraw(t, p, l, -1)})
	after := p.page("draw", view{Page: panelDraw(t, p, l, 0)})
	for _, want := range []string{
		"4 seats", "a list of 1,000 panels", "Every person in the pool is on 71 to 250 of the 1,000 panels.", "Proved: no list of panels is fairer",
		"1 seat of the 5 was held before", "1 person of the list has no part", "age 16-29 2 to 3", "age 30+ 2", "No panel has two people of one household",
		"The lowest chance is as high as it can be, then the next lowest",
	} {
		if !strings.Contains(before, want) || !strings.Contains(after, want) {
			t.Errorf("a page lacks %q:\n%s\n%s", want, before, after)
		}
	}
	for _, want := range []string{"picked panel 0 of 1,000", "a1 b2 c3 d4", "no alternates beforehand"} {
		if strings.Contains(before, want) || !strings.Contains(after, want) {
			t.Errorf("%q: before the draw %t, after it %t", want, strings.Contains(before, want), strings.Contains(after, want))
		}
	}
	if strings.Contains(after, "Chance of a seat") || strings.Contains(after, "Everyone in the list has the same chance") {
		t.Errorf("the page speaks of another method:\n%s", after)
	}
	d := panelDraw(t, p, l, 0)
	for id, want := range map[string]string{"c3": "seat 3 of panel 0", "dd": "a seat since before the draw", "ee": "not drawn"} {
		if got := (&line{draw: d, ID: id}).place(); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestAGapIsShown(t *testing.T) {
	p := newPrinter(t)
	l := service.Lottery{ID: "17", Terms: []byte(someTerms), Method: panels.Nash, Panels: 1, Gap: "1/400", Highest: 1, DrawID: "9"}
	text := p.page("draw", view{Page: panelDraw(t, p, l, -1)})
	for _, want := range []string{"Not proved to the end: what is left open is at most 0.002500.", "on 0 to 1 of the 1 panel", "Who is on none of them cannot be drawn", "The product of everybody's chances"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	draws := []service.DrawView{{}, {Draw: service.Draw{ID: "9", LotteryID: "17"}}, {Draw: service.Draw{ID: "8", LotteryID: "17"}}}
	rows, err := p.pages.listed(t.Context(), draws)
	must(t, err)
	if len(rows) != 1 || rows[0].Draw != "9" {
		t.Errorf("lotteries of two draws with the same: %+v, want one with the newest", rows)
	}
	page := p.page("city", view{Page: city{City: service.City{Slug: "a", Name: "A"}, Lotteries: rows}})
	for _, want := range []string{"1 panel of 5 seats", "Not proved to the end", "The draw"} {
		if !strings.Contains(page, want) {
			t.Errorf("the city's page lacks %q: %s", want, page)
		}
	}
	l.Terms = []byte("{")
	p.pages.Service = drawer{lottery: l}
	if again, err := p.pages.listed(t.Context(), draws); err != nil || again[0].lottery != rows[0].lottery {
		t.Errorf("a lottery is read twice: %v", err)
	}
	if _, err := p.pages.listed(t.Context(), []service.DrawView{{Draw: service.Draw{LotteryID: "18"}}}); err == nil {
		t.Error("terms that cannot be read are shown")
	}
}

func TestThePageOfSeatsTellsOfQuotas(t *testing.T) {
	p := newPrinter(t)
	l := service.Lottery{ID: "17", Terms: []byte(someTerms), Method: panels.Maximin, Panels: 1000, Proved: true, Gap: "0/1", Lowest: 71, Highest: 250}
	d := panelDraw(t, p, l, 0)
	for want, b := range map[string]service.Balance{
		"all quotas are met":                     {},
		"1 quota is not met":                     {Cost: 1666, Broken: 1},
		"3 quotas are not met. To meet all, the": {Cost: 4000, Broken: 3},
		"moved by about 1.67 seats":              {Cost: 1666, Broken: 2},
	} {
		result, err := d.Result.Canonical()
		must(t, err)
		j := jury{Draw: service.DrawView{Draw: service.Draw{Result: json.RawMessage(result)}}, Panel: d.Panel, Offered: true, View: service.JuryView{Balance: &b}}
		must(t, j.fill(clockAt(0)))
		text := p.page("jury", view{Page: j})
		if !strings.Contains(text, want) || !strings.Contains(text, "whoever in the pool brings the panel nearest") {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
}
