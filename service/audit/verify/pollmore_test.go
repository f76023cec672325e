package verify

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// cut packs a thread as it stood after some of its records, rightly proved.
func (c *commune) cut(p *bundle.PollContents, i, records int) {
	c.t.Helper()
	left := records
	subjects := slices.Clone(c.subjects)
	for k, s := range c.subjects {
		if s != p.Threads[i].Subject {
			continue
		}
		if left--; left < 0 {
			subjects[k] = "cut off"
		}
	}
	whole := c.subjects
	c.subjects = subjects
	p.Threads[i] = c.thread(p.Threads[i].Subject, c.note())
	c.subjects = whole
}

func recordMutants() []mutant {
	return []mutant{
		{"members up to less than was counted", []int{8}, "counted: 38 records of community/garden/members, the bundle has 20", repacked(func(c *commune, p *bundle.PollContents) { c.cut(p, 1, 20) })},
		{"the poll up to before its result", []int{1, 10, 12}, "has no result in this bundle", repacked(func(c *commune, p *bundle.PollContents) { c.cut(p, 3, 22) })},
		{"a dev chain that is not described", []int{3}, "neither pinned nor described", repacked(func(_ *commune, p *bundle.PollContents) { p.Chains = nil })},
		{"a poll opened twice", []int{8}, "opened once, and first", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.forge(audit.KindPollOpen, pollSubject, canonicalRaw(c.records(pollSubject)[0].Body))
			c.finishPoll()
			return c.packPoll()
		}},
		{"a poll that begins with its close", []int{8}, "not its opening", func(c *commune) []byte {
			c.log(audit.KindPollClose, pollSubject, audit.PollClose{Close: poll.Close{At: c.now, Hash: c.hash}})
			return c.packPoll()
		}},
		{"the manifest of another poll", []int{8}, "the manifest is for community/garden/poll/dam", func(c *commune) []byte {
			c.openPoll(c.question(), func(c *commune) { c.manifest.Poll = communeSubject + "/poll/dam" })
			return c.packPoll()
		}},
		{"seats that the manifest does not count", []int{8}, "which the manifest does not count", asked(func(c *commune) {
			m := c.manifest
			m.Rules.Chambers, m.Rolls, m.Counted, m.Jury = m.Rules.Chambers[:2], m.Rolls[:2], m.Counted[:2], nil
			m.Rules.Chambers[1].Share = ratio.New(9, 10)
			c.rolls = c.rolls[:2]
		})},
		{"other seats", []int{8}, `the manifest has the jury "city/example/jury/2/seats"`, asked(func(c *commune) {
			c.manifest.Jury.Seats, c.manifest.Counted[2].Subject = "city/example/jury/2/seats", "city/example/jury/2/seats"
		})},
		{"founders left out", []int{8}, "2 chambers in the manifest, the charter gives 3", asked(func(c *commune) {
			m := c.manifest
			m.Rules.Chambers, m.Rolls, c.rolls = m.Rules.Chambers[1:], m.Rolls[1:], c.rolls[1:]
			m.Rules.Chambers[0].Share = ratio.New(4, 5)
		})},
		{"a transcript of another size", []int{11}, "the record says 1", falselyCounted(func(tr *poll.Transcript, r *poll.Result) {
			text, err := tr.Canonical()
			if err != nil {
				panic(err)
			}
			r.Transcript = poll.File{Bytes: 1, SHA256: sha256.Sum256(text)}
		})},
		{"a ballot more in the transcript", []int{11}, "the transcript has 21 ballots", falselyCounted(func(tr *poll.Transcript, _ *poll.Result) { tr.Records++ })},
		{"a transcript under another charter", []int{11}, "not the one that the ballots give", falselyCounted(func(tr *poll.Transcript, _ *poll.Result) { tr.Charter = audit.Hash{1} })},
		{"a charter adopted by another record", []int{12}, "names another record", amended(func(c *commune, next *charter.Charter) {
			c.adopt(next, &charter.PollRef{Hash: c.hash, Record: audit.Hash{1}})
		})},
		{"a draw without its seats", []int{6}, "not in the bundle", repacked(func(_ *commune, p *bundle.PollContents) { p.Threads = slices.Delete(p.Threads, 2, 3) })},
		{"the bundle of another draw", []int{6}, "is the bundle of a draw, city/example/jury/2", repacked(func(c *commune, p *bundle.PollContents) {
			d := c.drawContents(c.note())
			d.Subject = "city/example/jury/2"
			p.Draws = []bundle.Draw{drawOf(packed(c.t, d))}
		})},
	}
}

