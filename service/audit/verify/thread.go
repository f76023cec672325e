package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

const (
	threadBatch = 2048                // records decoded together
	maxLine     = audit.MaxRecord + 1 // bytes, with LF
)

var (
	errNoLF     = errors.New("the last line is not ended by LF")
	errLongLine = errors.New("a line is longer than any record")
)

// thread is all records of one subject in the bundle of a poll or round.
type thread struct {
	no       int
	subject  string // "" takes that of the first record
	proof    checkpoint.Proof
	badProof error

	records int64
	last    audit.Hash             // leaf hash of the newest record
	newest  map[beacon.Hash]uint64 // newest round seen, by chain
	seen    int64                  // its time, Unix seconds; the latest over all chains
	counted counted
	fault   error // what keeps the records from being a chain
}

// counted is where a thread stood when the rolls of a poll or round were made from it.
type counted struct {
	upTo int64      // number of the last record
	leaf audit.Hash // of that record; zero when the thread does not reach it
	seen int64      // latest time of a round seen by then
	next int64      // that the first record after it had seen, 0 without one
}

// line is one record of a thread.
type line struct {
	leaf   audit.Hash
	record audit.Record
	fault  error // of the envelope
	body   any   // nil for ballots and gifts, which are read in batches, and when bad
	bad    error
}

// readThread reads a thread once: its digest, its chain, and what take makes of the records. After a fault
// only the digest goes on.
func (e *communal) readThread(t *thread, take func([]line) error) error {
	f, _ := e.b.Index.Find(bundle.ThreadPath(t.no))
	r, err := e.stream(f)
	if err != nil {
		return err
	}
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r, sum), maxLine)
	for err == nil {
		var raw [][]byte
		if raw, err = nextLines(in, threadBatch); err != nil && !isForm(err) {
			return err
		}
		if t.fault != nil || len(raw) == 0 {
			continue
		}
		lines := decodeLines(raw)
		if err := take(lines[:e.follow(t, lines)]); err != nil {
			return err
		}
	}
	if t.fault == nil && err != io.EOF {
		t.fault = err
	}
	_, err = io.Copy(io.Discard, in)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return err
	}
	e.digest(f, audit.Hash(sum.Sum(nil)), f.Bytes, err)
	return nil
}

// nextLines reads up to n lines. The error is io.EOF at the end, or says why the file is not lines.
func nextLines(in *bufio.Reader, n int) (lines [][]byte, err error) {
	for len(lines) < n {
		raw, err := in.ReadSlice('\n')
		switch {
		case err == nil:
			lines = append(lines, bytes.Clone(raw[:len(raw)-1]))
		case errors.Is(err, bufio.ErrBufferFull):
			return lines, errLongLine
		case err != io.EOF && !errors.Is(err, bundle.ErrDamaged):
			return nil, err
		case len(raw) > 0:
			return lines, errNoLF
		default:
			return lines, io.EOF
		}
	}
	return lines, nil
}

// isForm reports whether an error of nextLines is about what the file says, not about reading it.
func isForm(err error) bool { return err == io.EOF || err == errNoLF || err == errLongLine }

// decodeLines decodes on all cores.
func decodeLines(raw [][]byte) []line {
	lines := make([]line, len(raw))
	workers := min(runtime.GOMAXPROCS(0), len(raw))
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := len(raw) * w / workers; i < len(raw)*(w+1)/workers; i++ {
				lines[i] = decodeLine(raw[i])
			}
		})
	}
	running.Wait()
	return lines
}

func decodeLine(raw []byte) line {
	l := line{leaf: audit.LeafHash(raw)}
	if l.record, l.fault = audit.Decode(raw); l.fault == nil && l.record.Kind != audit.KindBallotCast && l.record.Kind != audit.KindGiftAdd {
		l.body, l.bad = l.record.Decoded()
	}
	return l
}

// follow chains the next lines to those before, and returns how many are good. The first that is not is
// the thread's fault.
func (e *communal) follow(t *thread, lines []line) int {
	for i := range lines {
		if err := e.followOne(t, &lines[i]); err != nil {
			t.fault = fmt.Errorf("line %d: %w", t.records+1, err)
			return i
		}
	}
	return len(lines)
}

func (e *communal) followOne(t *thread, l *line) error {
	if l.fault != nil {
		return l.fault
	}
	r := l.record
	if t.subject == "" {
		t.subject = r.Subject
	}
	switch {
	case r.Subject != t.subject:
		return fmt.Errorf("a record of %s, the thread is of %s", r.Subject, t.subject)
	case r.N != t.records+1:
		return fmt.Errorf("n is %d after %s: the next is %d", r.N, plural(t.records, "record", "records"), t.records+1)
	case r.Prev != t.last:
		return fmt.Errorf("prev is %s, the leaf hash of the record before is %s", short(r.Prev), short(t.last))
	}
	if err := e.followSeen(t, r); err != nil {
		return err
	}
	if said, ok := l.time(); ok && said < t.seen {
		return fmt.Errorf("%s of %s, but the log had seen a round of %s", r.Kind, at(said), at(t.seen))
	}
	t.records, t.last = r.N, l.leaf
	if r.N == t.counted.upTo {
		t.counted.leaf, t.counted.seen = l.leaf, t.seen
	}
	return nil
}

// followSeen keeps the rounds of a thread ascending, chain by chain, and lets none be kept quiet.
func (e *communal) followSeen(t *thread, r audit.Record) error {
	if r.Seen == nil {
		if len(t.newest) > 0 {
			return errors.New("seen is left out, and the log had seen a round before")
		}
		return nil
	}
	due, err := e.seen.take(claimed{thread: t.no, n: r.N}, r.Seen)
	if err != nil {
		return fmt.Errorf("seen: %w", err)
	}
	if r.Seen.Round < t.newest[r.Seen.Chain] {
		return fmt.Errorf("seen goes back from round %d to %d", t.newest[r.Seen.Chain], r.Seen.Round)
	}
	t.newest[r.Seen.Chain] = r.Seen.Round
	t.seen = max(t.seen, due)
	if t.counted.upTo > 0 && r.N == t.counted.upTo+1 {
		t.counted.next = due
	}
	return nil
}
