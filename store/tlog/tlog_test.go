package tlog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// rootOf is MTH of RFC 9162, section 2.1.1, word by word.
func rootOf(leaves []audit.Hash) audit.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := rootOf(leaves[:k]), rootOf(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func leavesOf(entries []service.LogEntry) []audit.Hash {
	var leaves []audit.Hash
	for _, e := range entries {
		leaves = append(leaves, audit.LeafHash(e.Record))
	}
	return leaves
}

// Transactions of any length on a few subjects give the tree and the chains of the definition, and
// every proof that follows verifies.
func TestAnyTransactionsMakeOneLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, appended := newMemory(), int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "transactions") {
			log := New(m)
			for range rapid.IntRange(0, 9).Draw(t, "appends") {
				subject := fmt.Sprintf("s/%d", rapid.IntRange(0, 3).Draw(t, "subject"))
				e, err := log.Append("test.note", subject, nil, map[string]string{"text": subject})
				if err != nil {
					t.Fatal(err)
				}
				if appended++; e.Seq != appended-1 {
					t.Fatalf("got seq %d after %d records", e.Seq, appended-1)
				}
				if rapid.Bool().Draw(t, "flush") {
					flush(t, log)
				}
			}
			flush(t, log)
		}
		checkChains(t, m.entries)
		checkTree(t, m)
	})
}

func checkChains(t *rapid.T, entries []service.LogEntry) {
	last := map[string]service.LogEntry{}
	for i, e := range entries {
		r, err := audit.Decode(e.Record)
		if err != nil {
			t.Fatal(err)
		}
		before := last[e.Subject]
		if e.Seq != int64(i) || r.N != before.N+1 || r.Prev != before.Leaf || r.N != e.N || e.Leaf != audit.LeafHash(e.Record) {
			t.Fatalf("record %d is n %d, prev %s on %s, after n %d, leaf %s", i, r.N, r.Prev, e.Subject, before.N, before.Leaf)
		}
		last[e.Subject] = e
	}
}

func checkTree(t *rapid.T, m *memory) {
	leaves := leavesOf(m.entries)
	if got, want := m.head, (Head{int64(len(leaves)), rootOf(leaves)}); got != want {
		t.Fatalf("got head %v, want %v", got, want)
	}
	if got, want := int64(len(m.hashes)), tlog.StoredHashCount(m.head.Size); got != want {
		t.Fatalf("got %d stored hashes, want %d", got, want)
	}
	if m.head.Size == 0 {
		return
	}
	size := rapid.Int64Range(1, m.head.Size).Draw(t, "size")
	seq := rapid.Int64Range(0, size-1).Draw(t, "seq")
	c := checkpoint.Checkpoint{Origin: "test", Size: size, Root: rootOf(leaves[:size])}
	if root, err := TreeHash(m, size); err != nil || root != c.Root {
		t.Fatalf("tree of %d: got %s (%v), want %s", size, root, err, c.Root)
	}
	path, err := InclusionPath(m, seq, size)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.VerifyInclusion(c, seq, leaves[seq], path); err != nil {
		t.Fatalf("record %d in %d: %v", seq, size, err)
	}
	old := checkpoint.Checkpoint{Origin: "test", Size: seq, Root: rootOf(leaves[:seq])}
	path, err = ConsistencyPath(m, seq, size)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.VerifyConsistency(old, c, path); err != nil {
		t.Fatalf("%d extends %d: %v", size, seq, err)
	}
}

func TestOneTransactionLocksOnceAndReadsTheTreeOnce(t *testing.T) {
	m := newMemory()
	appendN(t, New(m), 1000)
	m.locks, m.reads, m.adds, m.swaps = 0, 0, 0, 0
	appendN(t, New(m), 100)
	if m.locks != 1 || m.reads != 1 {
		t.Errorf("100 appends took %d locks and %d reads of hashes, want 1 and 1", m.locks, m.reads)
	}
	if m.adds != 1 || m.swaps != 1 {
		t.Errorf("they were written %d times, with %d moves of the head, want 1 and 1", m.adds, m.swaps)
	}
}

func appendN(t *testing.T, log *Log, n int) {
	t.Helper()
	for range n {
		if _, err := log.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{}); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, log)
}

