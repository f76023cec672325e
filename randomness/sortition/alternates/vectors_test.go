package alternates_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/quota"
)

const vectorFile = "../../../docs/spec/vectors/panels-alternates.json"

var writeVectors = flag.Bool("write-vectors", false, "write "+vectorFile+" again; then run ../panelfile/testdata/panels.py, which shares no code with this")

type vectors struct {
	About string   `json:"about"`
	Cases []vector `json:"cases"`
}

type vector struct {
	Name     string      `json:"name"`
	Register []string    `json:"register"` // lines
	Terms    wireTerms   `json:"terms"`
	Seed     beacon.Hash `json:"seed"`
	Fillings []filling   `json:"fillings"`
	Lists    []list      `json:"lists"`
}

// wireTerms are those of a panel file.
type wireTerms struct {
	Excluded        []string `json:"excluded"`
	OnePerHousehold bool     `json:"one_per_household"`
	Quotas          []bounds `json:"quotas"`
	Seated          []string `json:"seated"`
	Size            int64    `json:"size"`
}

type bounds struct {
	Feature string `json:"feature"`
	Max     int64  `json:"max"`
	Min     int64  `json:"min"`
	Value   string `json:"value"`
}

type filling struct {
	Holding []string `json:"holding"`
	Asked   []string `json:"asked"`
	Open    int64    `json:"open"`
	Offered []string `json:"offered"`
	Cost    int64    `json:"cost"`
	Broken  int64    `json:"broken"`
}

type list struct {
	Panel      []string `json:"panel"`
	Alternates []string `json:"alternates"`
}

func TestVectors(t *testing.T) {
	if *writeVectors {
		b, err := json.MarshalIndent(newVectors(t), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if len(v.Cases) < 3 {
		t.Fatalf("only %d cases", len(v.Cases))
	}
	for _, c := range v.Cases {
		t.Run(c.Name, c.check)
	}
}

func (c vector) check(t *testing.T) {
	pool := c.pool(t)
	if len(c.Fillings) < 4 || len(c.Lists) == 0 {
		t.Fatalf("only %d fillings and %d lists", len(c.Fillings), len(c.Lists))
	}
	for i, want := range c.Fillings {
		if diff := cmp.Diff(want, fill(t, pool, want)); diff != "" {
			t.Errorf("filling %d: %s", i, diff)
		}
	}
	for i, want := range c.Lists {
		got, err := pool.Rank(want.Panel, len(want.Alternates))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Alternates, got); diff != "" {
			t.Errorf("list %d: %s", i, diff)
		}
	}
}

func (c vector) pool(t *testing.T) *alternates.Pool {
	t.Helper()
	r, err := register.Read(strings.NewReader(strings.Join(c.Register, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	terms := panelfile.Terms{Size: c.Terms.Size, OnePerHousehold: c.Terms.OnePerHousehold, Seated: c.Terms.Seated, Excluded: c.Terms.Excluded}
	for _, q := range c.Terms.Quotas {
		terms.Quotas = append(terms.Quotas, quota.Quota{Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max})
	}
	p, err := terms.Problem(panelfile.Entries(r))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := alternates.NewPool(p, randomness.Seed(c.Seed))
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// fill fills the seats and measures what came of it.
func fill(t *testing.T, pool *alternates.Pool, f filling) filling {
	t.Helper()
	var err error
	if f.Offered, err = pool.Fill(alternates.State{Holding: f.Holding, Asked: f.Asked, Open: f.Open}); err != nil {
		t.Fatal(err)
	}
	m, err := pool.Measure(slices.Concat(f.Holding, f.Offered))
	if err != nil {
		t.Fatal(err)
	}
	f.Cost, f.Broken = m.Cost, m.Broken
	return f
}

func newVectors(t *testing.T) vectors {
	rng := rand.New(rand.NewPCG(11, 11))
	v := vectors{About: "Who fills vacant seats of a panel (panels.md, Alternates), on small pools. Seats are filled at first from nobody, " +
		"then after people have dropped out, until nobody is left. `offered` is in ticket order."}
	for i, name := range []string{"two features", "households", "three features, somebody seated", "tight quotas"} {
		c := vector{Name: name, Seed: beacon.Hash(seed)}
		c.Seed[0] += byte(i)
		c.people(t, rng, 14+2*i, i)
		c.play(t, rng)
		v.Cases = append(v.Cases, c)
	}
	return v
}

// people makes register and terms.
func (c *vector) people(t *testing.T, rng *rand.Rand, n, kind int) {
	var entries []register.Entry
	features := 2 + kind/2
	for i := range n {
		e := register.Entry{Features: map[string]string{}}
		copy(e.ID[:], fmt.Appendf(nil, "%032d", 7919*i+kind))
		for f := range features {
			e.Features[fmt.Sprint("f", f)] = []string{"a", "b", "c"}[rng.IntN(3)]
		}
		if kind == 1 && i < 10 {
			e.Household = fmt.Sprintf("%016x", rng.IntN(4))
		}
		entries = append(entries, e)
	}
	c.Terms = wireTerms{Size: 5, OnePerHousehold: kind == 1, Seated: []string{}, Excluded: []string{}}
	if kind == 2 {
		c.Terms.Seated = append(c.Terms.Seated, fmt.Sprintf("%x", entries[0].ID))
		c.Terms.Excluded = append(c.Terms.Excluded, fmt.Sprintf("%x", entries[3].ID))
	}
	for f := range features {
		for i, v := range []string{"b", "a", "c"} {
			low := []int64{2, 1, 1}[(i+f)%3]
			c.Terms.Quotas = append(c.Terms.Quotas, bounds{Feature: fmt.Sprint("f", f), Value: v, Min: low, Max: low + int64(1-kind/3)})
		}
	}
	r, err := register.FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Size() {
		c.Register = append(c.Register, string(r.Line(i)))
	}
}

// play fills the seats, lets people drop out and fills again.
func (c *vector) play(t *testing.T, rng *rand.Rand) {
	pool := c.pool(t)
	f := filling{Holding: []string{}, Asked: []string{}, Open: c.Terms.Size - int64(len(c.Terms.Seated))}
	for round := range 9 {
		f = fill(t, pool, f)
		c.Fillings = append(c.Fillings, f)
		holding := slices.Concat(f.Holding, f.Offered)
		if round == 0 {
			names, err := pool.Rank(holding, 6)
			if err != nil {
				t.Fatal(err)
			}
			c.Lists = append(c.Lists, list{Panel: holding, Alternates: names})
		}
		out := min(1+rng.IntN(3), len(holding))
		if out == 0 || int64(len(f.Offered)) < f.Open {
			break
		}
		rng.Shuffle(len(holding), func(i, j int) { holding[i], holding[j] = holding[j], holding[i] })
		f = filling{Holding: holding[out:], Asked: slices.Concat(f.Asked, holding[:out]), Open: int64(out)}
		slices.Sort(f.Holding)
		slices.Sort(f.Asked)
	}
}
