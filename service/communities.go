package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
)

// NewCommunity is a request for a community.
type NewCommunity struct {
	Slug string
	Name string
}

// CommunityView is a community as people see it. Charter is the one in force, nil before the first.
type CommunityView struct {
	Community
	Charter    *charter.Charter
	Hash       beacon.Hash
	Pending    *Charter // adopted, not in effect yet
	Tier       int
	Tiers      []charter.TierEvent
	Active     int64 // members
	Rehearsal  bool
	JuryLow    string // members' yes rates between which a unanimous jury decides
	JuryHigh   string
	FoundersIn string // founders' share in force, "" without them
}

func communitySubject(slug string) string { return "community/" + slug }
func membersSubject(slug string) string   { return communitySubject(slug) + "/members" }

// AddCommunity keeps a community and logs it. Its steward's key comes from AddKey.
func (s *Service) AddCommunity(ctx context.Context, a Actor, in NewCommunity) (Community, error) {
	if err := a.authorise(addCommunities, ""); err != nil {
		return Community{}, err
	}
	if !slugForm.MatchString(in.Slug) {
		return Community{}, Refuse(KindInvalid, "slug_form", "slug %.40q is not 1 to 63 of a-z 0-9 . _ - starting with a letter or digit", in.Slug)
	}
	if err := checkLine("name", in.Name, 200); err != nil {
		return Community{}, err
	}
	c := Community{Slug: in.Slug, Name: in.Name, CreatedAt: s.now()}
	c, err := once(ctx, s, a, func(tx Tx) (Community, error) {
		if err := tx.AddCommunity(c); errors.Is(err, ErrExists) {
			return Community{}, Refuse(KindConflict, "community_exists", "there is a community %s", in.Slug)
		} else if err != nil {
			return Community{}, err
		}
		_, err := s.append(tx, audit.KindCommunityAdd, communitySubject(c.Slug), audit.CommunityAdd{Name: c.Name, Slug: c.Slug})
		return c, err
	})
	return c, s.settled(ctx, err)
}

// Communities lists communities by slug. Public.
func (s *Service) Communities(ctx context.Context, w Window) (list []Community, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Communities(w.After, w.Limit); return err })
	return list, err
}

// AdoptCharter adopts a community's first charter; later ones are adopted by an amendment poll alone.
// The charter may be in any layout: its canonical form counts.
func (s *Service) AdoptCharter(ctx context.Context, a Actor, slug string, raw []byte) (Charter, error) {
	if err := a.authoriseIn(runCommunity, slug); err != nil {
		return Charter{}, err
	}
	text, _, err := s.readCharter(slug, raw)
	if err != nil {
		return Charter{}, err
	}
	c, err := once(ctx, s, a, func(tx Tx) (Charter, error) {
		list, err := tx.Charters(slug)
		if err != nil {
			return Charter{}, err
		}
		if len(list) > 0 {
			return Charter{}, Refuse(KindConflict, "charter_exists", "%s has a charter: it is amended by its own rule", slug).
				WithHint("open a poll of class amendment with the new charter")
		}
		at, err := s.moment(tx, 0)
		if err != nil {
			return Charter{}, err
		}
		return s.adopt(tx, charter.Adopt{At: at, Charter: text, Effective: at, Hash: charter.HashBytes(text)}, "")
	})
	return c, s.settled(ctx, err)
}

// readCharter returns a charter's canonical bytes, checked, for this community.
func (s *Service) readCharter(slug string, raw []byte) ([]byte, *charter.Charter, error) {
	text, err := canonical.Transform(raw)
	if err != nil {
		return nil, nil, Refuse(KindInvalid, "charter_form", "the charter: %v", err)
	}
	c, chain, err := s.parseCharter(text)
	if err != nil {
		return nil, nil, err
	}
	if err := takesBallots(chain); err != nil {
		return nil, nil, err
	}
	if c.Community != slug {
		return nil, nil, Refuse(KindInvalid, "charter_form", "the charter is of %q, this is %s", c.Community, slug)
	}
	return text, c, nil
}

