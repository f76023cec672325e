package service

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// How many projects a round matches at most.
const (
	maxApproved        = 100_000
	maxApprovedCluster = 5_000 // rule cocm
)

// NewReview is a reviewer's decision. Seq is how many of the project's moves the reviewer has seen: a
// decision about a text that has changed meanwhile is refused. Ground and Text, the reasons, go with a
// rejection.
type NewReview struct {
	RoundID  string
	Project  string
	Reviewer string // slug by which the steward names a person
	Approve  bool
	Seq      int64
	Ground   grants.Ground
	Text     []byte
}

// ReviewProject records a decision that the steward vouches for.
func (s *Service) ReviewProject(ctx context.Context, a Actor, in NewReview) (Project, error) {
	mv := grants.Move{Act: grants.Approve, Project: in.Project, Reviewer: in.Reviewer, Ground: in.Ground}
	if !in.Approve {
		mv.Act = grants.Reject
	}
	if len(in.Text) > 0 {
		file := poll.FileOf(in.Text)
		mv.Text = &file
	}
	p, err := once(ctx, s, a, func(tx Tx) (Project, error) {
		r, err := s.stewardRound(tx, a, in.RoundID)
		if err != nil {
			return Project{}, err
		}
		if err := checkText(mv.Text, in.Text); err != nil {
			return Project{}, err
		}
		if err := reviewable(tx, r, in); err != nil {
			return Project{}, err
		}
		return s.moveProject(tx, r, mv, in.Text)
	})
	return p, s.settled(ctx, err)
}

// reviewable refuses a decision about what the reviewer has not seen, and one approval too many.
func reviewable(tx Tx, r Round, in NewReview) error {
	p, err := tx.Project(r.ID, in.Project)
	if err != nil {
		return absent(err, "project in this round")
	}
	if p.Seq != in.Seq {
		return Refuse(KindConflict, "project_seq", "project %s has %d moves, this decides about it after %d", p.ID, p.Seq, in.Seq).
			WithHint("read the project again and decide about what it is now")
	}
	if !in.Approve {
		return nil
	}
	d, err := r.door()
	if err != nil {
		return err
	}
	limit := int64(maxApproved)
	if d.Manifest.Params.Rule == funding.Cluster {
		limit = maxApprovedCluster
	}
	if n, err := tx.CountProjects(r.ID, grants.Approved); err != nil || n >= limit {
		return firstOf(err, Refuse(KindConflict, grants.RuleTooMany, "%d projects are approved, a round of rule %s takes no more", n, d.Manifest.Params.Rule))
	}
	return nil
}
