package demo

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// project is one of the demonstration's: every member whose number leaves a rest below of, divided by
// every, gives it amount cents.
type project struct {
	id, title string
	every, of int
	amount    uint64
}

// projects are few large gifts here, many small ones there.
func projects() []project {
	return []project{
		{"bridge-lights", "Light on the footbridge", 100, 3, 50_000},
		{"choir", "A choir for the quarter", 9, 2, 1_000},
		{"food-kitchen", "The kitchen that is open to all", 5, 3, 500},
		{"seed-library", "A library of seeds", 3, 1, 400},
		{"tool-shed", "Tools to borrow", 4, 1, 1_500},
		{"wetland", "The wetland behind the mill", 7, 4, 700},
	}
}

// matchingPool is 10,000.00, of which a twentieth goes to solidarity first.
const matchingPool = 1_000_000

// openRound opens a funding round of the community: projects apply, and a reviewer decides.
func (s *story) openRound() (err error) {
	now := s.World.Now().Unix()
	gifts := now + 6
	s.round, err = s.instance.Service.OpenRound(s.ctx, s.steward(), service.NewRound{Community: communitySlug, Asked: grants.Asked{
		Slug: "spring", Name: "Spring round", Mode: poll.ModeOpen, Self: grants.SelfRefused, Connectors: []grants.Connector{},
		Opens: now, ApplicationsEnd: gifts, GiftsStart: gifts, GiftsEnd: gifts + s.giving(),
		Params: funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(matchingPool), Solidarity: "1/20",
			Asset: &funding.Asset{Code: "EUR", Decimals: 2}}}})
	if err != nil {
		return err
	}
	s.chapter("The community opens a funding round: many small gifts count more than one large one")
	s.say("   pool     %s EUR; a twentieth goes to solidarity first, the rest is spent to the cent", funding.Units(matchingPool).Decimal(*s.round.Terms.Params.Asset))
	s.say("   round    %s", s.round.Hash)
	owners := s.members()[s.givers():]
	for i, p := range projects() {
		if err := s.apply(p, owners[i]); err != nil {
			return err
		}
	}
	s.say("   projects %d applied, each signed by its owner; all were approved by a reviewer", len(projects()))
	return s.give(gifts)
}

func (s *story) steward() service.Actor {
	return service.Actor{KeyID: "demo", Role: service.RoleSteward, Community: communitySlug}
}

// giving is how many seconds gifts are taken: long enough that every member's are recorded.
func (s *story) giving() int64 { return 5 + int64(s.Members)/40 }

// givers is the number of members who give: the last ones own the projects.
func (s *story) givers() int { return s.Members - len(projects()) }

// members are the voters who are no jurors.
func (s *story) members() (list []voter) {
	for _, v := range s.voters {
		if strings.HasPrefix(v.id, "members/") {
			list = append(list, v)
		}
	}
	return list
}

func (s *story) apply(p project, owner voter) error {
	text := []byte("What it is for, and what was done before.\n")
	file := poll.FileOf(text)
	mv := grants.Move{Act: grants.Apply, Project: p.id, Owner: strings.TrimPrefix(owner.id, "members/"), Title: p.title, Text: &file}
	signed, err := mv.Sign(owner.private, s.round.Hash, 1)
	if err != nil {
		return err
	}
	if _, err := s.instance.Service.MoveProject(s.ctx, service.NewProjectMove{RoundID: s.round.ID, Move: signed, Text: text}); err != nil {
		return err
	}
	_, err = s.instance.Service.ReviewProject(s.ctx, s.steward(), service.NewReview{RoundID: s.round.ID, Project: p.id, Reviewer: "reviewer-1", Approve: true, Seq: 1})
	return err
}

// give sends every member's gifts, and asks in between what one more would do.
func (s *story) give(start int64) error {
	for s.World.Now().Unix() < start {
		if err := s.pause(100 * time.Millisecond); err != nil {
			return err
		}
	}
	count := 0
	for i, v := range s.members()[:s.givers()] {
		for _, p := range projects() {
			if i%p.every >= p.of {
				continue
			}
			count++
			if err := s.giveOne(v.id, v.private, p); err != nil {
				return err
			}
		}
		if s.Progress != nil {
			s.Progress("giving", int64(i+1), int64(s.givers()))
		}
	}
	s.say("   gifts    %d, each signed by its donor, each with a receipt", count)
	return s.askWhatIf()
}

func (s *story) giveOne(donor string, private ed25519.PrivateKey, p project) error {
	var nonce [16]byte
	if _, err := io.ReadFull(s.World.Entropy, nonce[:]); err != nil {
		return err
	}
	amount := funding.Units(p.amount)
	signed, err := grants.Gift{Amount: amount.String(), Donor: donor, Nonce: hex.EncodeToString(nonce[:]), Project: p.id, Round: s.round.Hash}.Sign(private, 0)
	if err != nil {
		return err
	}
	_, err = s.instance.Service.Give(s.ctx, s.round.ID, signed)
	return err
}

// askWhatIf shows what ten more would do for two projects.
func (s *story) askWhatIf() error {
	for _, id := range []string{"seed-library", "bridge-lights"} {
		changes, err := s.instance.Service.WhatIf(s.ctx, s.round.ID, service.WhatIf{Project: id, Amount: funding.Units(1000)})
		if err != nil {
			return err
		}
		for _, c := range changes {
			if c.Project == id {
				s.say("   what if  10.00 more from somebody new to %s: its match goes from %s to %s", id, s.money(c.Before), s.money(c.After))
			}
		}
	}
	return nil
}

func (s *story) money(a funding.Amount) string { return a.Decimal(*s.round.Terms.Params.Asset) }

// errRound says what the demonstration's round is not.
func errRound(format string, args ...any) error {
	return fmt.Errorf("the demonstration's round: "+format, args...)
}
