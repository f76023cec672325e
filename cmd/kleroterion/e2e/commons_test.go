package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

const commonsSlug = "commons"

// voter is somebody with a ballot.
type voter struct {
	id      string // as rolls name them
	private ed25519.PrivateKey
}

// person is the same in every run.
func person(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("e2e: " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(private ed25519.PrivateKey) identity.Key {
	return identity.Ed25519Key(private.Public().(ed25519.PublicKey))
}

func sentKey(k identity.Key) *client.PublicKey {
	return &client.PublicKey{Alg: client.PublicKeyAlg(k.Alg), Public: hex.EncodeToString(k.Public)}
}

func sentSignature(s identity.Signature) client.Signature {
	return client.Signature{Signature: hex.EncodeToString(s.Signature)}
}

// member n of the community.
func member(n int) voter {
	id := sha256.Sum256(fmt.Appendf(nil, "e2e member %d", n))
	return voter{poll.MemberVoter(charter.ChamberMembers, hex.EncodeToString(id[:])), person(fmt.Sprint("member ", n))}
}

var attesters = []string{"city", "guild", "library"}

// found makes a community whose members have 4/5 and a jury of seats 1/5, and returns the steward's
// token.
func found(t testing.TB, operator *client.Instance, url string, chain *beacon.Chain, seats int64) string {
	t.Helper()
	got(operator.AddCommunityWithResponse(t.Context(), nil, client.NewCommunity{Slug: commonsSlug, Name: "River Commons"}))(t)
	key := got(operator.AddKeyWithResponse(t.Context(), nil, client.NewKey{Community: commonsSlug, Role: client.NewKeyRoleSteward, Label: "steward"}))(t).JSON201
	var of []identity.Attester
	for _, id := range attesters {
		of = append(of, identity.Attester{ID: id, Key: publicOf(person(id))})
	}
	c := charter.Example(commonsSlug, "River Commons", chain.Hash, of, homeCity)
	c.Attesters.K, c.Ballot.Notice, c.Amendment.Delay = 2, 1, 0
	for i := range c.Chambers {
		if c.Chambers[i].ID == charter.ChamberJury {
			c.Chambers[i].Seats = seats
		}
	}
	steward := got(client.New(url, key.Token))(t)
	got(steward.AdoptCharterWithBodyWithResponse(t.Context(), commonsSlug, nil, "application/json", bytes.NewReader(got(c.Canonical())(t))))(t)
	return key.Token
}

// admit brings the word of two attesters about a member.
func admit(ctx context.Context, i *client.Instance, v voter) error {
	key := publicOf(v.private)
	id := strings.TrimPrefix(v.id, charter.ChamberMembers+"/")
	s := identity.Statement{Action: identity.ActionAdmit, Community: commonsSlug, Key: &key, Member: id, Seq: 1, V: 1}
	text, err := s.Canonical()
	if err != nil {
		return err
	}
	mv := client.NewMove{Statement: client.Statement{Action: client.StatementActionAdmit, Community: commonsSlug, Key: sentKey(key), Member: id, Seq: 1, V: 1}}
	for _, by := range attesters[:2] {
		mv.Attestations = append(mv.Attestations, client.Attestation{Attester: by, Signature: sentSignature(identity.Sign(person(by), identity.ThingStatement, text))})
	}
	_, err = i.MoveMemberWithResponse(ctx, commonsSlug, mv)
	return err
}

// letter is what a person finds in the post.
type letter struct {
	seat     int64
	code, id string
}

func letters(t testing.TB, registrar *client.Instance, draw string) (list []letter) {
	t.Helper()
	printed := got(registrar.PrintLettersWithResponse(t.Context(), draw, &client.PrintLettersParams{Purpose: client.PrintLettersParamsPurposeAnswer,
		Format: new(client.PrintLettersParamsFormatCsv)}, client.NewLetters{}))(t)
	rows := got(csv.NewReader(bytes.NewReader(printed.Body)).ReadAll())(t)
	for _, r := range rows[1:] {
		var l letter
		got(fmt.Sscan(r[0], &l.seat))(t)
		l.code, l.id = r[3], r[7]
		list = append(list, l)
	}
	return list
}

// juror is who holds a seat, with the key that they give in their answer.
func juror(l letter) voter { return voter{poll.SeatVoter(l.seat), person("juror " + l.id)} }

func (l letter) accept(ctx context.Context, i *client.Instance, draw client.Draw) error {
	v := juror(l)
	key := publicOf(v.private)
	proof, err := seating.KeyProof{Act: seating.Accept, ID: l.id, Key: key, Seat: l.seat, Subject: draw.Subject + "/seats", V: 1}.Canonical()
	if err != nil {
		return err
	}
	_, err = i.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: l.code, Act: client.NewAnswerActAccept, Key: sentKey(key),
		Proof: new(sentSignature(identity.Sign(v.private, identity.ThingSeat, proof)))})
	return err
}

func (l letter) decline(ctx context.Context, i *client.Instance) error {
	_, err := i.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: l.code, Act: client.NewAnswerActDecline})
	return err
}

// devChain is the chain of a service's own, as it tells it.
func devChain(t testing.TB, i *client.Instance) *beacon.Chain {
	t.Helper()
	for _, c := range got(i.ListChainsWithResponse(t.Context()))(t).JSON200.Items {
		if c.Status != client.ChainStatusDev {
			continue
		}
		seed := got(hex.DecodeString(c.GenesisSeed))(t)
		return &beacon.Chain{Name: c.Name, Hash: got(beacon.ParseHash(c.Hash))(t), Scheme: beacon.Scheme(c.Scheme), PublicKey: got(hex.DecodeString(c.PublicKey))(t),
			Period: c.Period, Genesis: c.Genesis, GenesisSeed: [32]byte(seed), ID: c.BeaconID, Status: beacon.StatusDev}
	}
	t.Fatal("the service has no development chain")
	return nil
}
