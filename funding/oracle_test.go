package funding_test

import (
	"cmp"
	"errors"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/funding"
)

func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	var r *funding.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("%s: got %v, want the refusal %s", what, err, code)
	}
}

// oracle computes a round slowly and by the letter of matching.md, in maps and rationals.
type oracle struct {
	p        funding.Params
	donors   []string
	projects []string
	a        map[[2]string]*big.Int // what counts, by donor and project
}

func newOracle(p funding.Params, contributions []funding.Contribution, weights []funding.Weight) *oracle {
	o, sums, weight := &oracle{p: p, a: map[[2]string]*big.Int{}}, map[[2]string]*big.Int{}, map[string]int64{}
	for _, w := range weights {
		weight[w.Donor] = w.PPM
	}
	for _, c := range contributions {
		o.donors, o.projects = append(o.donors, c.Donor), append(o.projects, c.Project)
		at := [2]string{c.Donor, c.Project}
		if sums[at] == nil {
			sums[at] = new(big.Int)
		}
		sums[at].Add(sums[at], c.Amount.Big())
	}
	for _, list := range []*[]string{&o.donors, &o.projects} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for at, c := range sums {
		w, ok := weight[at[0]]
		if !ok {
			if w = 1000000; p.DefaultWeight != nil {
				w = *p.DefaultWeight
			}
		}
		if c.Cmp(p.Min.Big()) < 0 {
			continue
		}
		if !p.Max.IsZero() && c.Cmp(p.Max.Big()) > 0 {
			c = p.Max.Big()
		}
		if a := floor(new(big.Rat).SetFrac(new(big.Int).Mul(c, big.NewInt(w)), big.NewInt(1000000))); a.Sign() > 0 {
			o.a[at] = a
		}
	}
	return o
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func (o *oracle) get(donor, project string) *big.Int {
	if a := o.a[[2]string{donor, project}]; a != nil {
		return a
	}
	return new(big.Int)
}

func (o *oracle) root(donor, project string) *big.Int {
	return new(big.Int).Sqrt(new(big.Int).Lsh(o.get(donor, project), 64))
}

// pairs sums f over all pairs of donors.
func (o *oracle) pairs(f func(i, j string) *big.Int) *big.Int {
	sum := new(big.Int)
	for n, i := range o.donors {
		for _, j := range o.donors[n+1:] {
			sum.Add(sum, f(i, j))
		}
	}
	return sum
}

func (o *oracle) quadratic(p string) *big.Int {
	// 2 Σ s s' over pairs: the same number as S² - Q, computed otherwise
	return o.pairs(func(i, j string) *big.Int {
		x := new(big.Int).Mul(o.root(i, p), o.root(j, p))
		return x.Lsh(x, 1)
	})
}

func (o *oracle) pairwise(p string) *big.Int {
	m := new(big.Rat).SetInt(new(big.Int).Lsh(o.p.M.Big(), 64))
	return o.pairs(func(i, j string) *big.Int {
		t := new(big.Int)
		for _, h := range o.projects {
			t.Add(t, new(big.Int).Mul(o.root(i, h), o.root(j, h)))
		}
		x := new(big.Rat).SetInt(new(big.Int).Mul(o.root(i, p), o.root(j, p)))
		x.Mul(x, big.NewRat(2, 1)).Mul(x, m)
		return floor(x.Quo(x, new(big.Rat).Add(m, new(big.Rat).SetInt(t))))
	})
}

var scale = new(big.Int).Lsh(big.NewInt(1), 48)

func product(factors ...*big.Int) *big.Int {
	x := big.NewInt(1)
	for _, f := range factors {
		x.Mul(x, f)
	}
	return x
}

func over(x, y *big.Int) *big.Int {
	if y.Sign() == 0 {
		return new(big.Int)
	}
	return floor(new(big.Rat).SetFrac(x, y))
}

// cluster computes the matrices of cocm entry by entry.
type matrices struct{ r, u, v, j map[[2]string]*big.Int }

func (o *oracle) matrices() matrices {
	x := matrices{map[[2]string]*big.Int{}, map[[2]string]*big.Int{}, map[[2]string]*big.Int{}, map[[2]string]*big.Int{}}
	byDonor, byProject := map[string]*big.Int{}, map[string]*big.Int{}
	for _, i := range o.donors {
		for _, h := range o.projects {
			for m, key := range map[*map[string]*big.Int]string{&byDonor: i, &byProject: h} {
				if (*m)[key] == nil {
					(*m)[key] = new(big.Int)
				}
				(*m)[key].Add((*m)[key], o.get(i, h))
			}
		}
	}
	for _, i := range o.donors {
		for _, h := range o.projects {
			x.r[[2]string{i, h}] = over(product(o.get(i, h), scale), byDonor[i])
			x.u[[2]string{i, h}] = over(product(o.get(i, h), scale), byProject[h])
		}
	}
	for _, h := range o.projects {
		for _, g := range o.projects {
			sum := new(big.Int)
			for _, i := range o.donors {
				sum.Add(sum, product(x.u[[2]string{i, h}], x.r[[2]string{i, g}]))
			}
			x.j[[2]string{h, g}] = over(sum, scale)
		}
	}
	for _, i := range o.donors {
		for _, g := range o.projects {
			sum := new(big.Int)
			for _, h := range o.projects {
				sum.Add(sum, product(x.r[[2]string{i, h}], x.j[[2]string{h, g}]))
			}
			k := over(sum, scale)
			if k.Cmp(scale) > 0 || o.get(i, g).Sign() > 0 {
				k = scale
			}
			x.v[[2]string{i, g}] = new(big.Int).Sub(scale, k)
		}
	}
	return x
}

func (o *oracle) cluster(x matrices, p string) *big.Int {
	b := func(g, h string) *big.Int {
		sum := new(big.Int)
		for _, i := range o.donors {
			sum.Add(sum, over(product(o.get(i, p), x.r[[2]string{i, h}], x.v[[2]string{i, g}]), scale))
		}
		return sum
	}
	w := new(big.Int)
	for n, g := range o.projects {
		for _, h := range o.projects[n+1:] {
			if g != p && h != p {
				root := new(big.Int).Sqrt(product(b(g, h), b(h, g)))
				w.Add(w, root.Lsh(root, 1))
			}
		}
	}
	return w
}

func (o *oracle) raw() map[string]*big.Rat {
	raw, x := map[string]*big.Rat{}, matrices{}
	if o.p.Rule == funding.Cluster {
		x = o.matrices()
	}
	for _, p := range o.projects {
		switch o.p.Rule {
		case funding.Pairwise:
			raw[p] = new(big.Rat).SetInt(o.pairwise(p))
		case funding.Cluster:
			raw[p] = new(big.Rat).SetInt(o.cluster(x, p))
		default:
			raw[p] = new(big.Rat).SetInt(o.quadratic(p))
		}
	}
	return raw
}

// amounts shares the pool: the cap not by the closed form but by taking out, again and again, every
// project whose share of what is left is above it.
func (o *oracle) amounts() (map[string]string, *big.Int) {
	raw, out := o.raw(), map[string]*big.Int{}
	total := new(big.Rat)
	for _, p := range o.projects {
		out[p] = new(big.Int)
		total.Add(total, raw[p])
	}
	left := o.p.Pool.Big()
	if o.p.Solidarity != "" {
		share, _ := new(big.Rat).SetString(string(o.p.Solidarity))
		left.Sub(left, floor(share.Mul(share, new(big.Rat).SetInt(left))))
	}
	bits := uint(64)
	if o.p.Rule == funding.Cluster {
		bits = 48
	}
	unit := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), bits))
	switch {
	case total.Sign() == 0:
	case o.p.MatchBelowPool && total.Cmp(new(big.Rat).Mul(new(big.Rat).SetInt(left), unit)) < 0:
		for _, p := range o.projects {
			x := floor(new(big.Rat).Quo(raw[p], unit))
			if !o.p.Cap.IsZero() && x.Cmp(o.p.Cap.Big()) > 0 {
				x = o.p.Cap.Big()
			}
			out[p].Set(x)
			left.Sub(left, x)
		}
	default:
		left = o.spread(raw, out, left)
	}
	text := map[string]string{}
	for p, x := range out {
		text[p] = x.String()
	}
	return text, left
}

