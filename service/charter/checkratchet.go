package charter

import (
	"fmt"

	"kleroterion/service/ratio"
)

func (c *Charter) checkRatchet(f *faults, dev bool) {
	ch, has := c.Chamber(ChamberFounders)
	r := c.Ratchet
	if has != (r != nil) {
		f.add(ruleRatchet, "/ratchet", "a founders' chamber and a ratchet go together: without one their share would never shrink")
	}
	if r == nil {
		return
	}
	least := int64(day)
	if dev {
		least = 1
	}
	f.unless(r.Epoch >= least && r.Epoch <= year, ruleRatchet, "/ratchet/epoch", "%d seconds, want %d to %d", r.Epoch, least, year)
	f.unless(r.Age >= 0 && r.Age <= year, ruleRatchet, "/ratchet/age", "%d seconds, want 0 to %d", r.Age, year)
	f.unless(r.Start >= 0 && r.Start <= maxInt, ruleRatchet, "/ratchet/start", "%d is not a Unix time", r.Start)
	f.unless(len(r.Tiers) >= 2 && len(r.Tiers) <= maxTiers, ruleRatchet, "/ratchet/tiers", "%d tiers, want 2 to %d", len(r.Tiers), maxTiers)
	r.checkTiers(f)
	if has && len(r.Tiers) > 0 {
		f.unless(r.Tiers[0].Share.Equal(ch.Share), ruleShares, "/ratchet/tiers/0/share",
			"%s, but the founders' chamber has %s: it names the share of tier 0", r.Tiers[0].Share, ch.Share)
	}
	c.checkMembersPart(f)
}

func (r *Ratchet) checkTiers(f *faults) {
	for i, t := range r.Tiers {
		p := fmt.Sprintf("/ratchet/tiers/%d", i)
		f.unless(t.Share.Sign() >= 0, ruleRatchet, p+"/share", "%s is below 0", t.Share)
		if i == 0 {
			f.unless(t.Members == 0 && t.Hold == 0 && t.After == 0, ruleRatchet, p, "tier 0 is where it begins: it has a share alone")
			continue
		}
		before := r.Tiers[i-1]
		f.unless(t.Share.Cmp(before.Share) < 0, ruleRises, p+"/share", "%s is not below the %s of the tier before", t.Share, before.Share)
		f.unless(t.Members >= 1 && t.Members <= maxInt, ruleRatchet, p+"/members", "%d, want 1 to 2^53-1", t.Members)
		f.unless(t.Hold >= 1 && t.Hold <= maxHold, ruleRatchet, p+"/hold", "%d epochs, want 1 to %d", t.Hold, maxHold)
		f.unless(t.After > before.After && t.After <= maxAfter, ruleRatchet, p+"/after",
			"%d seconds, want more than the %d of the tier before and at most %d", t.After, before.After, int64(maxAfter))
	}
}

// checkMembersPart holds the members' part of every tier above zero: it is what founders and jury leave.
func (c *Charter) checkMembersPart(f *faults) {
	jury, _ := c.Chamber(ChamberJury)
	for i, t := range c.Ratchet.Tiers {
		left := ratio.New(1, 1).Sub(jury.Share).Sub(t.Share)
		f.unless(left.Sign() > 0, ruleMembers, fmt.Sprintf("/ratchet/tiers/%d/share", i), "founders %s and jury %s leave the members %s", t.Share, jury.Share, left)
	}
}
