package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// NewCorrection asks for the next version of a round's result. Changes are all differences from what was
// recorded, not from the version before; an empty list takes all back.
type NewCorrection struct {
	Changes []grants.Correction `json:"changes"`
	Reason  string              `json:"reason"`
}

// maxCorrection keeps a list of changes within a record of the log.
const maxCorrection = audit.MaxRecord - 4096

// check refuses what no round could take.
func (in NewCorrection) check() error {
	body := grants.ResultRecord{At: 1, Changes: in.Changes, Reason: in.Reason, Version: 2}
	if err := body.Check(); err != nil {
		return roundRefusal(err)
	}
	text, err := canonical.Marshal(in.Changes)
	if err == nil && len(text) > maxCorrection {
		return Refuse(KindInvalid, grants.RuleChanges, "changes: %d bytes, a record of the log holds %d", len(text), maxCorrection)
	}
	return err
}

// Correct queues a correction: matching again takes as long as the first time. The job's report says which
// version it made, or which rule refused it; then nothing has changed. See [Service.Correction].
func (s *Service) Correct(ctx context.Context, a Actor, roundID string, in NewCorrection) (Job, error) {
	if in.Changes == nil {
		in.Changes = []grants.Correction{}
	}
	if job, done, err := replay[Job](ctx, s, a); done || err != nil {
		return job, err
	}
	id, err := s.newID()
	if err != nil {
		return Job{}, err
	}
	request, err := json.Marshal(in)
	if err != nil {
		return Job{}, fmt.Errorf("correction: %w", err)
	}
	return once(ctx, s, a, func(tx Tx) (Job, error) {
		r, err := s.stewardRound(tx, a, roundID)
		if err != nil {
			return Job{}, err
		}
		if err := in.check(); err != nil {
			return Job{}, err
		}
		if r.State != RoundFinal {
			return Job{}, Refuse(KindConflict, grants.RuleStage, "the round is %s: a correction follows a result", r.State)
		}
		job := Job{ID: "correction-" + id, Kind: JobCorrection, Target: r.ID, DedupeKey: id, State: JobPending, Step: "waiting",
			RunAt: s.now(), CreatedAt: s.now(), Report: request}
		return job, tx.AddJob(job)
	})
}

// Correction returns the job of a correction to a steward of the round's community. Until it has ended its
// report is the request.
func (s *Service) Correction(ctx context.Context, a Actor, roundID, jobID string) (job Job, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := s.stewardRound(tx, a, roundID); err != nil {
			return err
		}
		job, err = tx.Job(jobID)
		if err == nil && (job.Kind != JobCorrection || job.Target != roundID) {
			err = ErrNotFound
		}
		return absent(err, "correction")
	})
	if err != nil {
		return Job{}, err
	}
	return job, nil
}

// performCorrection matches again under a list of changes. The rules see what was recorded until now: a
// correction or a payout that came first may be why it is refused.
func (s *Service) performCorrection(ctx context.Context, job *lease) error {
	var in NewCorrection
	if err := json.Unmarshal(job.Report, &in); err != nil {
		return fmt.Errorf("correction: %w", err)
	}
	r, err := s.fundingRound(ctx, job.Target)
	if err != nil {
		return err
	}
	f, err := s.facts(ctx, r)
	if err != nil {
		return err
	}
	replay, err := s.replayRound(ctx, r, f, job)
	if err != nil {
		return err
	}
	v, err := replay.next(ctx, in.Changes, in.Reason)
	if err != nil {
		return s.refuseCorrection(ctx, job, err)
	}
	return s.concludeRound(ctx, job, r, version{v, in.Reason})
}

// refuseCorrection ends the job with the rule that was broken; any other error is tried again.
func (s *Service) refuseCorrection(ctx context.Context, job *lease, why error) error {
	var refusal *Error
	if !errors.As(roundRefusal(why), &refusal) {
		return why
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.fail(tx, s.now(), refusal.Code, messageReport(refusal)) })
}
