package checkpoint

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
)

const origin = "log.lisboa.example/kleroterion"

// testKey is a key that the name determines.
type testKey struct {
	Key
	seed    []byte
	private ed25519.PrivateKey
}

func newKey(name string, kind byte) testKey {
	seed := sha256.Sum256([]byte("test key of " + name))
	return keyFrom(name, kind, seed[:])
}

func keyFrom(name string, kind byte, seed []byte) testKey {
	private := ed25519.NewKeyFromSeed(seed)
	k := Key{Name: name, kind: kind, public: [32]byte(private.Public().(ed25519.PublicKey))}
	k.ID = keyID(name, append([]byte{kind}, k.public[:]...))
	return testKey{k, seed, private}
}

func (k testKey) signer(t testing.TB) note.Signer {
	t.Helper()
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", k.Name, k.ID, encode64(append([]byte{k.kind}, k.seed...))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line returns a signature line for these signature bytes.
func (k Key) line(sig []byte) string {
	return fmt.Sprintf("— %s %s\n", k.Name, encode64(append(binary.BigEndian.AppendUint32(nil, k.ID), sig...)))
}

// cosign returns the witness's line for a signed note.
func (k testKey) cosign(noteBytes []byte, at int64) string {
	text, _, _ := strings.Cut(string(noteBytes), "\n\n")
	sig := ed25519.Sign(k.private, cosigned(text+"\n", at))
	return k.line(append(binary.BigEndian.AppendUint64(nil, uint64(at)), sig...))
}

// testLog is a log of n records with its signed checkpoint.
type testLog struct {
	records [][]byte
	stored  []tlog.Hash
	head    Checkpoint
	note    []byte
}

func (l *testLog) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = l.stored[n]
	}
	return out, nil
}

func newLog(t testing.TB, n int) *testLog {
	t.Helper()
	l := &testLog{}
	for i := range n {
		rec := fmt.Appendf(nil, "record %d", i)
		hs, err := tlog.StoredHashes(int64(i), rec, l)
		if err != nil {
			t.Fatal(err)
		}
		l.records, l.stored = append(l.records, rec), append(l.stored, hs...)
	}
	l.head = l.at(t, n)
	var err error
	if l.note, err = Sign(l.head, newKey(origin, typeLog).signer(t)); err != nil {
		t.Fatal(err)
	}
	return l
}

// at is the checkpoint when the log had n records.
func (l *testLog) at(t testing.TB, n int) Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(int64(n), l)
	if err != nil {
		t.Fatal(err)
	}
	return Checkpoint{Origin: origin, Size: int64(n), Root: audit.Hash(root)}
}

func (l *testLog) prove(t testing.TB, i int) Proof {
	t.Helper()
	path, err := tlog.ProveRecord(l.head.Size, int64(i), l)
	if err != nil {
		t.Fatal(err)
	}
	return Proof{Index: int64(i), Path: ours(path), Note: l.note}
}

func (l *testLog) extend(t testing.TB, n int) []audit.Hash {
	t.Helper()
	path, err := tlog.ProveTree(l.head.Size, int64(n), l)
	if err != nil {
		t.Fatal(err)
	}
	return ours(path)
}

func ours(path []tlog.Hash) []audit.Hash {
	var out []audit.Hash
	for _, h := range path {
		out = append(out, audit.Hash(h))
	}
	return out
}

func mustPolicy(t testing.TB, text string) Policy {
	t.Helper()
	p, err := ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
