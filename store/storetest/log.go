package storetest

import (
	"errors"
	"fmt"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

func beat(tx service.Tx) (service.LogEntry, error) {
	return tx.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{})
}

func voided(tx service.Tx, subject, reason string) (service.LogEntry, error) {
	return tx.Append("test.note", subject, nil, map[string]string{"reason": reason})
}

func (s suite) log(t *testing.T) {
	s.run(t, []check{
		{"an empty log has the root of nothing", func(t *testing.T, s service.Store) {
			same(t, "head", CheckLog(t, s), service.LogHead{Root: sum("")})
			missing(t, s, func(tx service.Tx) (service.LogEntry, error) { return tx.Entry(0) })
			same(t, "entries", get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.Entries(0, 9) }), []service.LogEntry{})
			same(t, "entries of a subject", get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesOf("log") }), []service.LogEntry{})
		}},
		{"an append says what was written", appendSays},
		{"records chain within their subject, in one transaction and across", chainSubjects},
		{"a record that is not of its form is refused and leaves nothing", refuseRecord},
		{"every tree size has its proofs", everySize},
		{"a proof in a tree that the log does not have is not found", noSuchTree},
		{"entries are listed from any on", listEntries},
		{"entries of a subject are listed behind any number", listEntriesAfter},
	})
}

func appendSays(t *testing.T, s service.Store) {
	seen := &audit.Seen{Chain: sum("chain"), Beacon: beacon.Beacon{Round: 7, Signature: make([]byte, 96), Previous: make([]byte, 96)}}
	var got service.LogEntry
	write(t, s, func(tx service.Tx) (err error) {
		got, err = tx.Append(audit.KindHeartbeat, audit.LogSubject, seen, audit.Heartbeat{})
		return err
	})
	record, err := audit.Decode(got.Record)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "record", record, audit.Record{
		Body: []byte("{}"), Kind: audit.KindHeartbeat, N: 1, Seen: seen, Subject: audit.LogSubject,
	})
	want := service.LogEntry{Kind: audit.KindHeartbeat, Subject: audit.LogSubject, N: 1, Leaf: audit.LeafHash(got.Record), Record: got.Record}
	same(t, "answer", got, want)
	same(t, "stored", get(t, s, func(tx service.Tx) (service.LogEntry, error) { return tx.Entry(0) }), want)
	same(t, "head", CheckLog(t, s), service.LogHead{Size: 1, Root: want.Leaf})
}

