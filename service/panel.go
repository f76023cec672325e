package service

import (
	"context"
	"fmt"
	"sync"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/report"
	"kleroterion/service/seating"
)

// mostAlternates bounds a published list.
const mostAlternates = 1000

// panel is who was drawn in a draw of method panels. It follows from result, file and register, which
// never change once the draw has a result.
type panel struct {
	seating.Panel

	mu     sync.Mutex
	ranked []string // alternates listed so far: a longer list begins with every shorter one
}

// panelOf returns the drawn panel of a draw that has a result. The file is checked whole, as a stranger
// would, against register and manifest.
func (s *Service) panelOf(tx Tx, d Draw) (*panel, error) {
	if p, known := s.panels.get(d.ID); known {
		return p, nil
	}
	m, err := sortition.ParseManifest(d.Manifest)
	if err != nil {
		return nil, err
	}
	result, err := sortition.ParseResult(d.Result)
	if err != nil {
		return nil, err
	}
	if m.Panels == nil || result.Panel == nil {
		return nil, fmt.Errorf("draw %s has no panel", d.ID)
	}
	l, err := committed(tx, d, m)
	if err != nil {
		return nil, err
	}
	p := new(panel)
	if p.Line, err = l.Panel(*result.Panel); err != nil {
		return nil, err
	}
	if p.Pool, err = alternates.NewPool(l.Problem, randomness.Seed(result.Seed)); err != nil {
		return nil, err
	}
	s.panels.put(d.ID, p)
	return p, nil
}

// committed checks the panel file of a draw in the transaction at hand.
func committed(tx Tx, d Draw, m *sortition.Manifest) (*panelfile.Lottery, error) {
	reg, err := tx.Register(d.RegisterID)
	if err != nil {
		return nil, err
	}
	list, err := loadIn(tx, reg)
	if err != nil {
		return nil, err
	}
	data, err := tx.Blob(m.Panels.FileSHA256)
	if err != nil {
		return nil, fmt.Errorf("panel file of draw %s: %w", d.ID, err)
	}
	l, err := panelfile.Check(data, panelfile.Entries(list))
	if err == nil {
		err = l.Is(*m.Panels, m.OnePerHousehold)
	}
	if err != nil {
		return nil, fmt.Errorf("panel file of draw %s: %w", d.ID, err)
	}
	return l, nil
}

// drawnPanel is what a view shows of a draw of method panels, but for the seats.
func drawnPanel(tx Tx, d Draw) (*DrawnPanel, error) {
	if d.LotteryID == "" {
		return nil, nil
	}
	l, err := tx.Lottery(d.LotteryID)
	if err != nil {
		return nil, err
	}
	terms, err := parseTerms(l.Terms)
	if err != nil {
		return nil, err
	}
	v := &DrawnPanel{Number: -1, Count: l.Panels, Seated: terms.Seated, Lowest: l.Lowest, Highest: l.Highest, Proved: l.Proved, Gap: l.Gap}
	if d.State != DrawDrawn {
		return v, nil
	}
	result, err := sortition.ParseResult(d.Result)
	if err != nil {
		return nil, err
	}
	if result.Panel == nil {
		return nil, fmt.Errorf("draw %s has a lottery and a result without a panel", d.ID)
	}
	v.Number = *result.Panel
	return v, nil
}

// addSeats says who was drawn.
func (s *Service) addSeats(tx Tx, v *DrawView) error {
	if v.Panel == nil || v.State != DrawDrawn {
		return nil
	}
	p, err := s.panelOf(tx, v.Draw)
	if err != nil {
		return err
	}
	v.Panel.Seats = append([]string{}, p.Line...)
	return nil
}

// resultOf is the result of a draw with its people: of method panels, those of the drawn panel in one
// stratum named "".
func (s *Service) resultOf(tx Tx, d Draw) (sortition.Result, error) {
	r, err := sortition.ParseResult(d.Result)
	if err != nil || r.Panel == nil {
		return r, err
	}
	p, err := s.panelOf(tx, d)
	if err != nil {
		return r, err
	}
	r.Strata = []sortition.Places{{Seats: p.Line}}
	return r, nil
}

// PanelReport says what the lottery of a draw does. Public.
func (s *Service) PanelReport(ctx context.Context, drawID string) (*report.Report, error) {
	var l Lottery
	var data []byte
	err := s.Store.Read(ctx, func(tx Tx) error {
		d, err := panelDraw(tx, drawID)
		if err != nil {
			return err
		}
		if l, err = tx.Lottery(d.LotteryID); err != nil {
			return err
		}
		data, err = panelData(tx, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.report(ctx, l, data)
}

func panelDraw(tx Tx, id string) (Draw, error) {
	d, err := tx.Draw(id)
	if err != nil {
		return Draw{}, absent(err, "draw")
	}
	if d.LotteryID == "" {
		return Draw{}, Refuse(KindNotFound, "not_found", "the draw is not of method panels: it has no lottery")
	}
	return d, nil
}

// PanelAlternates lists up to n people, 1 to 1,000, who would be first to fill a seat of the drawn panel.
// Public; it decides nothing.
func (s *Service) PanelAlternates(ctx context.Context, drawID string, n int) ([]string, error) {
	if n < 1 || n > mostAlternates {
		return nil, Refuse(KindInvalid, "range", "a list of %d alternates: 1 to %d are possible", n, mostAlternates)
	}
	var p *panel
	err := s.Store.Read(ctx, func(tx Tx) error {
		d, err := panelDraw(tx, drawID)
		if err != nil {
			return err
		}
		if d.State != DrawDrawn {
			return Refuse(KindTooEarly, "not_drawn", "the draw is %s: there is no panel yet", d.State)
		}
		p, err = s.panelOf(tx, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.rank(n)
}

func (p *panel) rank(n int) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ranked) < n {
		list, err := p.Pool.Rank(p.Line, n)
		if err != nil {
			return nil, err
		}
		p.ranked = list
	}
	return append([]string{}, p.ranked[:min(n, len(p.ranked))]...), nil
}

// addBalance measures the people in the seats of a panel.
func (s *Service) addBalance(tx Tx, d Draw, v *JuryView) error {
	if d.LotteryID == "" {
		return nil
	}
	p, err := s.panelOf(tx, d)
	if err != nil {
		return err
	}
	v.Balance, err = p.balance(v.Seats)
	return err
}

// balance measures who holds or is offered a seat now; nil once the term is over for somebody.
func (p *panel) balance(seats []seating.Seat) (*Balance, error) {
	var holding []string
	for _, seat := range seats {
		if seat.State == seating.Completed {
			return nil, nil
		}
		if seat.Holder != "" {
			holding = append(holding, seat.Holder)
		}
	}
	m, err := p.Pool.Measure(holding)
	if err != nil {
		return nil, err
	}
	return &Balance{Cost: m.Cost, Broken: m.Broken}, nil
}
