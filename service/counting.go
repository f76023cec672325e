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
	"kleroterion/service/poll"
)

const (
	missingAfter    = 604_800 // seconds that a closing round may be missing before the poll is void
	missingAfterDev = 600
	readBatch       = 4096 // ballots
	// looksBack bounds the search for open polls, in seconds: 45 days that a poll is open at most, and a year
	// that a machine may have been switched off.
	looksBack = 410 * 24 * 3600
)

// performPoll closes a poll at its time, and counts it when the round is there. Roll, records and
// round fix the result, so it does not matter how often or in how many processes this runs: the last
// transaction of each step commits once.
func (s *Service) performPoll(ctx context.Context, job *lease) error {
	p, err := s.pollRow(ctx, job.Target)
	if err != nil {
		return err
	}
	switch {
	case p.State == PollOpen:
		return s.closePoll(ctx, job)
	case p.State != PollClosed:
		return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), nil) })
	}
	chain, ok := s.Chains.Lookup(p.Chain)
	if !ok {
		return Refuse(KindUnavailable, "chain_unknown", "this instance does not know chain %s", p.Chain)
	}
	b, err := s.round(ctx, chain, p.Round)
	if err != nil {
		return s.missing(ctx, job, p, err)
	}
	t, err := s.count(ctx, job, p, chain, b)
	if err != nil {
		return err
	}
	return s.concludePoll(ctx, job, b, t)
}

func (s *Service) pollRow(ctx context.Context, id string) (p Poll, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { p, err = tx.Poll(id); return err })
	return p, absent(err, "poll")
}

// closePoll ends intake. A ballot's transaction and this one exclude each other through the poll's row,
// so every ballot is recorded before the close or refused.
func (s *Service) closePoll(ctx context.Context, job *lease) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		p, err := tx.Poll(job.Target)
		if err != nil {
			return err
		}
		if s.now() < p.Closes || p.State != PollOpen {
			return job.postpone(tx, max(p.Closes, s.now()+1))
		}
		if err := s.close(tx, p); err != nil {
			return err
		}
		job.Step = "closed"
		return job.postpone(tx, max(p.DueAt, s.now()))
	})
}

func (s *Service) close(tx Tx, p Poll) error {
	at, err := s.moment(tx, p.Closes)
	if err != nil {
		return err
	}
	p.State = PollClosed
	if err := tx.UpdatePoll(p); err != nil {
		return err
	}
	_, err = s.append(tx, audit.KindPollClose, p.Subject, audit.PollClose{Close: poll.Close{At: at, Ballots: p.Ballots, Hash: p.Hash}})
	return err
}

// closeBefore closes the polls and sealed funding rounds that a round of this time ends, in the transaction
// that keeps the round: no record can then see a round that opens ballots or gifts before the close is in
// the log, however late its job comes.
func (s *Service) closeBefore(tx Tx, at int64) error {
	if err := s.closePollsBefore(tx, at); err != nil {
		return err
	}
	return s.closeRoundsBefore(tx, at)
}

func (s *Service) closePollsBefore(tx Tx, at int64) error {
	for after := ""; ; {
		page, err := tx.Polls("", after, listPage)
		if err != nil {
			return err
		}
		for _, p := range page {
			if p.Opens < at-looksBack {
				return nil
			}
			after = p.ID
			if p.State != PollOpen || p.Closes > at {
				continue
			}
			if err := s.close(tx, p); err != nil {
				return err
			}
		}
		if len(page) < listPage {
			return nil
		}
	}
}

