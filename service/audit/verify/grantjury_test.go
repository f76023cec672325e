package verify

import (
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// The jury's poll is whole and the round's own, or the matching is not shown.
func TestAFalseJuryFailsTheMatching(t *testing.T) {
	base := juried(t).through(counted1, counted1)
	honest := base.contents()
	for name, tc := range map[string]struct {
		says   string
		change func(g *giving, c *bundle.RoundContents)
	}{
		"no bundle of the poll":             {"polls/community_garden_poll_well.klero, the bundle of the jury's poll, is missing", func(_ *giving, c *bundle.RoundContents) { c.Polls = nil }},
		"a bundle of the poll that is none": {"polls/community_garden_poll_well.klero", func(_ *giving, c *bundle.RoundContents) { c.Polls[0] = nestedOf(pollSubject, []byte("no bundle")) }},
		"a poll whose transcript is left out": {"check 11 of the jury's poll", func(g *giving, c *bundle.RoundContents) {
			g.polled = true
			p := g.pollContents()
			p.Blobs = p.Blobs[:len(p.Blobs)-1]
			c.Polls[0] = nestedOf(pollSubject, packedPoll(g.t, p))
		}},
		"the bundle of the jury's draw": {"is the bundle of a draw", func(g *giving, c *bundle.RoundContents) {
			c.Polls[0] = nestedOf(pollSubject, packed(g.t, g.drawContents(g.note())))
		}},
		"another poll": {"but the jury's poll is " + pollSubject, func(g *giving, c *bundle.RoundContents) {
			c.Polls[0].Subject = communeSubject + "/poll/dam"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, g := honest, base.again(t)
			c.Polls = slices.Clone(honest.Polls)
			tc.change(g, &c)
			wantMatching(t, packedRound(t, c), tc.says)
		})
	}
}

func nestedOf(subject string, b []byte) bundle.Nested {
	blob := blobOf(b)
	return bundle.Nested{Subject: subject, SHA256: blob.SHA256, Bytes: blob.Bytes, Open: blob.Open}
}

func wantMatching(t *testing.T, raw []byte, says string) {
	t.Helper()
	r := checkBundle(t, raw, brought(t))
	if got := failed(r); !slices.Equal(got, []int{10}) || !strings.Contains(r.Checks[9].Evidence, says) {
		t.Errorf("failed %v, want 10 and %q:\n%s", got, says, text(t, r))
	}
}

func TestTheJurysPartIsRecomputed(t *testing.T) {
	g := juried(t)
	g.result("", nil, func(f *grants.ResultFile, _ *grants.ResultRecord) {
		part := *f.Jury
		part.Projects = slices.Clone(part.Projects)
		part.Projects[0].Votes, part.Projects[1].Votes = part.Projects[1].Votes, part.Projects[0].Votes
		f.Jury = &part
	})
	wantMatching(t, g.packRound(), "jury: project mill: the result says")
}

func TestAPollInARoundWithoutAJuryFails(t *testing.T) {
	g := spring(t, poll.ModeOpen).through(applied, counted1)
	c := g.contents()
	c.Polls = []bundle.Nested{nestedOf(pollSubject, []byte("unasked"))}
	wantMatching(t, packedRound(t, c), "the manifest names no poll of a jury")
}

// The jury's poll is properly signed by a log that the auditor believes, which is not the round's: the
// policy names both.
func TestTheJurysPollMustBeInTheRoundsLog(t *testing.T) {
	e := &roundEvidence{replay: newRoundReplay()}
	e.head.Origin, e.jury.origin = origin, "log.elsewh/kleroterion"
	if said, err := e.juryHolds(); err == nil || !strings.Contains(err.Error(), "is in the log log.elsewh") {
		t.Errorf("%s, %v", said, err)
	}
	e.jury.origin = origin
	if _, err := e.juryHolds(); err != nil {
		t.Error(err)
	}
}

func TestWitnessesNarrowWhenARoundWasRecorded(t *testing.T) {
	g := spring(t, poll.ModeOpen).through(applied, paid)
	vkey, _, _ := keyOf("witness.example", 4)
	opts := Options{Policy: policyOf(t, logPolicy()[:strings.Index(logPolicy(), "\n")+1]+"witness w1 "+vkey+"\nquorum w1\n")}
	r := checkBundle(t, packedRound(t, g.under(cosign("witness.example", g.note(), g.now+60))), opts)
	if said := text(t, r); !r.OK || !strings.Contains(said, "not excluded before "+at(g.now+60)) {
		t.Errorf("report:\n%s", said)
	}
}

func TestAGiftsTimeIsReadFromItsFirstMember(t *testing.T) {
	for body, want := range map[string]int64{
		`{"at":12,"gift":{}}`: 12, `{"at":-3,"x":1}`: -3,
		`{"at":12}`: 0, `{"at":"12","gift":{}}`: 0, `{ "at":12,"gift":{}}`: 0, `{"gift":{},"at":12}`: 0, `{"at":12x,"gift":{}}`: 0, ``: 0,
	} {
		got, ok := giftTime(audit.Record{Kind: audit.KindGiftAdd, Body: []byte(body)})
		if got != want && ok || ok != (want != 0) {
			t.Errorf("%s: %d, %t, want %d", body, got, ok, want)
		}
	}
	if _, ok := giftTime(audit.Record{Kind: audit.KindBallotCast, Body: []byte(`{"at":12,"gift":{}}`)}); ok {
		t.Error("a ballot has a time")
	}
}
