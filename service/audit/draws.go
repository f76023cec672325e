package audit

import (
	"kleroterion/randomness/sortition"
)

// DrawState is where a draw stands in the log.
type DrawState string

// A draw is open until its result or its void is logged.
const (
	DrawStateOpen  DrawState = "open"
	DrawStateDrawn DrawState = "drawn"
	DrawStateVoid  DrawState = "void"
)

// Draw is one draw on a subject and what became of it.
type Draw struct {
	Seq    int64
	Commit Hash
	Round  sortition.Round
	State  DrawState
	Late   bool   // of a void, as the log says
	Reason string // of a void
}

func (s *Summary) open(b DrawOpen) *Break {
	m, err := sortition.ParseManifest(b.Manifest)
	if err != nil {
		return breakf(RuleManifest, "%v", err)
	}
	if m.Draw != s.Subject {
		return breakf(RuleManifest, "the manifest is for draw %q", m.Draw)
	}
	if commit := sortition.CommitBytes(b.Manifest); commit != b.Commit {
		return breakf(RuleCommit, "the commit is %s, the manifest's is %s", b.Commit, commit)
	}
	if s.Unknown > 0 {
		return breakf(RuleKind, "a draw is opened after a record of a kind that is not understood")
	}
	last := s.last()
	if last.State == DrawStateOpen {
		return breakf(RuleDrawOpen, "draw %d has neither a result nor a void", last.Seq)
	}
	if m.Seq != last.Seq+1 || m.Prev != last.Commit {
		return breakf(RuleSequence, "seq %d with prev %s, want seq %d with prev %s", m.Seq, m.Prev, last.Seq+1, last.Commit)
	}
	s.Draws = append(s.Draws, Draw{Seq: m.Seq, Commit: b.Commit, Round: m.Beacon, State: DrawStateOpen})
	return nil
}

func (s *Summary) result(b DrawResult) *Break {
	if fault := s.isOpen("result", b.Commit); fault != nil {
		return fault
	}
	want := s.last().Round
	if b.Beacon.Chain != want.Chain || b.Beacon.Round != want.Round {
		return breakf(RuleRound, "the beacon is round %d of chain %s, the manifest's is round %d of chain %s",
			b.Beacon.Round, b.Beacon.Chain, want.Round, want.Chain)
	}
	s.Draws[len(s.Draws)-1].State = DrawStateDrawn
	return nil
}

func (s *Summary) void(b DrawVoid) *Break {
	if fault := s.isOpen("void", b.Commit); fault != nil {
		return fault
	}
	d := &s.Draws[len(s.Draws)-1]
	d.State, d.Late, d.Reason = DrawStateVoid, b.Late, b.Reason
	return nil
}

func (s *Summary) isOpen(what string, commit Hash) *Break {
	last := s.last()
	if last.State != DrawStateOpen {
		return breakf(RuleNoDraw, "a %s, but no draw is open", what)
	}
	if commit != last.Commit {
		return breakf(RuleCommit, "the %s is for commit %s, the open draw is %s", what, commit, last.Commit)
	}
	return nil
}

// last is the newest draw, the zero Draw before the first.
func (s *Summary) last() Draw {
	if len(s.Draws) == 0 {
		return Draw{}
	}
	return s.Draws[len(s.Draws)-1]
}
