package charter

import (
	"fmt"
	"slices"

	"kleroterion/service/ratio"
)

var order = []string{ChamberFounders, ChamberMembers, ChamberJury}

func (c *Charter) checkChambers(f *faults) {
	at, sum := -1, ratio.Ratio{}
	for i, ch := range c.Chambers {
		p := fmt.Sprintf("/chambers/%d", i)
		place := slices.Index(order, ch.ID)
		f.unless(place >= 0, ruleChambers, p+"/id", "%.40q: a chamber is founders, members or jury", ch.ID)
		f.unless(place < 0 || place > at, ruleChambers, p+"/id", "%s does not stand in the order founders, members, jury, each once", ch.ID)
		at, sum = max(at, place), sum.Add(ch.Share)
		ch.check(f, p)
	}
	_, ok := c.Chamber(ChamberMembers)
	f.unless(ok, ruleChambers, "/chambers", "there is no chamber of members")
	f.unless(sum.Equal(ratio.New(1, 1)), ruleShares, "/chambers", "the shares sum to %s, want 1/1", sum)
}

func (ch Chamber) check(f *faults, p string) {
	switch ch.ID {
	case ChamberFounders:
		f.unless(ch.Quorum == nil, ruleQuorum, p+"/quorum", "the founders' chamber has no quorum: its absence must not block the others")
		f.unless(ch.Share.Sign() > 0, ruleFounders, p+"/share", "%s: leave the founders' chamber out instead", ch.Share)
		ch.noJury(f, p)
	case ChamberMembers:
		f.unless(ch.Share.Sign() > 0, ruleMembers, p+"/share", "%s: members must have a part in every decision", ch.Share)
		ch.checkQuorum(f, p)
		ch.noJury(f, p)
	case ChamberJury:
		f.unless(ch.Share.Sign() > 0, ruleJuryShare, p+"/share", "%s: leave the jury out instead", ch.Share)
		ch.checkQuorum(f, p)
		ch.checkJury(f, p)
	}
}

func (ch Chamber) checkQuorum(f *faults, p string) {
	q := ch.Quorum
	if q == nil {
		f.add(ruleQuorum, p, "%s have no quorum: write one", ch.ID)
		return
	}
	kinds := []string{QuorumTurnout, QuorumApproval}
	if ch.ID == ChamberJury {
		kinds = kinds[:1]
	}
	f.unless(slices.Contains(kinds, q.Kind), ruleQuorum, p+"/quorum/kind", "%.20q: a quorum of %s is one of %v", q.Kind, ch.ID, kinds)
	f.unless(inUnit(q.Min), ruleQuorum, p+"/quorum/min", "%s is not above 0 and at most 1", q.Min)
}

func (ch Chamber) noJury(f *faults, p string) {
	f.unless(ch.Thin == "" && ch.Floor == nil && ch.City == "" && ch.Seats == 0, ruleJury, p,
		"thin, floor, city and seats belong to the jury alone, not to %s", ch.ID)
}

func (ch Chamber) checkJury(f *faults, p string) {
	f.unless(slices.Contains([]string{ThinScale, ThinFail, ThinDrop}, ch.Thin), ruleJury, p+"/thin", "%.20q: write scale, fail or drop", ch.Thin)
	f.unless(isSlug(ch.City), ruleJury, p+"/city", "%.40q is not the slug of a city", ch.City)
	f.unless(ch.Seats >= 1 && ch.Seats <= maxSeats, ruleJury, p+"/seats", "%d, want 1 to %d", ch.Seats, maxSeats)
	if ch.Floor == nil {
		f.add(ruleJury, p+"/floor", "the jury has no floor: write one")
		return
	}
	f.unless(inUnit(*ch.Floor) && (ch.Quorum == nil || ch.Floor.Cmp(ch.Quorum.Min) <= 0), ruleJury, p+"/floor",
		"%s is not above 0 and at most the quorum", ch.Floor)
}

// inUnit reports 0 < r ≤ 1.
func inUnit(r ratio.Ratio) bool { return r.Sign() > 0 && r.Cmp(ratio.New(1, 1)) <= 0 }
