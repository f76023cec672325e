package alternates_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/quota"
)

// world is a pool that can be looked at person by person.
type world struct {
	size    int64
	quotas  []quota.Quota
	people  []quota.Person
	problem *quota.Problem
	pool    *alternates.Pool
	order   []quota.Person // candidates in ticket order
}

var seed = randomness.Seed(sha256.Sum256([]byte("alternates")))

func idOf(i int) string {
	h := sha256.Sum256(fmt.Append(nil, "person ", i))
	return hex.EncodeToString(h[:])
}

// ticket is written out here as draw.md has it, for the tests to compare with.
func ticket(t *testing.T, id string) string {
	t.Helper()
	b, err := hex.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	tk := seed.Ticket([32]byte(b))
	return hex.EncodeToString(tk[:]) + id
}

func newWorld(t *testing.T, size int64, quotas []quota.Quota, people []quota.Person) *world {
	t.Helper()
	w := &world{size: size, quotas: quotas, people: people}
	var err error
	if w.problem, err = quota.New(size, quotas, people); err != nil {
		t.Fatal(err)
	}
	if w.pool, err = alternates.NewPool(w.problem, seed); err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Standing == quota.Candidate && !slices.Contains(w.problem.Barred, p.ID) {
			w.order = append(w.order, p)
		}
	}
	slices.SortFunc(w.order, func(a, b quota.Person) int {
		if ticket(t, a.ID) < ticket(t, b.ID) {
			return -1
		}
		return 1
	})
	return w
}

// random makes a pool of n people and quotas near its composition, some of them tight.
func random(t *testing.T, rng *rand.Rand, n int) *world {
	t.Helper()
	features := 1 + rng.IntN(3)
	people := make([]quota.Person, n)
	for i := range people {
		people[i].ID = idOf(i)
		if rng.IntN(3) == 0 {
			people[i].Household = fmt.Sprint("h", rng.IntN(4))
		}
		for range features {
			people[i].Values = append(people[i].Values, fmt.Sprint(rng.IntN(3)))
		}
		if i == 0 && rng.IntN(3) == 0 {
			people[i].Standing = quota.Seated
		}
	}
	size := int64(2 + rng.IntN(4))
	var quotas []quota.Quota
	for f := range features {
		for v := range 3 {
			least := int64(rng.IntN(3))
			quotas = append(quotas, quota.Quota{Feature: fmt.Sprint("f", f), Value: fmt.Sprint(v), Min: least, Max: least + 1 + int64(rng.IntN(2))})
		}
	}
	return newWorld(t, size, quotas, people)
}

// state takes some people who may sit together as holding, and others as asked.
func (w *world) state(rng *rand.Rand) alternates.State {
	var s alternates.State
	homes := map[string]bool{}
	for _, i := range rng.Perm(len(w.order)) {
		p := w.order[i]
		switch {
		case rng.IntN(5) == 0:
			s.Asked = append(s.Asked, p.ID)
		case int64(len(s.Holding)) < w.problem.Size && rng.IntN(3) == 0 && !homes[p.Household]:
			s.Holding = append(s.Holding, p.ID)
			homes[p.Household] = p.Household != ""
		}
	}
	s.Open = rng.Int64N(w.problem.Size - int64(len(s.Holding)) + 1)
	return s
}

// measure counts the whole panel, those seated before included, against the quotas as they were given.
func (w *world) measure(panel []string) alternates.Measure {
	counts := map[[2]string]int64{}
	held := map[[2]string]int64{}
	names := []string{}
	for _, q := range w.quotas {
		if !slices.Contains(names, q.Feature) {
			names = append(names, q.Feature)
		}
	}
	for _, p := range w.people {
		for f, v := range p.Values {
			if p.Standing == quota.Seated {
				held[[2]string{names[f], v}]++
			}
			if p.Standing == quota.Seated || slices.Contains(panel, p.ID) {
				counts[[2]string{names[f], v}]++
			}
		}
	}
	var m alternates.Measure
	for _, q := range w.quotas {
		key := [2]string{q.Feature, q.Value}
		if short := q.Min - counts[key]; short > 0 {
			m.Cost += short * (1000 + 2000/(q.Min-held[key]))
			m.Broken++
		} else if over := counts[key] - q.Max; over > 0 {
			m.Cost += over * 1000
			m.Broken++
		}
	}
	return m
}

func less(a, b alternates.Measure) bool {
	return a.Cost < b.Cost || a.Cost == b.Cost && a.Broken < b.Broken
}

// free lists in ticket order who may be asked when these people hold seats.
func (w *world) free(holding, asked []string) []quota.Person {
	homes := map[string]bool{}
	for _, p := range w.people {
		if p.Household != "" && slices.Contains(holding, p.ID) {
			homes[p.Household] = true
		}
	}
	var out []quota.Person
	for _, p := range w.order {
		if !homes[p.Household] && !slices.Contains(holding, p.ID) && !slices.Contains(asked, p.ID) {
			out = append(out, p)
		}
	}
	return out
}
