package demo

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

const communitySlug = "commons"

// term is how long the jury serves, in seconds.
const term = 180 * 24 * 3600

// newKey is a person's key, as their own device would make it.
func (s *story) newKey() (ed25519.PrivateKey, identity.Key, error) {
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(s.World.Entropy, seed[:]); err != nil {
		return nil, identity.Key{}, err
	}
	private := ed25519.NewKeyFromSeed(seed[:])
	return private, identity.Ed25519Key(private.Public().(ed25519.PublicKey)), nil
}

// seatJury invites the drawn people. Every ninth declines, and the rule gives the seat to the next
// alternate.
func (s *story) seatJury() error {
	now := s.World.Now().Unix()
	_, err := s.instance.Service.OpenSeats(s.ctx, s.registrar, service.NewJury{DrawID: s.draw.ID, Answer: 14 * 24 * 3600, Starts: now, Ends: now + term, Deferral: true})
	if err != nil {
		return err
	}
	declined := 0
	for round := range 3 {
		letters, err := s.instance.Service.Letters(s.ctx, s.registrar, s.draw.ID, service.CodeAnswer, nil)
		if err != nil {
			return err
		}
		for i, l := range letters {
			if round == 0 && i%9 == 4 {
				declined++
				if _, err := s.instance.Service.Answer(s.ctx, l.Code, service.Answer{Act: seating.Decline}); err != nil {
					return err
				}
				continue
			}
			if err := s.accept(l); err != nil {
				return err
			}
		}
	}
	v, err := s.instance.Service.Jury(s.ctx, s.draw.ID)
	s.chapter("The drawn people answer their letters")
	s.say("   serving  %d, each by a one-time code and with a key of their own", v.Statistics.Seats[seating.Serving])
	s.say("   declined %d; each seat went to the next alternate of the same stratum, by rule: nobody picks a person", declined)
	return err
}

func (s *story) accept(l service.Letter) error {
	private, key, err := s.newKey()
	if err != nil {
		return err
	}
	proof, err := seating.KeyProof{Act: seating.Accept, ID: l.ID, Key: key, Seat: l.Seat, Subject: s.draw.Subject + "/seats", V: 1}.Canonical()
	if err != nil {
		return err
	}
	signature := identity.Sign(private, identity.ThingSeat, proof)
	_, err = s.instance.Service.Answer(s.ctx, l.Code, service.Answer{Act: seating.Accept, Key: &key, Proof: &signature})
	s.voters = append(s.voters, voter{poll.SeatVoter(l.Seat), private})
	return err
}

// foundCommons adopts a charter and admits members on the word of two attesters.
func (s *story) foundCommons() error {
	operator := service.Actor{KeyID: "demo", Role: service.RoleOperator}
	if _, err := s.instance.Service.AddCommunity(s.ctx, operator, service.NewCommunity{Slug: communitySlug, Name: "River Commons"}); err != nil {
		return err
	}
	private := map[string]ed25519.PrivateKey{}
	var attesters []identity.Attester
	for _, id := range []string{"city", "guild", "library"} {
		p, key, err := s.newKey()
		if err != nil {
			return err
		}
		private[id], attesters = p, append(attesters, identity.Attester{ID: id, Key: key})
	}
	c := charter.Example(communitySlug, "River Commons", s.draw.Chain, attesters, citySlug)
	c.Attesters.K, c.Ballot.Notice, c.Amendment.Delay = 2, 1, 0
	s.boundSeats(c)
	text, err := c.Canonical()
	if err != nil {
		return err
	}
	steward := service.Actor{KeyID: "demo", Role: service.RoleSteward, Community: communitySlug}
	if _, err := s.instance.Service.AdoptCharter(s.ctx, steward, communitySlug, text); err != nil {
		return err
	}
	for i := range s.Members {
		if err := s.admit(private); err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress("admitting members", int64(i+1), int64(s.Members))
		}
	}
	low, high := charter.WhatJuryDecides(c, 0)
	s.chapter("A community adopts a charter: members 4/5, the resident jury 1/5 of every decision")
	s.say("   members  %d, one person one membership, each on the word of 2 of 3 attesters", s.Members)
	s.say("   jury     decides when between %s and %s of the members say yes", low, high)
	return nil
}

