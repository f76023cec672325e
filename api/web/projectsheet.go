package web

import (
	"context"
	"math/big"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// sheet says why a project got its amount, number by number.
type sheet struct {
	service.ProjectSheet
	Pool    funding.Amount
	NoJury  string
	Lines   []sheetLine
	Effects []effectRow
	First   int // place of the first effect that is shown, from 0
	Before  int // where the page before begins; -1: there is none
	After   int // where the next page begins; -1: there is none
}

// sheetLine is one number of matching.md: as it is published, and for people.
type sheetLine struct{ Name, Exact, Reads, How string }

// effectRow is what one donor's gift does.
type effectRow struct {
	Donor   string
	Counts  funding.Amount
	Change  string
	Picture bar
}

// effectsShown is how many donors a page lists.
const effectsShown = 100

func (p *Pages) explain(ctx context.Context, x *project, first int) error {
	s, err := p.Service.ProjectSheet(ctx, x.ID, x.Versions, x.P.ID)
	if service.KindOf(err) == service.KindNotFound { // struck by a correction, or not in the result
		return nil
	}
	if err != nil {
		return err
	}
	f, _, err := p.Service.RoundResult(ctx, x.ID, s.Version)
	if err != nil {
		return err
	}
	x.Sheet = newSheet(s, f, x.Asset, first)
	return nil
}

func newSheet(s service.ProjectSheet, f grants.ResultFile, x funding.Asset, first int) *sheet {
	out := &sheet{ProjectSheet: s, Pool: f.Pool, Before: -1, After: -1}
	if f.Jury != nil {
		out.NoJury = noJuryWords(f.Jury.None)
	}
	out.number(s.Project, f, x)
	out.page(first, x)
	return out
}

// number writes the lines in the order in which they are computed.
func (s *sheet) number(p funding.Project, f grants.ResultFile, x funding.Asset) {
	exact := func(name string, a funding.Amount, how string) {
		s.Lines = append(s.Lines, sheetLine{name, a.String(), money(a, x), how})
	}
	parts := func(name string, n funding.Number, unit *big.Int, how string) {
		s.Lines = append(s.Lines, sheetLine{name, n.String(), about(n.Big(), unit, x), how})
	}
	s.Lines = append(s.Lines, sheetLine{"Donors", number(p.Donors), number(p.Donors), "People of whom a gift to the project counts."})
	exact("Sum", p.Sum, "All that was given to the project.")
	exact("What counts of it", p.Weighted, "What is left of each person's sum after the minimum, the maximum and their weight.")
	if f.Params.Rule == funding.Quadratic {
		s.Lines = append(s.Lines, sheetLine{"Sum of the roots", p.Roots.String(), rounded(p.Roots.Big(), power(32)), "Of what counts of each person, in the asset's smallest unit, the square root; and all roots together."})
		parts("Sum of the squares", p.Squares, power(64), "Of each root the square, and all squares together: what is taken off again, so that no person is matched for giving alone.")
	}
	parts("Raw match", p.Raw, f.Unit.Big(), rawWords(f.Params.Rule))
	parts("All raw matches", f.Total, f.Unit.Big(), "The raw matches of all projects together.")
	exact("Share", p.Share, "The project's part of what is matched: raw match, times what is to be shared, divided by all raw matches of projects that no cap holds, rounded down.")
	s.Lines = append(s.Lines, sheetLine{"Remainder", p.Remainder.String(), "", "What rounding down left. The units that are left over go one each to the largest remainders."})
	exact("Match", p.Amount, "What the project gets of the matching.")
	if s.Jury != nil {
		exact("From the jury", s.Jury.Amount, "The project's part of what the jury's votes share: in proportion to its votes above 0.")
		exact("In all", s.Amount, "Match and the jury's part together.")
	}
}

func rawWords(r funding.Rule) string {
	switch r {
	case funding.Quadratic:
		return "The sum of the roots squared, less the sum of the squares."
	case funding.Pairwise:
		return "For each pair of donors, twice the product of their roots, lessened by what the two give together elsewhere; and all pairs together."
	}
	return "For each two other projects that donors of this one give to, twice the square root of the product of what they bring; and all together."
}

func power(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// about writes n/unit of the smallest unit in whole units of the asset, rounded.
func about(n, unit *big.Int, x funding.Asset) string {
	whole := new(big.Int).Mul(unit, new(big.Int).Exp(big.NewInt(10), big.NewInt(x.Decimals), nil))
	return rounded(n, whole) + " " + x.Code
}

// rounded writes n/of with three decimals.
func rounded(n, of *big.Int) string {
	if of.Sign() == 0 {
		return "about 0"
	}
	return "about " + new(big.Rat).SetFrac(n, of).FloatString(3)
}

// page takes a stretch of the effects. All pictures have the scale of the largest effect of all.
func (s *sheet) page(first int, x funding.Asset) {
	all := s.ProjectSheet.Effects
	if first < 0 || first >= len(all) {
		first = 0
	}
	widest := new(big.Int)
	for _, e := range all {
		if d := difference(e); d.Cmp(widest) > 0 {
			widest = d
		}
	}
	end := min(first+effectsShown, len(all))
	for _, e := range all[first:end] {
		row := effectRow{Donor: e.Donor, Counts: e.Counts, Change: change(e.Without, e.With, x)}
		row.Picture = bar{Line: -1, Text: row.Change, Parts: []part{{0, scaled(difference(e), widest), tone(e), row.Change}}}
		s.Effects = append(s.Effects, row)
	}
	s.First = first
	if first > 0 {
		s.Before = max(0, first-effectsShown)
	}
	if end < len(all) {
		s.After = end
	}
}

func difference(e funding.DonorEffect) *big.Int {
	d := new(big.Int).Sub(e.With.Big(), e.Without.Big())
	return d.Abs(d)
}

func tone(e funding.DonorEffect) string {
	if e.With.Cmp(e.Without) < 0 {
		return "lost"
	}
	return "match"
}
