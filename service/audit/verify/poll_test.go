package verify

import (
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

func TestAnHonestPollHolds(t *testing.T) {
	r := checkBundle(t, polled(t).packPoll(), brought(t))
	if !r.OK || len(r.Checks) != 12 || !r.Rehearsal {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for no, want := range map[int][]string{
		1:  {"16 files"},
		2:  {"the policy you brought", "no witness signed"},
		3:  {"38 records of community/garden/members", "rounds seen, verified"},
		4:  {"charter 1 ("},
		5:  {"38 moves of 32 people", "28 active members and 2 active founders"},
		6:  {"all 11 checks of city/example/jury/1 hold", "9 seats and 9 alternates"},
		7:  {"jury: 9 of 9 seats held, 5 replacements, none out of order"},
		8:  {"REHEARSAL: ", "tier 1", "founders 1/10 with 2 electors, members 7/10 with 28 electors, jury 1/5 with 8 electors, 1 juror recused", "sealed ballots"},
		9:  {"20 ballots, each by an elector"},
		10: {"REHEARSAL: round"},
		11: {"17 ballots of 38 electors, 3 superseded, 2 invalid (1 copied, 1 unopenable)", "jury 1/5 of the decision, effective 1/5", "R = 11/15; passed"},
		12: {"20 ballots, one result: passed"},
	} {
		for _, part := range want {
			if got := r.Checks[no-1].Evidence; !strings.Contains(got, part) {
				t.Errorf("check %d: %q is not in %q", no, part, got)
			}
		}
	}
	said := text(t, r)
	for _, part := range []string{"NOT A REAL POLL", "late insertion is not excluded", "voted freely", "without a receipt", "member and a resident", "All 12 checks hold"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not said:\n%s", part, said)
		}
	}
}

func TestOtherHonestPollsHold(t *testing.T) {
	for name, build := range map[string]struct {
		of   func(t *testing.T) *commune
		says string // in some evidence
	}{
		"an open poll": {func(t *testing.T) *commune {
			c := begun(t, func(ch *charter.Charter) { ch.Ballot.Mode = charter.ModeOpen })
			c.openPoll(c.question(), nil)
			c.finishPoll()
			return c
		}, "open ballots from"},
		"no jury in the charter": {func(t *testing.T) *commune {
			c := newCommune(t)
			c.found(withoutJury)
			c.people()
			c.openPoll(c.question(), nil)
			for i := 8; i < 20; i++ {
				c.vote(member(i), "no")
			}
			c.closePoll(nil)
			c.count(nil)
			return c
		}, noJury},
		"no ballot": {func(t *testing.T) *commune {
			c := begun(t, nil)
			c.openPoll(c.question(), nil)
			c.closePoll(nil)
			c.count(nil)
			return c
		}, "rejected (quorum:members)"},
		"a void in time": {func(t *testing.T) *commune {
			c := begun(t, nil)
			c.openPoll(c.question(), nil)
			c.everybody()
			c.voidPoll(false)
			return c
		}, "voided before its close"},
		"recorded half a minute after it opens": {func(t *testing.T) *commune {
			c := begun(t, nil)
			c.openPoll(c.question(), func(c *commune) { c.now += 30 })
			c.finishPoll()
			return c
		}, "one result: passed"},
		"records after the opening": {func(t *testing.T) *commune {
			c := begun(t, nil)
			c.openPoll(c.question(), nil)
			c.move(identity.ActionLeave, memberID(20))
			c.move(identity.ActionAdmit, memberID(40))
			c.finishPoll()
			c.move(identity.ActionAdmit, memberID(41))
			return c
		}, "28 active members"},
		"an amendment and its adoption": {func(t *testing.T) *commune {
			c := begun(t, nil)
			next := c.nextCharter()
			c.amend(next)
			c.everybody()
			c.closePoll(nil)
			c.count(nil)
			c.adopt(next, &charter.PollRef{Hash: c.hash, Record: c.prev[pollSubject]})
			return c
		}, "was adopted by it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := checkBundle(t, build.of(t).packPoll(), brought(t))
			if said := text(t, r); !r.OK || !strings.Contains(said, build.says) {
				t.Errorf("report:\n%s", said)
			}
		})
	}
}

func withoutJury(ch *charter.Charter) {
	ch.Chambers = ch.Chambers[:2]
	ch.Chambers[1].Share = ch.Chambers[1].Share.Add(ratio.New(1, 5))
}

// nextCharter asks for more to amend.
func (c *commune) nextCharter() *charter.Charter {
	c.t.Helper()
	next := *c.charter
	hash, err := c.charter.Hash()
	if err != nil {
		c.t.Fatal(err)
	}
	next.Seq, next.Prev, next.Name = 2, hash, "The large garden"
	return &next
}

// amend opens a poll on the next charter.
func (c *commune) amend(next *charter.Charter) {
	c.t.Helper()
	text, err := next.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	q, file, hash := c.question(), poll.FileOf(text), charter.HashBytes(text)
	q.Class, q.Amends, q.Proposes = poll.ClassAmendment, &file, &hash
	c.openPoll(q, nil)
	c.rolls = append(c.rolls, text)
}

func (c *commune) voidPoll(late bool) {
	c.t.Helper()
	c.log(audit.KindPollVoid, pollSubject, audit.PollVoid{Void: poll.Void{Hash: c.hash, Late: late, Reason: "the question was unclear"}})
}

// forge appends a record whatever its body says.
func (c *commune) forge(kind audit.Kind, subject string, body any) {
	c.t.Helper()
	b, err := canonical.Marshal(map[string]any{"body": body, "kind": kind, "n": c.n[subject] + 1, "prev": c.prev[subject], "subject": subject, "v": 1,
		"seen": beacon.File{Chain: c.chain.Hash, Beacon: c.sign(c.roundNow())}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(subject, b)
	c.n[subject], c.prev[subject] = c.n[subject]+1, audit.LeafHash(b)
}

func TestAPollAnswersForItsOwnPolicyWhenNoneIsBrought(t *testing.T) {
	r := checkBundle(t, polled(t).packPoll(), Options{})
	if !r.OK || !slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, "--policy") }) {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestWitnessesNarrowWhenAPollWasRecorded(t *testing.T) {
	c := polled(t)
	vkey, _, _ := keyOf("witness.example", 4)
	opts := Options{Policy: policyOf(t, logPolicy()[:strings.Index(logPolicy(), "\n")+1]+"witness w1 "+vkey+"\nquorum w1\n")}
	p := c.pollUnder(cosign("witness.example", c.note(), c.now+60))
	r := checkBundle(t, packedPoll(t, p), opts)
	if said := text(t, r); !r.OK || !strings.Contains(said, "1 of 1 witnesses cosigned") || !strings.Contains(said, "not excluded before "+at(c.now+60)) {
		t.Errorf("report:\n%s", said)
	}
}
