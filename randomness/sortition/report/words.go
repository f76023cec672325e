package report

import (
	"fmt"
	"math/big"
	"strings"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// claim is what is proved, in words.
func claim(r *Report) string {
	step := fmt.Sprintf("1 in %d", r.Panels)
	if !r.Proved {
		return fmt.Sprintf("Every panel meets all quotas. That no lottery is fairer was not proved to the end: %s.", gap(r, step))
	}
	const proved = "Every panel meets all quotas, and it is proved that no lottery whatever is fairer by more than "
	switch r.Method {
	case panels.Maximin:
		return proved + step + ": the lowest chance is as high as it can be."
	case panels.Nash:
		return proved + step + ": the product of all chances is as high as it can be."
	case panels.Goldilocks:
		return proved + step + ": chances are as far from very low and very high as they can be."
	}
	return proved + step + ": the lowest chance is as high as it can be, then the next lowest, and so on."
}

func gap(r *Report, step string) string {
	switch g := r.Gap.FloatString(6); r.Method {
	case panels.Nash:
		return "no lottery has a geometric mean of chances that is higher by a factor of more than e to the power of " + g
	case panels.Goldilocks:
		return "no lottery has a measure that is better by more than the part " + g
	case panels.Maximin:
		return fmt.Sprintf("the lowest chance cannot be higher by more than %s and %s", percent(r.Gap.Rat), step)
	default:
		return fmt.Sprintf("for the %d people with the lowest chances it is; for the other %d what is open is at most %s and %s",
			r.Reached, r.Candidates-r.Reached, percent(r.Gap.Rat), step)
	}
}

// quotas are the bounds behind multipliers, each once.
func (in Input) quotas(rows []panels.Multiplier) []string {
	out := []string{}
	households, cuts := false, false
	for _, m := range rows {
		switch {
		case m.Times == 0:
		case m.Row >= len(in.Problem.Rows):
			cuts = true
		case in.Problem.Rows[m.Row].Kind == quota.Total:
			out = append(out, fmt.Sprintf("the panel has %s", seatsOf(in.Problem.Size+int64(len(in.Problem.Seated)))))
		case in.Problem.Rows[m.Row].Kind == quota.OfHouseholds:
			households = true
		case m.Times > 0:
			q := in.Quotas[m.Row-1]
			out = append(out, fmt.Sprintf("at most %s for %s: %s", seatsOf(q.Max), q.Feature, q.Value))
		default:
			q := in.Quotas[m.Row-1]
			out = append(out, fmt.Sprintf("at least %s for %s: %s", seatsOf(q.Min), q.Feature, q.Value))
		}
	}
	if households {
		out = append(out, "one seat for a household")
	}
	if cuts {
		out = append(out, "people cannot be divided (proofs of cuts in the certificate)")
	}
	return out
}

func (l Limit) say(why reason) string {
	group := groupOf(l)
	switch {
	case l.Probability.Sign() == 0:
		return fmt.Sprintf("No panel that meets the quotas has a seat for %s.", group)
	case why.capped && l.Probability.IsInt():
		return fmt.Sprintf("Nothing holds back %s: they can be on every panel.", group)
	case why.capped:
		return fmt.Sprintf("One person of a household at most: no lottery can give all of %s more than %s.", group, percent(l.Probability.Rat))
	case !why.even:
		return fmt.Sprintf("The quotas together, some counted several times, leave no more for %s: no lottery can give all of them more than %s.", group, percent(l.Probability.Rat))
	case l.Seats.IsInt():
		return fmt.Sprintf("At most %s for %s: no lottery can give all of them more than %s.", seatsOf(l.Seats.Num().Int64()), group, percent(l.Probability.Rat))
	}
	return fmt.Sprintf("On average at most %s seats for %s: no lottery can give all of them more than %s.", l.Seats.FloatString(2), group, percent(l.Probability.Rat))
}

func groupOf(l Limit) string {
	group := fmt.Sprintf("a group of %d", l.People)
	if len(l.Shared) > 0 {
		group += " (" + strings.Join(l.Shared, ", ") + ")"
	}
	return group
}

func seatsOf(n int64) string {
	if n == 1 {
		return "1 seat"
	}
	return fmt.Sprintf("%d seats", n)
}

// percent rounds to two places and drops zeros at the end.
func percent(r *big.Rat) string {
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(2)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "\u00a0%"
}
