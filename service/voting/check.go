package voting

import (
	"math/big"
	"regexp"

	"kleroterion/service/ratio"
)

const (
	maxOptions  = 100
	maxOptionID = 64
	maxScore    = 1000
	maxCredits  = 1_000_000
	maxElectors = 10_000_000_000 // more people than there are; keeps every sum below 2^53
	maxTerm     = 1_000_000      // of a fraction in the rules, so that results stay short
)

var (
	optionForm = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	zero       = ratio.New(0, 1)
	one        = ratio.New(1, 1)
)

// Check reports the first rule of tally.md "Rules" that r breaks, as a *[Refusal].
func (r *Rules) Check() error {
	for _, check := range []func(*Rules) error{
		(*Rules).checkFractions, (*Rules).checkOptions, (*Rules).checkNumbers, (*Rules).checkThreshold, (*Rules).checkMinimum,
		(*Rules).checkChambers, (*Rules).checkShares, (*Rules).checkCap,
	} {
		if err := check(r); err != nil {
			return err
		}
	}
	return nil
}

// checkFractions bounds numerators and denominators: nobody may make a result too long to read back.
func (r *Rules) checkFractions() error {
	all := map[string]*ratio.Ratio{"threshold": &r.Threshold, "minimum": r.Minimum, "delegation_cap": r.Cap}
	for _, c := range r.Chambers {
		all[c.ID+" share"], all[c.ID+" floor"] = &c.Share, c.Floor
		if c.Quorum != nil {
			all[c.ID+" quorum"] = &c.Quorum.Min
		}
	}
	limit := big.NewInt(maxTerm)
	for name, f := range all {
		if f == nil {
			continue
		}
		if q := f.Rat(); f.Sign() < 0 || q.Num().Cmp(limit) > 0 || q.Denom().Cmp(limit) > 0 {
			return refuse("fraction_range", "%.40s: %.40s is negative or has a term above %d", name, f, maxTerm)
		}
	}
	return nil
}

func (r *Rules) checkOptions() error {
	switch r.Method {
	case YesNo:
		if r.Options != nil {
			return refuse("options", "yes_no has no options, leave the list out")
		}
		return nil
	case Approval, Score, IRV, Schulze, Quadratic:
	default:
		return refuse("method", "method %.20q is none of yes_no, approval, score, irv, schulze, quadratic", r.Method)
	}
	if n := len(r.Options); n < 2 || n > maxOptions {
		return refuse("options", "%d options, want 2 to %d", n, maxOptions)
	}
	seen := map[string]bool{}
	for i, o := range r.Options {
		if !optionForm.MatchString(o) {
			return refuse("options", "option %d is %.70q, want 1 to %d of a-z, 0-9 and -", i+1, o, maxOptionID)
		}
		if seen[o] {
			return refuse("options", "option %q is listed twice", o)
		}
		seen[o] = true
	}
	return nil
}

func (r *Rules) checkNumbers() error {
	most := int64(0)
	switch r.Method {
	case Approval, Score, Quadratic:
		most = int64(len(r.Options))
	case IRV, Schulze:
		most = 1
	}
	switch {
	case r.Winners > most || r.Winners < min(most, 1):
		return refuse("winners", "%s with %d winners, want %d to %d", r.Method, r.Winners, min(most, 1), most)
	case !fits(r.MaxScore, maxScore, r.Method == Score):
		return refuse("max_score", "max_score is %d: score has 1 to %d, other methods leave it out", r.MaxScore, maxScore)
	case !fits(r.Credits, maxCredits, r.Method == Quadratic):
		return refuse("credits", "credits are %d: quadratic has 1 to %d, other methods leave them out", r.Credits, maxCredits)
	case r.Negative && r.Method != Quadratic:
		return refuse("negative", "negative votes exist in quadratic polls only")
	}
	return nil
}

// fits reports whether n is in 1..most where it belongs and absent elsewhere.
func fits(n, most int64, belongs bool) bool {
	if !belongs {
		return n == 0
	}
	return n >= 1 && n <= most
}

func (r *Rules) checkThreshold() error {
	t := r.Threshold
	switch {
	case r.Method != YesNo && (t.Sign() != 0 || r.Inclusive):
		return refuse("threshold", "only yes_no has a threshold: write 0/1, not inclusive")
	case r.Method != YesNo:
		return nil
	case r.Inclusive && t.Sign() == 0:
		return refuse("threshold", "an inclusive threshold of 0/1 passes everything")
	case t.Cmp(one) > 0 || !r.Inclusive && t.Equal(one):
		return refuse("threshold", "threshold %s can never be passed", t)
	}
	return nil
}

func (r *Rules) checkMinimum() error {
	if r.Minimum == nil {
		return nil
	}
	most := one
	switch r.Method {
	case Approval:
	case Score:
		most = ratio.New(r.MaxScore, 1)
	default:
		return refuse("minimum", "%s has no minimum", r.Method)
	}
	if r.Minimum.Sign() <= 0 || r.Minimum.Cmp(most) > 0 {
		return refuse("minimum", "minimum %s is not above 0/1 and at most %s", r.Minimum, most)
	}
	return nil
}

func (r *Rules) checkCap() error {
	if r.Cap != nil && (r.Cap.Sign() <= 0 || r.Cap.Cmp(one) > 0) {
		return refuse("delegation_cap", "delegation_cap %s is not above 0/1 and at most 1/1; leave it out to switch delegation off", r.Cap)
	}
	return nil
}
