package panels

import (
	"fmt"
	"slices"

	"kleroterion/randomness/sortition/quota"
)

// Panel is one panel of the lottery by seats, and how many times in a row the lottery has it.
type Panel struct {
	Copies int64   `json:"copies"`
	Seats  []Seats `json:"seats"` // by type, ascending
}

// Seats is how many seats one type has on a panel; never 0.
type Seats struct {
	Type  int   `json:"type"`
	Count int64 `json:"count"`
}

// Seat says who sits on each panel of a lottery: one list of ids, ascending, for each of its equal
// panels. Within a type everybody gets the same number of panels, or one more:
//
// The panels are walked in order, and each type gives its seats to its members in turn: members with
// the lowest id of their household first (by id), then those with the second lowest, and so on. In a
// class of households with several types, turns are kept by edge colouring (class.go), so that no two
// seats of a panel go to one household.
//
// The panels must meet the quotas of p, which [Verify] checks; Seat refuses those it cannot seat.
func Seat(p *quota.Problem, lottery []Panel) ([][]string, error) {
	total, err := count(lottery)
	if err != nil {
		return nil, err
	}
	out := make([][]string, 0, total)
	next := make([]int, len(p.Types))
	order := make([][]string, len(p.Types))
	for t := range p.Types {
		order[t] = turns(p, t)
	}
	classes := newClasses(p, lottery)
	for _, panel := range lottery {
		for range panel.Copies {
			var ids []string
			for _, s := range panel.Seats {
				if s.Type < 0 || s.Type >= len(order) || s.Count < 0 || s.Count > p.Types[s.Type].Cap {
					return nil, fmt.Errorf("panel %d: %d seats for type %d cannot be filled", len(out), s.Count, s.Type)
				}
				if c := classes.of(p, s.Type); c != nil {
					ids = append(ids, c.take(p, s)...)
					continue
				}
				for range s.Count {
					ids = append(ids, order[s.Type][next[s.Type]])
					next[s.Type] = (next[s.Type] + 1) % len(order[s.Type])
				}
			}
			slices.Sort(ids)
			out = append(out, ids)
		}
	}
	return out, nil
}

// MaxPanels is the largest number of equal panels.
const MaxPanels = 1_000_000

func count(lottery []Panel) (int64, error) {
	total := int64(0)
	for i, p := range lottery {
		if p.Copies < 1 || p.Copies > MaxPanels {
			return 0, fmt.Errorf("lottery entry %d: %d copies: between 1 and %d are possible", i, p.Copies, MaxPanels)
		}
		total += p.Copies
	}
	if total < 1 || total > MaxPanels {
		return 0, fmt.Errorf("the lottery has %d panels: between 1 and %d are possible", total, MaxPanels)
	}
	return total, nil
}

// turns is the order in which members of type t take seats. Members of one household stand as many
// places apart as there are households, and no panel has more seats than that.
func turns(p *quota.Problem, t int) []string {
	ty := p.Types[t]
	if ty.Class < 0 {
		return ty.Members
	}
	c := p.Classes[ty.Class]
	at := slices.Index(c.Types, t)
	var out []string
	for i := 0; len(out) < len(ty.Members); i++ {
		for _, h := range c.Households {
			if i < len(h.Members[at]) {
				out = append(out, h.Members[at][i])
			}
		}
	}
	return out
}
