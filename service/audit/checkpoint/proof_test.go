package checkpoint

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/service/audit"
)

func TestEveryRecordIsProvedAndNoOther(t *testing.T) {
	pol, err := LogPolicy(newKey(origin, typeLog).String())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 3, 8, 13} {
		l := newLog(t, n)
		for i := range n {
			p := l.prove(t, i)
			c, err := p.Verify(l.records[i], pol)
			if err != nil || c != l.head {
				t.Fatalf("record %d of %d: %+v, %v", i, n, c, err)
			}
			if _, err := p.Verify([]byte("another record"), pol); err == nil {
				t.Errorf("record %d of %d: another record is proved", i, n)
			}
			p.Index = (p.Index + 1) % int64(n)
			if _, err := p.Verify(l.records[i], pol); err == nil && n > 1 {
				t.Errorf("record %d of %d is proved at another place", i, n)
			}
		}
	}
}

func TestProofVerifyUsesThePolicy(t *testing.T) {
	l := newLog(t, 3)
	pol, err := LogPolicy(newKey("log.porto.example", typeLog).String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.prove(t, 1).Verify(l.records[1], pol); err == nil {
		t.Error("a log that the policy does not name is believed")
	}
}

func TestProofKeepsItsText(t *testing.T) {
	for _, n := range []int{1, 2, 9} {
		l := newLog(t, n)
		want := l.prove(t, n-1)
		b, err := want.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseProof(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("proof (-want +got):\n%s", diff)
		}
	}
}

func TestParseProofRefuses(t *testing.T) {
	l := newLog(t, 9)
	b, err := l.prove(t, 5).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	first := strings.Split(good, "\n")[2]
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the good proof", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, in := range map[string]string{
		"nothing":                     "",
		"another version":             swap("@v1", "@v2"),
		"no header":                   strings.TrimPrefix(good, proofHeader+"\n"),
		"an extra line":               swap("index", "extra AAAA\nindex"),
		"an extra line for the index": swap("index 5", "extra AAAA"),
		"no index":                    swap("index 5\n", ""),
		"an index with a zero first":  swap("index 5", "index 0005"),
		"a negative index":            swap("index 5", "index -5"),
		"an index with two spaces":    swap("index 5", "index  5"),
		"an index with a space after": swap("index 5", "index 5 "),
		"an index beyond the log":     swap("index 5", "index 9"),
		"an index beyond 2^53-1":      swap("index 5", "index 9007199254740992"),
		"a second index":              swap("index 5", "index 5\nindex 5"),
		"a hash of 31 bytes":          swap(first, encode64(make([]byte, 31))),
		"a hash in no base64":         swap(first, "!"+first[1:]),
		"a hash without padding":      swap(first, strings.TrimRight(first, "=")),
		"a hash with spaces":          swap(first, " "+first),
		"64 hashes":                   swap(first+"\n", strings.Repeat(first+"\n", 61)),
		"no empty line":               swap("\n\n"+origin, "\n"+origin),
		"two empty lines":             swap("\n\n"+origin, "\n\n\n"+origin),
		"no checkpoint":               good[:strings.Index(good, "\n\n")+2],
		"a checkpoint with CRLF":      strings.ReplaceAll(good, "\n", "\r\n"),
		"a checkpoint unsigned":       good[:strings.LastIndex(good, "\n—")],
		"no final newline":            strings.TrimSuffix(good, "\n"),
		"bytes after the checkpoint":  good + "x",
		"a checkpoint with extension": swap("\n\n— ", "\nextension\n\n— "),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseProof([]byte(in))
			if err == nil {
				t.Fatalf("accepted: %+v", got)
			}
			if diff := cmp.Diff(Proof{}, got); diff != "" {
				t.Errorf("error %v comes with a proof", err)
			}
		})
	}
}

