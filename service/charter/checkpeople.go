package charter

import (
	"fmt"
	"strings"
)

func (c *Charter) checkAttesters(f *faults) {
	a := c.Attesters
	f.unless(len(a.Of) >= 1 && len(a.Of) <= maxOf, ruleAttesters, "/attesters/of", "%d attesters, want 1 to %d", len(a.Of), maxOf)
	f.unless(a.K >= 1 && a.K <= int64(len(a.Of)), ruleAttesters, "/attesters/k", "%d, want 1 to the %d attesters", a.K, len(a.Of))
	for i, one := range a.Of {
		p := fmt.Sprintf("/attesters/of/%d", i)
		f.unless(isSlug(one.ID), ruleAttesters, p+"/id", "%.40q is not of the form of a slug", one.ID)
		f.unless(i == 0 || a.Of[i-1].ID < one.ID, ruleAttesters, p+"/id", "%.40q does not stand after the one before it", one.ID)
		if err := one.Key.Check(); err != nil {
			f.add(ruleAttesters, p+"/key", "%v", err)
		}
		for j, other := range a.Of[:i] {
			f.unless(!one.Key.Equal(other.Key), ruleAttesters, p+"/key", "the same key as attester %d: one attester may not count twice", j)
		}
	}
}

func (c *Charter) checkFounders(f *faults) {
	_, has := c.Chamber(ChamberFounders)
	if has != (c.Founders != nil) {
		f.add(ruleFounders, "/founders", "a founders' chamber and the list of its founders go together")
	}
	if c.Founders == nil {
		return
	}
	ids := c.Founders.Members
	f.unless(len(ids) >= 1 && len(ids) <= maxFounder, ruleFounders, "/founders/members", "%d founders, want 1 to %d", len(ids), maxFounder)
	for i, id := range ids {
		p := fmt.Sprintf("/founders/members/%d", i)
		f.unless(isMember(id), ruleFounders, p, "%.70q is not a member id of 64 hexadecimal digits", id)
		f.unless(i == 0 || ids[i-1] < id, ruleFounders, p, "%.70q does not stand after the one before it", id)
	}
}

func isMember(id string) bool { return len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" }
