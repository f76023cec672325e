package panelfile_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

func idOf(i int) [32]byte { return sha256.Sum256(fmt.Append(nil, "person ", i)) }

func hexOf(i int) string { return fmt.Sprintf("%x", idOf(i)) }

// town is a register of 24 people of two features that quotas name and one that they do not; some
// share households.
func town() []register.Entry {
	var out []register.Entry
	for i := range 24 {
		e := register.Entry{ID: idOf(i), Features: map[string]string{
			"age": []string{"16-39", "40+"}[i%2], "district": []string{"north", "south", "port"}[i/2%3], "shoe": fmt.Sprint(i % 5),
		}}
		if i < 8 {
			e.Household = fmt.Sprintf("%016x", i/2)
		}
		out = append(out, e)
	}
	return out
}

func terms() panelfile.Terms {
	flex := int64(1)
	return panelfile.Terms{
		Size: 6, OnePerHousehold: true, Seated: []string{hexOf(3)}, Excluded: []string{hexOf(20), hexOf(21)},
		Quotas: []quota.Quota{
			{Feature: "district", Value: "north", Min: 2, Max: 3, MinFlex: &flex}, {Feature: "age", Value: "40+", Min: 3, Max: 3},
			{Feature: "district", Value: "south", Min: 1, Max: 3}, {Feature: "age", Value: "16-39", Min: 3, Max: 3},
			{Feature: "district", Value: "port", Min: 1, Max: 2, MaxFlex: &[]int64{4}[0]},
		},
	}
}

type built struct {
	terms   panelfile.Terms
	entries []register.Entry
	result  *panels.Result
	file    []byte
	list    sortition.PanelList
}

func all(entries []register.Entry) iter.Seq[register.Entry] { return slices.Values(entries) }

func build(t testing.TB, terms panelfile.Terms, entries []register.Entry, n int64) built {
	t.Helper()
	p, err := terms.Problem(all(entries))
	if err != nil {
		t.Fatal(err)
	}
	b := built{terms: terms, entries: entries}
	if b.result, err = panels.Solve(t.Context(), p, panels.Options{Panels: n}); err != nil {
		t.Fatal(err)
	}
	if b.file, b.list, err = panelfile.Build(all(entries), terms, b.result); err != nil {
		t.Fatal(err)
	}
	return b
}

func rule(err error) panelfile.Rule {
	var r *panelfile.Refusal
	if !errors.As(err, &r) {
		return ""
	}
	return r.Rule
}

func shuffled[T any](rng *rand.Rand, list []T) []T {
	out := slices.Clone(list)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
