package offline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kleroterion/randomness/beacon"
	"kleroterion/service/poll"
)

// Count names the files of a poll.
type Count struct {
	Poll      string   // manifest
	Ballots   string   // the subject's records, or bare ballots, one a line
	Rolls     []string // one for each chamber, in any order
	Beacon    string   // the closing round; empty takes that of the subject's poll.result
	ChainInfo string
	Progress  func(what string, done, total int64)
}

// Tally checks every ballot of a poll, opens the sealed ones and counts. It writes the transcript, as
// canonical JSON or as a table for people. Without a closing round it says what it checked.
func Tally(ctx context.Context, w, notes io.Writer, in Count, asJSON bool) error {
	m, hash, err := readPoll(in.Poll)
	if err != nil {
		return err
	}
	chain, err := findChain(m.Beacon.Chain.String(), in.ChainInfo)
	if err != nil {
		return err
	}
	roll, err := in.readRolls(m)
	if err != nil {
		return err
	}
	s := &subject{m: m, hash: hash, box: poll.NewBox(m, hash, roll)}
	if err := s.read(ctx, in); err != nil {
		return err
	}
	if m.Rehearsal {
		fmt.Fprintln(notes, "REHEARSAL: this chain decides nothing")
	}
	closing, err := s.closing(in)
	if err != nil {
		return err
	}
	if closing == nil {
		return s.uncounted(w, when(chain, m.Beacon.Round), asJSON)
	}
	t, err := s.box.Count(ctx, chain, *closing, in.tell("opening"))
	if err != nil {
		return falseUnless(ctx, err)
	}
	return s.print(w, t, asJSON)
}

func (in Count) tell(what string) func(done, total int64) {
	return func(done, total int64) {
		if in.Progress != nil {
			in.Progress(what, done, total)
		}
	}
}

// falseUnless marks what does not hold, but not that somebody interrupted.
func falseUnless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrFalse, err)
}

// closing is the round that the caller gave, or that the log's result names.
func (s *subject) closing(in Count) (*beacon.Beacon, error) {
	if in.Beacon == "" {
		if s.result == nil {
			return nil, nil
		}
		return &s.result.Beacon.Beacon, nil
	}
	b, err := readBeacon(in.Beacon)
	return &b, err
}

// readRolls finds the file of each chamber among those given, by its digest.
func (in Count) readRolls(m *poll.Manifest) (*poll.Roll, error) {
	files := map[poll.File]string{}
	for _, name := range in.Rolls {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, Unusable(err, "")
		}
		files[poll.FileOf(b)] = name
	}
	roll := new(poll.Roll)
	for _, ref := range m.Rolls {
		name, ok := files[ref.File]
		if !ok {
			return nil, unusablef("give it with --roll; GET /v1/polls/{poll}/rolls/"+ref.Chamber+" gives it",
				"none of the rolls is that of %s: %d bytes with SHA-256 %s", ref.Chamber, ref.File.Bytes, ref.File.SHA256)
		}
		if err := readRoll(roll, ref, name); err != nil {
			return nil, err
		}
	}
	return roll, nil
}

func readRoll(roll *poll.Roll, ref poll.RollRef, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return Unusable(err, "")
	}
	defer f.Close()
	if err := roll.ReadRoll(ref, f); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFalse, name, err)
	}
	return nil
}

// uncounted says what holds while the closing round is not there.
func (s *subject) uncounted(w io.Writer, round string, asJSON bool) error {
	if asJSON {
		return writeJSON(w, map[string]any{"counted": false, "poll": s.hash, "records": s.box.Records(), "superseded": s.box.Superseded()})
	}
	_, err := fmt.Fprintf(w, "ballots that hold: %d, superseded by later ones: %d; not counted: give --beacon FILE with %s\n", s.box.Records(), s.box.Superseded(), round)
	return err
}

var errOtherResult = errors.New("the log's result is another one")

// print writes the transcript and compares it with the result that the log has.
func (s *subject) print(w io.Writer, t poll.Transcript, asJSON bool) error {
	text, err := t.Canonical()
	if err != nil {
		return err
	}
	if asJSON {
		_, err = fmt.Fprintf(w, "%s\n", text)
	} else {
		err = pollTable(w, s.m, t)
	}
	if err != nil || s.result == nil {
		return err
	}
	if got := poll.FileOf(text); got != s.result.Transcript {
		return fmt.Errorf("%w: %w: it names the transcript %s, this is %s", ErrFalse, errOtherResult, s.result.Transcript.SHA256, got.SHA256)
	}
	return nil
}
