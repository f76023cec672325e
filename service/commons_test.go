package service_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

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
