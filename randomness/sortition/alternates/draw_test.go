package alternates_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// drawnPanel goes all the way: register, lottery, file, manifest, round, people, and the pool that
// stands ready to replace them.
func drawnPanel(t *testing.T) (reg *register.Register, pool *alternates.Pool, panel []string) {
	t.Helper()
	var entries []register.Entry
	for i := range 40 {
		e := register.Entry{Features: map[string]string{"age": fmt.Sprint(i % 2), "district": fmt.Sprint(i / 2 % 3)}}
		copy(e.ID[:], fmt.Appendf(nil, "%032d", i*i))
		if i < 20 {
			e.Household = fmt.Sprintf("%016x", i/2)
		}
		entries = append(entries, e)
	}
	reg, err := register.FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	terms := panelfile.Terms{Size: 8, OnePerHousehold: true}
	for v, n := range []int64{4, 4} {
		terms.Quotas = append(terms.Quotas, quota.Quota{Feature: "age", Value: fmt.Sprint(v), Min: n, Max: n})
	}
	for v, n := range []int64{2, 3, 2} {
		terms.Quotas = append(terms.Quotas, quota.Quota{Feature: "district", Value: fmt.Sprint(v), Min: n, Max: n + 1})
	}
	p, err := terms.Problem(panelfile.Entries(reg))
	if err != nil {
		t.Fatal(err)
	}
	lottery, err := panels.Solve(t.Context(), p, panels.Options{Panels: 40})
	if err != nil {
		t.Fatal(err)
	}
	file, list, err := panelfile.Build(panelfile.Entries(reg), terms, lottery)
	if err != nil {
		t.Fatal(err)
	}
	m := sortition.Manifest{
		V: 1, Draw: "city/town/draw/canal", Seq: 1, Method: sortition.Panels, Panels: &list, OnePerHousehold: true,
		Register: sortition.RegisterRef{Root: beacon.Hash(reg.Root()), Size: int64(reg.Size())}, Beacon: sortition.Round{Round: 7},
	}
	res, err := sortition.Draw(&m, reg, beacon.Beacon{Round: 7, Signature: []byte("signature")})
	if err != nil {
		t.Fatal(err)
	}
	if panel, err = panelfile.Panel(file, panelfile.Entries(reg), *res.Panel); err != nil {
		t.Fatal(err)
	}
	if pool, err = alternates.NewPool(p, randomness.Seed(res.Seed)); err != nil {
		t.Fatal(err)
	}
	return reg, pool, panel
}

// TestSeatsAreHandedOnUntilNobodyIsLeft lets one to three people drop out at a time, for good.
func TestSeatsAreHandedOnUntilNobodyIsLeft(t *testing.T) {
	reg, pool, panel := drawnPanel(t)
	homes := map[string]uint64{}
	for i, id := range reg.IDs() {
		if h, ok := reg.Household(i); ok {
			homes[fmt.Sprintf("%x", id)] = h
		}
	}
	rng := rand.New(rand.NewPCG(9, 9))
	var asked []string
	restored, full := 0, true
	for full {
		if m, err := pool.Measure(panel); err != nil {
			t.Fatal(err)
		} else if m == (alternates.Measure{}) {
			restored++
		}
		out := 1 + rng.IntN(3)
		rng.Shuffle(len(panel), func(i, j int) { panel[i], panel[j] = panel[j], panel[i] })
		asked = append(asked, panel[:out]...)
		next, err := pool.Fill(alternates.State{Holding: panel[out:], Asked: asked, Open: int64(out)})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range next {
			if slices.Contains(asked, id) || slices.Contains(panel, id) {
				t.Fatalf("%s is asked twice", id)
			}
		}
		panel = slices.Concat(panel[out:], next)
		seen := map[uint64]bool{}
		for _, id := range panel {
			if h, ok := homes[id]; ok && seen[h] {
				t.Fatalf("two people of household %d", h)
			} else if ok {
				seen[h] = true
			}
		}
		full = len(next) == out
	}
	if restored < 5 || len(asked)+len(panel) < 30 {
		t.Errorf("%d panels met the quotas; %d people were asked", restored, len(asked)+len(panel))
	}
}
