package service

import (
	"context"
	"errors"

	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// append adds a record with the newest beacon seen, in tx.
func (s *Service) append(tx Tx, kind audit.Kind, subject string, body any) (LogEntry, error) {
	seen, err := s.seen(tx)
	if err != nil {
		return LogEntry{}, err
	}
	e, err := tx.Append(kind, subject, seen, body)
	if err != nil {
		return LogEntry{}, err
	}
	return e, s.queueHook(tx, e)
}

// seen returns the newest verified beacon of the default chain, nil before the first.
func (s *Service) seen(tx Tx) (*audit.Seen, error) {
	b, err := tx.LatestBeacon(s.DefaultChain)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &audit.Seen{Chain: b.Chain, Beacon: b.beacon()}, nil
}

// moment is the second at which a record is made: the clock's, but never before the newest round that the
// log has seen nor before after, the time of the record that it follows. A clock that was put back makes no
// record that a verifier refuses.
func (s *Service) moment(tx Tx, after int64) (int64, error) {
	now := max(s.now(), after)
	seen, err := s.seen(tx)
	if err != nil || seen == nil {
		return now, err
	}
	at, err := s.defaultChain().TimeOf(seen.Round)
	return max(now, at), err
}

// LogHead returns size, root and newest signed checkpoint of the log. Public.
func (s *Service) LogHead(ctx context.Context) (h LogHead, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { h, err = tx.LogHead(); return err })
	return h, err
}

// LogEntry returns one record. Public.
func (s *Service) LogEntry(ctx context.Context, seq int64) (e LogEntry, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { e, err = tx.Entry(seq); return err })
	return e, absent(err, "log entry")
}

// LogEntries returns up to limit records from seq on. Public.
func (s *Service) LogEntries(ctx context.Context, from int64, limit int) (list []LogEntry, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Entries(from, limit); return err })
	return list, err
}

// SubjectEntries returns a subject's whole chain. Public.
func (s *Service) SubjectEntries(ctx context.Context, subject string) (list []LogEntry, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.EntriesOf(subject); return err })
	return list, err
}

// LogProof returns the proof, as tlog-proof text, that entry seq is under the newest checkpoint.
func (s *Service) LogProof(ctx context.Context, seq int64) (text []byte, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		head, err := tx.LogHead()
		if err != nil {
			return err
		}
		if seq < 0 || seq >= head.Size {
			return Refuse(KindNotFound, "not_found", "no such log entry")
		}
		text, err = proofAt(tx, head, seq)
		return err
	})
	return text, err
}

func proofAt(tx Tx, head LogHead, seq int64) ([]byte, error) {
	if seq >= head.SignedSize {
		return nil, Refuse(KindTooEarly, "not_published", "entry %d is not under a checkpoint yet", seq).
			WithHint("ask again in a second")
	}
	path, err := tx.InclusionPath(seq, head.SignedSize)
	if err != nil {
		return nil, err
	}
	return checkpoint.Proof{Index: seq, Path: path, Note: head.Note}.Marshal()
}

// heartbeat appends the day's record, so that a log that stands still can be told from one that is
// cut off.
func (s *Service) heartbeat(ctx context.Context, job *lease) error {
	chain, ok := s.Chains.Lookup(s.DefaultChain)
	if ok {
		if _, err := s.newest(ctx, chain); err != nil {
			s.Logger.WarnContext(ctx, "heartbeat without a fresh beacon", "error", err)
		}
	}
	return s.Store.Write(ctx, func(tx Tx) error {
		if _, err := s.append(tx, audit.KindHeartbeat, "log", audit.Heartbeat{}); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
}
