package grants

import (
	"cmp"
	"slices"
	"strings"

	"kleroterion/funding"
)

// Struck says of a donor or a project that it does not count.
const Struck = "struck"

// Correction is one difference of a version from what was recorded: a donor or a project struck, or
// another weight of a donor. Donor is a pseudonym of the round.
type Correction struct {
	Donor   string `json:"donor,omitempty"`
	Project string `json:"project,omitempty"`
	Weight  *int64 `json:"weight,omitempty"` // parts per million
	What    string `json:"what,omitempty"`
}

func (c Correction) check() error {
	struck := c.What == Struck && c.Weight == nil
	weight := c.What == "" && c.Weight != nil
	switch {
	case (c.Donor == "") == (c.Project == ""):
		return refuse(RuleChanges, "changes: each names a donor or a project")
	case c.Project != "" && (!isSlug(c.Project) || !struck):
		return refuse(RuleChanges, "changes: project %.40q can be struck, and nothing else", c.Project)
	case c.Donor != "" && (len(c.Donor) != 32 || strings.Trim(c.Donor, "0123456789abcdef") != ""):
		return refuse(RuleChanges, "changes: donor %.80q is not a pseudonym of 32 hex digits", c.Donor)
	case c.Donor != "" && !struck && !weight:
		return refuse(RuleChanges, "changes: donor %s is struck or gets another weight", c.Donor)
	case weight && (*c.Weight < 0 || *c.Weight > funding.Million):
		return refuse(RuleChanges, "changes: weight %d, want 0 to 1000000", *c.Weight)
	}
	return nil
}

// checkChanges holds the form: donors ascending, then projects ascending, each once.
func checkChanges(list []Correction) error {
	for i, c := range list {
		if err := c.check(); err != nil {
			return err
		}
		if i > 0 && compareChanges(list[i-1], c) >= 0 {
			return refuse(RuleChanges, "changes: donors in ascending order, then projects in theirs, each once")
		}
	}
	return nil
}

func compareChanges(a, b Correction) int {
	if (a.Donor == "") != (b.Donor == "") {
		return strings.Compare(b.Donor, a.Donor) // who has none comes later
	}
	return cmp.Or(strings.Compare(a.Donor, b.Donor), strings.Compare(a.Project, b.Project))
}

// sameChanges compares what they say.
func sameChanges(a, b []Correction) bool {
	return slices.EqualFunc(a, b, func(x, y Correction) bool {
		same := x.Weight == nil && y.Weight == nil || x.Weight != nil && y.Weight != nil && *x.Weight == *y.Weight
		return same && x.Donor == y.Donor && x.Project == y.Project && x.What == y.What
	})
}

// corrected is what changes mean for the counting.
type corrected struct {
	donors   map[string]bool  // struck, by pseudonym
	projects map[string]bool  // struck
	weights  map[string]int64 // by pseudonym
}

// correct reads changes against what was recorded: each must change something.
func (r *Round) correct(list []Correction) (corrected, error) {
	c := corrected{map[string]bool{}, map[string]bool{}, map[string]int64{}}
	if err := checkChanges(list); err != nil || len(list) == 0 {
		return c, err
	}
	gave := map[string]string{} // pseudonym -> donor, of gifts that count so far
	for i := range r.gifts {
		if g := &r.gifts[i]; g.counts() {
			gave[r.door.Pseudonym(g.donor.name)] = g.donor.name
		}
	}
	for _, x := range list {
		name, known := gave[x.Donor]
		switch p := r.projects[x.Project]; {
		case x.Project != "" && (p == nil || p.State != Approved):
			return c, refuse(RuleChanges, "changes: project %s is not one that counts", x.Project)
		case x.Project != "":
			c.projects[x.Project] = true
		case !known:
			return c, refuse(RuleChanges, "changes: no gift of donor %s counts", x.Donor)
		case x.Weight == nil:
			c.donors[x.Donor] = true
		case !r.door.Manifest.Weights:
			return c, refuse(RuleChanges, "changes: this round has no personal weights")
		case r.weight(name) == *x.Weight:
			return c, refuse(RuleChanges, "changes: donor %s has the weight %d already", x.Donor, *x.Weight)
		default:
			c.weights[x.Donor] = *x.Weight
		}
	}
	return c, nil
}

// weight returns a donor's weight as recorded, in parts per million.
func (r *Round) weight(donor string) int64 {
	if w, ok := r.weights[donor]; ok {
		return w
	}
	if w := r.door.Manifest.Params.DefaultWeight; w != nil {
		return *w
	}
	return funding.Million
}
