package sortition

import (
	"regexp"
	"time"

	"kleroterion/randomness/beacon"
)

const maxCount = 1<<53 - 1

var subjectForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$`)

// CheckForm checks what the manifest alone can break: subject, sequence, method and counts.
func (m *Manifest) CheckForm() error {
	switch {
	case m.V != 1:
		return refuse("manifest_form", "v is %d, this program knows 1", m.V)
	case len(m.Draw) > 200 || !subjectForm.MatchString(m.Draw):
		return refuse("subject_form", "draw %.40q is not lower-case segments joined by / of at most 200 bytes", m.Draw)
	case m.Seq < 1:
		return refuse("sequence", "seq is %d, the first is 1", m.Seq)
	case (m.Seq == 1) != (m.Prev == beacon.Hash{}):
		return refuse("sequence", "seq %d with prev %s: the first draw has 64 zeros, a later one the commit before it", m.Seq, m.Prev)
	case m.Register.Size < 1 || m.Register.Size > maxCount:
		return refuse("manifest_form", "register.size is %d", m.Register.Size)
	case m.Beacon.Round < 1 || m.Beacon.Round > beacon.MaxRound:
		return refuse("manifest_form", "beacon.round is %d", m.Beacon.Round)
	case m.DrawTime < 0:
		return refuse("manifest_form", "draw_time is %d", m.DrawTime)
	}
	return m.checkMethod()
}

func (m *Manifest) checkMethod() error {
	fits := map[Method]bool{
		Simple: m.StrataBy == nil && m.Panels == nil && len(m.Strata) == 1 && m.Strata[0].Stratum == "",
		Strata: len(m.StrataBy) > 0 && m.Panels == nil && len(m.Strata) > 0,
		Panels: m.StrataBy == nil && m.Strata == nil && m.Panels != nil && m.Panels.Count > 0,
	}
	if !fits[m.Method] {
		return refuse("method", "method %.20q does not fit its strata, strata_by and panels", m.Method)
	}
	if m.Method == Panels {
		return nil
	}
	return m.checkStrata()
}

func (m *Manifest) checkStrata() error {
	seen := map[string]bool{}
	total := int64(0)
	for _, s := range m.Strata {
		if seen[s.Stratum] {
			return refuse("stratum_twice", "stratum %q is listed twice", s.Stratum)
		}
		seen[s.Stratum] = true
		if s.Seats < 0 || s.Alternates < 0 || s.Seats > m.Register.Size || s.Alternates > m.Register.Size {
			return refuse("stratum_small", "stratum %q: %d seats and %d alternates from a register of %d", s.Stratum, s.Seats, s.Alternates, m.Register.Size)
		}
		total += s.Seats
	}
	if total == 0 {
		return refuse("no_seats", "no stratum has a seat")
	}
	return nil
}

// CheckRound checks the rules that bind the manifest to its chain: the round is the first at or
// after the draw time, a chain that is not live is a rehearsal, and not_before verifies and is older.
func (m *Manifest) CheckRound(c *beacon.Chain) error {
	if c.Hash != m.Beacon.Chain {
		return refuse("chain_unknown", "manifest names chain %s, not %s", m.Beacon.Chain, c.Hash)
	}
	real := c.Status == beacon.StatusLive || c.Status == beacon.StatusRetired
	if real == m.Rehearsal {
		return refuse("rehearsal", "chain %s is %s and rehearsal is %t: only a live chain decides a real draw", c.Name, c.Status, m.Rehearsal)
	}
	first, err := c.FirstRoundAtOrAfter(m.DrawTime)
	if err != nil {
		return refuse("round_rule", "draw_time %d: %v", m.DrawTime, err)
	}
	if m.Beacon.Round != first {
		return refuse("round_rule", "beacon.round is %d, the first round at or after draw_time %d is %d", m.Beacon.Round, m.DrawTime, first)
	}
	return m.checkNotBefore(c)
}

func (m *Manifest) checkNotBefore(c *beacon.Chain) error {
	nb := m.NotBefore
	if nb == nil {
		return nil
	}
	if nb.Round >= m.Beacon.Round {
		return refuse("not_before", "not_before round %d is not before the draw's round %d", nb.Round, m.Beacon.Round)
	}
	b := beacon.Beacon{Round: nb.Round, Signature: nb.Signature, Previous: nb.Previous}
	if err := beacon.Verify(c, nb.Round, b); err != nil {
		return refuse("not_before", "not_before: %v", err)
	}
	return nil
}

// CheckLead refuses a manifest whose round is due less than lead after now, and a chain that makes
// no more rounds.
func (m *Manifest) CheckLead(c *beacon.Chain, now time.Time, lead time.Duration) error {
	if c.Status == beacon.StatusRetired {
		return refuse("chain_retired", "chain %s makes no more rounds: choose a live one", c.Name)
	}
	due, err := c.TimeOf(m.Beacon.Round)
	if err != nil {
		return refuse("round_rule", "beacon.round %d: %v", m.Beacon.Round, err)
	}
	if left := time.Unix(due, 0).Sub(now); left < lead {
		return refuse("lead", "round %d is due in %s, less than the lead of %s: choose a later draw_time", m.Beacon.Round, left.Round(time.Second), lead)
	}
	return nil
}
