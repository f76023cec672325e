package funding

import (
	"math/big"
	"slices"
	"strings"
)

// DonorEffect is what one donor's gift does for a project: how much its raw match falls without it (in
// 1/Unit of a minor unit), and what the project gets with it and would get without it.
type DonorEffect struct {
	Donor   string `json:"donor"`
	Counts  Amount `json:"counts"` // of the gift, after minimum, maximum and weight
	Raw     Number `json:"raw"`
	With    Amount `json:"with"`
	Without Amount `json:"without"`
}

// Effect returns the effect of every donor who counts for the project, in the order of their ids. The
// amounts are those of two whole rounds; the rule cocm is refused, as by [Round.Estimate].
func Effect(p Params, contributions []Contribution, weights []Weight, project string) ([]DonorEffect, error) {
	r, err := NewRound(p)
	if err != nil {
		return nil, err
	}
	if err := r.fill(contributions, weights); err != nil {
		return nil, err
	}
	e, err := r.Estimate()
	if err != nil {
		return nil, err
	}
	return e.Effect(project)
}

// Effect is the same for the contributions that the estimate holds.
func (e *Estimate) Effect(project string) ([]DonorEffect, error) {
	p, known := e.round.projects.find(project)
	if _, named := e.place(p); !known || !named {
		return nil, refuse("absent", "nobody has named the project %q", project)
	}
	donors := e.donorsOf(p)
	effects, alike := make([]DonorEffect, len(donors)), map[wide]DonorEffect{}
	for i, d := range donors {
		h := e.held(pair{d, p})
		x, seen := alike[h.s]
		if !seen || e.meets != nil { // by rule qf, equal roots have equal effects
			x = e.effect(pair{d, p}, h)
			alike[h.s] = x
		}
		x.Donor, x.Counts = e.round.donors.ids[d], Amount{h.a}
		effects[i] = x
	}
	return effects, nil
}

func (e *Estimate) donorsOf(project uint32) []uint32 {
	var donors []uint32
	for at, i := range e.pairs {
		if at.project == project && !e.given[i].a.isZero() {
			donors = append(donors, at.donor)
		}
	}
	ids := e.round.donors.ids
	slices.SortFunc(donors, func(a, b uint32) int { return strings.Compare(ids[a], ids[b]) })
	return donors
}

// effect takes one gift out, looks, and puts it back.
func (e *Estimate) effect(at pair, h *held) DonorEffect {
	with, c := e.amounts(), h.c
	raw := new(big.Int).Set(e.raw[at.project])
	e.set(at, h, wide{})
	x := DonorEffect{With: with[at.project], Without: e.split()[at.project], Raw: number(raw.Sub(raw, e.raw[at.project]))}
	e.set(at, h, c)
	return x
}
