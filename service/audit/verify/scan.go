package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// The checks of a log on which its one pass reports.
const (
	checkCanonical = 3
	checkChains    = 4
	checkDraws     = 5
	checkSeen      = 6
)

// scan is one pass over a log.
type scan struct {
	ctx  context.Context
	src  Source
	opts Options

	head      checkpoint.Checkpoint
	tree      tree
	savedRoot audit.Hash

	chain     audit.Chain
	broken    map[string]bool // subjects whose chain broke: their later records are passed over
	registers map[sortition.RegisterRef]bool
	open      map[string]opening    // the newest draw of each subject
	lists     map[audit.Hash]listed // of panels, by SHA-256
	polls     map[string]*pollState
	fundings  map[string]*roundState
	approvals approvals
	newest    map[beacon.Hash]uint64
	seen      int64 // latest Unix second that some seen shows to have passed
	rounds    *rounds
	kinds     map[audit.Kind]int64
	unknown   map[audit.Kind]int64
	rehearsed int64
	lotteries int64 // draws over panels
}

// opening is what the end of a draw is compared with.
type opening struct {
	chain  *beacon.Chain
	commit audit.Hash
	due    int64 // Unix seconds
	panels int64 // of a draw over panels, else 0
}

// entry is one record of the log after it was decoded.
type entry struct {
	leaf   audit.Hash
	record audit.Record
	err    error
}

func decodeEntry(b []byte) entry {
	e := entry{leaf: audit.LeafHash(b)}
	e.record, e.err = audit.Decode(b)
	return e
}

func (s *scan) run() error {
	s.broken, s.registers, s.open = map[string]bool{}, map[sortition.RegisterRef]bool{}, map[string]opening{}
	s.lists = map[audit.Hash]listed{}
	s.polls, s.fundings, s.approvals = map[string]*pollState{}, map[string]*roundState{}, approvals{}
	s.newest, s.kinds, s.unknown = map[beacon.Hash]uint64{}, map[audit.Kind]int64{}, map[audit.Kind]int64{}
	s.keepRoot()
	err := s.eachTile(func(entries []entry) error {
		for _, e := range entries {
			if err := s.take(e); err != nil {
				return err
			}
		}
		s.opts.progress("entries", s.tree.size, s.head.Size)
		return s.ctx.Err()
	})
	if s.ctx.Err() != nil {
		return unreadable{s.ctx.Err()}
	}
	if err != nil {
		return err
	}
	s.rounds.finish()
	return nil
}

// keepRoot remembers the root at the size of the checkpoint that was kept.
func (s *scan) keepRoot() {
	if s.opts.Saved != nil && s.tree.size == s.opts.Saved.Size {
		s.savedRoot = s.tree.root()
	}
}

// take follows one entry. An error ends the scan; findings do not.
func (s *scan) take(e entry) error {
	index := s.tree.size
	s.tree.add(e.leaf)
	s.keepRoot()
	if e.err != nil {
		s.rounds.fail(checkCanonical, fmt.Sprintf("entry %d: %v", index, e.err))
		return nil
	}
	s.kinds[e.record.Kind]++
	if err := s.takeSeen(index, e.record.Seen); err != nil {
		return err
	}
	if s.broken[e.record.Subject] {
		return nil
	}
	body, err := s.chain.Add(e.record, e.leaf)
	var br *audit.Break
	if errors.As(err, &br) {
		s.broken[e.record.Subject] = true
		s.rounds.fail(checkOf(br.Rule), fmt.Sprintf("entry %d: %v", index, br))
		return nil
	}
	if body == nil {
		s.unknown[e.record.Kind]++
	}
	return s.takeBody(index, e.record, body)
}

func checkOf(r audit.Rule) int {
	switch r {
	case audit.RuleNumber, audit.RulePrev:
		return checkChains
	case audit.RuleBody:
		return checkCanonical
	}
	return checkDraws
}

func (s *scan) takeSeen(index int64, seen *audit.Seen) error {
	if seen == nil {
		return nil
	}
	c, err := s.rounds.chain(seen.Chain)
	if err != nil {
		return s.finding(checkSeen, index, err)
	}
	if seen.Round < s.newest[seen.Chain] {
		s.rounds.fail(checkSeen, fmt.Sprintf("entry %d: seen goes back from round %d to %d", index, s.newest[seen.Chain], seen.Round))
	}
	s.newest[seen.Chain] = max(seen.Round, s.newest[seen.Chain])
	t, err := c.TimeOf(seen.Round)
	if err != nil {
		return s.finding(checkSeen, index, err)
	}
	s.seen = max(s.seen, t)
	s.rounds.add(seen.Chain, seen.Beacon, claim{checkSeen, index, "seen"})
	return nil
}

// finding notes err for a check, unless it is one that ends the scan.
func (s *scan) finding(check int, index int64, err error) error {
	var stop unreadable
	if errors.As(err, &stop) {
		return err
	}
	s.rounds.fail(check, fmt.Sprintf("entry %d: %v", index, err))
	return nil
}

func (s *scan) takeBody(index int64, r audit.Record, body any) error {
	var err error
	subject := r.Subject
	switch b := body.(type) {
	case audit.RegisterCommit:
		s.registers[sortition.RegisterRef{Root: b.Root, Size: b.Size}] = true
	case audit.CityPolicy:
		s.approvals[subject] = b.Approvals
	case audit.PollOpen, audit.BallotCast, audit.PollClose, audit.PollResult, audit.PollVoid:
		err = s.takePoll(index, r, body)
	case audit.RoundOpen, audit.RoundTopup, audit.ProjectMove, audit.GiftAdd, audit.GiftRefund, audit.RoundWeights,
		audit.RoundClose, audit.RoundResult, audit.PayoutDone, audit.RoundVoid:
		err = s.takeFunding(index, r, body)
	case audit.DrawOpen:
		err = s.takeOpen(index, subject, b)
	case audit.DrawResult:
		err = s.takeResult(index, subject, b)
	case audit.DrawVoid:
		err = s.takeVoid(subject, b)
	}
	if err != nil {
		return s.finding(checkDraws, index, fmt.Errorf("%s: %w", subject, err))
	}
	return nil
}

func (s *scan) outcome(check int) error {
	f := s.rounds.faults[check]
	switch f.count {
	case 0:
		return nil
	case 1:
		return errors.New(f.text)
	}
	return fmt.Errorf("%s; and %s more", f.text, count(f.count-1))
}

func (s *scan) allCanonical() (string, error) {
	if err := s.outcome(checkCanonical); err != nil {
		return "", err
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(s.kinds)) {
		list = append(list, fmt.Sprintf("%s %s", count(s.kinds[k]), k))
	}
	if len(list) == 0 {
		return "no records", nil
	}
	return few(list), nil
}
