package sortition

import (
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
)

// none marks a cell of the register that no listed stratum contains.
const none = -1

// strataOf returns, for each cell of the register, the index of its stratum in the manifest. Cells
// of strata that are not listed get none; a cell without one of the strata_by features is an error.
func (m *Manifest) strataOf(r *register.Register) ([]int, error) {
	index := make(map[string]int, len(m.Strata))
	for i, s := range m.Strata {
		index[s.Stratum] = i
	}
	cells := r.Cells()
	of := make([]int, len(cells))
	for c, cell := range cells {
		name, err := m.stratumName(cell.Features)
		if err != nil {
			return nil, err
		}
		i, listed := index[name]
		if !listed {
			i = none
		}
		of[c] = i
	}
	return of, nil
}

// stratumName joins the values of strata_by; the one stratum of a simple draw is "".
func (m *Manifest) stratumName(features map[string]string) (string, error) {
	values := make([]string, len(m.StrataBy))
	for i, feature := range m.StrataBy {
		v, ok := features[feature]
		if !ok {
			return "", refuse("method", "strata_by names %q, which some entries of the register do not disclose", feature)
		}
		values[i] = v
	}
	return strings.Join(values, "/"), nil
}

// CheckRegister checks the manifest against the register it names: root, size, every stratum of the
// register listed, and enough people (with one_per_household: enough households) in each.
func (m *Manifest) CheckRegister(r *register.Register) error {
	if err := m.matches(r); err != nil || m.Method == Panels {
		return err
	}
	of, err := m.strataOf(r)
	if err != nil {
		return err
	}
	for c, cell := range r.Cells() {
		if of[c] == none {
			name, _ := m.stratumName(cell.Features)
			return refuse("stratum_unlisted", "the register has people in stratum %q, which the manifest does not list; give it 0 seats to leave it out in public", name)
		}
	}
	return m.checkPlaces(r, of)
}

func (m *Manifest) matches(r *register.Register) error {
	if root := beacon.Hash(r.Root()); root != m.Register.Root || int64(r.Size()) != m.Register.Size {
		return refuse("register_unknown", "register has root %s and %d entries, the manifest names %s and %d", root, r.Size(), m.Register.Root, m.Register.Size)
	}
	return nil
}

func (m *Manifest) checkPlaces(r *register.Register, of []int) error {
	people := m.eligible(r, of)
	for i, s := range m.Strata {
		if s.Seats+s.Alternates > people[i] {
			unit := "people"
			if m.OnePerHousehold {
				unit = "households"
			}
			return refuse("stratum_small", "stratum %q: %d seats and %d alternates, but %d %s", s.Stratum, s.Seats, s.Alternates, people[i], unit)
		}
	}
	return nil
}

// eligible counts the people of each stratum, people of one household as one where only one of them
// can be drawn. A household that spans strata counts in each. Counting a stratum ends where it has
// enough: of a large register a small part is looked at.
func (m *Manifest) eligible(r *register.Register, of []int) []int64 {
	type home struct {
		stratum   int
		household uint64
	}
	count := make([]int64, len(m.Strata))
	homes := map[home]bool{}
	short := 0
	for _, s := range m.Strata {
		if s.Seats+s.Alternates > 0 {
			short++
		}
	}
	for i := 0; i < r.Size() && short > 0; i++ {
		s := of[r.Cell(i)]
		if s == none || count[s] >= m.Strata[s].Seats+m.Strata[s].Alternates {
			continue
		}
		if h, ok := r.Household(i); m.OnePerHousehold && ok {
			if homes[home{s, h}] {
				continue
			}
			homes[home{s, h}] = true
		}
		if count[s]++; count[s] == m.Strata[s].Seats+m.Strata[s].Alternates {
			short--
		}
	}
	return count
}
