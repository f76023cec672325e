package voting_test

import (
	"bytes"
	"math/big"
	"slices"

	"kleroterion/service/voting"
)

// plain is a ballot as plain data, before any of the package's code has seen it.
type plain struct {
	chamber, voter string
	n              int64
	invalid        string
	raw            string // a choice that is refused with the code in invalid
	vote           string // yes, no, abstain, blank
	delegate       string
	approve        []string
	table          map[string]int64 // scores or votes
	ranking        [][]string
}

func (p plain) decisive() bool {
	return p.vote == "yes" || p.vote == "no" || len(p.approve) > 0 || p.table != nil || p.ranking != nil
}

// counted is what the slow count and the package must agree on.
type counted struct {
	Valid, Blank, Invalid, Delegated, Yes, No map[string]int64
	Effective                                 map[string]string
	Rejects                                   map[string]string // voter to rule
	Rate                                      string
	Scores                                    map[string]string
	Eliminated                                []string
	Weights                                   []map[string]string // irv, by round
	Pairwise, Paths                           map[string]string
	Ties                                      [][]string
	Elected                                   []string
	Passed                                    bool
	Reason                                    string
}

// slow counts by tally.md as written, ballot by ballot in fractions: it shares no code with the
// package but the types of the rules and the tie keys.
type slow struct {
	r       *voting.Rules
	keys    voting.TieKeys
	ballots []plain // with delegations replaced by copies of the delegate's ballot
	out     counted
}

func countSlowly(r *voting.Rules, ballots []plain, keys voting.TieKeys) counted {
	s := &slow{r: r, keys: keys, out: counted{Valid: map[string]int64{}, Blank: map[string]int64{}, Invalid: map[string]int64{}, Delegated: map[string]int64{},
		Yes: map[string]int64{}, No: map[string]int64{}, Effective: map[string]string{}, Rejects: map[string]string{}, Scores: map[string]string{},
		Pairwise: map[string]string{}, Paths: map[string]string{}}}
	s.expand(ballots)
	cast := map[string]int64{}
	for _, b := range ballots {
		cast[b.chamber]++
	}
	for _, b := range s.ballots {
		switch {
		case b.decisive():
			s.out.Valid[b.chamber]++
		default:
			s.out.Blank[b.chamber]++
		}
		switch b.vote {
		case "yes":
			s.out.Yes[b.chamber]++
		case "no":
			s.out.No[b.chamber]++
		}
	}
	for id, e := range s.effective(cast) {
		s.out.Effective[id] = e.String()
	}
	s.out.Reason = s.rejection(cast)
	if s.out.Valid["members"] > 0 {
		s.count(s.effective(cast))
	}
	if s.out.Reason != "passed" && s.out.Reason != "elected" {
		s.out.Elected, s.out.Passed = nil, false
	}
	return s.out
}

func (s *slow) rules(id string) *voting.Chamber {
	for i := range s.r.Chambers {
		if s.r.Chambers[i].ID == id {
			return &s.r.Chambers[i]
		}
	}
	return nil
}

// expand decides delegations one by one: a delegation is early enough when fewer than the cap precede it.
func (s *slow) expand(ballots []plain) {
	reject := func(b plain, rule string) {
		s.out.Rejects[b.voter] = rule
		s.out.Invalid[b.chamber]++
	}
	for _, b := range ballots {
		if b.invalid != "" {
			reject(b, b.invalid)
			continue
		}
		if b.delegate == "" {
			s.ballots = append(s.ballots, b)
			continue
		}
		if b.chamber != "members" {
			reject(b, "delegation_chamber")
			continue
		}
		var found *plain
		before := int64(0)
		for i, o := range ballots {
			if o.voter == b.delegate && o.delegate == "" && o.invalid == "" {
				found = &ballots[i]
			}
			if o.delegate == b.delegate && o.chamber == "members" && (o.n < b.n || o.n == b.n && o.voter < b.voter) {
				before++
			}
		}
		room := new(big.Rat).Mul(s.r.Cap.Rat(), big.NewRat(s.rules("members").Electors, 1)) // accepted iff before+1 <= cap*E
		switch {
		case found == nil:
			reject(b, "delegate_absent")
		case big.NewRat(before+1, 1).Cmp(room) > 0:
			reject(b, "delegation_cap")
		default:
			copied := *found
			copied.voter = b.voter
			s.ballots = append(s.ballots, copied)
			s.out.Delegated["members"]++
		}
	}
}

func (s *slow) met(id string, cast map[string]int64) bool {
	c := s.rules(id)
	if c.Quorum == nil {
		return true
	}
	n := cast[id]
	if c.Quorum.Kind == "approval" {
		if n = s.out.Valid[id]; s.r.Method == "yes_no" {
			n = s.out.Yes[id]
		}
	}
	return c.Electors > 0 && big.NewRat(n, c.Electors).Cmp(c.Quorum.Min.Rat()) >= 0
}