// parseCharter reads canonical bytes and the chain that they name. A charter stays readable when its chain
// has retired since: [takesBallots] is for what begins now.
func (s *Service) parseCharter(text []byte) (*charter.Charter, *beacon.Chain, error) {
	var head struct {
		Chain string `json:"chain"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, nil, Refuse(KindInvalid, "charter_form", "the charter: %v", err)
	}
	chain, err := s.chain(head.Chain)
	if err != nil || head.Chain == "" {
		return nil, nil, Refuse(KindInvalid, "chain_unknown", "the charter names no chain that is known here").
			WithHint("GET /v1/chains lists the chains")
	}
	c, err := charter.Parse(text, chain.Status == beacon.StatusDev)
	return c, chain, charterRefusal(err)
}

// takesBallots refuses a chain that a new charter or poll cannot use.
func takesBallots(chain *beacon.Chain) error {
	if chain.Status == beacon.StatusLive || chain.Status == beacon.StatusDev {
		return nil
	}
	return Refuse(KindInvalid, "chain_retired", "chain %s is %s: ballots could stay closed for ever", chain.Name, chain.Status).
		WithHint("name a live chain; GET /v1/chains lists them")
}

// adopt writes the charter and its record in tx. The rules against the charter before are the caller's.
func (s *Service) adopt(tx Tx, in charter.Adopt, poll string) (Charter, error) {
	c, _, err := s.parseCharter(in.Charter)
	if err != nil {
		return Charter{}, err
	}
	row := Charter{Community: c.Community, Seq: c.Seq, Hash: in.Hash, Charter: in.Charter, At: in.At, Effective: in.Effective, Poll: poll}
	if err := tx.AddCharter(row); err != nil {
		return Charter{}, err
	}
	_, err = s.append(tx, audit.KindCharterAdopt, communitySubject(c.Community), audit.CharterAdopt{Adopt: in})
	return row, err
}

// charterRefusal turns broken rules of charter.md into the refusal that callers see, with one field
// for each.
func charterRefusal(err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	for _, one := range flatten(err) {
		var r *charter.Refusal
		var i *identity.Refusal
		switch {
		case errors.As(one, &r):
			e = orNew(e, r.Rule, err)
			e.Fields = append(e.Fields, FieldError{Pointer: r.Pointer, Rule: r.Rule, Detail: r.Message})
		case errors.As(one, &i):
			e = orNew(e, i.Rule, err)
		default:
			return fmt.Errorf("charter: %w", err)
		}
	}
	return e
}

func orNew(e *Error, rule string, err error) *Error {
	if e != nil {
		return e
	}
	return Refuse(KindInvalid, rule, "%v", err)
}

// flatten returns the errors that err joins.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// inForce returns the charter in force at t and, if there is one, the one that takes effect later.
func inForce(tx Tx, slug string, t int64) (now, next *Charter, err error) {
	list, err := tx.Charters(slug)
	if err != nil {
		return nil, nil, err
	}
	for i := range list {
		if list[i].Effective <= t {
			now = &list[i]
		} else {
			next = &list[i]
		}
	}
	if now == nil {
		return nil, nil, Refuse(KindConflict, "no_charter", "%s has no charter in force", slug).WithHint("its steward adopts the first one")
	}
	return now, next, nil
}

// Charters lists all versions. Public.
func (s *Service) Charters(ctx context.Context, slug string) (list []Charter, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := tx.Community(slug); err != nil {
			return absent(err, "community")
		}
		list, err = tx.Charters(slug)
		return err
	})
	return list, err
}

// Community returns a community with its charter and tier. Public.
func (s *Service) Community(ctx context.Context, slug string) (v CommunityView, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if v.Community, err = tx.Community(slug); err != nil {
			return absent(err, "community")
		}
		if v.Active, err = tx.CountMembers(slug); err != nil {
			return err
		}
		row, next, err := inForce(tx, slug, s.now())
		if KindOf(err) == KindConflict {
			return nil
		}
		if err != nil {
			return err
		}
		v.Pending = next
		return s.describe(tx, &v, row)
	})
	return v, err
}

func (s *Service) describe(tx Tx, v *CommunityView, row *Charter) (err error) {
	var chain *beacon.Chain
	if v.Charter, chain, err = s.parseCharter(row.Charter); err != nil {
		return err
	}
	v.Hash, v.Rehearsal = row.Hash, chain.Status == beacon.StatusDev
	last, err := lastMove(tx, v.Slug)
	if err != nil {
		return err
	}
	if v.Tier, v.Tiers, err = s.tier(tx, v.Charter, max(s.now(), last)); err != nil {
		return err
	}
	low, high := charter.WhatJuryDecides(v.Charter, v.Tier)
	v.JuryLow, v.JuryHigh = low.String(), high.String()
	if r := v.Charter.Ratchet; r != nil {
		v.FoundersIn = r.Tiers[min(v.Tier, len(r.Tiers)-1)].Share.String()
	}
	return nil
}