func chainSubjects(t *testing.T, s service.Store) {
	write(t, s, func(tx service.Tx) error {
		for i := range 5 {
			if _, err := voided(tx, fmt.Sprintf("draw/%d", i%2), "in one"); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range 5 {
		write(t, s, func(tx service.Tx) error {
			_, err := voided(tx, fmt.Sprintf("draw/%d", i%2), "one each")
			return err
		})
	}
	same(t, "size", CheckLog(t, s).Size, int64(10))
	of := get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesOf("draw/1") })
	places := [][2]int64{}
	for _, e := range of {
		places = append(places, [2]int64{e.Seq, e.N})
	}
	same(t, "seq and n on draw/1", places, [][2]int64{{1, 1}, {3, 2}, {6, 3}, {8, 4}})
}

func refuseRecord(t *testing.T, s service.Store) {
	write(t, s, func(tx service.Tx) error { _, err := beat(tx); return err })
	for name, fn := range map[string]func(service.Tx) (service.LogEntry, error){
		"subject": func(tx service.Tx) (service.LogEntry, error) { return voided(tx, "Draw One", "x") },
		"kind": func(tx service.Tx) (service.LogEntry, error) {
			return tx.Append("Draw", "draw/1", nil, audit.Heartbeat{})
		},
		"body": func(tx service.Tx) (service.LogEntry, error) {
			return tx.Append(audit.KindDrawVoid, "draw/1", nil, audit.DrawVoid{Reason: "a\nb"})
		},
		"not an object": func(tx service.Tx) (service.LogEntry, error) { return tx.Append("test.note", "draw/1", nil, "text") },
		"too long": func(tx service.Tx) (service.LogEntry, error) {
			return voided(tx, "draw/1", string(make([]byte, audit.MaxRecord)))
		},
	} {
		err := s.Write(t.Context(), func(tx service.Tx) error {
			if _, err := beat(tx); err != nil {
				return err
			}
			_, err := fn(tx)
			return err
		})
		if err == nil || errors.Is(err, service.ErrExists) || errors.Is(err, service.ErrStale) {
			t.Errorf("%s: got error %v, want that of the record's form", name, err)
		}
	}
	same(t, "size", CheckLog(t, s).Size, int64(1))
}

func everySize(t *testing.T, s service.Store) {
	const size = 70
	write(t, s, func(tx service.Tx) error {
		for range size {
			if _, err := beat(tx); err != nil {
				return err
			}
		}
		return nil
	})
	CheckLog(t, s)
	leaves := leavesOf(t, s)
	read(t, s, func(tx service.Tx) error {
		for n := int64(1); n <= size; n++ {
			if err := proofsOf(tx, leaves, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// proofsOf checks all proofs in the tree of the first n records against a root that was computed
// without the database.
func proofsOf(tx service.Tx, leaves []audit.Hash, n int64) error {
	c := checkpoint.Checkpoint{Origin: "test", Size: n, Root: treeHash(leaves[:n])}
	for i := range n {
		path, err := tx.InclusionPath(i, n)
		if err != nil {
			return err
		}
		if err := checkpoint.VerifyInclusion(c, i, leaves[i], path); err != nil {
			return fmt.Errorf("record %d in %d: %w", i, n, err)
		}
		old := checkpoint.Checkpoint{Origin: "test", Size: i, Root: treeHash(leaves[:i])}
		path, err = tx.ConsistencyPath(i, n)
		if err != nil {
			return err
		}
		if err := checkpoint.VerifyConsistency(old, c, path); err != nil {
			return fmt.Errorf("%d extends %d: %w", n, i, err)
		}
	}
	path, err := tx.ConsistencyPath(n, n)
	if err != nil || len(path) != 0 {
		return fmt.Errorf("%d extends itself: path of %d hashes, error %w", n, len(path), err)
	}
	return nil
}

func noSuchTree(t *testing.T, s service.Store) {
	write(t, s, func(tx service.Tx) error { _, err := beat(tx); return err })
	for _, at := range [][2]int64{{0, 2}, {1, 1}, {-1, 1}, {0, 0}, {0, -1}} {
		missing(t, s, func(tx service.Tx) ([]audit.Hash, error) { return tx.InclusionPath(at[0], at[1]) })
	}
	for _, at := range [][2]int64{{0, 2}, {1, 2}, {2, 1}, {-1, 1}} {
		missing(t, s, func(tx service.Tx) ([]audit.Hash, error) { return tx.ConsistencyPath(at[0], at[1]) })
	}
}

func listEntries(t *testing.T, s service.Store) {
	for range 5 {
		write(t, s, func(tx service.Tx) error { _, err := beat(tx); return err })
	}
	list := func(from int64, limit int) []int64 {
		seqs := []int64{}
		for _, e := range get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.Entries(from, limit) }) {
			seqs = append(seqs, e.Seq)
		}
		return seqs
	}
	same(t, "all", list(0, 9), []int64{0, 1, 2, 3, 4})
	same(t, "page", list(2, 2), []int64{2, 3})
	same(t, "end", list(5, 2), []int64{})
}

func listEntriesAfter(t *testing.T, s service.Store) {
	write(t, s, func(tx service.Tx) error {
		for i := range 10 {
			if _, err := voided(tx, fmt.Sprintf("draw/%d", i%2), "x"); err != nil {
				return err
			}
		}
		return nil
	})
	list := func(subject string, n int64, limit int) [][2]int64 {
		places := [][2]int64{}
		for _, e := range get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesAfter(subject, n, limit) }) {
			places = append(places, [2]int64{e.Seq, e.N})
		}
		return places
	}
	same(t, "all", list("draw/1", 0, 9), [][2]int64{{1, 1}, {3, 2}, {5, 3}, {7, 4}, {9, 5}})
	same(t, "page", list("draw/1", 2, 2), [][2]int64{{5, 3}, {7, 4}})
	same(t, "end", list("draw/1", 5, 2), [][2]int64{})
	same(t, "no such subject", list("draw/2", 0, 2), [][2]int64{})
	last := get(t, s, func(tx service.Tx) (service.LogEntry, error) { return tx.LastEntry("draw/1") })
	same(t, "last", [2]int64{last.Seq, last.N}, [2]int64{9, 5})
	missing(t, s, func(tx service.Tx) (service.LogEntry, error) { return tx.LastEntry("draw/2") })
	whole := get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesAfter("draw/0", 4, 1) })
	at := get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesAt("draw/0", []int64{9, 5}) })
	same(t, "entry by number", at, whole)
	at = get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesAt("draw/0", nil) })
	same(t, "no numbers", at, []service.LogEntry{})
	same(t, "entry", whole, []service.LogEntry{get(t, s, func(tx service.Tx) (service.LogEntry, error) { return tx.Entry(8) })})
}