func flush(t interface{ Fatal(...any) }, log *Log) {
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedLogIsNotBuiltUpon(t *testing.T) {
	for name, damage := range map[string]func(*memory){
		"another root":                          func(m *memory) { m.head.Root[0]++ },
		"a size too low":                        func(m *memory) { m.head.Size-- },
		"a size too high, and no hashes for it": func(m *memory) { m.head.Size++ },
		"an edited hash": func(m *memory) {
			index := tlog.StoredHashIndex(2, 0)
			h := m.hashes[index]
			h[0]++
			m.hashes[index] = h
		},
		"a lost hash": func(m *memory) { delete(m.hashes, tlog.StoredHashIndex(0, 4)) },
	} {
		m := newMemory()
		appendN(t, New(m), 5)
		damage(m)
		before := m.head
		if _, err := New(m).Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{}); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if m.head != before || len(m.entries) != 5 {
			t.Errorf("%s: the log grew", name)
		}
	}
}

func TestRefusedRecordWritesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		kind    audit.Kind
		subject string
		body    any
	}{
		"a subject with capitals":   {"test.note", "City", audit.Heartbeat{}},
		"an empty subject":          {"test.note", "", audit.Heartbeat{}},
		"a kind with a digit":       {"test1", "s", audit.Heartbeat{}},
		"no body":                   {"test.note", "s", nil},
		"a body that is a list":     {"test.note", "s", []string{}},
		"a body with a fraction":    {"test.note", "s", map[string]float64{"x": 0.5}},
		"a body of another kind":    {audit.KindDrawVoid, "s", audit.Heartbeat{}},
		"a heartbeat of a city":     {audit.KindHeartbeat, "city/bonn", audit.Heartbeat{}},
		"a record that is too long": {"test.note", "s", map[string]string{"x": strings.Repeat("x", audit.MaxRecord)}},
	} {
		m := newMemory()
		if _, err := New(m).Append(c.kind, c.subject, nil, c.body); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if len(m.entries) != 0 || len(m.hashes) != 0 || m.head.Size != 0 {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestAppendPassesOnErrorsOfTheRows(t *testing.T) {
	broken := errors.New("disk is gone")
	for name, rows := range map[string]Rows{
		"lock":   failing{newMemory(), "lock", broken},
		"last":   failing{newMemory(), "last", broken},
		"hashes": failing{grown(t), "hashes", broken},
		"add":    failing{newMemory(), "add", broken},
		"swap":   failing{newMemory(), "swap", broken},
	} {
		log := New(rows)
		_, err := log.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{})
		if err == nil {
			err = log.Flush()
		}
		if !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want %v", name, err, broken)
		}
	}
}

func grown(t *testing.T) *memory {
	m := newMemory()
	appendN(t, New(m), 3)
	return m
}

// failing fails one of its methods.
type failing struct {
	*memory
	method string
	err    error
}

func (f failing) fails(method string) error {
	if f.method == method {
		return f.err
	}
	return nil
}

func (f failing) Lock() (Head, error) { return f.head, f.fails("lock") }

func (f failing) Last(subject string) (int64, audit.Hash, error) {
	n, leaf, err := f.memory.Last(subject)
	return n, leaf, errors.Join(err, f.fails("last"))
}

func (f failing) Hashes(indexes []int64) ([]audit.Hash, error) {
	if err := f.fails("hashes"); err != nil {
		return nil, err
	}
	return f.memory.Hashes(indexes)
}

func (f failing) Add(entries []service.LogEntry, at int64, hashes []audit.Hash) error {
	return errors.Join(f.fails("add"), f.memory.Add(entries, at, hashes))
}

func (f failing) Swap(old, next Head) error {
	return errors.Join(f.fails("swap"), f.memory.Swap(old, next))
}

func TestProofsOutOfRangeAreRefused(t *testing.T) {
	m := grown(t)
	for _, at := range [][2]int64{{-1, 3}, {3, 3}, {0, 0}, {4, 3}, {0, -1}, {3, 5}} {
		if path, err := InclusionPath(m, at[0], at[1]); err == nil {
			t.Errorf("record %d in %d: got path %v", at[0], at[1], path)
		}
	}
	for _, at := range [][2]int64{{-1, 3}, {4, 3}, {1, 5}} {
		if path, err := ConsistencyPath(m, at[0], at[1]); err == nil {
			t.Errorf("%d extends %d: got path %v", at[1], at[0], path)
		}
	}
	for _, size := range []int64{-1, 5} {
		if root, err := TreeHash(m, size); err == nil {
			t.Errorf("tree of %d: got root %v", size, root)
		}
	}
}
