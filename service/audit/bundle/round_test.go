package bundle

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

// roundContents has a file in every place of the tree.
func roundContents(t testing.TB) RoundContents {
	t.Helper()
	of := pollContents(t)
	poll := blob(string(writePoll(t, of)))
	return RoundContents{
		CreatedBy: "test/1", Subject: "community/garden/round/spring", Rehearsal: true,
		Threads: []Thread{
			thread("community/garden", "a\nb\n"), thread("community/garden/members", "c\n"), thread("community/garden/round/spring", "d\n"),
		},
		Polls:   []Nested{{Subject: of.Subject, SHA256: poll.SHA256, Bytes: poll.Bytes, Open: poll.Open}},
		Blobs:   []Blob{blob("roll"), blob("about the well"), blob("version 1")},
		Beacons: of.Beacons, Chains: of.Chains, Policy: of.Policy,
	}
}

func writeRound(t testing.TB, c RoundContents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteRound(&buf, c); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestOpenReadsWhatWriteRoundWrote(t *testing.T) {
	c := roundContents(t)
	raw := writeRound(t, c)
	b, err := open(raw)
	if err != nil {
		t.Fatal(err)
	}
	if x := b.Index; x.Kind != KindRound || x.Subject != c.Subject || !x.Rehearsal || x.Threads() != 3 || x.Records() != 0 {
		t.Errorf("index %+v", x)
	}
	for path, want := range map[string]string{
		ThreadPath(0): "a\nb\n", ThreadPath(2): "d\n", ProofPath(2): "proof of community/garden/round/spring",
		BlobPath(c.Blobs[1].SHA256): "about the well", PolicyPath: "quorum none\n",
	} {
		if got, err := b.ReadFile(path, 100); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	poll, err := b.Nested("polls/community_garden_poll_well.klero")
	if err != nil || poll.Index.Kind != KindPoll {
		t.Fatalf("nested poll: %v", err)
	}
	if draw, err := poll.Nested("draws/city_lisboa_jury_1.klero"); err != nil || draw.Index.Kind != KindDraw {
		t.Errorf("draw nested in the poll: %v", err)
	}
	slices.Reverse(c.Blobs)
	if !bytes.Equal(writeRound(t, c), raw) {
		t.Error("the order of blobs shows")
	}
}

func TestWriteRoundRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		says   string
		change func(c *RoundContents)
	}{
		"a subject that is no round's": {"is not community/<slug>/round/<name>", func(c *RoundContents) { c.Subject = "community/garden/poll/well" }},
		"a subject below a round's":    {"is not community/<slug>/round/<name>", func(c *RoundContents) { c.Subject += "/x" }},
		"no threads":                   {"the threads are of []", func(c *RoundContents) { c.Threads = nil }},
		"threads in another order":     {"the threads are of", func(c *RoundContents) { c.Threads[0], c.Threads[1] = c.Threads[1], c.Threads[0] }},
		"a thread of seats": {"the threads are of", func(c *RoundContents) {
			c.Threads = slices.Insert(c.Threads, 2, thread("city/lisboa/jury/1/seats", ""))
		}},
		"two polls": {"one jury at most", func(c *RoundContents) {
			c.Polls = append(c.Polls, Nested{"community/garden/poll/dam", blob("x").SHA256, 1, blob("x").Open})
		}},
		"a poll whose name is none":  {"is not of a bundle", func(c *RoundContents) { c.Polls[0].Subject = "Poll" }},
		"a poll of another length":   {"bytes long", func(c *RoundContents) { c.Polls[0].Bytes++ }},
		"a thread of another digest": {"another digest", func(c *RoundContents) { c.Threads[2].SHA256[0] ^= 1 }},
		"a blob of another digest":   {"another digest", func(c *RoundContents) { c.Blobs[2].SHA256[0] ^= 1 }},
		"a blob twice":               {"does not stand after", func(c *RoundContents) { c.Blobs = append(c.Blobs, c.Blobs[0]) }},
		"a nameless program":         {"created_by", func(c *RoundContents) { c.CreatedBy = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			c := roundContents(t)
			tc.change(&c)
			if err := WriteRound(io.Discard, c); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want %q in it", err, tc.says)
			}
		})
	}
}

func TestOpenRefusesARoundWithAnotherTree(t *testing.T) {
	raw := writeRound(t, roundContents(t))
	for name, tc := range map[string]struct {
		says   string
		change func(*Index)
	}{
		"a round called a draw":  {"0 records and 3 proofs", func(x *Index) { x.Kind = KindDraw }},
		"a round called a poll":  {"bundles of polls belong to a round", func(x *Index) { x.Kind = KindPoll }},
		"a draw beside the poll": {"bundles of draws belong to a poll", func(x *Index) { x.Files = insert(x.Files, "draws/city_lisboa_jury_1.klero") }},
		"a second poll":          {"2 bundles of polls", func(x *Index) { x.Files = insert(x.Files, "polls/community_garden_poll_dam.klero") }},
		"a record in a round":    {"single records belong to a draw", func(x *Index) { x.Files = insert(x.Files, RecordPath(0)) }},
		"a fourth thread":        {"4 threads and 4 proofs", func(x *Index) { x.Files = insert(insert(x.Files, ThreadPath(3)), ProofPath(3)) }},
		"two threads":            {"2 threads and 2 proofs", func(x *Index) { x.Files = remove(remove(x.Files, ThreadPath(2)), ProofPath(2)) }},
		"no policy":              {"no policy.txt", func(x *Index) { x.Files = remove(x.Files, PolicyPath) }},
		"a poll's name":          {"is not of a bundle", func(x *Index) { x.Files = insert(x.Files, "polls/../policy.klero") }},
		"a poll without ending":  {"is not of a bundle", func(x *Index) { x.Files = insert(x.Files, "polls/community_garden") }},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := open(raw)
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
