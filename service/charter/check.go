package charter

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/randomness/beacon"
	"kleroterion/service/ratio"
)

// The rules of a charter's form, as charter.md lists them.
const (
	ruleForm       = "charter_form"
	ruleSequence   = "sequence"
	ruleChain      = "chain"
	ruleChambers   = "chambers"
	ruleShares     = "shares_not_one"
	ruleMembers    = "members_share"
	ruleJuryShare  = "jury_share"
	ruleJury       = "jury_form"
	ruleQuorum     = "quorum"
	ruleThreshold  = "threshold"
	ruleAmendment  = "amendment"
	ruleAttesters  = "attesters"
	ruleBallot     = "ballot_form"
	ruleFounders   = "founders"
	ruleRatchet    = "ratchet_form"
	ruleRises      = "ratchet_rises"
	ruleDelegation = "delegation"
)

const (
	maxInt     = 1<<53 - 1
	maxText    = 200
	maxSlug    = 100
	maxDays    = 45
	day        = 86_400
	year       = 31_622_400 // of 366 days
	minDelay   = 1_209_600
	maxOf      = 100
	maxTiers   = 100
	maxHold    = 1_000
	maxAfter   = 20 * year
	maxSeats   = 1_000
	maxFounder = 100
	maxDenom   = 1_000_000 // keeps what a tally computes from it short
)

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// Check checks every rule that the charter alone can break and joins all refusals. dev says whether its
// chain is a dev chain.
func (c *Charter) Check(dev bool) error {
	var f faults
	c.checkHead(&f)
	c.checkFractions(&f)
	c.checkChain(&f, dev)
	c.checkChambers(&f)
	c.checkAttesters(&f)
	c.checkBallot(&f, dev)
	c.checkThresholds(&f, dev)
	c.checkFounders(&f)
	c.checkRatchet(&f, dev)
	c.checkDelegation(&f)
	return f.err()
}

func (c *Charter) checkHead(f *faults) {
	f.unless(c.V == 1, ruleForm, "/v", "version %d, this program knows 1", c.V)
	f.unless(isSlug(c.Community), ruleForm, "/community", "%.40q is not a slug: a-z 0-9 - _ . after a letter or digit, at most %d bytes", c.Community, maxSlug)
	f.unless(isText(c.Name), ruleForm, "/name", "the name is empty, longer than %d bytes or has a control character", maxText)
	f.unless(c.Seq >= 1 && c.Seq <= maxInt, ruleSequence, "/seq", "%d, the first charter is 1", c.Seq)
	f.unless((c.Seq == 1) == (c.Prev == beacon.Hash{}), ruleSequence, "/prev",
		"charter %d with prev %s: the first has 64 zeros, a later one the hash of the one before", c.Seq, c.Prev)
}

// checkChain holds dev to what is pinned, so that no caller can loosen a real charter by mistake. A
// retired chain passes: old charters must stay readable.
func (c *Charter) checkChain(f *faults, dev bool) {
	known, pinned := beacon.Pinned().Lookup(c.Chain)
	real := pinned && (known.Status == beacon.StatusLive || known.Status == beacon.StatusRetired)
	switch {
	case pinned && !real:
		f.add(ruleChain, "/chain", "%s is %s: choose a live chain, or a dev chain for a rehearsal", known.Name, known.Status)
	case real && dev:
		f.add(ruleChain, "/chain", "%s is a live chain and cannot be read as a dev chain", known.Name)
	case !real && !dev:
		f.add(ruleChain, "/chain", "%s is not a known live chain: name one, or declare the dev chain", c.Chain)
	}
}

// checkDelegation also wants sealed choices to be long enough to name whom somebody delegates to.
func (c *Charter) checkDelegation(f *faults) {
	d := c.Delegation
	if d == nil {
		return
	}
	fits := d.Cap.Sign() > 0 && d.Cap.Cmp(ratio.New(1, 10)) <= 0
	f.unless(fits, ruleDelegation, "/delegation/cap", "%s is not above 0 and at most 1/10: leave delegation out to forbid it", d.Cap)
	f.unless(!fits || c.Ballot.Mode != ModeSealed || c.Ballot.Size > 256, ruleDelegation, "/ballot/size",
		"%d bytes do not hold a sealed delegation, which takes 261: want 512 or 1024", c.Ballot.Size)
}

func (c *Charter) checkFractions(f *faults) {
	short := func(r ratio.Ratio, pointer string) {
		d := r.Rat().Denom()
		f.unless(d.IsInt64() && d.Int64() <= maxDenom, ruleForm, pointer, "the fraction's denominator is above %d", maxDenom)
	}
	for i, ch := range c.Chambers {
		p := fmt.Sprintf("/chambers/%d", i)
		short(ch.Share, p+"/share")
		if ch.Quorum != nil {
			short(ch.Quorum.Min, p+"/quorum/min")
		}
		if ch.Floor != nil {
			short(*ch.Floor, p+"/floor")
		}
	}
	short(c.Threshold, "/threshold")
	short(c.Amendment.Threshold, "/amendment/threshold")
	if c.Ratchet != nil {
		for i, t := range c.Ratchet.Tiers {
			short(t.Share, fmt.Sprintf("/ratchet/tiers/%d/share", i))
		}
	}
	if c.Delegation != nil {
		short(c.Delegation.Cap, "/delegation/cap")
	}
}

func (c *Charter) checkBallot(f *faults, dev bool) {
	b := c.Ballot
	least := int64(1)
	if dev {
		least = 0
	}
	f.unless(b.Mode == ModeSealed || b.Mode == ModeOpen, ruleBallot, "/ballot/mode", "%.20q: write sealed or open", b.Mode)
	f.unless(b.Days >= 1 && b.Days <= maxDays, ruleBallot, "/ballot/days", "%d, want 1 to %d", b.Days, maxDays)
	f.unless(b.Notice >= least && b.Notice <= b.Days*day, ruleBallot, "/ballot/notice",
		"%d seconds, want %d to the %d days that a poll may last", b.Notice, least, b.Days)
	f.unless(b.Size == 256 || b.Size == 512 || b.Size == 1024, ruleBallot, "/ballot/size", "%d, want 256, 512 or 1024", b.Size)
}

func (c *Charter) checkThresholds(f *faults, dev bool) {
	least := int64(minDelay)
	if dev {
		least = 0
	}
	half, a := ratio.New(1, 2), c.Amendment
	inRange := func(r ratio.Ratio) bool { return r.Cmp(half) >= 0 && r.Cmp(ratio.New(1, 1)) < 0 }
	f.unless(inRange(c.Threshold), ruleThreshold, "/threshold", "%s is not from 1/2 to below 1", c.Threshold)
	f.unless(inRange(a.Threshold), ruleAmendment, "/amendment/threshold", "%s is not from 1/2 to below 1", a.Threshold)
	f.unless(a.Threshold.Cmp(c.Threshold) >= 0, ruleAmendment, "/amendment/threshold",
		"%s is below the threshold %s of other polls", a.Threshold, c.Threshold)
	f.unless(a.Delay >= least && a.Delay <= year, ruleAmendment, "/amendment/delay", "%d seconds, want %d to %d", a.Delay, least, year)
}

func isSlug(s string) bool { return len(s) <= maxSlug && slugForm.MatchString(s) }

func isText(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
