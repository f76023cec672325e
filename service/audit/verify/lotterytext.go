package verify

import (
	"fmt"
	"math/big"

	"kleroterion/randomness/sortition/panels"
)

// text says what the list of panels of a draw shows.
func (l *lottery) text() string {
	text := fmt.Sprintf("each of %s has %s", plural(l.panels, "panel", "panels"), plural(l.problem.Size, "person", "people"))
	if n := len(l.problem.Seated); n > 0 {
		text += fmt.Sprintf(" beside %s seated before", count(int64(n)))
	}
	text += ", meets " + plural(int64(len(l.terms.Quotas)), "quota", "quotas")
	if l.terms.OnePerHousehold {
		text += " and has one person of a household at most"
	}
	text += fmt.Sprintf("; each of %s is on %s to %s of them", plural(l.problem.People(), "candidate", "candidates"),
		count(l.verdict.Lowest), count(l.verdict.Highest))
	if n := len(l.terms.Excluded); n > 0 {
		text += fmt.Sprintf("; %s excluded", plural(int64(n), "person", "people"))
	}
	if n := len(l.problem.Barred); n > 0 {
		text += fmt.Sprintf("; %s left out, for their household has a seat already", plural(int64(n), "person", "people"))
	}
	return text + "; " + l.fairness()
}

// aim is what a method holds to be fair.
func aim(m panels.Method) string {
	switch m {
	case panels.Maximin:
		return "the lowest chance is as high as it can be"
	case panels.Nash:
		return "the product of all chances is as high as it can be"
	case panels.Goldilocks:
		return "chances are as far from very low and very high as they can be"
	}
	return "the lowest chance is as high as it can be, then the next lowest, and so on"
}

// fairness says what the certificate proves (docs/spec/panels.md, Certificate, checks 5 and 6).
func (l *lottery) fairness() string {
	step := "1 in " + count(l.panels)
	if l.verdict.Optimal {
		return fmt.Sprintf("proved: no lottery is fairer by more than %s (%s: %s)", step, l.method, aim(l.method))
	}
	const open = "the proof has a gap: "
	switch l.method {
	case panels.Nash:
		return open + fmt.Sprintf("no lottery has a geometric mean of chances of more than e to the power of %s times this one's (%s)", above(l.verdict.Gap, 6), l.method)
	case panels.Goldilocks:
		return open + fmt.Sprintf("no lottery has a measure that is better by more than %s (%s)", percent(l.verdict.Gap), l.method)
	}
	return open + fmt.Sprintf("no lottery is fairer by more than %s and %s (%s)", percent(l.verdict.Gap), step, l.method)
}

func percent(r *big.Rat) string {
	return above(new(big.Rat).Mul(r, big.NewRat(100, 1)), 4) + " %"
}

// above writes a number that is not negative with so many decimals, rounded up: it is what was not proved.
func above(r *big.Rat, decimals int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	up, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		up.Add(up, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(up, scale).FloatString(decimals)
}

// lotteriesNotShown is what no list of panels shows of itself.
func (e *evidence) lotteriesNotShown() (list []string) {
	over := false
	for _, d := range e.draws {
		switch l := d.lottery; {
		case d.manifest.Panels == nil:
			continue
		case l == nil:
			list = append(list, d.name()+": who sits on the panels, and that they are fair: no list that holds is in this file")
		default:
			list = append(list, l.namedRightly(d.name())...)
		}
		over = true
	}
	if over {
		list = append(list, "how the quotas were chosen, and how many lotteries were looked at before this one was committed to",
			"that people gave the right values of themselves")
	}
	return list
}

// namedRightly is about the people whom somebody named by id before the lottery.
func (l *lottery) namedRightly(draw string) (list []string) {
	if n := len(l.terms.Excluded); n > 0 {
		list = append(list, fmt.Sprintf("%s: that %s excluded by id rightly", draw, plural(int64(n), "person was", "people were")))
	}
	if n := len(l.problem.Seated); n > 0 {
		list = append(list, fmt.Sprintf("%s: that %s seated before the draw rightly", draw, plural(int64(n), "person was", "people were")))
	}
	return list
}
