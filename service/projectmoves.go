package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
)

// sentWithin bounds the search for a move that is sent again: who repeats an older one is not waiting for
// its answer.
const sentWithin = 64

// ProjectMoves returns the history of a project, the oldest move first; [Service.Blob] has the texts. Public.
func (s *Service) ProjectMoves(ctx context.Context, roundID, project string) (list []ProjectAct, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := tx.Project(roundID, project); err != nil {
			return err
		}
		list, err = projectMoves(tx, roundID, project)
		return err
	})
	return list, absent(err, "project in this round")
}

func projectMoves(tx Tx, roundID, project string) ([]ProjectAct, error) {
	mark := fmt.Appendf(nil, `"project":"%s"`, project) // a slug; quotes within strings are escaped
	list := []ProjectAct{}
	err := eachAct(tx, roundID, audit.KindProjectMove, func(a Act) error {
		if !bytes.Contains(a.Body, mark) {
			return nil
		}
		mv, err := grants.Parse[grants.Move](a.Body)
		list = append(list, ProjectAct{N: a.N, Seq: int64(len(list) + 1), Move: mv})
		return err
	})
	return list, err
}

// eachAct visits a round's acts of one kind in order.
func eachAct(tx Tx, roundID string, kind audit.Kind, visit func(Act) error) error {
	for after := int64(0); ; {
		page, err := tx.Acts(roundID, kind, after, listPage)
		if err != nil {
			return err
		}
		for _, a := range page {
			if err := visit(a); err != nil {
				return fmt.Errorf("record %d of round %s: %w", a.N, roundID, err)
			}
			after = a.N
		}
		if len(page) < listPage {
			return nil
		}
	}
}

// actsOf returns the bodies of a round's acts of one kind, the oldest first.
func actsOf[B interface{ Check() error }](ctx context.Context, s *Service, roundID string, kind audit.Kind) ([]B, error) {
	list := []B{}
	err := s.Store.Read(ctx, func(tx Tx) error {
		list = list[:0]
		if _, err := tx.Round(roundID); err != nil {
			return err
		}
		return eachAct(tx, roundID, kind, func(a Act) error {
			body, err := grants.Parse[B](a.Body)
			list = append(list, body)
			return err
		})
	})
	return list, absent(err, "funding round")
}

// sentBefore answers a refused move that is recorded already with the project as the move left it, and any
// other with its refusal.
func (s *Service) sentBefore(ctx context.Context, in NewProjectMove, refusal error) (p Project, err error) {
	if kind := KindOf(refusal); kind != KindConflict && kind != KindInvalid || in.Move.Signature == nil {
		return Project{}, refusal
	}
	err = s.Store.Read(ctx, func(tx Tx) error { p, err = recorded(tx, in, refusal); return err })
	return p, err
}

func recorded(tx Tx, in NewProjectMove, refusal error) (Project, error) {
	r, err := tx.Round(in.RoundID)
	if err != nil {
		return Project{}, err
	}
	p, err := tx.Project(in.RoundID, in.Move.Project)
	if errors.Is(err, ErrNotFound) {
		return Project{}, refusal
	}
	if err != nil {
		return Project{}, err
	}
	key, err := ownerKey(tx, r.ID, p.Owner, in.Move)
	if err != nil || key == nil {
		return Project{}, firstOf(err, refusal)
	}
	seq, object := signedFor(r, p, key, in.Move)
	if seq == 0 {
		return Project{}, refusal
	}
	moves, err := projectMoves(tx, r.ID, p.ID)
	if err != nil || int64(len(moves)) < seq {
		return Project{}, firstOf(err, fmt.Errorf("project %s of round %s has %d moves, its row says %d", p.ID, r.ID, len(moves), p.Seq))
	}
	same, err := moves[seq-1].Object(r.Hash, seq)
	if err != nil || !bytes.Equal(same, object) {
		return Project{}, firstOf(err, refusal)
	}
	return replayProject(r, key, moves[:seq])
}

// signedFor finds as which of the project's moves the owner signed this one; 0: as none. Only then is the
// history worth reading.
func signedFor(r Round, p Project, key *identity.Key, mv grants.Move) (seq int64, object []byte) {
	for seq = p.Seq; seq > max(0, p.Seq-sentWithin); seq-- {
		object, err := mv.Object(r.Hash, seq)
		if err == nil && key.Verify(identity.ThingProject, object, *mv.Signature) == nil {
			return seq, object
		}
	}
	return 0, nil
}

// replayProject returns the project as its first moves left it.
func replayProject(r Round, key *identity.Key, moves []ProjectAct) (p Project, err error) {
	d, err := r.door()
	if err != nil {
		return Project{}, err
	}
	p.Round = r.ID
	for _, mv := range moves {
		if p, err = nextProject(d, p, key, mv.Move); err != nil {
			return Project{}, fmt.Errorf("record %d of round %s: %w", mv.N, r.ID, err)
		}
	}
	return p, nil
}
