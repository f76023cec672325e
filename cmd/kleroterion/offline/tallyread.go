package offline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

// ballotBatch is how many ballots are checked together, on all cores.
const ballotBatch = 8192

// subject reads the ballots of a poll: the records of its subject as the log has them, or bare ballots.
type subject struct {
	m      *poll.Manifest
	hash   beacon.Hash
	box    *poll.Box
	n      int64 // lines read
	last   audit.Hash
	bare   bool // ballots without the log around them
	batch  []poll.Record
	closed *audit.PollClose
	result *audit.PollResult
}

func (s *subject) read(ctx context.Context, in Count) error {
	f, err := os.Open(in.Ballots)
	if err != nil {
		return Unusable(err, "")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Unusable(err, "")
	}
	lines := bufio.NewScanner(&counting{r: f, total: info.Size(), told: in.tell("checking")})
	lines.Buffer(nil, audit.MaxRecord+2)
	for lines.Scan() {
		s.n++
		if err := s.line(lines.Bytes()); err != nil {
			return wrapUnlessUsable(err, "%s, line %d: %w", in.Ballots, s.n, err)
		}
		if len(s.batch) == ballotBatch {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return unusablef("fetch the file again, whole and as it is", "%s after line %d: %w", in.Ballots, s.n, err)
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.whole()
}

// wrapUnlessUsable gives an error its place, as a falsehood or as an unusable input.
func wrapUnlessUsable(err error, format string, args ...any) error {
	if errors.Is(err, ErrFalse) {
		return fmt.Errorf(format, args...)
	}
	return unusablef("GET /v1/polls/{poll}/ballots gives the file", format, args...)
}

// line takes one record or ballot. The first line says which of the two the file holds.
func (s *subject) line(text []byte) error {
	if s.n == 1 {
		_, err := audit.Decode(text)
		s.bare = err != nil
	}
	if s.bare {
		return s.ballot(text)
	}
	r, err := audit.Decode(text)
	if err != nil {
		return err
	}
	if r.Subject != s.m.Poll {
		return fmt.Errorf("%w: the record is of %.80q, the poll is %s", ErrFalse, r.Subject, s.m.Poll)
	}
	if r.N != s.n || r.Prev != s.last {
		return fmt.Errorf("%w: record %d does not follow the record before it", ErrFalse, r.N)
	}
	s.last = audit.LeafHash(text)
	return s.record(r)
}

// ballot takes a bare ballot, laid out in any way. Bare ballots are numbered as if the log had them:
// the poll's opening is record 1.
func (s *subject) ballot(text []byte) error {
	body, err := canonical.Transform(text)
	if err != nil {
		return err
	}
	if _, err := poll.ParseCast(body); err != nil {
		return err
	}
	s.batch = append(s.batch, poll.Record{N: s.n + 1, Body: body})
	return nil
}

func (s *subject) record(r audit.Record) error {
	if r.Kind == audit.KindBallotCast {
		if s.n == 1 || s.closed != nil {
			return fmt.Errorf("%w: record %d is a ballot before the opening or after the close", ErrFalse, r.N)
		}
		s.batch = append(s.batch, poll.Record{N: r.N, Body: r.Body})
		return nil
	}
	body, err := r.Decoded()
	if err != nil {
		return err
	}
	var hash beacon.Hash
	switch b := body.(type) {
	case audit.PollOpen:
		hash = b.Hash
	case audit.PollClose:
		hash, s.closed = b.Hash, &b
	case audit.PollResult:
		hash, s.result = b.Hash, &b
	case audit.PollVoid:
		return fmt.Errorf("%w: the poll is void: %s", ErrFalse, b.Reason)
	default:
		return fmt.Errorf("%w: record %d of kind %s does not belong to a poll", ErrFalse, r.N, r.Kind)
	}
	if hash != s.hash || (s.n == 1) != (r.Kind == audit.KindPollOpen) {
		return fmt.Errorf("%w: record %d, %s of poll %s, does not stand where it is in poll %s", ErrFalse, r.N, r.Kind, hash, s.hash)
	}
	return nil
}

func (s *subject) flush(ctx context.Context) error {
	err := s.box.Add(ctx, s.batch)
	s.batch = s.batch[:0]
	if err != nil {
		return falseUnless(ctx, err)
	}
	return nil
}

// whole compares the close with what was read.
func (s *subject) whole() error {
	if s.closed != nil && s.closed.Ballots != s.box.Records() {
		return fmt.Errorf("%w: the poll closed with %d ballots, the file has %d", ErrFalse, s.closed.Ballots, s.box.Records())
	}
	if s.result != nil && s.closed == nil {
		return fmt.Errorf("%w: the poll has a result and was never closed", ErrFalse)
	}
	return nil
}
