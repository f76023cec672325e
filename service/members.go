package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
)

// MoveMember applies a statement about a member that its signatures make effective: nobody's key is
// needed beside them, so anyone may bring it. The same statement again changes nothing.
func (s *Service) MoveMember(ctx context.Context, slug string, in charter.Move) (Member, error) {
	var row Member
	err := s.Store.Write(ctx, func(tx Tx) (err error) {
		row, err = s.moveMember(tx, slug, in)
		return err
	})
	return row, err
}

// moveMember writes the member and the record in one transaction.
func (s *Service) moveMember(tx Tx, slug string, in charter.Move) (Member, error) {
	if _, err := tx.Community(slug); err != nil {
		return Member{}, absent(err, "community")
	}
	last, err := lastMove(tx, slug)
	if err != nil {
		return Member{}, err
	}
	if in.At, err = s.moment(tx, last); err != nil {
		return Member{}, err
	}
	row, _, err := inForce(tx, slug, in.At)
	if err != nil {
		return Member{}, err
	}
	c, chain, err := s.parseCharter(row.Charter)
	if err != nil {
		return Member{}, err
	}
	kept, err := tx.Member(slug, in.Statement.Member)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Member{}, err
	}
	was, err := kept.replayed()
	if err != nil {
		return Member{}, err
	}
	is, err := c.Next(was, in, chain.Status == beacon.StatusDev)
	if err != nil {
		return Member{}, charterRefusal(err)
	}
	if err := publicFree(tx, slug, is); err != nil {
		return Member{}, err
	}
	return s.keepMember(tx, slug, kept.Version, is, in)
}

// publicFree refuses the public key of another member under another site's name: rows differ, but it is one
// key. An ed25519 key names no site, so the row's own index holds it apart.
func publicFree(tx Tx, slug string, is charter.Member) error {
	if is.Key.Alg != identity.WebAuthn || is.State == charter.StateLeft {
		return nil
	}
	return eachMember(tx, slug, func(m Member) error {
		if m.ID == is.ID || charter.State(m.State) == charter.StateLeft {
			return nil
		}
		key, err := m.identityKey()
		if err == nil && bytes.Equal(key.Public, is.Key.Public) {
			return keyTaken(slug)
		}
		return err
	})
}

func keyTaken(slug string) error {
	return Refuse(KindConflict, "key_taken", "another member of %s has this key", slug).WithHint("every member makes a key of their own")
}

// lastMove is the time of the newest record about members or charters: times never go back, whatever the
// clock does.
func lastMove(tx Tx, slug string) (at int64, err error) {
	list, err := tx.Charters(slug)
	if err != nil {
		return 0, err
	}
	if len(list) > 0 {
		at = list[len(list)-1].At
	}
	e, err := tx.LastEntry(membersSubject(slug))
	if errors.Is(err, ErrNotFound) {
		return at, nil
	}
	if err != nil {
		return 0, err
	}
	rec, err := audit.Decode(e.Record)
	if err != nil {
		return 0, err
	}
	body, err := rec.Decoded()
	if mv, ok := body.(audit.MemberMove); ok {
		at = max(at, mv.At)
	}
	return at, err
}

func (s *Service) keepMember(tx Tx, slug string, version int64, is charter.Member, in charter.Move) (Member, error) {
	key, err := canonical.Marshal(is.Key)
	if err != nil {
		return Member{}, fmt.Errorf("key of a member: %w", err)
	}
	row := Member{Community: slug, ID: is.ID, State: string(is.State), Key: key, Seq: is.Seq, AdmittedAt: is.AdmittedAt, LeftAt: is.LeftAt, Version: version + 1}
	if err := tx.PutMember(row); errors.Is(err, ErrExists) {
		return Member{}, keyTaken(slug)
	} else if err != nil {
		return Member{}, err
	}
	_, err = s.append(tx, audit.KindMemberMove, membersSubject(slug), audit.MemberMove{Move: in})
	return row, err
}

// replayed is the row as package charter sees a member; the zero value for an unknown one.
func (m Member) replayed() (charter.Member, error) {
	if m.ID == "" {
		return charter.Member{}, nil
	}
	key, err := m.identityKey()
	return charter.Member{ID: m.ID, State: charter.State(m.State), Key: key, Seq: m.Seq, AdmittedAt: m.AdmittedAt, LeftAt: m.LeftAt}, err
}

func (m Member) identityKey() (k identity.Key, err error) {
	if err := canonical.Unmarshal(m.Key, &k); err != nil {
		return k, fmt.Errorf("key of member %s: %w", m.ID, err)
	}
	return k, nil
}

// Member returns one membership. Public: it is a pseudonym.
func (s *Service) Member(ctx context.Context, slug, id string) (m Member, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { m, err = tx.Member(slug, id); return err })
	return m, absent(err, "member")
}

// Members lists memberships by id. Public.
func (s *Service) Members(ctx context.Context, slug string, w Window) (list []Member, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := tx.Community(slug); err != nil {
			return absent(err, "community")
		}
		list, err = tx.Members(slug, w.After, w.Limit)
		return err
	})
	return list, err
}

// electors lists the active members, founders apart, ascending.
func (s *Service) electors(tx Tx, c *charter.Charter) (members, founders []charter.Elector, err error) {
	sits := map[string]bool{}
	if c.Founders != nil {
		for _, id := range c.Founders.Members {
			sits[id] = true
		}
	}
	err = eachMember(tx, c.Community, func(m Member) error {
		if charter.State(m.State) != charter.StateActive {
			return nil
		}
		key, err := m.identityKey()
		if e := (charter.Elector{Member: m.ID, Key: key}); sits[m.ID] {
			founders = append(founders, e)
		} else {
			members = append(members, e)
		}
		return err
	})
	return members, founders, err
}

// eachMember visits a community's memberships by id, a page at a time.
func eachMember(tx Tx, slug string, visit func(Member) error) error {
	for after := ""; ; {
		page, err := tx.Members(slug, after, listPage)
		if err != nil {
			return err
		}
		for _, m := range page {
			after = m.ID
			if err := visit(m); err != nil {
				return err
			}
		}
		if len(page) < listPage {
			return nil
		}
	}
}
