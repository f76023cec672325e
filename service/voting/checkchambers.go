package voting

import "slices"

func (r *Rules) checkChambers() error {
	seen := map[string]bool{}
	for i := range r.Chambers {
		c := &r.Chambers[i]
		if !slices.Contains([]string{Members, Jury, Founders}, c.ID) {
			return refuse("chamber", "chamber %.40q is none of members, jury, founders", c.ID)
		}
		if seen[c.ID] {
			return refuse("chamber", "chamber %s is listed twice", c.ID)
		}
		seen[c.ID] = true
		if err := c.check(); err != nil {
			return err
		}
	}
	if !seen[Members] {
		return refuse("chamber", "there is no chamber members")
	}
	return nil
}

func (c *Chamber) check() error {
	if c.Electors < 0 || c.Electors > maxElectors {
		return refuse("electors", "%s: %d electors, want 0 to %d", c.ID, c.Electors, int64(maxElectors))
	}
	if err := c.checkQuorum(); err != nil {
		return err
	}
	if c.ID == Jury {
		return c.checkJury()
	}
	if c.Thin != "" || c.Floor != nil {
		return refuse("jury_only", "%s: thin and floor belong to the jury alone", c.ID)
	}
	return nil
}

func (c *Chamber) checkQuorum() error {
	q := c.Quorum
	switch {
	case q == nil:
		return nil
	case q.Kind != OfTurnout && (q.Kind != OfApproval || c.ID == Jury):
		return refuse("quorum", "%s: quorum kind %.20q: want turnout, or approval outside the jury", c.ID, q.Kind)
	case q.Min.Sign() <= 0 || q.Min.Cmp(one) > 0:
		return refuse("quorum", "%s: quorum %s is not above 0/1 and at most 1/1", c.ID, q.Min)
	}
	return nil
}

func (c *Chamber) checkJury() error {
	switch {
	case !slices.Contains([]Thin{Scale, Fail, Drop}, c.Thin):
		return refuse("thin", "jury: thin is %.20q, write scale, fail or drop", c.Thin)
	case c.Thin != Scale && c.Quorum == nil:
		return refuse("thin", "jury: thin %s means nothing without a quorum", c.Thin)
	case c.Floor != nil && (c.Floor.Sign() <= 0 || c.Floor.Cmp(one) > 0):
		return refuse("floor", "jury: floor %s is not above 0/1 and at most 1/1", c.Floor)
	case c.Floor != nil && c.Quorum != nil && c.Floor.Cmp(c.Quorum.Min) > 0:
		return refuse("floor", "jury: floor %s is above the quorum %s", c.Floor, c.Quorum.Min)
	}
	return nil
}

func (r *Rules) checkShares() error {
	sum := zero
	for _, c := range r.Chambers {
		if c.ID == Members && c.Share.Sign() == 0 {
			return refuse("shares", "the members have no share")
		}
		sum = sum.Add(c.Share)
	}
	if !sum.Equal(one) {
		return refuse("shares", "the chambers' shares sum to %s, want 1/1", sum)
	}
	return nil
}