// CheckLog verifies the whole log from its rows: no seq is missing, each record is canonical and says
// what its row says, each subject's chain is complete, and the head is the tree over all records. The
// tree hash is computed here by the definition of RFC 9162, not by the code under test.
func CheckLog(tb testing.TB, s service.Store) service.LogHead {
	tb.Helper()
	var head service.LogHead
	var entries []service.LogEntry
	read(tb, s, func(tx service.Tx) (err error) {
		if head, err = tx.LogHead(); err != nil {
			return err
		}
		entries, err = tx.Entries(0, int(head.Size)+1)
		return err
	})
	chain := map[string]service.LogEntry{}
	leaves := make([]audit.Hash, len(entries))
	for i, e := range entries {
		if err := checkEntry(e, int64(i), chain[e.Subject]); err != nil {
			tb.Fatalf("record %d: %v", i, err)
		}
		chain[e.Subject], leaves[i] = e, e.Leaf
	}
	if int64(len(entries)) != head.Size || treeHash(leaves) != head.Root {
		tb.Fatalf("%d records with root %s, head says %d with %s", len(entries), treeHash(leaves), head.Size, head.Root)
	}
	return head
}

// checkEntry compares an entry with its record and with the one before on its subject.
func checkEntry(e service.LogEntry, seq int64, before service.LogEntry) error {
	r, err := audit.Decode(e.Record)
	if err != nil {
		return err
	}
	want := service.LogEntry{Seq: seq, Kind: r.Kind, Subject: r.Subject, N: r.N, Leaf: audit.LeafHash(e.Record), Record: e.Record}
	switch {
	case e.Seq != want.Seq, e.Kind != want.Kind, e.Subject != want.Subject, e.N != want.N, e.Leaf != want.Leaf:
		return fmt.Errorf("row %+v does not fit its record %s", e, e.Record)
	case r.N != before.N+1 || r.Prev != before.Leaf:
		return fmt.Errorf("n %d, prev %s do not continue n %d, leaf %s of %s", r.N, r.Prev, before.N, before.Leaf, r.Subject)
	}
	return nil
}

func leavesOf(t testing.TB, s service.Store) []audit.Hash {
	t.Helper()
	var leaves []audit.Hash
	for _, e := range get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.Entries(0, 1<<30) }) {
		leaves = append(leaves, e.Leaf)
	}
	return leaves
}

// treeHash is MTH of RFC 9162, section 2.1.1, word by word.
func treeHash(leaves []audit.Hash) audit.Hash {
	switch len(leaves) {
	case 0:
		return sum("")
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := treeHash(leaves[:k]), treeHash(leaves[k:])
	return sum("\x01" + string(left[:]) + string(right[:]))
}
