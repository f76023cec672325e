package charter

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/ratio"
)

// vectors is docs/spec/vectors/charter.json; its expectations were written by hand or computed by a
// replay of the rules in another language, epoch by epoch.
type vectors struct {
	Charters []struct {
		Name    string
		Dev     bool
		Charter json.RawMessage
		Hash    beacon.Hash
		Refused []string
	}
	Amendments []struct {
		Name      string
		Dev       bool
		Tier      int
		Old, Next json.RawMessage
		Refused   []string
	}
	Juries []struct {
		Name      string
		Charter   json.RawMessage
		Tier      int
		Low, High ratio.Ratio
	}
	Histories []struct {
		Name    string
		Dev     bool
		Records []struct {
			Adopt *Adopt
			Move  *Move
		}
		Asks []ask
	}
}

type ask struct {
	After   int // records
	T       int64
	Charter beacon.Hash
	Tier    int
	Events  []TierEvent
	Shares  [][2]string
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	b, err := os.ReadFile("../../docs/spec/vectors/charter.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func canonicalOf(t testing.TB, raw []byte) []byte {
	t.Helper()
	b, err := canonical.Transform(raw)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func told(err error) []string {
	list := []string{}
	for _, r := range Refusals(err) {
		list = append(list, r.Rule+" "+r.Pointer)
	}
	return list
}

func TestChartersOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Charters {
		t.Run(v.Name, func(t *testing.T) {
			b := canonicalOf(t, v.Charter)
			if got := HashBytes(b); got != v.Hash {
				t.Errorf("hash %s, want %s", got, v.Hash)
			}
			c, err := Parse(b, v.Dev)
			if diff := cmp.Diff(v.Refused, told(err)); diff != "" {
				t.Fatalf("refusals (-want +got):\n%s%v", diff, err)
			}
			if err != nil {
				return
			}
			if again, err := c.Canonical(); err != nil || string(again) != string(b) {
				t.Errorf("written again as %s, %v", again, err)
			}
		})
	}
}

func TestAmendmentsOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Amendments {
		t.Run(v.Name, func(t *testing.T) {
			old := parsed(t, v.Old, v.Dev)
			next := new(Charter)
			if err := canonical.Unmarshal(canonicalOf(t, v.Next), next); err != nil {
				t.Fatal(err)
			}
			err := Amend(old, next, v.Tier, v.Dev)
			if diff := cmp.Diff(v.Refused, told(err)); diff != "" {
				t.Fatalf("refusals (-want +got):\n%s%v", diff, err)
			}
		})
	}
}

func parsed(t testing.TB, raw []byte, dev bool) *Charter {
	t.Helper()
	c, err := Parse(canonicalOf(t, raw), dev)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestJuriesOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Juries {
		t.Run(v.Name, func(t *testing.T) {
			low, high := WhatJuryDecides(parsed(t, v.Charter, false), v.Tier)
			if !low.Equal(v.Low) || !high.Equal(v.High) {
				t.Errorf("%s to %s, want %s to %s", low, high, v.Low, v.High)
			}
		})
	}
}

func TestHistoriesOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t).Histories {
		t.Run(v.Name, func(t *testing.T) {
			h := NewHistory(v.Dev)
			for i, r := range v.Records {
				if err := apply(h, r.Adopt, r.Move, v.Dev); err != nil {
					t.Fatalf("record %d: %v", i+1, err)
				}
				for _, a := range v.Asks {
					if a.After == i+1 {
						a.check(t, h)
					}
				}
			}
		})
	}
}

func apply(h *History, a *Adopt, mv *Move, dev bool) error {
	if a == nil {
		return h.Move(*mv)
	}
	b, err := canonical.Transform(a.Charter)
	if err != nil {
		return err
	}
	a.Charter = b
	c, err := a.Parsed(dev)
	if err != nil {
		return err
	}
	return h.Adopt(*a, c)
}

func (a ask) check(t *testing.T, h *History) {
	t.Helper()
	c, hash, tier, events, err := h.At(a.T)
	if err != nil {
		t.Fatal(err)
	}
	shares, err := c.SharesAt(tier, h.Members().ActiveFounders(c))
	if err != nil {
		t.Fatal(err)
	}
	var written [][2]string
	for _, s := range shares {
		written = append(written, [2]string{s.ID, s.Share.String()})
	}
	if events == nil {
		events = []TierEvent{}
	}
	got := ask{After: a.After, T: a.T, Charter: hash, Tier: tier, Events: events, Shares: written}
	if diff := cmp.Diff(a, got); diff != "" {
		t.Errorf("at %d (-want +got):\n%s", a.T, diff)
	}
}
