package api_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

// polity is a community in a town: a steward, three attesters of whom two must sign, and a drawn jury.
// All of it is made through the client.
type polity struct {
	*town
	draw    client.Draw
	steward string // token
	keys    map[string]ed25519.PrivateKey
}

const (
	yes = `{"vote":"yes"}`
	no  = `{"vote":"no"}`
)

// person is a key that is the same in every run.
func person(name string) ed25519.PrivateKey {
	seed := bytes.Repeat([]byte{'-'}, ed25519.SeedSize)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

func publicKey(private ed25519.PrivateKey) identity.Key {
	return identity.Ed25519Key(private.Public().(ed25519.PublicKey))
}

func sent(k identity.Key) *client.PublicKey {
	return &client.PublicKey{Alg: client.PublicKeyAlg(k.Alg), Public: hex.EncodeToString(k.Public)}
}

func signed(s identity.Signature) client.Signature {
	return client.Signature{Signature: hex.EncodeToString(s.Signature)}
}

func token(n int) string { return fmt.Sprintf("%064x", n+1) }

func newPolity(t testing.TB, members int) *polity {
	t.Helper()
	p := &polity{town: newTown(t), keys: map[string]ed25519.PrivateKey{}}
	p.draw = p.drawn(p.opened("charter"))
	p.offered()
	p.found("grove")
	for i := range members {
		p.admit(i)
	}
	return p
}

// offered opens the seats for a term that has begun.
func (p *polity) offered() client.Jury {
	p.t.Helper()
	now := p.clock.Load()
	made, err := p.as(p.registrar).OpenSeatsWithResponse(p.t.Context(), p.draw.ID, nil, client.NewJury{Answer: 3600, Starts: now, Ends: now + 1_000_000, Deferral: true})
	must(p.t, err)
	return *made.JSON201
}

// found makes a community, its steward and its first charter.
func (p *polity) found(slug string) {
	p.t.Helper()
	ctx, operator := p.t.Context(), p.as(p.operator)
	_, err := operator.AddCommunityWithResponse(ctx, nil, client.NewCommunity{Slug: slug, Name: "The Grove"})
	must(p.t, err)
	p.steward = p.stewardOf(slug)
	_, err = p.as(p.steward).AdoptCharterWithBodyWithResponse(ctx, slug, nil, "application/json", bytes.NewReader(p.charter(slug)))
	must(p.t, err)
}

func (p *polity) stewardOf(slug string) string {
	p.t.Helper()
	key, err := p.as(p.operator).AddKeyWithResponse(p.t.Context(), nil, client.NewKey{Community: slug, Role: client.NewKeyRoleSteward, Label: "test"})
	must(p.t, err)
	return key.JSON201.Token
}

func (p *polity) charter(slug string) []byte {
	p.t.Helper()
	var attesters []identity.Attester
	for _, id := range []string{"bank", "city", "guild"} {
		attesters = append(attesters, identity.Attester{ID: id, Key: publicKey(person(id))})
	}
	ch := charter.Example(slug, "The Grove", p.network.Chain().Hash, attesters, "example")
	ch.Ballot.Notice, ch.Amendment.Delay = 10, 0
	for i := range ch.Chambers {
		if ch.Chambers[i].ID == charter.ChamberJury {
			ch.Chambers[i].Seats = 6
		}
	}
	text, err := ch.Canonical()
	must(p.t, err)
	return text
}

// statement is what two of the three attesters sign about member i.
func (p *polity) statement(action identity.Action, i int, seq int64, key *identity.Key) client.NewMove {
	p.t.Helper()
	s := identity.Statement{Action: action, Community: "grove", Key: key, Member: token(i), Seq: seq, V: 1}
	text, err := s.Canonical()
	must(p.t, err)
	mv := client.NewMove{Statement: client.Statement{Action: client.StatementAction(action), Community: s.Community, Member: s.Member, Seq: seq, V: 1}}
	if key != nil {
		mv.Statement.Key = sent(*key)
	}
	for _, id := range []string{"bank", "guild"} {
		mv.Attestations = append(mv.Attestations, client.Attestation{Attester: id, Signature: signed(identity.Sign(person(id), identity.ThingStatement, text))})
	}
	return mv
}

func (p *polity) admit(i int) {
	p.t.Helper()
	private := person(fmt.Sprint("member", i))
	key := publicKey(private)
	_, err := p.as("").MoveMemberWithResponse(p.t.Context(), "grove", p.statement(identity.ActionAdmit, i, 1, &key))
	must(p.t, err)
	p.keys[poll.MemberVoter("members", token(i))] = private
}

// letters prints the letters of a purpose and returns them by seat and column.
func (p *polity) letters(purpose client.PrintLettersParamsPurpose) map[int64]map[string]string {
	p.t.Helper()
	answer, err := p.as(p.registrar).PrintLettersWithResponse(p.t.Context(), p.draw.ID, &client.PrintLettersParams{Purpose: purpose}, client.NewLetters{})
	must(p.t, err)
	rows, err := csv.NewReader(bytes.NewReader(answer.Body)).ReadAll()
	must(p.t, err)
	out := map[int64]map[string]string{}
	for _, row := range rows[1:] {
		letter := map[string]string{}
		for i, name := range rows[0] {
			letter[name] = row[i]
		}
		seat, err := strconv.ParseInt(letter["seat"], 10, 64)
		must(p.t, err)
		out[seat] = letter
	}
	return out
}

// acceptance is the answer of a person who takes a seat and gives a key.
func (p *polity) acceptance(seat int64, letter map[string]string, private ed25519.PrivateKey) client.NewAnswer {
	p.t.Helper()
	key := publicKey(private)
	proof := seating.KeyProof{Act: seating.Accept, ID: letter["id"], Key: key, Seat: seat, Subject: p.draw.Subject + "/seats", V: 1}
	text, err := proof.Canonical()
	must(p.t, err)
	signature := signed(identity.Sign(private, identity.ThingSeat, text))
	return client.NewAnswer{Code: strings.ToLower(letter["code"]), Act: client.NewAnswerActAccept, Key: sent(key), Proof: &signature}
}

// acceptAll answers every invitation with a key.
func (p *polity) acceptAll() {
	p.t.Helper()
	for seat, letter := range p.letters(client.PrintLettersParamsPurposeAnswer) {
		private := person("juror" + letter["id"][:20])
		_, err := p.as("").AnswerInvitationWithResponse(p.t.Context(), p.acceptance(seat, letter, private))
		must(p.t, err)
		p.keys[poll.SeatVoter(seat)] = private
	}
}

func (p *polity) openedPoll(name string) client.Poll {
	p.t.Helper()
	made, err := p.as(p.steward).OpenPollWithResponse(p.t.Context(), "grove", nil, p.question(name))
	must(p.t, err)
	return *made.JSON201
}

func (p *polity) question(name string) client.NewPoll {
	return client.NewPoll{Name: name, Question: "Shall the bridge be built?", Class: client.NewPollClassOrdinary,
		Method: client.NewPollMethodYesNo, Closes: p.clock.Load() + 60, Draw: p.draw.ID}
}

// ballot seals a choice to the poll's round and signs it.
func (p *polity) ballot(of client.Poll, voter, choice string) client.NewBallot {
	p.t.Helper()
	m, err := poll.ParseManifest(of.Manifest)
	must(p.t, err)
	hash, err := beacon.ParseHash(of.Hash)
	must(p.t, err)
	sealed, err := poll.Seal(m, p.network.Chain(), poll.Ballot{Choice: json.RawMessage(choice), Poll: hash, Voter: voter}, rand.Reader)
	must(p.t, err)
	cast, err := sealed.Sign(p.keys[voter])
	must(p.t, err)
	return client.NewBallot{Ballot: cast.Ballot, Signature: signed(cast.Signature)}
}

func (p *polity) vote(of client.Poll, voter, choice string) client.Receipt {
	p.t.Helper()
	answer, err := p.as("").CastBallotWithResponse(p.t.Context(), of.ID, p.ballot(of, voter, choice))
	must(p.t, err)
	return *answer.JSON201
}

// counted moves the clock past close and round, and follows the poll to its end.
func (p *polity) counted(of client.Poll) client.Poll {
	p.t.Helper()
	p.clock.Store(of.DueAt + 5)
	events, err := p.as("").ClientInterface.FollowPoll(p.t.Context(), of.ID, nil)
	must(p.t, err)
	defer events.Body.Close()
	_, err = io.Copy(io.Discard, events.Body)
	must(p.t, err)
	p.published()
	got, err := p.as("").GetPollWithResponse(p.t.Context(), of.ID)
	must(p.t, err)
	return *got.JSON200
}