func (s *slow) effective(cast map[string]int64) map[string]*big.Rat {
	out, released := map[string]*big.Rat{}, new(big.Rat)
	for _, c := range s.r.Chambers {
		e := c.Share.Rat()
		if c.ID != "members" && s.out.Valid[c.ID] == 0 || c.Thin == "drop" && !s.met(c.ID, cast) {
			e = new(big.Rat)
		} else if c.Thin == "scale" && c.Quorum != nil {
			factor := new(big.Rat).SetFrac64(s.out.Valid[c.ID], c.Electors)
			factor.Quo(factor, c.Quorum.Min.Rat())
			if factor.Cmp(big.NewRat(1, 1)) < 0 {
				e.Mul(e, factor)
			}
		}
		released.Add(released, new(big.Rat).Sub(c.Share.Rat(), e))
		out[c.ID] = e
	}
	out["members"].Add(out["members"], released)
	return out
}

func (s *slow) rejection(cast map[string]int64) string {
	if !s.met("members", cast) {
		return "quorum:members"
	}
	if j := s.rules("jury"); j != nil {
		if j.Floor != nil && (j.Electors == 0 || big.NewRat(cast["jury"], j.Electors).Cmp(j.Floor.Rat()) < 0) {
			return "floor:jury"
		}
		if j.Thin == "fail" && !s.met("jury", cast) {
			return "quorum:jury"
		}
	}
	if s.rules("founders") != nil && !s.met("founders", cast) {
		return "quorum:founders"
	}
	if s.out.Valid["members"] == 0 {
		return "no_members"
	}
	return ""
}

func (s *slow) count(effective map[string]*big.Rat) {
	weigh := func(b plain) *big.Rat {
		return new(big.Rat).Quo(effective[b.chamber], big.NewRat(s.out.Valid[b.chamber], 1))
	}
	var decisive []plain
	for _, b := range s.ballots {
		if b.decisive() {
			decisive = append(decisive, b)
		}
	}
	s.ballots = decisive
	switch s.r.Method {
	case "yes_no":
		s.countYesNo(weigh)
	case "irv":
		s.elected([]string{s.runOff(slices.Clone(s.r.Options), weigh)})
	case "schulze":
		s.countSchulze(weigh)
	default:
		s.countSums(weigh)
	}
}

func (s *slow) elected(list []string) {
	s.out.Elected = list
	if s.out.Reason == "" && len(list) == 0 {
		s.out.Reason = "no_option"
	} else if s.out.Reason == "" {
		s.out.Reason = "elected"
	}
}

func (s *slow) countYesNo(weigh func(plain) *big.Rat) {
	rate := new(big.Rat)
	for _, b := range s.ballots {
		if b.vote == "yes" {
			rate.Add(rate, weigh(b))
		}
	}
	s.out.Rate = rate.String()
	over := rate.Cmp(s.r.Threshold.Rat())
	if s.out.Reason == "" {
		s.out.Reason = "threshold"
		if over > 0 || over == 0 && s.r.Inclusive {
			s.out.Reason, s.out.Passed = "passed", true
		}
	}
}

func (s *slow) countSums(weigh func(plain) *big.Rat) {
	total := map[string]*big.Rat{}
	for _, o := range s.r.Options {
		total[o] = new(big.Rat)
		for _, b := range s.ballots {
			value := b.table[o]
			if slices.Contains(b.approve, o) {
				value = 1
			}
			total[o].Add(total[o], new(big.Rat).Mul(weigh(b), big.NewRat(value, 1)))
		}
		s.out.Scores[o] = total[o].String()
	}
	least := new(big.Rat)
	if s.r.Minimum != nil {
		least = s.r.Minimum.Rat()
	}
	var list []string
	for int64(len(list)) < s.r.Winners {
		var equals []string
		for _, o := range s.r.Options { // the best of those that are left
			if slices.Contains(list, o) || total[o].Sign() <= 0 || total[o].Cmp(least) < 0 {
				continue
			}
			if len(equals) > 0 && total[o].Cmp(total[equals[0]]) > 0 {
				equals = nil
			}
			if len(equals) == 0 || total[o].Cmp(total[equals[0]]) == 0 {
				equals = append(equals, o)
			}
		}
		if len(equals) == 0 {
			break
		}
		places := int(s.r.Winners) - len(list)
		if len(equals) <= places {
			list = append(list, equals[0])
			continue
		}
		s.sortByKey(equals)
		s.out.Ties = append(s.out.Ties, equals)
		list = append(list, equals[:places]...)
	}
	s.elected(list)
}

func (s *slow) sortByKey(options []string) {
	slices.SortFunc(options, func(a, b string) int { x, y := s.keys(a), s.keys(b); return bytes.Compare(x[:], y[:]) })
}
