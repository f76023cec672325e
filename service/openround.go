package service

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// NewRound is a request for a funding round. Who may give, the charter and the beacon of a sealed round
// follow from the community's state: nobody chooses them. Opens 0 is now; a round may be announced for
// later, with those who may give counted now.
type NewRound struct {
	Community string
	grants.Asked
}

// OpenRound freezes the roll and opens a funding round. Its manifest is in the log and published when the
// call returns.
func (s *Service) OpenRound(ctx context.Context, a Actor, in NewRound) (RoundView, error) {
	if err := a.authoriseIn(runRounds, in.Community); err != nil {
		return RoundView{}, err
	}
	if r, done, err := replay[Round](ctx, s, a); done || err != nil {
		return s.settledRound(ctx, r, err)
	}
	if !pollName.MatchString(in.Slug) {
		return RoundView{}, Refuse(KindInvalid, grants.RuleForm, "the round's slug %.40q is not 1 to 63 of a-z 0-9 . _ - starting with a letter or digit", in.Slug)
	}
	if err := s.fresh(ctx, in.Community); err != nil {
		return RoundView{}, err
	}
	id, err := s.newID()
	if err != nil {
		return RoundView{}, err
	}
	r, err := once(ctx, s, a, func(tx Tx) (Round, error) { return s.openRound(tx, id, in) })
	return s.settledRound(ctx, r, err)
}

// settledRound is what a steward's act answers once it is published.
func (s *Service) settledRound(ctx context.Context, r Round, err error) (RoundView, error) {
	if err := s.settled(ctx, err); err != nil {
		return RoundView{}, err
	}
	return s.roundView(r)
}

// openRound writes round, givers, roll, job and record in one transaction: a round without its roll, or
// without the job that closes it, never exists. If the process dies before the commit there is no round,
// after it everything goes on by the job.
func (s *Service) openRound(tx Tx, id string, in NewRound) (Round, error) {
	now, err := s.opening(tx, &in)
	if err != nil {
		return Round{}, err
	}
	st, err := s.state(tx, NewPoll{Community: in.Community, Question: poll.Question{Opens: in.Opens}})
	if err != nil {
		return Round{}, err
	}
	m, roll, err := grants.Build(st, in.Asked)
	if err != nil {
		return Round{}, roundRefusal(err)
	}
	if err := juryCan(tx, st.Charter, m.Jury); err != nil {
		return Round{}, err
	}
	r, err := roundRow(id, m, st.Chain)
	if err != nil {
		return Round{}, err
	}
	r.LastAt = now
	if err := tx.AddRound(r); errors.Is(err, ErrExists) {
		return Round{}, Refuse(KindConflict, "round_exists", "there was a round %s: a name is used once", m.Round)
	} else if err != nil {
		return Round{}, err
	}
	if err := addGivers(tx, id, roll); err != nil {
		return Round{}, err
	}
	job := Job{ID: "round-" + id, Kind: JobRound, Target: id, DedupeKey: id, State: JobPending, Step: "open", RunAt: m.GiftsEnd, CreatedAt: s.now()}
	if err := tx.AddJob(job); err != nil {
		return Round{}, err
	}
	_, err = s.act(tx, &r, audit.KindRoundOpen, audit.RoundOpen{Open: grants.Open{Hash: r.Hash, Manifest: r.Manifest}})
	return r, err
}

// opening sets when the round opens and returns the moment of its record: not before the charter and the
// members that it counts, so that who replays them finds the same.
func (s *Service) opening(tx Tx, in *NewRound) (now int64, err error) {
	last, err := lastMove(tx, in.Community)
	if err != nil {
		return 0, err
	}
	if now, err = s.moment(tx, last); err != nil {
		return 0, err
	}
	if in.Opens != 0 && in.Opens < s.now()-60 {
		return 0, Refuse(KindInvalid, grants.RuleTimes, "opens %d is past: it is %d", in.Opens, now).WithHint("leave opens out to open now")
	}
	in.Opens = max(in.Opens, now)
	if in.GiftsEnd <= now {
		return 0, Refuse(KindInvalid, grants.RuleTimes, "gifts_end %d is past: it is %d", in.GiftsEnd, now)
	}
	return now, nil
}

