package service

import (
	"context"
	"errors"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// performDraw fetches the draw's round and draws. The manifest, the register and the round fix the
// result, so it does not matter when, where or how often this runs: after a crash at any point the
// next worker computes the same bytes, and the last transaction commits once.
func (s *Service) performDraw(ctx context.Context, job *lease) error {
	d, reg, err := s.due(ctx, job.Target)
	if err != nil {
		return err
	}
	if d.State != DrawOpen {
		return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), nil) })
	}
	chain, ok := s.Chains.Lookup(d.Chain)
	if !ok {
		return Refuse(KindUnavailable, "chain_unknown", "this instance does not know chain %s", d.Chain)
	}
	b, err := s.round(ctx, chain, d.Round)
	if err != nil {
		return s.wait(ctx, job, d, err)
	}
	m, err := sortition.ParseManifest(d.Manifest)
	if err != nil {
		return err
	}
	list, err := s.load(ctx, reg)
	if err != nil {
		return err
	}
	if err := s.haveFile(ctx, d, m); err != nil {
		return err
	}
	result, err := sortition.Draw(m, list, b)
	if err != nil {
		return err
	}
	return s.conclude(ctx, job, b, result)
}

func (s *Service) due(ctx context.Context, id string) (d Draw, reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if d, err = tx.Draw(id); err != nil {
			return err
		}
		reg, err = tx.Register(d.RegisterID)
		return err
	})
	return d, reg, err
}

// wait tries the same round again soon, more slowly the longer it is missing. It never looks for
// another round.
func (s *Service) wait(ctx context.Context, job *lease, d Draw, why error) error {
	state := s.Rounds.State(d.Chain, d.Round)
	if job.Step != state {
		s.Logger.WarnContext(ctx, "round is not there", "draw", d.ID, "round", d.Round, "state", state, "error", why)
	}
	delay := min(max((s.now()-d.DueAt)/4, 1), 30)
	return s.Store.Write(ctx, func(tx Tx) error {
		job.Step = state
		return job.postpone(tx, s.now()+delay)
	})
}

// conclude writes result, record, draw and job in one transaction.
func (s *Service) conclude(ctx context.Context, job *lease, b beacon.Beacon, result sortition.Result) error {
	data, err := result.Canonical()
	if err != nil {
		return err
	}
	var entry LogEntry
	err = s.Store.Write(ctx, func(tx Tx) error {
		d, err := tx.Draw(job.Target)
		if err != nil {
			return err
		}
		if d.State != DrawOpen {
			return job.finish(tx, s.now(), nil)
		}
		blob, err := tx.AddBlob(data)
		if err != nil {
			return err
		}
		d.State, d.Result, d.ClosedAt = DrawDrawn, data, s.now()
		if err := tx.UpdateDraw(d); err != nil {
			return err
		}
		body := audit.DrawResult{Commit: d.Commit, Seed: result.Seed, Beacon: beacon.File{Chain: d.Chain, Beacon: b}, Result: blob}
		if entry, err = s.append(tx, audit.KindDrawResult, d.Subject, body); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
	if err == nil {
		s.published(ctx, entry.Seq+1)
	}
	return err
}

// VoidDraw ends an open draw without a result. The void stays in the subject's sequence; when the
// round was due it is marked late, because the outcome could be known.
func (s *Service) VoidDraw(ctx context.Context, a Actor, id, reason string) (DrawView, error) {
	if err := checkLine("reason", reason, 200); err != nil {
		return DrawView{}, err
	}
	d, err := once(ctx, s, a, func(tx Tx) (d Draw, err error) {
		d, _, err = s.void(tx, a, id, reason)
		return d, err
	})
	if err := s.settled(ctx, err); err != nil {
		return DrawView{}, err
	}
	return s.Draw(ctx, d.ID)
}

func (s *Service) void(tx Tx, a Actor, id, reason string) (Draw, LogEntry, error) {
	d, err := tx.Draw(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Draw{}, LogEntry{}, err
	}
	if auth := a.authorise(openDraws, d.City); auth != nil {
		return Draw{}, LogEntry{}, auth
	}
	if err != nil {
		return Draw{}, LogEntry{}, absent(err, "draw")
	}
	if d.State != DrawOpen {
		return Draw{}, LogEntry{}, Refuse(KindConflict, "draw_state", "the draw is %s: a result is never taken back", d.State)
	}
	d.State, d.VoidReason, d.ClosedAt = DrawVoid, reason, s.now()
	if err := tx.UpdateDraw(d); err != nil {
		return Draw{}, LogEntry{}, err
	}
	entry, err := s.append(tx, audit.KindDrawVoid, d.Subject, audit.DrawVoid{Commit: d.Commit, Reason: reason, Late: s.now() >= d.DueAt})
	return d, entry, err
}
