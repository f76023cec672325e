package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

// panel is what a draw of one panel of a lottery shows beside other draws.
type panel struct {
	service.DrawnPanel
	ID       string // of the lottery
	Size     int64  // seats, people seated before included
	Places   int64  // seats that the draw gives
	Held     int64  // seats held before
	Quotas   []quotaLine
	Excluded int64 // people of the register who have no part
	Fairness string
	Proof    string
	Chances  string // how many panels each person is on
}

type quotaLine struct {
	Feature, Value string
	Seats          string
}

// lottery is a lottery that a draw has made public.
type lottery struct {
	service.Lottery
	Size  int64
	Proof string
}

// terms is what a panel file says beside its certificate.
type terms struct {
	Size   int64 `json:"size"`
	Quotas []struct {
		Feature string `json:"feature"`
		Value   string `json:"value"`
		Min     int64  `json:"min"`
		Max     int64  `json:"max"`
	} `json:"quotas"`
	Seated   []string `json:"seated"`
	Excluded []string `json:"excluded"`
}

func termsOf(l service.Lottery) (t terms, err error) {
	if err = json.Unmarshal(l.Terms, &t); err != nil {
		return t, fmt.Errorf("terms of lottery %s: %w", l.ID, err)
	}
	return t, nil
}

// panelOf reads what the lottery of a draw says; nil for a draw of another method.
func (p *Pages) panelOf(ctx context.Context, d service.DrawView) (*panel, error) {
	if d.Panel == nil {
		return nil, nil
	}
	l, err := p.Service.Lottery(ctx, service.Actor{}, d.LotteryID)
	if err != nil {
		return nil, err
	}
	t, err := termsOf(l)
	if err != nil {
		return nil, err
	}
	out := &panel{
		DrawnPanel: *d.Panel, ID: l.ID, Size: t.Size, Places: t.Size - int64(len(t.Seated)), Held: int64(len(t.Seated)), Excluded: int64(len(t.Excluded)),
		Fairness: fairness(l.Method), Proof: proofWords(l), Chances: chances(d.Panel.Lowest, d.Panel.Highest, d.Panel.Count),
	}
	for _, q := range t.Quotas {
		out.Quotas = append(out.Quotas, quotaLine{q.Feature, q.Value, between(q.Min, q.Max)})
	}
	return out, nil
}

// lotteries are the latest that these draws have made public.
func (p *Pages) lotteries(ctx context.Context, draws []service.DrawView) (out []lottery, err error) {
	seen := map[string]bool{"": true}
	for _, d := range draws {
		if seen[d.LotteryID] || len(out) == latest {
			continue
		}
		seen[d.LotteryID] = true
		l, err := p.Service.Lottery(ctx, service.Actor{}, d.LotteryID)
		if err != nil {
			return nil, err
		}
		t, err := termsOf(l)
		if err != nil {
			return nil, err
		}
		out = append(out, lottery{l, t.Size, proofWords(l)})
	}
	return out, nil
}

// drawnAs says of every id that has to do with the panel as what it was drawn.
func (p *panel) drawnAs() map[string]string {
	people := map[string]string{}
	for i, id := range p.Seats {
		people[id] = "the person drawn for seat " + number(int64(i+1))
	}
	return people
}

// place says what the panel gave an id.
func (p *panel) place(id string) string {
	switch i := slices.Index(p.Seats, id); {
	case i >= 0:
		return "seat " + number(int64(i+1)) + " of panel " + number(p.Number)
	case slices.Contains(p.Seated, id):
		return "a seat since before the draw"
	}
	return "not drawn"
}

// Drawn reports whether the round has picked the panel.
func (p *panel) Drawn() bool { return p.Number >= 0 }

func between(least, most int64) string {
	if least == most {
		return number(least)
	}
	return number(least) + " to " + number(most)
}

func fairness(m panels.Method) string {
	switch m {
	case panels.Leximin:
		return "The lowest chance is as high as it can be, then the next lowest, and so on."
	case panels.Maximin:
		return "The lowest chance is as high as it can be."
	case panels.Nash:
		return "The product of everybody's chances is as high as it can be."
	case panels.Goldilocks:
		return "Nobody's chance is much lower or much higher than the others' where that can be helped."
	}
	return ""
}

// proofWords says what the certificate proves.
func proofWords(l service.Lottery) string {
	if l.Proved {
		return "Proved: no list of panels is fairer. The certificate is in the file, in whole numbers that anyone can add up."
	}
	gap, ok := new(big.Rat).SetString(l.Gap)
	if !ok {
		return "Not proved to the end."
	}
	return "Not proved to the end: what is left open is at most " + gap.FloatString(6) + "."
}

// chances says how many panels people in the pool are on.
func chances(lowest, highest, count int64) string {
	if lowest == highest {
		return fmt.Sprintf("Every person in the pool is on %s of the %s.", number(lowest), plural(count, "panel", "panels"))
	}
	text := fmt.Sprintf("Every person in the pool is on %s to %s of the %s.", number(lowest), number(highest), plural(count, "panel", "panels"))
	if lowest == 0 {
		text += " Who is on none cannot be drawn: the quotas leave no seat for them. The report says who that is, by groups."
	}
	return text
}

// balanceWords says how near the people in office are to the quotas.
func balanceWords(b *service.Balance) (text, tone string) {
	switch {
	case b == nil:
		return "", ""
	case b.Broken == 0 && b.Cost == 0:
		return "With the people who have a seat or an offer now, all quotas are met.", "good"
	}
	cost := new(big.Rat).SetFrac64(b.Cost, 1000).FloatString(2)
	return fmt.Sprintf("With the people who have a seat or an offer now, %s not met. To meet all, the quotas would have to be moved by about %s seats. The rule asks whoever brings that down most.",
		broken(b.Broken), cost), "warn"
}

func broken(n int64) string {
	if n == 1 {
		return "1 quota is"
	}
	return number(n) + " quotas are"
}
