package alternates

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition/quota"
)

// alone is the household of a person who shares none.
const alone = -1

// Pool is the candidates of one draw in ticket order. It is immutable.
type Pool struct {
	problem *quota.Problem
	people  []person       // by (ticket, id)
	index   map[string]int // of an id in people
	kinds   []kind
}

type person struct {
	id     string
	ticket randomness.Ticket
	kind   int
	home   int // households are numbered; alone where nobody else of it is in the pool
}

// kind is the people with the same value of every feature: seating one or another is the same to all
// quotas.
type kind struct {
	values []int
	people []int // ascending, so in ticket order
}

// NewPool takes the pool that the draw's file gives with the register (panelfile.Lottery.Problem) and
// the seed of its result.
func NewPool(p *quota.Problem, seed randomness.Seed) (*Pool, error) {
	out := &Pool{problem: p, index: map[string]int{}}
	homes := homesOf(p)
	tickets := seed.Tickets()
	for t, ty := range p.Types {
		// Types ascend by values, then by class: those of one kind are neighbours.
		if t == 0 || !slices.Equal(p.Types[t-1].Values, ty.Values) {
			out.kinds = append(out.kinds, kind{values: ty.Values})
		}
		for _, id := range ty.Members {
			b, err := hex.DecodeString(id)
			if err != nil || len(b) != 32 || hex.EncodeToString(b) != id {
				return nil, fmt.Errorf("id %.70q is not of a register: want 64 lower-case hex characters", id)
			}
			home, shared := homes[id]
			if !shared {
				home = alone
			}
			out.people = append(out.people, person{id: id, ticket: tickets.Of([32]byte(b)), kind: len(out.kinds) - 1, home: home})
		}
	}
	slices.SortFunc(out.people, func(a, b person) int {
		if c := bytes.Compare(a.ticket[:], b.ticket[:]); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	for i, p := range out.people {
		out.index[p.id] = i
		out.kinds[p.kind].people = append(out.kinds[p.kind].people, i)
	}
	return out, nil
}

func homesOf(p *quota.Problem) map[string]int {
	homes := map[string]int{}
	next := 0
	for _, c := range p.Classes {
		for _, h := range c.Households {
			for _, members := range h.Members {
				for _, id := range members {
					homes[id] = next
				}
			}
			next++
		}
	}
	return homes
}

// People is the number of candidates.
func (p *Pool) People() int { return len(p.people) }

// find looks ids up, in the order given.
func (p *Pool) find(what string, ids []string) ([]int, error) {
	out := make([]int, len(ids))
	seen := make(map[string]bool, len(ids))
	for i, id := range ids {
		at, ok := p.index[id]
		if !ok || seen[id] {
			return nil, fmt.Errorf("%s: id %.70q is not a candidate of the draw, or stands twice", what, id)
		}
		seen[id] = true
		out[i] = at
	}
	return out, nil
}

func (p *Pool) ids(people []int) []string {
	out := make([]string, len(people))
	for i, at := range people {
		out[i] = p.people[at].id
	}
	return out
}
