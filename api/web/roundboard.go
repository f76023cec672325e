package web

import (
	"cmp"
	"math/big"
	"slices"

	"kleroterion/funding"
	"kleroterion/service"
)

// titles finds what a project is called.
type titles func(id string) (string, error)

// board are the projects of a round with what was given and what they get, the largest first.
type board struct {
	Rows    []projectRow
	Hidden  int // projects that are not shown
	View    service.EstimateView
	HasJury bool
}

// projectRow is one project in a list. Amounts are of minor units.
type projectRow struct {
	ID, Title string
	Donors    int64
	Given     funding.Amount
	Match     funding.Amount
	Jury      funding.Amount
	Gets      funding.Amount // match and the jury's part
	Votes     int64
	Capped    bool
	Portion   string // of the pool
	Picture   bar
}

func newBoard(e service.EstimateView, x funding.Asset, called titles) (*board, error) {
	b := &board{View: e}
	for _, p := range e.Projects {
		b.Rows = append(b.Rows, projectRow{ID: p.Project, Donors: p.Donors, Given: p.Sum, Match: p.Amount, Gets: p.Amount, Capped: p.Capped})
	}
	return b, b.finish(x, called)
}

// finish sorts the rows, draws the pictures and names what is shown.
func (b *board) finish(x funding.Asset, called titles) (err error) {
	slices.SortFunc(b.Rows, func(p, q projectRow) int {
		return cmp.Or(q.Gets.Cmp(p.Gets), q.Given.Cmp(p.Given), cmp.Compare(p.ID, q.ID))
	})
	widest := new(big.Int)
	for _, r := range b.Rows {
		if total := r.total(); total.Cmp(widest) > 0 {
			widest = total
		}
	}
	if len(b.Rows) > most {
		b.Hidden, b.Rows = len(b.Rows)-most, b.Rows[:most]
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		if r.Title, err = called(r.ID); err != nil {
			return err
		}
		r.draw(x, widest)
	}
	return nil
}

func (r projectRow) total() *big.Int { return new(big.Int).Add(r.Given.Big(), r.Gets.Big()) }

// draw makes the picture: given, matched and by the jury, side by side. Ends are rounded and not widths.
func (r *projectRow) draw(x funding.Asset, widest *big.Int) {
	r.Picture = bar{Line: -1}
	end := new(big.Int)
	for _, p := range []struct {
		amount     funding.Amount
		tone, text string
	}{{r.Given, "given", "given "}, {r.Match, "match", "match "}, {r.Jury, "juried", "jury "}} {
		if p.tone == "juried" && p.amount.IsZero() {
			continue
		}
		from := scaled(end, widest)
		end.Add(end, p.amount.Big())
		r.Picture.Parts = append(r.Picture.Parts, part{from, scaled(end, widest) - from, p.tone, p.text})
		if r.Picture.Text != "" {
			r.Picture.Text += ", "
		}
		r.Picture.Text += p.text + money(p.amount, x)
	}
}
