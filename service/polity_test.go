package service_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

// polity is a community with a jury in a world.
type polity struct {
	*world
	steward service.Actor
	draw    service.DrawView
	keys    map[string]ed25519.PrivateKey // by voter, without the chamber
	first   *charter.Charter
}

// person is a key that is the same in every run.
func person(name string) ed25519.PrivateKey {
	seed := bytes.Repeat([]byte{'-'}, ed25519.SeedSize)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

func publicKey(private ed25519.PrivateKey) identity.Key {
	return identity.Ed25519Key(private.Public().(ed25519.PublicKey))
}

func token(n int) string { return fmt.Sprintf("%064x", n+1) }

// newPolity has a drawn and fully accepted jury of 6 and n members.
func newPolity(t testing.TB, n int) *polity {
	t.Helper()
	return newPolityWith(t, n, func(c *polity, letters []service.Letter) {
		for _, l := range letters {
			c.accept(l)
		}
	})
}

// newPolityWith lets answer say what becomes of the invitations.
func newPolityWith(t testing.TB, n int, answer func(*polity, []service.Letter)) *polity {
	t.Helper()
	c := seatless(t)
	c.seat(answer)
	c.adoptFirst(nil)
	for i := range n {
		c.admit(i)
	}
	return c
}

// newPolityWithout has a jury and no charter.
func newPolityWithout(t testing.TB) *polity {
	t.Helper()
	c := seatless(t)
	c.seat(func(c *polity, letters []service.Letter) {
		for _, l := range letters {
			c.accept(l)
		}
	})
	return c
}

// seatless has a drawn jury whose seats nobody offered yet.
func seatless(t testing.TB) *polity {
	t.Helper()
	c := &polity{world: newWorld(t), steward: service.Actor{KeyID: "stew", Role: service.RoleSteward, Community: "commons"}, keys: map[string]ed25519.PrivateKey{}}
	c.draw = c.drawn("charter")
	_, err := c.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: "commons", Name: "The Commons"})
	must(t, err)
	return c
}

func (c *polity) seat(answer func(*polity, []service.Letter)) {
	c.t.Helper()
	_, err := c.OpenSeats(c.t.Context(), c.registrar, service.NewJury{DrawID: c.draw.ID, Answer: 100, Starts: c.clock.Load(), Ends: c.clock.Load() + 1_000_000, Deferral: true})
	must(c.t, err)
	letters, err := c.Letters(c.t.Context(), c.registrar, c.draw.ID, service.CodeAnswer, nil)
	must(c.t, err)
	answer(c, letters)
}

func (w *world) drawn(decision string) service.DrawView {
	w.t.Helper()
	d := w.opened(decision)
	w.clock.Store(d.DueAt + 5)
	w.work()
	v, err := w.Draw(w.t.Context(), d.ID)
	must(w.t, err)
	return v
}

// adoptFirst adopts a charter made for tests; change may alter it before.
func (c *polity) adoptFirst(change func(*charter.Charter)) {
	c.t.Helper()
	attesters := []identity.Attester{{ID: "city", Key: publicKey(person("city"))}, {ID: "guild", Key: publicKey(person("guild"))}}
	ch := charter.Example("commons", "The Commons", c.network.Chain().Hash, attesters, "example")
	ch.Attesters.K, ch.Ballot.Notice, ch.Amendment.Delay = 2, 10, 0
	for i := range ch.Chambers {
		if ch.Chambers[i].ID == charter.ChamberJury {
			ch.Chambers[i].Seats = 6
		}
	}
	if change != nil {
		change(ch)
	}
	text, err := ch.Canonical()
	must(c.t, err)
	_, err = c.AdoptCharter(c.t.Context(), c.steward, "commons", text)
	must(c.t, err)
	c.first = ch
}

func (c *polity) accept(l service.Letter) {
	c.t.Helper()
	private := person("juror" + l.ID[:20])
	_, err := c.Answer(c.t.Context(), l.Code, c.acceptance(l, private))
	must(c.t, err)
	c.keys[poll.SeatVoter(l.Seat)] = private
}

