package bundle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
)

func thread(subject, data string) Thread {
	b := blob(data)
	return Thread{Subject: subject, Open: b.Open, Bytes: b.Bytes, SHA256: b.SHA256, Proof: []byte("proof of " + subject)}
}

// pollContents has a file in every place of the tree. What the files say does not matter to this package.
func pollContents(t testing.TB) PollContents {
	t.Helper()
	of := contents(t)
	draw := blob(string(write(t, of)))
	return PollContents{
		CreatedBy: "test/1", Subject: "community/garden/poll/well", Rehearsal: true,
		Threads: []Thread{
			thread("community/garden", "a\nb\n"), thread("community/garden/members", "c\n"),
			thread("city/lisboa/jury/1/seats", ""), thread("community/garden/poll/well", "d\n"),
		},
		Draws:   []Draw{{Subject: "city/lisboa/jury/1", SHA256: draw.SHA256, Bytes: draw.Bytes, Open: draw.Open}},
		Blobs:   []Blob{blob("roll"), blob("transcript")},
		Beacons: of.Beacons[:1], Chains: of.Chains, Policy: of.Policy,
	}
}

func writePoll(t testing.TB, c PollContents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WritePoll(&buf, c); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestOpenReadsWhatWritePollWrote(t *testing.T) {
	c := pollContents(t)
	b, err := open(writePoll(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if x := b.Index; x.Kind != KindPoll || x.Subject != c.Subject || !x.Rehearsal || x.Threads() != 4 || x.Records() != 0 {
		t.Errorf("index %+v", x)
	}
	for path, want := range map[string]string{
		ThreadPath(0): "a\nb\n", ThreadPath(3): "d\n", ProofPath(1): "proof of community/garden/members",
		BlobPath(c.Blobs[0].SHA256): "roll", PolicyPath: "quorum none\n",
	} {
		if got, err := b.ReadFile(path, 100); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	nested, err := b.Nested("draws/city_lisboa_jury_1.klero")
	if err != nil || nested.Index.Kind != KindDraw || nested.Index.Subject != "city/lisboa/jury/1" {
		t.Errorf("nested: %v", err)
	}
	if _, err := b.Nested(PolicyPath); err == nil {
		t.Error("a policy is opened as a bundle")
	}
	if _, err := b.Nested("draws/other.klero"); err == nil {
		t.Error("a bundle that is not there is opened")
	}
}

func TestTheSamePollGivesTheSameBytesInAnyOrder(t *testing.T) {
	c := pollContents(t)
	want := writePoll(t, c)
	slices.Reverse(c.Blobs)
	if !bytes.Equal(writePoll(t, c), want) {
		t.Error("the order of blobs shows")
	}
}

// lazy is a file of zeroes that nobody holds.
type lazy struct{ left int64 }

func (l *lazy) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), l.left)
	clear(p[:n])
	l.left -= n
	return int(n), nil
}

func (*lazy) Close() error { return nil }

func TestThreadsStreamThrough(t *testing.T) {
	const size = 64 << 20
	c := pollContents(t)
	opened := 0
	sum := zeroes(t, size)
	c.Threads[3] = Thread{Subject: c.Subject, Bytes: size, SHA256: sum, Open: func() (io.ReadCloser, error) {
		opened++
		return &lazy{size}, nil
	}}
	var longest longestWrite
	if err := WritePoll(&longest, c); err != nil {
		t.Fatal(err)
	}
	if opened != 2 || longest > 1<<20 {
		t.Errorf("opened %d times, the longest write has %d bytes", opened, longest)
	}
}

type longestWrite int

func (l *longestWrite) Write(p []byte) (int, error) {
	*l = max(*l, longestWrite(len(p)))
	return len(p), nil
}

func TestWritePollRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		says   string
		change func(c *PollContents)
	}{
		"a subject that is no poll's":       {"is not community/<slug>/poll/<name>", func(c *PollContents) { c.Subject = "city/lisboa/jury/1" }},
		"a subject below a poll's":          {"is not community/<slug>/poll/<name>", func(c *PollContents) { c.Subject += "/x" }},
		"no threads":                        {"the threads are of []", func(c *PollContents) { c.Threads = nil }},
		"threads in another order":          {"the threads are of", func(c *PollContents) { c.Threads[0], c.Threads[1] = c.Threads[1], c.Threads[0] }},
		"a fourth thread that is no seats'": {"the threads are of", func(c *PollContents) { c.Threads[2].Subject = "city/lisboa" }},
		"a thread of another community":     {"the threads are of", func(c *PollContents) { c.Threads[1].Subject = "community/park/members" }},
		"two draws": {"one jury at most", func(c *PollContents) {
			c.Draws = append(c.Draws, Draw{"city/porto/jury/1", blob("x").SHA256, 1, blob("x").Open})
		}},
		"a draw whose name is no subject": {"is not of a bundle", func(c *PollContents) { c.Draws[0].Subject = "City" }},
		"a thread of another length":      {"not 3 bytes long", func(c *PollContents) { c.Threads[0].Bytes = 3 }},
		"a thread of another digest":      {"another digest", func(c *PollContents) { c.Threads[0].SHA256 = audit.Hash{1} }},
		"a thread that cannot be opened": {"no disk", func(c *PollContents) {
			c.Threads[0].Open = func() (io.ReadCloser, error) { return nil, errors.New("no disk") }
		}},
		"a blob twice":       {"does not stand after", func(c *PollContents) { c.Blobs = append(c.Blobs, c.Blobs[0]) }},
		"a nameless program": {"created_by", func(c *PollContents) { c.CreatedBy = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			c := pollContents(t)
			tc.change(&c)
			if err := WritePoll(io.Discard, c); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want %q in it", err, tc.says)
			}
		})
	}
}

