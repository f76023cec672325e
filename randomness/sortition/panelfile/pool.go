package panelfile

import (
	"encoding/hex"
	"iter"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/quota"
)

// Entries are the entries of a register, in its order.
func Entries(r *register.Register) iter.Seq[register.Entry] {
	return func(yield func(register.Entry) bool) {
		for i := range r.Size() {
			if !yield(r.Entry(i)) {
				return
			}
		}
	}
}

// Problem makes the pool of the terms from the entries of the register. Names of features and values
// are compared as bytes; features that no quota names are left alone. The order of entries does not
// matter.
func (t Terms) Problem(entries iter.Seq[register.Entry]) (*quota.Problem, error) {
	standing := make(map[string]quota.Standing, len(t.Seated)+len(t.Excluded))
	for _, id := range t.Excluded {
		standing[id] = quota.Excluded
	}
	for _, id := range t.Seated {
		standing[id] = quota.Seated
	}
	people, err := t.people(entries, standing)
	if err != nil {
		return nil, err
	}
	for _, ids := range [][]string{t.Seated, t.Excluded} {
		for _, id := range ids {
			if _, left := standing[id]; left {
				return nil, refuse(RuleUnknownID, "%.70q is to be seated or excluded, and is not in the register", id)
			}
		}
	}
	p, err := quota.New(t.Size, t.Quotas, people)
	if err != nil {
		return nil, wrap(RuleQuotas, err)
	}
	if p.Size == 0 {
		return nil, refuse(RuleNoSeats, "the panel has %d seats, all held already: there is nobody to draw", t.Size)
	}
	return p, nil
}

// people takes the standings it has used out of the map.
func (t Terms) people(entries iter.Seq[register.Entry], standing map[string]quota.Standing) ([]quota.Person, error) {
	features := t.features()
	var people []quota.Person
	for e := range entries {
		id := hex.EncodeToString(e.ID[:])
		p := quota.Person{ID: id, Values: make([]string, len(features)), Standing: standing[id]}
		delete(standing, id)
		for f, name := range features {
			value, ok := e.Features[name]
			if !ok {
				return nil, refuse(RuleUndisclosed, "entry %s does not disclose %q, which the quotas name", id, name)
			}
			p.Values[f] = value
		}
		if t.OnePerHousehold {
			p.Household = e.Household
		}
		people = append(people, p)
	}
	return people, nil
}

// features are the names in the order in which the quotas first name them.
func (t Terms) features() []string {
	var names []string
	seen := map[string]bool{}
	for _, q := range t.Quotas {
		if !seen[q.Feature] {
			seen[q.Feature] = true
			names = append(names, q.Feature)
		}
	}
	return names
}