func TestMarshalRefusesWhatParseRefuses(t *testing.T) {
	l := newLog(t, 9)
	good := l.prove(t, 5)
	for name, change := range map[string]func(*Proof){
		"an index beyond the log": func(p *Proof) { p.Index = 9 },
		"a negative index":        func(p *Proof) { p.Index = -1 },
		"64 hashes":               func(p *Proof) { p.Path = make([]audit.Hash, 64) },
		"no checkpoint":           func(p *Proof) { p.Note = nil },
		"an unsigned checkpoint":  func(p *Proof) { p.Note = []byte(l.head.Text()) },
	} {
		p := good
		change(&p)
		if b, err := p.Marshal(); err == nil {
			t.Errorf("%s: written as %q", name, b)
		}
	}
}

func TestVerifyInclusionEndsOnHostileSizes(t *testing.T) {
	for _, size := range []int64{-1, 0, maxInt + 1, 1<<62 + 1, 1<<63 - 1} {
		c := Checkpoint{Origin: origin, Size: size}
		if err := VerifyInclusion(c, 0, audit.Hash{}, nil); err == nil {
			t.Errorf("size %d is accepted", size)
		}
	}
	c := Checkpoint{Origin: origin, Size: maxInt, Root: audit.Hash{1}}
	if err := VerifyInclusion(c, maxInt-1, audit.Hash{}, make([]audit.Hash, 53)); err == nil {
		t.Error("zeros are a proof")
	}
}

func TestConsistency(t *testing.T) {
	l := newLog(t, 13)
	for n := 1; n <= 13; n++ {
		path := l.extend(t, n)
		if err := VerifyConsistency(l.at(t, n), l.head, path); err != nil {
			t.Errorf("size %d: %v", n, err)
		}
		forked := l.at(t, n)
		forked.Root[0] ^= 1
		if VerifyConsistency(forked, l.head, path) == nil {
			t.Errorf("size %d: another root is extended", n)
		}
		if VerifyConsistency(l.at(t, n), l.head, append(slices.Clone(path), audit.Hash{})) == nil {
			t.Errorf("size %d: a longer proof is accepted", n)
		}
	}
	empty := Checkpoint{Origin: origin, Root: newLog(t, 0).head.Root}
	other := l.head
	other.Origin = "log.porto.example"
	for name, tc := range map[string]struct {
		old, now Checkpoint
		path     []audit.Hash
	}{
		"a log that shrank":          {l.head, l.at(t, 12), l.extend(t, 12)},
		"two origins":                {other, l.head, nil},
		"hashes from size 0":         {empty, l.head, make([]audit.Hash, 1)},
		"equal sizes, other root":    {Checkpoint{origin, 13, audit.Hash{1}}, l.head, nil},
		"equal sizes, with hashes":   {l.head, l.head, make([]audit.Hash, 1)},
		"a negative size":            {Checkpoint{Origin: origin, Size: -1}, l.head, nil},
		"a proof that is too long":   {l.at(t, 5), l.head, make([]audit.Hash, 70)},
		"a size that is not allowed": {l.at(t, 5), Checkpoint{Origin: origin, Size: 1 << 62}, nil},
	} {
		if VerifyConsistency(tc.old, tc.now, tc.path) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := VerifyConsistency(empty, l.head, nil); err != nil {
		t.Errorf("from size 0: %v", err)
	}
}

// One flipped bit anywhere in a proof is refused, or stands in a signature line that the policy does
// not know; the test's proof has none of those.
func TestAnyFlippedBitIsRefused(t *testing.T) {
	l := newLog(t, 11)
	pol, err := LogPolicy(newKey(origin, typeLog).String())
	if err != nil {
		t.Fatal(err)
	}
	good, err := l.prove(t, 6).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(good)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "byte")
		b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		if _, err := p.Verify(l.records[6], pol); err == nil {
			t.Fatalf("accepted with byte %d changed:\n%s", at, b)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	for _, n := range []int{1, 5} {
		b, err := newLog(f, n).prove(f, n-1).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(fmt.Appendf(nil, "%s\nindex 0\n\nx\n1\n\n", proofHeader))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		again, err := p.Marshal()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("got %q, %v\nwant %q", again, err, b)
		}
	})
}