// missing tries the same round again, and voids the poll when it has been missing for too long: the
// network may be gone, and with it the only key.
func (s *Service) missing(ctx context.Context, job *lease, p Poll, why error) error {
	after := int64(missingAfter)
	if p.Rehearsal {
		after = missingAfterDev
	}
	if s.now() < p.DueAt+after {
		return s.wait(ctx, job, Draw{ID: p.ID, Chain: p.Chain, Round: p.Round, DueAt: p.DueAt}, why)
	}
	err := s.Store.Write(ctx, func(tx Tx) error {
		reason := fmt.Sprintf("round %d of chain %s has been missing for %d seconds", p.Round, p.Chain, after)
		if _, err := s.voidPoll(tx, p.ID, reason); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
	return s.settled(ctx, err)
}

// count reads the ballots of the poll's subject, opens and counts them.
func (s *Service) count(ctx context.Context, job *lease, p Poll, chain *beacon.Chain, b beacon.Beacon) (poll.Transcript, error) {
	m, err := poll.ParseManifest(p.Manifest)
	if err != nil {
		return poll.Transcript{}, err
	}
	roll, err := s.roll(ctx, m)
	if err != nil {
		return poll.Transcript{}, err
	}
	box := poll.NewBox(m, p.Hash, roll)
	if err := s.fill(ctx, job, p, box); err != nil {
		return poll.Transcript{}, err
	}
	var told error
	t, err := box.Count(ctx, chain, b, func(done, total int64) {
		told = firstOf(told, job.tell(ctx, "opening", done, total))
	})
	return t, firstOf(err, told)
}

func (s *Service) roll(ctx context.Context, m *poll.Manifest) (*poll.Roll, error) {
	roll := new(poll.Roll)
	for _, ref := range m.Rolls {
		file, err := s.Blob(ctx, ref.File.SHA256)
		if err != nil {
			return nil, err
		}
		if err := roll.ReadRoll(ref, bytes.NewReader(file)); err != nil {
			return nil, err
		}
	}
	return roll, nil
}

// fill reads the ballots a page at a time: the subject does not change any more.
func (s *Service) fill(ctx context.Context, job *lease, p Poll, box *poll.Box) error {
	for n := int64(1); ; {
		var page []LogEntry
		err := s.Store.Read(ctx, func(tx Tx) (err error) { page, err = tx.EntriesAfter(p.Subject, n, readBatch); return err })
		if err != nil {
			return err
		}
		batch := make([]poll.Record, 0, len(page))
		for _, e := range page {
			n = e.N
			if e.Kind != audit.KindBallotCast {
				continue
			}
			rec, err := audit.Decode(e.Record)
			if err != nil {
				return err
			}
			batch = append(batch, poll.Record{N: e.N, Body: rec.Body})
		}
		if err := box.Add(ctx, batch); err != nil {
			return err
		}
		if err := job.tell(ctx, "reading", box.Records(), p.Ballots); err != nil {
			return err
		}
		if len(page) < readBatch {
			return nil
		}
	}
}

// concludePoll writes transcript, poll, record, an adopted charter and job in one transaction.
func (s *Service) concludePoll(ctx context.Context, job *lease, b beacon.Beacon, t poll.Transcript) error {
	text, err := t.Canonical()
	if err != nil {
		return err
	}
	outcome, err := canonical.Marshal(t.Count.Outcome)
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		p, err := tx.Poll(job.Target)
		if err != nil {
			return err
		}
		if p.State != PollClosed {
			return job.finish(tx, s.now(), nil)
		}
		if _, err := tx.AddBlob(text); err != nil {
			return err
		}
		p.State, p.Outcome, p.Transcript, p.EndedAt = PollCounted, outcome, poll.FileOf(text).SHA256, s.now()
		if err := tx.UpdatePoll(p); err != nil {
			return err
		}
		body := poll.Result{Beacon: beacon.File{Chain: p.Chain, Beacon: b}, Hash: p.Hash, Outcome: t.Count.Outcome, Transcript: poll.FileOf(text)}
		entry, err := s.append(tx, audit.KindPollResult, p.Subject, audit.PollResult{Result: body})
		if err != nil {
			return err
		}
		if err := s.amend(tx, p, entry, t); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
	return s.settled(ctx, err)
}

// amend adopts the charter that an amendment poll passed, if it may still follow the one in force: another
// amendment may have come first, or a tier of the ratchet. If not, the result stands without effect, as
// anyone can compute from the log.
func (s *Service) amend(tx Tx, p Poll, result LogEntry, t poll.Transcript) error {
	m, err := poll.ParseManifest(p.Manifest)
	if err != nil || m.Amends == nil || t.Count.Outcome.Passed == nil || !*t.Count.Outcome.Passed {
		return err
	}
	text, err := tx.Blob(m.Amends.SHA256)
	if err != nil {
		return err
	}
	last, err := lastMove(tx, p.Community)
	if err != nil {
		return err
	}
	// After any statement of this second: those were made under the charter before.
	at, err := s.moment(tx, max(last+1, p.Closes))
	if err != nil {
		return err
	}
	old, err := s.follows(tx, p.Community, text, at)
	var refusal *Error
	if errors.As(err, &refusal) {
		s.Logger.Warn("amendment has no effect", "poll", p.ID, "code", refusal.Code, "error", refusal)
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.adopt(tx, charter.Adopt{At: at, Charter: text, Effective: at + old.Amendment.Delay, Hash: charter.HashBytes(text),
		Poll: &charter.PollRef{Hash: p.Hash, Record: result.Leaf}}, p.ID)
	return err
}

// follows returns the charter in force at a time, and refuses a proposed one that may not follow it then.
func (s *Service) follows(tx Tx, slug string, proposed []byte, at int64) (*charter.Charter, error) {
	row, pending, err := inForce(tx, slug, at)
	if err != nil {
		return nil, err
	}
	if pending != nil {
		return nil, Refuse(KindConflict, "amendment_pending", "charter %d was adopted and has not taken effect yet: the next amendment waits for it", pending.Seq)
	}
	old, chain, err := s.parseCharter(row.Charter)
	if err != nil {
		return nil, err
	}
	next, _, err := s.parseCharter(proposed)
	if err != nil {
		return nil, err
	}
	tier, _, err := s.tier(tx, old, at)
	if err != nil {
		return nil, err
	}
	return old, charterRefusal(charter.Amend(old, next, tier, chain.Status == beacon.StatusDev))
}

// VoidPoll ends a poll before it closes. It stays in the log with its reason.
func (s *Service) VoidPoll(ctx context.Context, a Actor, id, reason string) (Poll, error) {
	if err := checkLine("reason", reason, 200); err != nil {
		return Poll{}, err
	}
	p, err := once(ctx, s, a, func(tx Tx) (Poll, error) {
		p, err := tx.Poll(id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Poll{}, err
		}
		if auth := a.authoriseIn(runCommunity, p.Community); auth != nil {
			return Poll{}, auth
		}
		if err != nil {
			return Poll{}, absent(err, "poll")
		}
		if closed := s.closed(tx, p); KindOf(closed) == KindConflict {
			return Poll{}, Refuse(KindConflict, "poll_state", "the poll is closed: what was voted stands")
		} else if closed != nil {
			return Poll{}, closed
		}
		return s.voidPoll(tx, id, reason)
	})
	return p, s.settled(ctx, err)
}

func (s *Service) voidPoll(tx Tx, id, reason string) (Poll, error) {
	p, err := tx.Poll(id)
	if err != nil {
		return Poll{}, err
	}
	p.State, p.VoidReason, p.EndedAt = PollVoid, reason, s.now()
	if err := tx.UpdatePoll(p); err != nil {
		return Poll{}, err
	}
	p.Version++
	body := poll.Void{Hash: p.Hash, Late: s.now() >= p.DueAt, Reason: reason}
	_, err = s.append(tx, audit.KindPollVoid, p.Subject, audit.PollVoid{Void: body})
	return p, err
}
