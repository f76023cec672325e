package service_test

import (
	"crypto/ed25519"
	"testing"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

const yes, no = `{"vote":"yes"}`, `{"vote":"no"}`

func TestJuryDecidesAPollThatTheMembersSplit(t *testing.T) {
	c := newPolity(t, 10)
	p := c.openedPoll("bridge")
	for i := range 10 {
		c.vote(p, poll.MemberVoter("members", token(i)), []string{yes, no}[i%2])
	}
	for seat := range int64(6) {
		c.vote(p, poll.SeatVoter(seat+1), yes)
	}
	got := c.counted(p)
	if got.Count.Outcome.Passed == nil || !*got.Count.Outcome.Passed || got.Count.Rate.String() != "3/5" || got.Records != 16 {
		t.Errorf("outcome %+v, rate %v, %d records: want passed with 1/2·4/5 + 1·1/5 = 3/5 of 16", got.Count.Outcome, got.Count.Rate, got.Records)
	}
	c.verified(p)
}

func TestLastBallotCountsAndTheSameBallotIsOne(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("again")
	voter := poll.MemberVoter("members", token(0))
	first := c.ballot(p, voter, no)
	a, err := c.Cast(t.Context(), p.ID, first)
	must(t, err)
	b, err := c.Cast(t.Context(), p.ID, first)
	must(t, err)
	if a.Promise.Index != b.Promise.Index || a.Promise.Leaf != b.Promise.Leaf {
		t.Errorf("the same ballot stands at %d and at %d", a.Promise.Index, b.Promise.Index)
	}
	c.vote(p, voter, yes)
	c.vote(p, poll.SeatVoter(1), yes)
	got := c.counted(p)
	if got.Records != 3 || got.Superseded != 1 || *got.Count.Chambers[0].Yes != 1 {
		t.Errorf("%d records, %d superseded, %+v", got.Records, got.Superseded, got.Count.Chambers[0])
	}
	at, err := c.Ballot(t.Context(), p.ID, a.Promise.N)
	must(t, err)
	if !at.Superseded || !at.Counted {
		t.Errorf("the first ballot: %+v, want superseded in a counted poll", at)
	}
}

func TestReceiptIsSignedByTheLog(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("receipt")
	r := c.vote(p, poll.MemberVoter("members", token(0)), yes)
	text, err := canonical.Marshal(r.Promise)
	must(t, err)
	if !c.signedByLog(identity.Message(identity.ThingReceipt, text), r.Signature) {
		t.Error("the log's key did not sign the receipt")
	}
	r.Promise.N++
	if text, err = canonical.Marshal(r.Promise); err != nil || c.signedByLog(identity.Message(identity.ThingReceipt, text), r.Signature) {
		t.Error("the signature covers another number too")
	}
	e, err := c.LogEntry(t.Context(), r.Promise.Index)
	must(t, err)
	if e.Leaf != r.Promise.Leaf || e.N != r.Promise.N-1 {
		t.Errorf("the log has leaf %s, number %d there; the receipt says %s", e.Leaf, e.N, r.Promise.Leaf)
	}
}

func TestPollWithoutTheRequiredJuryDoesNotOpen(t *testing.T) {
	c := newPolity(t, 2)
	q := c.question("alone")
	q.DrawID = ""
	_, err := c.OpenPoll(t.Context(), c.steward, q)
	wantRefusal(t, err, service.KindInvalid, poll.RuleJury)
	_, err = c.OpenPoll(t.Context(), c.registrar, c.question("city"))
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = c.OpenPoll(t.Context(), service.Actor{}, c.question("nobody"))
	wantRefusal(t, err, service.KindUnauthorized, "key_required")
}

func TestDoorRefusesAndRecordsNothing(t *testing.T) {
	c := newPolity(t, 2)
	p, other := c.openedPoll("door"), c.openedPoll("other")
	voter := poll.MemberVoter("members", token(0))
	before, err := c.LogHead(t.Context())
	must(t, err)
	refuse := func(cast poll.Cast, kind service.Kind, code string) {
		t.Helper()
		_, err := c.Cast(t.Context(), p.ID, cast)
		wantRefusal(t, err, kind, code)
	}
	c.keys["members/"+token(7)] = person("nobody")
	refuse(c.ballot(p, "members/"+token(7), yes), service.KindForbidden, poll.RuleNotOnRoll)
	refuse(c.ballot(other, voter, yes), service.KindInvalid, poll.RuleWrongPoll)
	forged := c.ballot(p, voter, yes)
	forged.Signature.Signature[3] ^= 1
	refuse(forged, service.KindInvalid, poll.RuleSignature)
	stolen := c.ballot(p, voter, yes)
	c.keys[voter], c.keys["x"] = person("thief"), c.keys[voter]
	refuse(c.ballot(p, voter, yes), service.KindInvalid, poll.RuleSignature)
	c.keys[voter] = c.keys["x"]
	c.clock.Store(p.Closes)
	refuse(stolen, service.KindConflict, "closed")
	after, err := c.LogHead(t.Context())
	must(t, err)
	if after.Size != before.Size {
		t.Errorf("refused ballots added %d records", after.Size-before.Size)
	}
}

func TestRoundThatIsKnownClosesThePollWhateverTheClockSays(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("clock")
	b, err := c.network.Sign(p.Round)
	must(t, err)
	_, err = c.PasteBeacon(t.Context(), c.operator, p.Chain, b)
	must(t, err)
	_, err = c.Cast(t.Context(), p.ID, c.ballot(p, poll.MemberVoter("members", token(0)), yes))
	wantRefusal(t, err, service.KindConflict, "closed")
}

func TestVacancyGoesToTheNextAlternateAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	c := &polity{world: w, keys: map[string]ed25519.PrivateKey{}}
	c.draw = c.drawn("vacancy")
	result, err := sortition.ParseResult(c.draw.Result)
	must(t, err)
	_, err = w.OpenSeats(t.Context(), w.registrar, service.NewJury{DrawID: c.draw.ID, Answer: 100, Starts: w.clock.Load(), Ends: w.clock.Load() + 10_000})
	must(t, err)
	_, err = w.Undeliverable(t.Context(), w.registrar, c.draw.ID, []int64{1})
	must(t, err)
	v, err := w.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if v.Seats[0].Holder != result.Strata[0].Alternates[0] || v.Seats[0].State != seating.Invited {
		t.Fatalf("seat 1 is %s with %s, want invited with the first alternate %s", v.Seats[0].State, v.Seats[0].Holder, result.Strata[0].Alternates[0])
	}
	w.clock.Add(100) // all deadlines pass
	w.work()
	v, err = w.Jury(t.Context(), c.draw.ID)
	must(t, err)
	empty, invited := v.Statistics.Seats[seating.Empty], v.Statistics.Seats[seating.Invited]
	if empty+invited != 6 || invited != int64(len(result.Strata[0].Alternates)+len(result.Strata[1].Alternates)-1) {
		t.Errorf("%d empty, %d invited after all deadlines passed", empty, invited)
	}
	_, err = w.Undeliverable(t.Context(), w.stranger, c.draw.ID, []int64{1})
	wantRefusal(t, err, service.KindNotFound, "not_found")
}

