package panels_test

import (
	"math"
	"math/big"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// geometricMean is that of everybody with a chance.
func geometricMean(p *quota.Problem, r *panels.Result) float64 {
	sum, n := 0.0, 0.0
	for t, q := range r.Probabilities {
		if q.Sign() > 0 {
			sum += float64(len(p.Types[t].Members)) * math.Log(float(q.Rat))
			n += float64(len(p.Types[t].Members))
		}
	}
	return math.Exp(sum / n)
}

// goldilocksMeasure is (n/k)·highest + (k/n)/lowest.
func goldilocksMeasure(p *quota.Problem, r *panels.Result) float64 {
	low, high, n := 1.0, 0.0, 0.0
	for t, q := range r.Probabilities {
		if q.Sign() > 0 {
			low, high = min(low, float(q.Rat)), max(high, float(q.Rat))
			n += float64(len(p.Types[t].Members))
		}
	}
	share := float64(p.Size) / n
	return high/share + share/low
}

func TestNashAgreesWithTheReference(t *testing.T) {
	for name, want := range readExpected(t) {
		if want.Nash[0] == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := load(t, "testdata/"+name, quota.Columns{})
			r, v := solve(t, p, panels.Options{Method: panels.Nash})
			if got := geometricMean(p, r); got < want.Nash[0]-1e-6 || got > want.Nash[1]+1e-6 {
				t.Errorf("geometric mean %.7f, want %v", got, want.Nash)
			}
			if !v.Optimal || v.Gap.Cmp(big.NewRat(1, 1_000_000)) > 0 {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

// Each method is the best at what it is for.
func TestEveryMethodBeatsTheOthersAtItsOwnMeasure(t *testing.T) {
	for _, name := range []string{"syn_m_24", "syn_c_75", "opendlp_monitoring_30"} {
		t.Run(name, func(t *testing.T) {
			p := load(t, "testdata/"+name, quota.Columns{})
			of := map[panels.Method]*panels.Result{}
			for _, m := range []panels.Method{panels.Leximin, panels.Maximin, panels.Nash, panels.Goldilocks} {
				r, v := solve(t, p, panels.Options{Method: m})
				if of[m] = r; !v.Optimal {
					t.Errorf("%s: verdict %+v", m, v)
				}
			}
			for m, r := range of {
				if lowest := levels(r)[0]; lowest > levels(of[panels.Leximin])[0]+1e-9 {
					t.Errorf("%s has a higher lowest probability than LEXIMIN: %g", m, lowest)
				}
				if g := geometricMean(p, r); g > geometricMean(p, of[panels.Nash])+1e-7 {
					t.Errorf("%s has a higher geometric mean than NASH: %g", m, g)
				}
				if g := goldilocksMeasure(p, r); g < goldilocksMeasure(p, of[panels.Goldilocks])-1e-7 {
					t.Errorf("%s has a lower measure than GOLDILOCKS: %g", m, g)
				}
			}
			if levels(of[panels.Maximin])[0] != levels(of[panels.Leximin])[0] {
				t.Error("MAXIMIN and LEXIMIN differ in the lowest probability")
			}
		})
	}
}

// Where some people have no chance and the relaxation has a gap, NASH and GOLDILOCKS still verify.
func TestOtherMethodsAtTheEdges(t *testing.T) {
	for name, p := range map[string]*quota.Problem{"gap": gapProblem(t), "unseatable": unseatableProblem(t), "one seat": twoOfThree(t)} {
		for _, m := range []panels.Method{panels.Maximin, panels.Nash, panels.Goldilocks} {
			t.Run(name+" "+string(m), func(t *testing.T) {
				r, v := solve(t, p, panels.Options{Method: m})
				if !v.Optimal {
					t.Errorf("verdict %+v, %d cuts", v, len(r.Cuts))
				}
				checkSeats(t, p, r, nil)
			})
		}
	}
}

// The bounds of NASH and GOLDILOCKS are checked: without their multipliers nothing is proved.
func TestChangedBoundsProveLess(t *testing.T) {
	p := load(t, "testdata/syn_m_24", quota.Columns{})
	for _, m := range []panels.Method{panels.Nash, panels.Goldilocks} {
		whole, _ := solve(t, p, panels.Options{Method: m})
		for name, change := range map[string]func(*panels.Result){
			"missing":   func(r *panels.Result) { r.Bound = nil },
			"emptied":   func(r *panels.Result) { r.Bound.Multipliers = nil },
			"turned":    func(r *panels.Result) { r.Bound.Multipliers[0].Times *= -1 },
			"scaled":    func(r *panels.Result) { r.Bound.Scale *= 2 },
			"no scale":  func(r *panels.Result) { r.Bound.Scale = 0 },
			"not there": func(r *panels.Result) { r.Bound.Multipliers[0].Row = 999 },
			"no chance": func(r *panels.Result) { r.Probabilities[0] = ratio(0, 1) },
		} {
			t.Run(string(m)+" "+name, func(t *testing.T) {
				r := copyOf(t, whole)
				change(r)
				v, err := panels.Verify(p, r)
				if err == nil && v.Optimal && (m == panels.Nash || name != "scaled") { // GOLDILOCKS needs the proportions only
					t.Errorf("accepted, verdict %+v", v)
				}
			})
		}
	}
}