func (o *oracle) spread(raw map[string]*big.Rat, out map[string]*big.Int, left *big.Int) *big.Int {
	var free []string
	for _, p := range o.projects {
		if raw[p].Sign() > 0 {
			free = append(free, p)
		}
	}
	share := func(p string) *big.Rat {
		rest := new(big.Rat)
		for _, q := range free {
			rest.Add(rest, raw[q])
		}
		x := new(big.Rat).Mul(raw[p], new(big.Rat).SetInt(left))
		return x.Quo(x, rest)
	}
	for again := !o.p.Cap.IsZero(); again; {
		again = false
		limit := new(big.Rat).SetInt(o.p.Cap.Big())
		var above []string
		for _, p := range free {
			if share(p).Cmp(limit) > 0 {
				above = append(above, p)
			}
		}
		for _, p := range above {
			again = true
			out[p].Set(o.p.Cap.Big())
			left = new(big.Int).Sub(left, o.p.Cap.Big())
			free = slices.DeleteFunc(free, func(q string) bool { return q == p })
		}
	}
	if len(free) == 0 {
		return left
	}
	remainder, rest := map[string]*big.Rat{}, new(big.Int).Set(left)
	for _, p := range free {
		x := share(p)
		out[p] = floor(x)
		remainder[p] = new(big.Rat).Sub(x, new(big.Rat).SetInt(out[p]))
		rest.Sub(rest, out[p])
	}
	slices.SortFunc(free, func(a, b string) int {
		return cmp.Or(remainder[b].Cmp(remainder[a]), cmp.Compare(a, b))
	})
	for i := range rest.Int64() {
		out[free[i]].Add(out[free[i]], big.NewInt(1))
	}
	return new(big.Int)
}

