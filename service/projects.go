package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// NewProjectMove is an owner's act: apply, change, appeal or withdraw. Its time is set here; Text are the
// bytes that Move.Text names.
type NewProjectMove struct {
	RoundID string
	Move    grants.Move
	Text    []byte
}

// ProjectAct is one move of a project, with its number in the round's subject and among the project's moves.
type ProjectAct struct {
	N   int64
	Seq int64
	grants.Move
}

// MoveProject takes what a project's owner has signed. The same signed move sent again, because the answer
// got lost, gives the answer of the first time and records nothing.
func (s *Service) MoveProject(ctx context.Context, in NewProjectMove) (Project, error) {
	if !in.Move.Act.Owned() {
		return Project{}, Refuse(KindForbidden, grants.RuleRecord, "%s is not the owner's to do: reviewers decide through their steward", in.Move.Act)
	}
	if err := checkText(in.Move.Text, in.Text); err != nil {
		return Project{}, err
	}
	// Outside the writing transaction first: whoever sends what nobody signed keeps no donor waiting.
	err := s.Store.Read(ctx, func(tx Tx) error {
		r, err := tx.Round(in.RoundID)
		if err != nil {
			return absent(err, "funding round")
		}
		_, _, err = s.moved(tx, r, in.Move)
		return err
	})
	if err != nil {
		return s.sentBefore(ctx, in, err)
	}
	var p Project
	err = s.Store.Write(ctx, func(tx Tx) error {
		r, err := tx.Round(in.RoundID)
		if err != nil {
			return absent(err, "funding round")
		}
		p, err = s.moveProject(tx, r, in.Move, in.Text)
		return err
	})
	if err != nil {
		return s.sentBefore(ctx, in, err) // the same may have come in twice at once
	}
	return p, nil
}

// moveProject writes text, record, project and round together: if the process dies before the commit the
// move did not happen, and who sends it again finds it new; after it, recorded.
func (s *Service) moveProject(tx Tx, r Round, mv grants.Move, text []byte) (Project, error) {
	p, mv, err := s.moved(tx, r, mv)
	if err != nil {
		return Project{}, err
	}
	if mv.Text != nil {
		if _, err := tx.AddBlob(text); err != nil {
			return Project{}, err
		}
	}
	r.LastAt = mv.At
	if _, err := s.act(tx, &r, audit.KindProjectMove, audit.ProjectMove{Move: mv}); err != nil {
		return Project{}, err
	}
	if err := tx.PutProject(p); err != nil {
		return Project{}, err
	}
	_, err = updated(tx, r)
	return p, err
}

// moved returns the project after a move and the move with its time.
func (s *Service) moved(tx Tx, r Round, mv grants.Move) (Project, grants.Move, error) {
	if err := s.inWindow(tx, r); err != nil {
		return Project{}, mv, err
	}
	var err error
	if mv.At, err = s.tick(tx, &r); err != nil {
		return Project{}, mv, err
	}
	was, err := tx.Project(r.ID, mv.Project)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Project{}, mv, err
	}
	d, err := r.door()
	if err != nil {
		return Project{}, mv, err
	}
	key, err := ownerKey(tx, r.ID, was.Owner, mv)
	if err != nil {
		return Project{}, mv, err
	}
	was.Round = r.ID
	p, err := nextProject(d, was, key, mv)
	return p, mv, roundRefusal(err)
}

func nextProject(d grants.Door, was Project, key *identity.Key, mv grants.Move) (Project, error) {
	next, err := d.NextProject(was.Project, key, mv)
	p := Project{Round: was.Round, AppliedAt: was.AppliedAt, Project: next}
	if mv.Act == grants.Apply {
		p.AppliedAt = mv.At
	}
	return p, err
}

// ownerKey returns the key on the roll of the project's owner, nil for who is not on it.
func ownerKey(tx Tx, round, owner string, mv grants.Move) (*identity.Key, error) {
	if owner == "" {
		owner = mv.Owner
	}
	g, err := tx.Giver(round, poll.MemberVoter("members", owner))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key := new(identity.Key)
	if err := canonical.Unmarshal(g.Key, key); err != nil {
		return nil, fmt.Errorf("key of %s: %w", g.Donor, err)
	}
	return key, nil
}

// checkText requires the bytes that a move names, and no others: text that people can read.
func checkText(named *poll.File, text []byte) error {
	switch {
	case named == nil && len(text) > 0:
		return Refuse(KindInvalid, grants.RuleRecord, "a text came with an act that names none")
	case named != nil && poll.FileOf(text) != *named:
		return Refuse(KindInvalid, grants.RuleRecord, "the text has %d bytes with the digest %s, the act names %d with %s",
			len(text), poll.FileOf(text).SHA256, named.Bytes, named.SHA256)
	case !utf8.Valid(text):
		return Refuse(KindInvalid, grants.RuleRecord, "the text is not UTF-8")
	}
	bad := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }
	if at := bytes.IndexFunc(text, bad); at >= 0 {
		return Refuse(KindInvalid, grants.RuleRecord, "the text has a control character at byte %d", at)
	}
	return nil
}

// Project returns a project of a round. Public.
func (s *Service) Project(ctx context.Context, roundID, project string) (p Project, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { p, err = tx.Project(roundID, project); return err })
	return p, absent(err, "project in this round")
}

// Projects lists the projects of a round by id. Public.
func (s *Service) Projects(ctx context.Context, roundID string, w Window) (list []Project, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := tx.Round(roundID); err != nil {
			return err
		}
		list, err = tx.Projects(roundID, w.After, w.Limit)
		return err
	})
	return list, absent(err, "funding round")
}
