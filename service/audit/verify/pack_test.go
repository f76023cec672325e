package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

// The log's key is derived from a fixed seed, so that bundles have fixed bytes.
func keyOf(name string, kind byte) (vkey, skey string, private ed25519.PrivateKey) {
	seed := sha256.Sum256([]byte("test key of " + name))
	private = ed25519.NewKeyFromSeed(seed[:])
	public := append([]byte{kind}, private.Public().(ed25519.PublicKey)...)
	id := sha256.Sum256(append([]byte(name+"\n"), public...))
	b64 := base64.StdEncoding.EncodeToString
	vkey = fmt.Sprintf("%s+%x+%s", name, id[:4], b64(public))
	return vkey, fmt.Sprintf("PRIVATE+KEY+%s+%x+%s", name, id[:4], b64(append([]byte{kind}, seed[:]...))), private
}

func policyOf(t testing.TB, text string) *checkpoint.Policy {
	t.Helper()
	p, err := checkpoint.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func logPolicy() string {
	vkey, _, _ := keyOf(origin, 1)
	return "log " + vkey + "\nquorum none\n"
}

// head is the checkpoint over the first n records.
func (s *scene) head(n int) checkpoint.Checkpoint {
	s.t.Helper()
	root, err := tlog.TreeHash(int64(n), s)
	if err != nil {
		s.t.Fatal(err)
	}
	return checkpoint.Checkpoint{Origin: origin, Size: int64(n), Root: audit.Hash(root)}
}

func (s *scene) note() []byte {
	s.t.Helper()
	_, skey, _ := keyOf(origin, 1)
	signer, err := note.NewSigner(skey)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := checkpoint.Sign(s.head(len(s.entries)), signer)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// cosign adds a witness's line to a note.
func cosign(name string, noteBytes []byte, at int64) []byte {
	vkey, _, private := keyOf(name, 4)
	text, _, _ := strings.Cut(string(noteBytes), "\n\n")
	sig := ed25519.Sign(private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", at, text))
	id, _ := hex.DecodeString(strings.Split(vkey, "+")[1])
	raw := append(binary.BigEndian.AppendUint64(id, uint64(at)), sig...)
	return fmt.Appendf(noteBytes, "— %s %s\n", name, base64.StdEncoding.EncodeToString(raw))
}

// contents packs the subject's records with those of city and register, under one note.
func (s *scene) contents(noteBytes []byte) bundle.Contents {
	s.t.Helper()
	c := bundle.Contents{CreatedBy: "kleroterion test", Subject: jury, Rehearsal: s.rehearsal, Chains: s.devs, Beacons: s.beacons, Policy: []byte(logPolicy())}
	for i, subject := range s.subjects {
		if !slices.Contains([]string{citySubject, registerSubject, jury}, subject) {
			continue
		}
		path, err := tlog.ProveRecord(int64(len(s.entries)), int64(i), s)
		if err != nil {
			s.t.Fatal(err)
		}
		p := checkpoint.Proof{Index: int64(i), Note: noteBytes}
		for _, h := range path {
			p.Path = append(p.Path, audit.Hash(h))
		}
		text, err := p.Marshal()
		if err != nil {
			s.t.Fatal(err)
		}
		c.Entries = append(c.Entries, bundle.Entry{Record: s.entries[i], Proof: text})
	}
	for _, data := range s.blobs {
		c.Blobs = append(c.Blobs, blobOf(data))
	}
	return c
}

func blobOf(data []byte) bundle.Blob {
	return bundle.Blob{Blob: audit.Blob{SHA256: sha256.Sum256(data), Bytes: int64(len(data))},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func (s *scene) pack() []byte { s.t.Helper(); return packed(s.t, s.contents(s.note())) }

func packed(t testing.TB, c bundle.Contents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := bundle.Write(&buf, c); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// checkBundle verifies packed bytes under the log's own key, unless opts brings another policy.
func checkBundle(t testing.TB, b []byte, opts Options) Report {
	t.Helper()
	opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Bundle(t.Context(), opened, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func brought(t testing.TB) Options { return Options{Policy: policyOf(t, logPolicy())} }

// failed returns the numbers of the checks that failed by themselves, not for want of another.
func failed(r Report) []int {
	own := map[int]bool{}
	for _, c := range r.Checks {
		if !c.OK && !strings.HasPrefix(c.Evidence, "not checked") {
			own[c.No] = true
		}
	}
	return slices.Sorted(maps.Keys(own))
}

func text(t testing.TB, r Report) string {
	t.Helper()
	var b strings.Builder
	if err := Fprint(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