func TestOpenRefusesATreeOfTheOtherKind(t *testing.T) {
	c := pollContents(t)
	jury := writePoll(t, c)
	for name, tc := range map[string]struct {
		says   string
		change func(*Index)
	}{
		"a poll called a draw":   {"0 records and 4 proofs", func(x *Index) { x.Kind = KindDraw }},
		"a kind nobody knows":    {"this program reads", func(x *Index) { x.Kind = "seats" }},
		"a record in a poll":     {"single records belong to a draw", func(x *Index) { x.Files = insert(x.Files, RecordPath(0)) }},
		"a fifth thread":         {"5 threads and 5 proofs", func(x *Index) { x.Files = insert(insert(x.Files, ThreadPath(4)), ProofPath(4)) }},
		"a thread without proof": {"a gap", func(x *Index) { x.Files = remove(x.Files, ProofPath(1)) }},
		"a gap among threads":    {"a gap", func(x *Index) { x.Files = remove(x.Files, ThreadPath(1)) }},
		"a draw's name":          {"is not of a bundle", func(x *Index) { x.Files = insert(x.Files, "draws/../policy.klero") }},
		"a draw without ending":  {"is not of a bundle", func(x *Index) { x.Files = insert(x.Files, "draws/city_lisboa") }},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := open(jury)
			if err != nil {
				t.Fatal(err)
			}
			x := b.Index
			x.Files = slices.Clone(x.Files)
			tc.change(&x)
			if err := x.check(); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want %q in it", err, tc.says)
			}
		})
	}
}

func insert(files []File, path string) []File {
	i, _ := slices.BinarySearchFunc(files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	return slices.Insert(files, i, File{Path: path})
}

func remove(files []File, path string) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Path == path })
}

func zeroes(t *testing.T, n int64) audit.Hash {
	t.Helper()
	sum := sha256.New()
	if _, err := io.Copy(sum, &lazy{n}); err != nil {
		t.Fatal(err)
	}
	return audit.Hash(sum.Sum(nil))
}