func (c *polity) acceptance(l service.Letter, private ed25519.PrivateKey) service.Answer {
	key := publicKey(private)
	proof := seating.KeyProof{Act: seating.Accept, ID: l.ID, Key: key, Seat: l.Seat, Subject: c.draw.Subject + "/seats", V: 1}
	text, err := proof.Canonical()
	must(c.t, err)
	signature := identity.Sign(private, identity.ThingSeat, text)
	return service.Answer{Act: seating.Accept, Key: &key, Proof: &signature}
}

// statement is a move about member i that both attesters sign.
func (c *polity) statement(action identity.Action, i int, seq int64, key *identity.Key) charter.Move {
	c.t.Helper()
	s := identity.Statement{Action: action, Community: "commons", Key: key, Member: token(i), Seq: seq, V: 1}
	text, err := s.Canonical()
	must(c.t, err)
	var list []identity.Attestation
	for _, id := range []string{"city", "guild"} {
		list = append(list, identity.Attestation{Attester: id, Signature: identity.Sign(person(id), identity.ThingStatement, text)})
	}
	return charter.Move{Statement: s, Attestations: list}
}

func (c *polity) admit(i int) {
	c.t.Helper()
	private := person(fmt.Sprint("member", i))
	key := publicKey(private)
	_, err := c.MoveMember(c.t.Context(), "commons", c.statement(identity.ActionAdmit, i, 1, &key))
	must(c.t, err)
	c.keys[poll.MemberVoter("members", token(i))] = private
}

func (c *polity) question(name string) service.NewPoll {
	return service.NewPoll{Community: "commons", DrawID: c.draw.ID, Question: poll.Question{
		Name: name, Text: "Shall the bridge be built?", Class: poll.ClassOrdinary, Method: "yes_no", Closes: c.clock.Load() + 60}}
}

func (c *polity) openedPoll(name string) service.Poll {
	c.t.Helper()
	p, err := c.OpenPoll(c.t.Context(), c.steward, c.question(name))
	must(c.t, err)
	return p
}

// ballot seals, or not, as the poll wants.
func (c *polity) ballot(p service.Poll, voter, choice string) poll.Cast {
	c.t.Helper()
	m, err := poll.ParseManifest(p.Manifest)
	must(c.t, err)
	b := poll.Ballot{Choice: json.RawMessage(choice), Poll: p.Hash, Voter: voter}
	if m.Mode == poll.ModeSealed {
		b, err = poll.Seal(m, c.network.Chain(), b, c.Entropy)
		must(c.t, err)
	}
	cast, err := b.Sign(c.keys[voter])
	must(c.t, err)
	return cast
}

func (c *polity) vote(p service.Poll, voter, choice string) service.Receipt {
	c.t.Helper()
	r, err := c.Cast(c.t.Context(), p.ID, c.ballot(p, voter, choice))
	must(c.t, err)
	return r
}

// counted moves the clock past the closing round and lets the workers count.
func (c *polity) counted(p service.Poll) poll.Transcript {
	c.t.Helper()
	c.clock.Store(p.Closes)
	c.work()
	c.clock.Store(p.DueAt + 5)
	c.work()
	text, err := c.Transcript(c.t.Context(), p.ID)
	must(c.t, err)
	t, err := poll.ParseTranscript(text)
	must(c.t, err)
	return t
}

func (c *polity) signedByLog(message, signature []byte) bool {
	v, err := note.NewVerifier(c.vkey)
	must(c.t, err)
	return v.Verify(message, signature)
}

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

// verified checks the poll's bundle as an auditor does.
func (c *polity) verified(p service.Poll) {
	c.t.Helper()
	var file bytes.Buffer
	must(c.t, c.PollBundle(c.t.Context(), p.ID, &file))
	b, err := bundle.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(c.t, err)
	report, err := verify.Bundle(c.t.Context(), b, verify.Options{Chains: c.Chains})
	must(c.t, err)
	for _, check := range report.Checks {
		if !check.OK {
			c.t.Errorf("check %d, %s: %s", check.No, check.Name, check.Evidence)
		}
	}
	if len(report.Checks) != 12 {
		c.t.Errorf("%d checks, want 12", len(report.Checks))
	}
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