func roundRow(id string, m *grants.Manifest, chain *beacon.Chain) (Round, error) {
	text, err := m.Canonical()
	if err != nil {
		return Round{}, roundRefusal(err)
	}
	r := Round{
		ID: id, Community: m.Community, Subject: m.Round, State: RoundOpen, Manifest: text, Hash: grants.HashBytes(text),
		Chain: chain.Hash, Opens: m.Opens, GiftsStart: m.GiftsStart, GiftsEnd: m.GiftsEnd, DueAt: m.GiftsEnd,
		Rehearsal: m.Rehearsal, Pool: m.Params.Pool, Version: 1,
	}
	if m.Beacon != nil {
		r.Beacon = m.Beacon.Round
		r.DueAt, err = chain.TimeOf(r.Beacon)
	}
	return r, err
}

// juryCan refuses a jury's part that no poll could ever decide: the round would wait for it for ever.
func juryCan(tx Tx, c *charter.Charter, jury *grants.Jury) error {
	if jury == nil {
		return nil
	}
	if _, ok := c.Chamber(charter.ChamberJury); !ok {
		return Refuse(KindInvalid, grants.RuleJury, "the charter of %s has no jury that could decide a part of the pool", c.Community)
	}
	p, err := pollOf(tx, c.Community, jury.Poll)
	if errors.Is(err, ErrNotFound) {
		return nil // it may be opened while the round runs
	}
	if err != nil {
		return err
	}
	m, err := poll.ParseManifest(p.Manifest)
	if err != nil {
		return fmt.Errorf("poll %s: %w", p.ID, err)
	}
	if m.Rules.Method != voting.Quadratic || m.Jury == nil || p.State == PollVoid {
		return Refuse(KindInvalid, grants.RuleJury, "poll %s cannot decide the jury's part: want a quadratic one with a jury that is not void", jury.Poll)
	}
	return nil
}

// pollOf finds a poll by its subject.
func pollOf(tx Tx, community, subject string) (Poll, error) {
	for after := ""; ; {
		page, err := tx.Polls(community, after, listPage)
		if err != nil {
			return Poll{}, err
		}
		for _, p := range page {
			if p.Subject == subject {
				return p, nil
			}
			after = p.ID
		}
		if len(page) < listPage {
			return Poll{}, fmt.Errorf("poll %s: %w", subject, ErrNotFound)
		}
	}
}

// addGivers stores the roll, as a public file and as rows.
func addGivers(tx Tx, id string, roll []byte) error {
	if _, err := tx.AddBlob(roll); err != nil {
		return err
	}
	list, err := poll.Electors(roll)
	if err != nil {
		return err
	}
	rows := make([]Giver, len(list))
	for i, l := range list {
		rows[i] = Giver{Round: id, Donor: l.Voter}
		if rows[i].Key, err = canonical.Marshal(l.Key); err != nil {
			return fmt.Errorf("roll: %w", err)
		}
	}
	return tx.AddGivers(rows)
}

// VoidRound ends a round before it has a result. It stays in the log with its reason.
func (s *Service) VoidRound(ctx context.Context, a Actor, id, reason string) (RoundView, error) {
	r, err := once(ctx, s, a, func(tx Tx) (Round, error) {
		r, err := s.stewardRound(tx, a, id)
		if err != nil {
			return Round{}, err
		}
		return s.voidRound(tx, r, reason)
	})
	return s.settledRound(ctx, r, err)
}

// stewardRound returns the round for an act of its community's steward. To anybody else it is absent.
func (s *Service) stewardRound(tx Tx, a Actor, id string) (Round, error) {
	r, err := tx.Round(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Round{}, err
	}
	if auth := a.authoriseIn(runRounds, r.Community); auth != nil {
		return Round{}, auth
	}
	return r, absent(err, "funding round")
}

// voidRound writes the record and the row. The job that closes or computes the round finds it void and
// ends; its own transaction and this one exclude each other through the round's row.
func (s *Service) voidRound(tx Tx, r Round, reason string) (Round, error) {
	if r.State != RoundOpen && r.State != RoundClosed {
		return Round{}, Refuse(KindConflict, grants.RuleStage, "the round is %s: only one without a result can be made void", r.State)
	}
	at, err := s.tick(tx, &r)
	if err != nil {
		return Round{}, err
	}
	body := grants.Void{At: at, Reason: reason}
	if err := body.Check(); err != nil {
		return Round{}, roundRefusal(err)
	}
	if _, err := s.act(tx, &r, audit.KindRoundVoid, audit.RoundVoid{Void: body}); err != nil {
		return Round{}, err
	}
	r.State, r.VoidReason, r.EndedAt = RoundVoid, reason, at
	return updated(tx, r)
}

// updated writes the row and returns it with its next version.
func updated(tx Tx, r Round) (Round, error) {
	err := tx.UpdateRound(r)
	r.Version++
	return r, err
}