func drawAmount(t *rapid.T, name string) funding.Amount {
	text := rapid.OneOf(
		rapid.StringMatching(`[1-9][0-9]{0,4}`),
		rapid.SampledFrom([]string{"0", "1", "100", "1000", "1000000000000000000"}),
		rapid.StringMatching(`[1-9][0-9]{17,24}`),
		rapid.StringMatching(`[1-9][0-9]{35}`),
	).Draw(t, name)
	a, err := funding.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// small draws amounts of a city's round, in cents.
func small(t *rapid.T, name string) funding.Amount {
	return funding.Units(rapid.Uint64Range(1, 100000).Draw(t, name))
}

func drawParams(t *rapid.T) funding.Params {
	p := funding.Params{Spec: funding.Spec, Rule: rapid.SampledFrom([]funding.Rule{funding.Quadratic, funding.Pairwise, funding.Cluster}).Draw(t, "rule")}
	p.Pool = funding.Units(rapid.Uint64Range(0, 1<<40).Draw(t, "pool"))
	p.MatchBelowPool = rapid.Bool().Draw(t, "below")
	if p.Rule == funding.Pairwise {
		p.M = small(t, "m")
	}
	if rapid.Bool().Draw(t, "capped") {
		p.Cap = funding.Units(1 + p.Pool.Big().Uint64()/rapid.Uint64Range(2, 8).Draw(t, "cap"))
	}
	if rapid.Bool().Draw(t, "bounded") {
		p.Min = funding.Units(rapid.Uint64Range(1, 300).Draw(t, "min"))
		p.Max = funding.Units(rapid.Uint64Range(300, 20000).Draw(t, "max"))
	}
	if rapid.Bool().Draw(t, "solidarity") {
		p.Solidarity = rapid.SampledFrom([]funding.Share{"1/10", "1/3", "999999/1000000"}).Draw(t, "share")
	}
	if rapid.Bool().Draw(t, "default") {
		w := rapid.Int64Range(0, 999999).Draw(t, "default weight")
		p.DefaultWeight = &w
	}
	return p
}

func drawContribution(t *rapid.T) funding.Contribution {
	return funding.Contribution{Donor: rapid.StringMatching(`[a-h]`).Draw(t, "donor"), Project: rapid.StringMatching(`[p-t]`).Draw(t, "project"), Amount: small(t, "amount")}
}

func drawContributions(t *rapid.T) []funding.Contribution {
	var list []funding.Contribution
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		list = append(list, drawContribution(t))
	}
	return list
}

func drawWeights(t *rapid.T) []funding.Weight {
	var list []funding.Weight
	for _, d := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-j]`), 0, 6, rapid.ID).Draw(t, "weighed") {
		list = append(list, funding.Weight{Donor: d, PPM: rapid.OneOf(rapid.SampledFrom([]int64{0, 1000000, 1}), rapid.Int64Range(0, 1000000)).Draw(t, "weight")})
	}
	return list
}

func checkOracle(t *rapid.T, p funding.Params, contributions []funding.Contribution, weights []funding.Weight) {
	got, err := funding.Match(p, contributions, weights)
	if err != nil {
		t.Fatal(err)
	}
	o := newOracle(p, contributions, weights)
	raw, rawGot := map[string]string{}, map[string]string{}
	for q, w := range o.raw() {
		raw[q] = w.Num().String()
	}
	for _, q := range got.Projects {
		rawGot[q.Project] = q.Raw.String()
	}
	if diff := gocmp.Diff(raw, rawGot); diff != "" {
		t.Fatalf("raw (-oracle +match):\n%s", diff)
	}
	want, left := o.amounts()
	if diff := gocmp.Diff(want, amounts(got)); diff != "" {
		t.Fatalf("amounts (-oracle +match):\n%s", diff)
	}
	if got.Unallocated.Big().Cmp(left) != 0 {
		t.Fatalf("unallocated %v, want %v", got.Unallocated, left)
	}
}

func TestMatchIsTheOracles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkOracle(t, drawParams(t), drawContributions(t), drawWeights(t))
	})
}

// The same with amounts up to 36 digits, where the narrow paths do not reach.
func TestMatchOfLargeAmountsIsTheOracles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, contributions := drawParams(t), drawContributions(t)
		for i := range contributions {
			contributions[i].Amount = drawAmount(t, "large")
		}
		p.Max, p.Pool = funding.Amount{}, drawAmount(t, "pool")
		if p.Rule == funding.Pairwise {
			if p.M = drawAmount(t, "m"); p.M.IsZero() {
				p.M = funding.Units(1)
			}
		}
		checkOracle(t, p, contributions, drawWeights(t))
	})
}

func FuzzMatchIsTheOracles(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		checkOracle(t, drawParams(t), drawContributions(t), drawWeights(t))
	}))
}
