package charter

import (
	"slices"

	"kleroterion/service/identity"
)

// slow is the ratchet of charter.md a second time: every epoch by itself, every count from scratch.
type slow struct {
	adoptions []adopted
	moves     []Move
}

// before is the charter in force before a second, -1 for none.
func (s *slow) before(t int64) int {
	in := -1
	for i, a := range s.adoptions {
		if a.effective < t {
			in = i
		}
	}
	return in
}

// people are the members whose moves came before a second: admission times of the active ones.
func (s *slow) people(t int64) map[string]int64 {
	active, admitted := map[string]int64{}, map[string]int64{}
	for _, mv := range s.moves {
		id := mv.Statement.Member
		switch {
		case mv.At >= t:
		case mv.Statement.Action == identity.ActionAdmit:
			admitted[id], active[id] = mv.At, mv.At
		case mv.Statement.Action == identity.ActionRestore:
			active[id] = admitted[id]
		case mv.Statement.Action == identity.ActionSuspend || mv.Statement.Action == identity.ActionLeave:
			delete(active, id)
		}
	}
	return active
}

func (s *slow) count(c *Charter, t int64) (n int64) {
	for id, at := range s.people(t) {
		if at+c.Ratchet.Age <= t && !slices.Contains(c.Founders.Members, id) {
			n++
		}
	}
	return n
}

// at walks through all epochs that ended at or before t.
func (s *slow) at(t int64) (tier int, events []TierEvent) {
	start, epoch := s.adoptions[0].charter.Ratchet.Start, s.adoptions[0].charter.Ratchet.Epoch
	rows, last := []int64{}, -1
	for e := int64(0); start+(e+1)*epoch <= t; e++ {
		end := start + (e+1)*epoch
		in := s.before(end)
		if in < 0 {
			continue
		}
		r := s.adoptions[in].charter.Ratchet
		for ; last < in; last++ {
			rows = fit(rows, s.adoptions[last+1].charter.Ratchet)
		}
		if r == nil {
			continue
		}
		n := s.count(s.adoptions[in].charter, end)
		for i, t := range r.Tiers {
			rows[i]++
			if n < t.Members {
				rows[i] = 0
			}
		}
		if tier+1 >= len(r.Tiers) {
			continue
		}
		up := r.Tiers[tier+1]
		by := ByMembers
		if rows[tier+1] < up.Hold {
			by = ByAfter
		}
		if by == ByMembers || end-start >= up.After {
			tier++
			events = append(events, TierEvent{Epoch: e, Tier: tier, At: end, Members: n, Share: up.Share, By: by})
		}
	}
	return tier, events
}

func fit(rows []int64, r *Ratchet) []int64 {
	if r == nil {
		return nil
	}
	fitted := make([]int64, len(r.Tiers))
	copy(fitted, rows)
	return fitted
}
