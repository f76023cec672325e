package offline

import (
	"errors"
	"fmt"
	"io"

	"kleroterion/funding"
)

// Matching names the inputs of a funding round. Texts that are empty were not given.
type Matching struct {
	Contributions string // CSV file donor,project,amount
	Weights       string // CSV file donor,weight
	Rule          string
	Pool          string
	M             string
	Cap           string
	Min           string
	Max           string
	DefaultWeight *int64
	BelowPool     bool
	Solidarity    string
	Digest        string // what the result is compared with
}

// Match computes a funding round from its files and writes the result. Every row that cannot be used
// is named in notes, and then nothing is computed.
func Match(w, notes io.Writer, in Matching) error {
	p, err := in.params()
	if err != nil {
		return err
	}
	round, err := funding.NewRound(p)
	if err != nil {
		return Unusable(err, "docs/spec/matching.md lists the parameters")
	}
	if err := inOneLine(in.contributions(notes, round), in.weights(notes, round)); err != nil {
		return err
	}
	result, err := round.Match()
	if err != nil {
		return Unusable(fmt.Errorf("%s: %w", in.Contributions, err), "amounts are whole minor units of one asset")
	}
	out, err := result.Canonical()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s\n", out); err != nil {
		return err
	}
	if in.Digest != "" && in.Digest != result.Digest.String() {
		return fmt.Errorf("%w: the digest is %v, not %s", ErrFalse, result.Digest, in.Digest)
	}
	return nil
}

func (in Matching) params() (funding.Params, error) {
	p := funding.Params{Spec: funding.Spec, Rule: funding.Rule(in.Rule), DefaultWeight: in.DefaultWeight,
		MatchBelowPool: in.BelowPool, Solidarity: funding.Share(in.Solidarity)}
	for _, x := range []struct {
		flag, text string
		to         *funding.Amount
	}{{"pool", in.Pool, &p.Pool}, {"m", in.M, &p.M}, {"cap", in.Cap, &p.Cap}, {"min", in.Min, &p.Min}, {"max", in.Max, &p.Max}} {
		if x.text == "" {
			continue
		}
		a, err := funding.ParseAmount(x.text)
		if err != nil {
			return p, unusablef("whole minor units: 1500 for 15.00 of an asset with two decimals", "--%s: %w", x.flag, err)
		}
		if a.IsZero() && (x.flag == "cap" || x.flag == "max") {
			return p, unusablef("leave the flag out for no limit", "--%s is 0: nobody would be matched", x.flag)
		}
		*x.to = a
	}
	if p.DefaultWeight != nil && *p.DefaultWeight == funding.Million {
		p.DefaultWeight = nil // its one written form
	}
	return p, nil
}

func (in Matching) contributions(notes io.Writer, round *funding.Round) error {
	t := csvTable{file: in.Contributions, columns: []string{"donor", "project", "amount"}, notes: notes}
	return t.read(func(row []string) error {
		amount, err := funding.ParseAmount(row[2])
		// an id can be broken in the same row: the round is not used any more, so add it nevertheless
		return errors.Join(err, round.Add(funding.Contribution{Donor: row[0], Project: row[1], Amount: amount}))
	})
}

func (in Matching) weights(notes io.Writer, round *funding.Round) error {
	if in.Weights == "" {
		return nil
	}
	t := csvTable{file: in.Weights, columns: []string{"donor", "weight"}, notes: notes}
	err := t.read(func(row []string) error {
		ppm, err := parsePPM(row[1])
		if err != nil {
			return err
		}
		return round.Weigh(funding.Weight{Donor: row[0], PPM: ppm})
	})
	if n := round.WithoutWeight(); err == nil && n > 0 && in.DefaultWeight == nil {
		fmt.Fprintf(notes, "note: %d of the donors are not in %s and count in full; --default-weight 0 leaves them out\n", n, in.Weights)
	}
	return err
}

// parsePPM reads 0 to 1000000 in plain digits.
func parsePPM(s string) (int64, error) {
	a, err := funding.ParseAmount(s)
	if err != nil || a.Cmp(funding.Units(funding.Million)) > 0 {
		return 0, fmt.Errorf("weight %q: want parts per million, 0 to %d", s, funding.Million)
	}
	return a.Big().Int64(), nil
}

// inOneLine joins two errors, either of which may be nil.
func inOneLine(a, b error) error {
	if a != nil && b != nil {
		return fmt.Errorf("%w; %w", a, b)
	}
	return errors.Join(a, b)
}