// boundSeats lets the charter ask for no more seats than this demonstration draws.
func (s *story) boundSeats(c *charter.Charter) {
	for i := range c.Chambers {
		if c.Chambers[i].ID == charter.ChamberJury {
			c.Chambers[i].Seats = min(c.Chambers[i].Seats, s.Seats)
		}
	}
}

func (s *story) admit(attesters map[string]ed25519.PrivateKey) error {
	private, key, err := s.newKey()
	if err != nil {
		return err
	}
	var token [32]byte
	if _, err := io.ReadFull(s.World.Entropy, token[:]); err != nil {
		return err
	}
	statement := identity.Statement{Action: identity.ActionAdmit, Community: communitySlug, Key: &key, Member: hex.EncodeToString(token[:]), Seq: 1, V: 1}
	text, err := statement.Canonical()
	if err != nil {
		return err
	}
	mv := charter.Move{Statement: statement}
	for _, id := range []string{"city", "library"} {
		mv.Attestations = append(mv.Attestations, identity.Attestation{Attester: id, Signature: identity.Sign(attesters[id], identity.ThingStatement, text)})
	}
	_, err = s.instance.Service.MoveMember(s.ctx, communitySlug, mv)
	s.voters = append(s.voters, voter{poll.MemberVoter("members", statement.Member), private})
	return err
}

// voter is somebody with a ballot.
type voter struct {
	id      string
	private ed25519.PrivateKey
}

// openPoll puts the question.
func (s *story) openPoll() (err error) {
	steward := service.Actor{KeyID: "demo", Role: service.RoleSteward, Community: communitySlug}
	s.poll, err = s.instance.Service.OpenPoll(s.ctx, steward, service.NewPoll{Community: communitySlug, DrawID: s.draw.ID, Question: poll.Question{
		Name: "riverside-park", Text: "Shall the riverside park be opened to everybody?", Class: poll.ClassExternal, Method: "yes_no",
		Closes: s.World.Now().Add(s.pollOpen()).Unix()}})
	if err != nil {
		return err
	}
	s.chapter("A poll opens. Rolls and panel are frozen, ballots are sealed to a round that does not exist yet")
	s.say("   question %s", "Shall the riverside park be opened to everybody?")
	s.say("   poll     %s", s.poll.Hash)
	s.say("   round    %d opens all ballots at once; until then nobody can read one, this service included", s.poll.Round)
	return s.vote()
}

// pollOpen is long enough to seal and cast all ballots.
func (s *story) pollOpen() time.Duration {
	return max(s.Wait, 8*time.Second) + time.Duration(s.Members)*time.Second/50
}

// vote casts the ballots: the members are split, the jury is for it.
func (s *story) vote() error {
	m, err := poll.ParseManifest(s.poll.Manifest)
	if err != nil {
		return err
	}
	chain, err := s.chain()
	if err != nil {
		return err
	}
	members := 0
	for i, v := range s.voters {
		choice := []byte(`{"vote":"yes"}`)
		if v.id[0] == 'm' { // 47 of 100 members, and three quarters of the jury
			if members++; members*47/100 == (members-1)*47/100 {
				choice = []byte(`{"vote":"no"}`)
			}
		} else if i%4 == 0 {
			choice = []byte(`{"vote":"no"}`)
		}
		if err := s.cast(m, chain, v, choice); err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress("casting sealed ballots", int64(i+1), int64(len(s.voters)))
		}
	}
	s.say("   cast     %d ballots, each signed by its voter, each with a receipt", len(s.voters))
	return nil
}

func (s *story) cast(m *poll.Manifest, chain *beacon.Chain, v voter, choice []byte) error {
	b, err := poll.Seal(m, chain, poll.Ballot{Choice: choice, Poll: s.poll.Hash, Voter: v.id}, s.World.Entropy)
	if err != nil {
		return err
	}
	signed, err := b.Sign(v.private)
	if err != nil {
		return err
	}
	_, err = s.instance.Service.Cast(s.ctx, s.poll.ID, signed)
	return err
}

func (s *story) chain() (*beacon.Chain, error) {
	for _, c := range s.instance.Service.ChainList() {
		if c.Hash == s.draw.Chain {
			return c, nil
		}
	}
	return nil, fmt.Errorf("chain %s is not known", s.draw.Chain)
}
