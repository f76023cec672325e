package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"kleroterion/service"
)

// panel is what a draw of one panel of a lottery shows beside other draws.
type panel struct {
	service.DrawnPanel
	*lottery
	Places int64 // seats that the draw gives
}

// lottery is what is fixed of a lottery that a draw has made public.
type lottery struct {
	ID       string
	Panels   int64
	Size     int64 // seats, people seated before included
	Held     int64 // seats held before
	Excluded int64 // people of the register who have no part
	Quotas   []quotaLine
	Fairness string
	Proof    string
	Chances  string // how many panels each person is on
	File     string // SHA-256
	Root     string
	Bytes    int64
}

type quotaLine struct {
	Feature, Value string
	Seats          string
}

// listed is a lottery in a city's list, with the newest draw of it.
type listed struct {
	*lottery
	Draw string
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

// lotteries keeps what is shown of them: their terms may be long, and never change once a draw names them.
type lotteries struct {
	mu   *sync.Mutex
	kept map[string]*lottery
}

func newLotteries() lotteries { return lotteries{new(sync.Mutex), map[string]*lottery{}} }

func (k lotteries) look(id string) *lottery {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[id]
}

func (k lotteries) keep(l *lottery) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for old := range k.kept {
		if len(k.kept) < maxKept {
			break
		}
		delete(k.kept, old)
	}
	k.kept[l.ID] = l
}

// panelOf reads what the lottery of a draw says; nil for a draw of another method.
func (p *Pages) panelOf(ctx context.Context, d service.DrawView) (*panel, error) {
	if d.Panel == nil {
		return nil, nil
	}
	l, err := p.lotteryOf(ctx, d.LotteryID)
	if err != nil {
		return nil, err
	}
	return &panel{*d.Panel, l, l.Size - l.Held}, nil
}

// lotteryOf returns a lottery that a draw has made public.
func (p *Pages) lotteryOf(ctx context.Context, id string) (*lottery, error) {
	if known := p.lotteries.look(id); known != nil {
		return known, nil
	}
	l, err := p.Service.Lottery(ctx, service.Actor{}, id)
	if err != nil {
		return nil, err
	}
	var t terms
	if err := json.Unmarshal(l.Terms, &t); err != nil {
		return nil, fmt.Errorf("terms of lottery %s: %w", l.ID, err)
	}
	out := &lottery{
		ID: l.ID, Panels: l.Panels, Size: t.Size, Held: int64(len(t.Seated)), Excluded: int64(len(t.Excluded)), Fairness: fairness(l.Method),
		Proof: proofWords(l), Chances: chances(l.Lowest, l.Highest, l.Panels), File: l.File.String(), Root: l.Root.String(), Bytes: l.Bytes,
	}
	for _, q := range t.Quotas {
		out.Quotas = append(out.Quotas, quotaLine{q.Feature, q.Value, between(q.Min, q.Max)})
	}
	p.lotteries.keep(out)
	return out, nil
}

// listed are the latest lotteries that these draws, the newest first, have made public.
func (p *Pages) listed(ctx context.Context, draws []service.DrawView) (out []listed, err error) {
	seen := map[string]bool{"": true}
	for _, d := range draws {
		if seen[d.LotteryID] || len(out) == latest {
			continue
		}
		seen[d.LotteryID] = true
		l, err := p.lotteryOf(ctx, d.LotteryID)
		if err != nil {
			return nil, err
		}
		out = append(out, listed{l, d.ID})
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
