package grants

import (
	"kleroterion/funding"
	"kleroterion/service/poll"
)

// Inputs are what package funding matches. Donors are pseudonyms; Projects lists all that count, those
// without a gift too.
type Inputs struct {
	Params        funding.Params
	Projects      []string // ascending
	Contributions []funding.Contribution
	Weights       []funding.Weight
}

// counts reports whether a gift counts before corrections.
func (g *gift) counts() bool {
	return !g.refunded && g.invalid == "" && g.project != nil && g.project.State == Approved
}

// Inputs returns what counts under these changes, which are empty for version 1. Params are those of
// the manifest with the whole pool, top-ups included; a jury's part is taken by [Round.Compute].
func (r *Round) Inputs(changes []Correction) (Inputs, error) {
	if r.stage != closed || r.door.Manifest.Mode == poll.ModeSealed && r.opened == nil {
		return Inputs{}, refuse(RuleStage, "what counts is known when the round is closed and its gifts are open; it is %s", r.stage)
	}
	c, err := r.correct(changes)
	if err != nil {
		return Inputs{}, err
	}
	in := Inputs{Params: r.door.Manifest.Params}
	in.Params.Pool = r.pool
	for _, p := range r.Projects() {
		if p.State == Approved && !c.projects[p.ID] {
			in.Projects = append(in.Projects, p.ID)
		}
	}
	names := map[*donor]string{}
	for i := range r.gifts {
		g := &r.gifts[i]
		if !g.counts() || c.projects[g.project.ID] {
			continue
		}
		name, known := names[g.donor]
		if !known {
			name = r.door.Pseudonym(g.donor.name)
			names[g.donor] = name
			if w, ok := r.weightIn(c, g.donor.name, name); ok && !c.donors[name] {
				in.Weights = append(in.Weights, funding.Weight{Donor: name, PPM: w})
			}
		}
		if !c.donors[name] {
			in.Contributions = append(in.Contributions, funding.Contribution{Donor: name, Project: g.project.ID, Amount: g.amount})
		}
	}
	return in, nil
}

// weightIn returns the weight that a version or a file gives a donor, if one does.
func (r *Round) weightIn(c corrected, donor, pseudonym string) (int64, bool) {
	if w, ok := c.weights[pseudonym]; ok {
		return w, true
	}
	w, ok := r.weights[donor]
	return w, ok
}

// match runs the engine.
func (in Inputs) match() (funding.Result, error) {
	f, err := funding.NewRound(in.Params)
	if err != nil {
		return funding.Result{}, err
	}
	for _, p := range in.Projects {
		if err := f.List(p); err != nil {
			return funding.Result{}, err
		}
	}
	f.Grow(len(in.Contributions))
	for _, c := range in.Contributions {
		if err := f.Add(c); err != nil {
			return funding.Result{}, err
		}
	}
	for _, w := range in.Weights {
		if err := f.Weigh(w); err != nil {
			return funding.Result{}, err
		}
	}
	return f.Match()
}