func TestCodeOpensOneSeatOnce(t *testing.T) {
	w := newWorld(t)
	c := &polity{world: w, keys: map[string]ed25519.PrivateKey{}}
	c.draw = c.drawn("codes")
	_, err := w.OpenSeats(t.Context(), w.registrar, service.NewJury{DrawID: c.draw.ID, Answer: 100, Starts: w.clock.Load(), Ends: w.clock.Load() + 10_000})
	must(t, err)
	old, err := w.Letters(t.Context(), w.registrar, c.draw.ID, service.CodeAnswer, []int64{2})
	must(t, err)
	fresh, err := w.Letters(t.Context(), w.registrar, c.draw.ID, service.CodeAnswer, nil)
	must(t, err)
	if len(old) != 1 || len(fresh) != 6 {
		t.Fatalf("%d and %d letters, want 1 and 6", len(old), len(fresh))
	}
	_, err = w.Invitation(t.Context(), old[0].Code)
	wantRefusal(t, err, service.KindNotFound, "code") // a new print voids the old code
	_, err = w.Answer(t.Context(), fresh[1].Code, service.Answer{Act: seating.Decline})
	must(t, err)
	_, err = w.Answer(t.Context(), fresh[1].Code, service.Answer{Act: seating.Accept})
	wantRefusal(t, err, service.KindNotFound, "code")
	wrong := c.acceptance(fresh[2], person("someone"))
	other := publicKey(person("someone else"))
	wrong.Key = &other
	_, err = w.Answer(t.Context(), fresh[2].Code, wrong)
	wantRefusal(t, err, service.KindInvalid, "proof")
	w.clock.Add(100) // to the second of the deadline
	_, err = w.Answer(t.Context(), fresh[3].Code, service.Answer{Act: seating.Accept})
	wantRefusal(t, err, service.KindNotFound, "code")
	_, err = w.Letters(t.Context(), w.auditor, c.draw.ID, service.CodeAnswer, nil)
	wantRefusal(t, err, service.KindForbidden, "role")
}

func TestTwoOfficialsOpenADrawWhereThePolicySaysSo(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("two")
	_, err := w.SetApprovals(t.Context(), w.registrar, "example", 2)
	must(t, err)
	_, err = w.SetApprovals(t.Context(), w.registrar, "example", 1)
	wantRefusal(t, err, service.KindForbidden, "role")
	_, err = w.OpenDraw(t.Context(), w.registrar, w.newDraw(reg, "two"))
	wantRefusal(t, err, service.KindConflict, "approval_required")
	first := service.Actor{KeyID: "00000000000000aa", Role: service.RoleRegistrar, City: "example"}
	second := service.Actor{KeyID: "00000000000000ab", Role: service.RoleRegistrar, City: "example"}
	p, err := w.ProposeDraw(t.Context(), first, w.newDraw(reg, "two"))
	must(t, err)
	_, err = w.Approve(t.Context(), first, p.ID)
	wantRefusal(t, err, service.KindForbidden, "same_official")
	p, err = w.Approve(t.Context(), second, p.ID)
	must(t, err)
	d, err := w.Draw(t.Context(), p.DrawID)
	must(t, err)
	if d.State != service.DrawOpen || p.State != service.ProposalOpened {
		t.Errorf("draw %s, proposal %s", d.State, p.State)
	}
	_, err = w.Approve(t.Context(), second, p.ID)
	wantRefusal(t, err, service.KindConflict, "proposal_state")
}