// amended is an amendment that passed, and what became of it.
func amended(do func(c *commune, next *charter.Charter)) func(c *commune) []byte {
	return func(c *commune) []byte {
		next := c.nextCharter()
		c.amend(next)
		c.everybody()
		c.closePoll(nil)
		c.count(nil)
		do(c, next)
		return c.packPoll()
	}
}

func TestAMoveBeforeThereIsACharterFails(t *testing.T) {
	c := newCommune(t)
	c.found(withoutJury)
	c.people()
	c.openPoll(c.question(), nil)
	c.closePoll(nil)
	c.count(nil)
	p := c.pollContents()
	c.cut(&p, 0, 1) // community.add alone
	r := checkBundle(t, packedPoll(t, p), brought(t))
	if got := failed(r); !slices.Equal(got, []int{4}) || !strings.Contains(r.Checks[3].Evidence, "no charter") {
		t.Errorf("failed %v, want 4:\n%s", got, text(t, r))
	}
}

func TestSeatsOfADrawThatHasNoResultFail(t *testing.T) {
	c := newCommune(t)
	c.drawJury()
	c.found(nil)
	c.people()
	c.edit = func(r *audit.Record) {
		r.Body = bytes.Replace(r.Body, []byte(c.result.Commit.String()), []byte(strings.Repeat("ab", 32)), 1)
	}
	c.seatJury()
	c.openPoll(c.question(), nil)
	c.finishPoll()
	r := checkBundle(t, c.packPoll(), brought(t))
	if got := failed(r); !slices.Equal(got, []int{7}) || !strings.Contains(r.Checks[6].Evidence, "has no result in the nested bundle") {
		t.Errorf("failed %v, want 7:\n%s", got, text(t, r))
	}
}

// The draw is properly signed by a log that the auditor believes, which is not the poll's.
func TestTheDrawMustBeInThePollsLog(t *testing.T) {
	const other = "log.elsewh/kleroterion"
	c := polled(t)
	vkey, skey, _ := keyOf(other, 1)
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	head := c.head(len(c.entries))
	head.Origin = other
	signed, err := checkpoint.Sign(head, signer)
	if err != nil {
		t.Fatal(err)
	}
	p := c.pollContents()
	p.Draws = []bundle.Draw{drawOf(packed(t, c.drawContents(signed)))}
	r := checkBundle(t, packedPoll(t, p), Options{Policy: policyOf(t, "log "+vkey+"\n"+logPolicy())})
	if got := failed(r); !slices.Equal(got, []int{6}) || !strings.Contains(r.Checks[5].Evidence, "the draw is in the log "+other) {
		t.Errorf("failed %v, want 6:\n%s", got, text(t, r))
	}
}

