package charter

import (
	"math/big"

	"kleroterion/service/ratio"
)

// ChamberShare is the part of one chamber in a decision.
type ChamberShare struct {
	ID    string
	Share ratio.Ratio
}

// SharesAt returns the chambers of a poll that opens in this tier while this many founders are active, in
// the order of the charter; they sum to 1. A founders' chamber without an active founder, or with share 0,
// is left out and the members have its part. A tier beyond the last one is the last. Without a ratchet the
// tier says nothing.
func (c *Charter) SharesAt(tier int, founders int64) ([]ChamberShare, error) {
	if tier < 0 || founders < 0 {
		return nil, refuse(ruleRatchet, "", "tier %d with %d active founders: neither can be below 0", tier, founders)
	}
	part := c.founderShare(tier)
	if founders == 0 {
		part = ratio.Ratio{}
	}
	jury, _ := c.Chamber(ChamberJury)
	var list []ChamberShare
	for _, ch := range c.Chambers {
		switch ch.ID {
		case ChamberFounders:
			if part.Sign() > 0 {
				list = append(list, ChamberShare{ch.ID, part})
			}
		case ChamberMembers:
			list = append(list, ChamberShare{ch.ID, ratio.New(1, 1).Sub(jury.Share).Sub(part)})
		default:
			list = append(list, ChamberShare{ch.ID, ch.Share})
		}
	}
	return list, nil
}

// founderShare is the founders' share in a tier, 0 without their chamber.
func (c *Charter) founderShare(tier int) ratio.Ratio {
	if c.Ratchet == nil || len(c.Ratchet.Tiers) == 0 {
		return ratio.Ratio{}
	}
	return c.Ratchet.Tiers[max(0, min(tier, len(c.Ratchet.Tiers)-1))].Share
}

// WhatJuryDecides returns the members' yes rates between which, and only strictly between is promised, a
// unanimous jury decides a yes/no poll: it passes with the jury and fails against it. The founders are
// taken to vote as one with the members' majority: no at a rate of 1/2 or less, yes above. low = high
// means that the jury decides nothing in this tier. Rule: charter.md, "What the jury decides".
func WhatJuryDecides(c *Charter, tier int) (low, high ratio.Ratio) {
	jury, _ := c.Chamber(ChamberJury)
	founders := c.founderShare(tier)
	members := ratio.New(1, 1).Sub(jury.Share).Sub(founders)
	low = leastRate(c.Threshold.Sub(jury.Share), members, founders)
	return low, leastRate(c.Threshold, members, founders)
}

// leastRate is the infimum of the rates x with x·members + [x > 1/2]·founders ≥ need, held to 0..1.
func leastRate(need, members, founders ratio.Ratio) ratio.Ratio {
	half := ratio.New(1, 2)
	alone := quo(need, members)
	if alone.Cmp(half) >= 0 {
		alone = larger(half, quo(need.Sub(founders), members))
	}
	if one := ratio.New(1, 1); alone.Cmp(one) > 0 {
		return one
	}
	return larger(ratio.Ratio{}, alone)
}

func larger(a, b ratio.Ratio) ratio.Ratio {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

func quo(a, b ratio.Ratio) ratio.Ratio { return ratio.Of(new(big.Rat).Quo(a.Rat(), b.Rat())) }
