package sortition_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

type vectors struct {
	Signature string
	Entries   []json.RawMessage
	Vectors   []struct {
		Manifest json.RawMessage
		Commit   beacon.Hash
		Seed     beacon.Hash
		Result   []sortition.Places
		Panel    *int64
	}
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("../../docs/spec/vectors/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) < 4 || len(v.Entries) < 60 {
		t.Fatalf("got %d vectors of %d entries, want at least 4 of 60", len(v.Vectors), len(v.Entries))
	}
	return v
}

func (v vectors) entries(t testing.TB) []register.Entry {
	t.Helper()
	var list []register.Entry
	for _, raw := range v.Entries {
		line, err := canonical.Transform(raw)
		if err != nil {
			t.Fatal(err)
		}
		e, err := register.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func (v vectors) manifest(t testing.TB, i int) *sortition.Manifest {
	t.Helper()
	b, err := canonical.Transform(v.Vectors[i].Manifest)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sortition.ParseManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (v vectors) beacon(t testing.TB, round uint64) beacon.Beacon {
	t.Helper()
	sig, err := hex.DecodeString(v.Signature)
	if err != nil {
		t.Fatal(err)
	}
	return beacon.Beacon{Round: round, Signature: sig}
}

func build(t testing.TB, entries []register.Entry) *register.Register {
	t.Helper()
	r, err := register.FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDrawVectors(t *testing.T) {
	v := readVectors(t)
	r := build(t, v.entries(t))
	for i, c := range v.Vectors {
		m := v.manifest(t, i)
		quicknet, _ := beacon.Pinned().Lookup(m.Beacon.Chain)
		if err := m.CheckRound(quicknet); err != nil {
			t.Errorf("%s: round: %v", m.Draw, err)
		}
		got, err := sortition.Draw(m, r, v.beacon(t, 1000))
		if err != nil {
			t.Errorf("%s: %v", m.Draw, err)
			continue
		}
		want := sortition.Result{Commit: c.Commit, Seed: c.Seed, Strata: c.Result, Panel: c.Panel, V: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", m.Draw, diff)
		}
		b, err := got.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := sortition.ParseResult(b); err != nil || !cmp.Equal(back, got) {
			t.Errorf("%s: result reads back as %+v, %v", m.Draw, back, err)
		}
	}
}

// slowDraw is draw.md rule 4 as written, without queues, prefixes or goroutines.
func slowDraw(t testing.TB, m *sortition.Manifest, entries []register.Entry, b beacon.Beacon) []sortition.Places {
	t.Helper()
	type ticketed struct {
		ticket, id string
		entry      register.Entry
	}
	commit, _ := m.Commit()
	seed := newSeed(b, commit, m)
	groups := map[string][]ticketed{}
	for _, e := range entries {
		name := ""
		for i, f := range m.StrataBy {
			if i > 0 {
				name += "/"
			}
			name += e.Features[f]
		}
		ticket := seed.Ticket(e.ID)
		groups[name] = append(groups[name], ticketed{string(ticket[:]), hex.EncodeToString(e.ID[:]), e})
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b ticketed) int { return cmpStrings(a.ticket+a.id, b.ticket+b.id) })
	}
	homes, at := map[string]bool{}, map[string]int{}
	take := func(stratum string, n int64) []string {
		ids := []string{}
		for ; int64(len(ids)) < n && at[stratum] < len(groups[stratum]); at[stratum]++ {
			x := groups[stratum][at[stratum]]
			if home := x.entry.Household; m.OnePerHousehold && home != "" {
				if homes[home] {
					continue
				}
				homes[home] = true
			}
			ids = append(ids, x.id)
		}
		return ids
	}
	out := make([]sortition.Places, len(m.Strata))
	for i, s := range m.Strata {
		out[i] = sortition.Places{Stratum: s.Stratum, Seats: take(s.Stratum, s.Seats)}
	}
	for i, s := range m.Strata {
		out[i].Alternates = take(s.Stratum, s.Alternates)
	}
	return out
}

// town draws a small random register with households that span strata.
func town(t *rapid.T) []register.Entry {
	n := rapid.IntRange(1, 60).Draw(t, "people")
	list := make([]register.Entry, n)
	for i := range list {
		list[i] = register.Entry{ID: sha256.Sum256([]byte{byte(i), byte(i >> 8)}),
			Features: map[string]string{"district": rapid.SampledFrom([]string{"north", "south", "east"}).Draw(t, "district")}}
		if home := rapid.IntRange(0, 12).Draw(t, "home"); home > 0 {
			list[i].Household = hex.EncodeToString([]byte{0, 0, 0, 0, 0, 0, 0, byte(home)})
		}
	}
	return list
}

func randomManifest(t *rapid.T, r *register.Register) *sortition.Manifest {
	seats := rapid.Int64Range(0, 8)
	m := &sortition.Manifest{V: 1, Draw: "city/x/jury/y", Seq: 1, Method: sortition.Strata, StrataBy: []string{"district"},
		Register:        sortition.RegisterRef{Root: r.Root(), Size: int64(r.Size())},
		OnePerHousehold: rapid.Bool().Draw(t, "one_per_household"),
		Beacon:          sortition.Round{Round: 1000}, DrawTime: rapid.Int64Range(0, 1<<40).Draw(t, "draw_time")}
	for _, name := range []string{"south", "north", "east"} {
		m.Strata = append(m.Strata, sortition.Stratum{Stratum: name, Seats: seats.Draw(t, "seats"), Alternates: seats.Draw(t, "alternates")})
	}
	return m
}

func TestDrawAgreesWithTheRuleAsWritten(t *testing.T) {
	b := readVectors(t).beacon(t, 1000)
	rapid.Check(t, func(rt *rapid.T) {
		entries := town(rt)
		r := build(t, entries)
		m := randomManifest(rt, r)
		got, err := sortition.Draw(m, r, b)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(slowDraw(t, m, entries, b), got.Strata); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestDrawIsIndependentOfListOrder(t *testing.T) {
	v := readVectors(t)
	entries := v.entries(t)
	m := v.manifest(t, 1)
	want, err := sortition.Draw(m, build(t, entries), v.beacon(t, 1000))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		got, err := sortition.Draw(m, build(t, rapid.Permutation(entries).Draw(rt, "order")), v.beacon(t, 1000))
		if err != nil || !cmp.Equal(want, got) {
			rt.Fatalf("%v: %s", err, cmp.Diff(want, got))
		}
	})
}

// The seed depends on the manifest, so the properties of the order are tested with the seed fixed.
func TestEnlargingTheJuryKeepsEarlierPicks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := build(t, town(rt))
		m := randomManifest(rt, r)
		for i := range m.Strata {
			m.Strata[i].Alternates = 0
		}
		m.OnePerHousehold = false
		seed := sha256.Sum256([]byte("fixed"))
		small := sortition.Order(m, r, seed)
		for i := range m.Strata {
			m.Strata[i].Seats += rapid.Int64Range(0, 5).Draw(rt, "more")
		}
		for i, s := range sortition.Order(m, r, seed) {
			if n := len(small[i].Seats); !slices.Equal(s.Seats[:n], small[i].Seats) {
				rt.Fatalf("stratum %s: %v became %v", s.Stratum, small[i].Seats, s.Seats)
			}
		}
	})
}

func TestStrikingAPersonLeavesTheOrderOfOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := town(rt)
		if len(entries) < 2 {
			return
		}
		r := build(t, entries)
		m := randomManifest(rt, r)
		m.OnePerHousehold = false
		for i := range m.Strata {
			m.Strata[i].Seats, m.Strata[i].Alternates = 100, 0
		}
		seed := sha256.Sum256([]byte("fixed"))
		struck := rapid.IntRange(0, len(entries)-1).Draw(rt, "struck")
		gone := hex.EncodeToString(entries[struck].ID[:])
		before := sortition.Order(m, r, seed)
		after := sortition.Order(m, build(t, slices.Delete(slices.Clone(entries), struck, struck+1)), seed)
		for i := range before {
			want := slices.DeleteFunc(before[i].Seats, func(id string) bool { return id == gone })
			if !slices.Equal(want, after[i].Seats) {
				rt.Fatalf("got %v, want %v", after[i].Seats, want)
			}
		}
	})
}

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func newSeed(b beacon.Beacon, commit beacon.Hash, m *sortition.Manifest) randomness.Seed {
	return randomness.NewSeed(b.Signature, commit, m.Beacon.Chain, m.Beacon.Round)
}
