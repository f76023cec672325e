package grants

import (
	"slices"

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
	gifts, start := r.byDonor(c.projects)
	names := r.pseudonyms(start)
	in.Contributions = make([]funding.Contribution, 0, len(gifts))
	for i, name := range names {
		if name == "" || c.donors[name] {
			continue
		}
		if w, ok := r.weightIn(c, r.roll[i].name, name); ok {
			in.Weights = append(in.Weights, funding.Weight{Donor: name, PPM: w})
		}
		for _, g := range gifts[start[i]:start[i+1]] {
			in.Contributions = append(in.Contributions, funding.Contribution{Donor: name, Project: g.project, Amount: g.amount})
		}
	}
	return in, nil
}

// given is what counts of a gift.
type given struct {
	project string
	amount  funding.Amount
}

// byDonor returns the gifts that count unless their project is struck, those of one donor together: of place i in
// the roll are list[start[i]:start[i+1]]. No result depends on their order, and the engine takes a donor whom it
// knows already in half the time.
func (r *Round) byDonor(struck map[string]bool) (list []given, start []uint32) {
	of := make([]uint32, len(r.gifts)) // place and 1, 0 for what does not count
	next := make([]uint32, len(r.roll)+1)
	for i := range r.gifts {
		if g := &r.gifts[i]; g.counts() && !struck[g.project.ID] {
			of[i] = uint32(g.donor.place) + 1
			next[of[i]]++
		}
	}
	for i := range r.roll {
		next[i+1] += next[i]
	}
	start, list = slices.Clone(next), make([]given, next[len(r.roll)])
	for i, place := range of {
		if place > 0 {
			list[next[place-1]] = given{r.gifts[i].project.ID, r.gifts[i].amount}
			next[place-1]++
		}
	}
	return list, start
}

// pseudonyms names the donors of gifts that byDonor returned, by their place.
func (r *Round) pseudonyms(start []uint32) []string {
	names := make([]string, len(r.roll))
	parallel(len(names), func(i int) {
		if start[i] < start[i+1] {
			names[i] = r.door.Pseudonym(r.roll[i].name)
		}
	})
	return names
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