// No real poll can be made here, for nobody has the key of its round; so an honest rehearsal is told to
// be one.
func TestARehearsedDrawDoesNotServeARealPoll(t *testing.T) {
	raw := polled(t).packPoll()
	b, err := bundle.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	e := &pollEvidence{communal: newCommunal(t.Context(), b, brought(t)), blobs: map[audit.Hash][]byte{}}
	if err := e.load(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.checkpointSigned(); err != nil {
		t.Fatal(err)
	}
	if said, err := e.juryDrawn(); err != nil {
		t.Fatalf("%s, %v", said, err)
	}
	e.b.Index.Rehearsal, e.rehearsed = false, false
	if said, err := e.juryDrawn(); err == nil || !strings.Contains(err.Error(), "the draw was a rehearsal") {
		t.Errorf("%s, %v", said, err)
	}
}

// choose casts open ballots on a poll with options.
func (c *commune) choose(i int, choice string) {
	c.t.Helper()
	c.cast(poll.Ballot{Choice: []byte(choice), Poll: c.hash, Voter: member(i)}, c.keyOf(member(i)))
}

func optional(t *testing.T) *commune {
	c := begun(t, func(ch *charter.Charter) { ch.Ballot.Mode = charter.ModeOpen })
	q := c.question()
	q.Method, q.Options, q.Winners = "approval", []string{"dam", "well"}, 1
	q.Names = map[string]string{"dam": "A dam", "well": "A well"}
	c.openPoll(q, nil)
	for i := 8; i < 20; i++ {
		c.choose(i, []string{`{"approve":["well"]}`, `{"approve":["dam","well"]}`, `{"approve":[]}`}[i%3])
	}
	return c
}

func TestPollsWithOptionsAreRecomputed(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*poll.Transcript, *poll.Result)
		failed []int
		says   string
	}{
		"an honest one":   {nil, nil, "elected: well"},
		"a vote too many": {func(tr *poll.Transcript, _ *poll.Result) { tr.Count.Options[1].Sums[1]++ }, []int{11}, "options: the transcript says"},
		"another winner":  {func(_ *poll.Transcript, r *poll.Result) { r.Outcome.Elected = []string{"dam"} }, []int{12}, `"elected":["dam"]`},
		"a false transcript": {func(tr *poll.Transcript, r *poll.Result) {
			tr.Count.Outcome.Elected = []string{"dam"}
			r.Outcome = tr.Count.Outcome
		}, []int{11}, "outcome: the transcript says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := optional(t)
			c.closePoll(nil)
			c.count(tc.change)
			r := checkBundle(t, c.packPoll(), brought(t))
			if got := failed(r); !slices.Equal(got, tc.failed) || !strings.Contains(text(t, r), tc.says) {
				t.Errorf("failed %v, want %v and %q:\n%s", got, tc.failed, tc.says, text(t, r))
			}
		})
	}
}

func TestAChoiceThatIntakeRefusesFailsAnOpenPoll(t *testing.T) {
	c := optional(t)
	c.choose(20, `{"approve":["well","dam"]}`)
	c.closePoll(nil)
	c.count(nil)
	r := checkBundle(t, c.packPoll(), brought(t))
	if got := failed(r); !slices.Equal(got, []int{9}) {
		t.Errorf("failed %v, want 9:\n%s", got, text(t, r))
	}
}

func TestOutcomesAreSaidInWords(t *testing.T) {
	c := begun(t, nil)
	c.openPoll(c.question(), nil)
	for i := 8; i < 20; i++ {
		c.vote(member(i), []string{"no", "yes"}[i/19])
	}
	c.closePoll(nil)
	c.count(nil)
	r := checkBundle(t, c.packPoll(), brought(t))
	if want := "rejected (threshold)"; !r.OK || !strings.Contains(r.Checks[11].Evidence, want) {
		t.Errorf("%q is not in the report:\n%s", want, text(t, r))
	}
}

// A community whose people came, left and came again replays like any other.
func TestALongHistoryReplays(t *testing.T) {
	c := newCommune(t)
	c.found(withoutJury)
	c.people()
	for i := range 3 {
		c.move(identity.ActionLeave, memberID(20))
		c.move(identity.ActionAdmit, memberID(20))
		next := c.nextOf(i + 2)
		c.adopt(next, &charter.PollRef{Hash: audit.Hash{byte(i + 1)}, Record: audit.Hash{byte(i + 9)}})
		c.charter = next
	}
	c.openPoll(c.question(), nil)
	for i := 8; i < 20; i++ {
		c.vote(member(i), "yes")
	}
	c.closePoll(nil)
	c.count(nil)
	r := checkBundle(t, c.packPoll(), brought(t))
	said := text(t, r)
	for _, want := range []string{"charter 4 (", "adopted by poll 030000000000…", "44 moves of 32 people", "earlier amendments were adopted by their polls"} {
		if !r.OK || !strings.Contains(said, want) {
			t.Errorf("%q is not in the report:\n%s", want, said)
		}
	}
}

func (c *commune) nextOf(seq int) *charter.Charter {
	c.t.Helper()
	next := c.nextCharter()
	next.Seq, next.Name = int64(seq), fmt.Sprintf("Garden %d", seq)
	return next
}
