package voting

import (
	"math/big"

	"kleroterion/service/ratio"
)

// participation fills in turnout and quorum of each chamber, and the votes of yes_no.
func (t *tally) participation() {
	for i := range t.chambers {
		c, rule := &t.chambers[i], &t.rules.Chambers[i]
		c.Turnout = part(c.Cast, c.Electors)
		if t.rules.Method == YesNo {
			c.Yes, c.No = new(int64), new(int64)
		}
		c.QuorumMet = rule.Quorum == nil || c.Turnout.Cmp(rule.Quorum.Min) >= 0
	}
	if t.rules.Method == YesNo {
		t.countYesNo()
	}
	for i := range t.chambers {
		c, q := &t.chambers[i], t.rules.Chambers[i].Quorum
		if q != nil && q.Kind == OfApproval {
			c.QuorumMet = part(c.approving(), c.Electors).Cmp(q.Min) >= 0
		}
	}
}

// approving is what an approval quorum counts: yes votes, or decisive ballots where there is no yes.
func (c *ChamberCount) approving() int64 {
	if c.Yes != nil {
		return *c.Yes
	}
	return c.Valid
}

// effective shares: what the other chambers do not use goes to the members (K-TALLY/1 rule 5).
func (t *tally) effective() {
	rest, members := one, t.chamber(Members)
	for i := range t.chambers {
		if i == members {
			continue
		}
		t.chambers[i].Effective = t.used(i)
		rest = rest.Sub(t.chambers[i].Effective)
	}
	t.chambers[members].Effective = rest
	t.weight = make([]*big.Rat, len(t.chambers))
	for i, c := range t.chambers {
		t.weight[i] = new(big.Rat)
		if c.Valid > 0 {
			t.weight[i] = t.weight[i].Quo(c.Effective.Rat(), whole(c.Valid).Rat())
		}
	}
}

// used is the part of its share that a chamber other than the members' uses.
func (t *tally) used(i int) ratio.Ratio {
	c, rule := &t.chambers[i], &t.rules.Chambers[i]
	switch {
	case c.Valid == 0, rule.Thin == Drop && !c.QuorumMet:
		return zero
	case rule.Thin != Scale || rule.Quorum == nil:
		return c.Share
	}
	full := rule.Quorum.Min.Mul(whole(c.Electors)) // decisive jurors who carry the whole share
	if whole(c.Valid).Cmp(full) >= 0 {
		return c.Share
	}
	each := new(big.Rat).Quo(whole(c.Valid).Rat(), full.Rat())
	return c.Share.Mul(ratio.Of(each))
}

// rejected returns the first reason for which the poll fails whatever its votes were, or "".
func (t *tally) rejected() Reason {
	for _, reason := range []Reason{QuorumMembers, FloorJury, QuorumJury, QuorumFounders} {
		for i := range t.chambers {
			if t.fails(i, reason) {
				return reason
			}
		}
	}
	if !t.spoken() {
		return NoMembers
	}
	return ""
}

func (t *tally) fails(i int, reason Reason) bool {
	c, rule := &t.chambers[i], &t.rules.Chambers[i]
	switch reason {
	case QuorumMembers:
		return c.ID == Members && !c.QuorumMet
	case FloorJury:
		return rule.Floor != nil && c.Turnout.Cmp(*rule.Floor) < 0
	case QuorumJury:
		return rule.Thin == Fail && !c.QuorumMet
	case QuorumFounders:
		return c.ID == Founders && !c.QuorumMet
	}
	return false
}

// spoken reports whether a member voted decisively: without one nothing is combined.
func (t *tally) spoken() bool { return t.chambers[t.chamber(Members)].Valid > 0 }
