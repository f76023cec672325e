package verify

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// takeOpen checks the rules of a manifest that the log alone can show. Its sequence and commit were
// checked by audit.Chain.
func (s *scan) takeOpen(index int64, subject string, b audit.DrawOpen) error {
	m, err := sortition.ParseManifest(b.Manifest)
	if err != nil {
		return err
	}
	c, err := s.rounds.chain(m.Beacon.Chain)
	if err != nil {
		return err
	}
	due, err := c.TimeOf(m.Beacon.Round)
	if err != nil {
		return err
	}
	s.open[subject] = opening{chain: c, commit: b.Commit, due: due, panels: valueOf(m.Panels).Count}
	if m.Rehearsal {
		s.rehearsed++
	}
	if err := s.approvals.check(subject, b); err != nil {
		return fmt.Errorf("draw %d: %w", m.Seq, err)
	}
	if m.Seq > 1 && s.lastDrawn(subject) {
		return fmt.Errorf("draw %d was opened after draw %d had a result: the decision was drawn again", m.Seq, m.Seq-1)
	}
	if !s.registers[m.Register] {
		return fmt.Errorf("draw %d: no register with root %s was committed before it", m.Seq, short(m.Register.Root))
	}
	if err := s.takeRound(index, m, c); err != nil {
		return err
	}
	return s.takeLottery(m)
}

// lastDrawn reports whether the draw before the one just opened has a result.
func (s *scan) lastDrawn(subject string) bool {
	sum, _ := s.chain.Subject(subject)
	return len(sum.Draws) > 1 && sum.Draws[len(sum.Draws)-2].State == audit.DrawStateDrawn
}

// takeRound leaves the signature of not_before to the batch.
func (s *scan) takeRound(index int64, m *sortition.Manifest, c *beacon.Chain) error {
	plain := *m
	plain.NotBefore = nil
	if err := plain.CheckRound(c); err != nil {
		return err
	}
	nb := m.NotBefore
	if nb == nil {
		return nil
	}
	if nb.Round >= m.Beacon.Round {
		return fmt.Errorf("draw %d: not_before is round %d, not before round %d", m.Seq, nb.Round, m.Beacon.Round)
	}
	b := beacon.Beacon{Round: nb.Round, Signature: nb.Signature, Previous: nb.Previous}
	s.rounds.add(m.Beacon.Chain, b, claim{checkDraws, index, "not_before"})
	return nil
}

func (s *scan) takeResult(index int64, subject string, b audit.DrawResult) error {
	o, ok := s.open[subject]
	if !ok {
		return errors.New("a result for a draw whose opening does not hold")
	}
	s.rounds.add(o.chain.Hash, b.Beacon.Beacon, claim{checkDraws, index, "beacon of the result"})
	seed := beacon.Hash(randomness.NewSeed(b.Beacon.Signature, b.Commit, b.Beacon.Chain, b.Beacon.Round))
	if seed != b.Seed {
		return fmt.Errorf("the seed of the result is %s, its beacon gives %s", b.Seed, seed)
	}
	return o.panelDrawn(b)
}

func (s *scan) takeVoid(subject string, b audit.DrawVoid) error {
	o, ok := s.open[subject]
	switch {
	case !ok:
		return errors.New("a void for a draw whose opening does not hold")
	case b.Late:
		return fmt.Errorf("voided after its round was due, when the outcome could be known; the reason given: %q", b.Reason)
	case s.seen >= o.due:
		return fmt.Errorf("its void says that the round was not due, but a round of %s had been seen and its own was due %s", at(s.seen), at(o.due))
	}
	return nil
}

func (s *scan) allComplete() (string, error) {
	if err := s.outcome(checkChains); err != nil {
		return "", err
	}
	subjects := int64(0)
	for range s.chain.Subjects() {
		subjects++
	}
	return plural(subjects, "subject", "subjects") + ", each from n 1 without a gap", nil
}

func (s *scan) allDraws() (string, error) {
	if err := s.outcome(checkDraws); err != nil {
		return "", err
	}
	states := map[audit.DrawState]int64{}
	for sum := range s.chain.Subjects() {
		for _, d := range sum.Draws {
			states[d.State]++
		}
	}
	text := fmt.Sprintf("%s with a result, %s void before its round, %s open", count(states[audit.DrawStateDrawn]),
		count(states[audit.DrawStateVoid]), count(states[audit.DrawStateOpen]))
	if s.lotteries > 0 {
		text += fmt.Sprintf("; %s of them over panels, whose lists are published and of their form", count(s.lotteries))
	}
	if s.rehearsed > 0 {
		text += fmt.Sprintf("; %s of them REHEARSALS, no real draws", count(s.rehearsed))
	}
	return text + s.allPolls() + s.allFunding(), nil
}

func (s *scan) allSeen() (string, error) {
	if err := s.outcome(checkSeen); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s verified, the newest of %s", plural(s.rounds.count, "beacon", "beacons"), at(s.seen)), nil
}

func (s *scan) notShown() []string {
	list := []string{
		"that the log is the same for everyone: compare its checkpoint with that of others, or name witnesses in your policy",
		"that registers, results, panels, rolls, tallies and matching are as committed: verify the bundle of each draw, poll and funding round",
		"that nobody was refused, and nothing was kept out of the log",
		"when a record was inserted, where no witness signed",
	}
	if s.opts.Policy == nil {
		list = append(list, "that the log's key is the right one: the policy came from the log; bring your own with --policy or --log-key")
	}
	if s.opts.Saved == nil {
		list = append(list, "that nothing was rewritten before today: no checkpoint was kept from the last time")
	}
	for _, k := range slices.Sorted(maps.Keys(s.unknown)) {
		list = append(list, fmt.Sprintf("what %s of the kind %q say: this verifier does not understand it", plural(s.unknown[k], "record", "records"), k))
	}
	return list
}
