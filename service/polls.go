package service

import (
	"context"
	"fmt"
	"io"
	"math"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
)

// PollView is a poll as people see it. Nothing in it tells how anybody votes while ballots are taken.
type PollView struct {
	Poll
	Status string // open, closed (waits for the round), counted or void
}

// Poll returns a poll. Public.
func (s *Service) Poll(ctx context.Context, id string) (PollView, error) {
	p, err := s.pollRow(ctx, id)
	return s.pollView(p), err
}

// PollByHash returns the poll with this hash of its manifest. Public.
func (s *Service) PollByHash(ctx context.Context, hash beacon.Hash) (PollView, error) {
	var p Poll
	err := s.Store.Read(ctx, func(tx Tx) (err error) { p, err = tx.PollByHash(hash); return err })
	return s.pollView(p), absent(err, "poll")
}

// Polls lists polls of a community, "" for all, the newest first. Public.
func (s *Service) Polls(ctx context.Context, community string, w Window) (list []PollView, err error) {
	var rows []Poll
	err = s.Store.Read(ctx, func(tx Tx) (err error) { rows, err = tx.Polls(community, w.After, w.Limit); return err })
	for _, p := range rows {
		list = append(list, s.pollView(p))
	}
	return list, err
}

// pollView tells by the clock what the next worker will store.
func (s *Service) pollView(p Poll) PollView {
	v := PollView{Poll: p, Status: string(p.State)}
	if p.State == PollOpen && s.now() >= p.Closes {
		v.Status = string(PollClosed)
	}
	return v
}

// Blob returns public bytes by their SHA-256: rolls, transcripts, proposed charters. Public.
func (s *Service) Blob(ctx context.Context, sha256 audit.Hash) (data []byte, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { data, err = tx.Blob(sha256); return err })
	return data, absent(err, "file with this digest")
}

// Transcript returns the canonical transcript of a counted poll. Public.
func (s *Service) Transcript(ctx context.Context, id string) ([]byte, error) {
	p, err := s.Poll(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.State != PollCounted {
		return nil, uncounted(p)
	}
	return s.Blob(ctx, p.Transcript)
}

func uncounted(p PollView) *Error {
	if p.State == PollVoid {
		return Refuse(KindConflict, "poll_void", "the poll is void: %s", p.VoidReason)
	}
	return Refuse(KindTooEarly, "sealed_until", "ballots open with round %d, at %s", p.Round, stamp(p.DueAt))
}

// Ballots writes the poll's records, one a line, as they are in the log: what `kleroterion tally` reads. Public;
// sealed ballots show nothing before their round.
func (s *Service) Ballots(ctx context.Context, id string, w io.Writer) error {
	p, err := s.Poll(ctx, id)
	if err != nil {
		return err
	}
	return s.eachCovered(ctx, p.Subject, math.MaxInt64, func(e LogEntry) error {
		_, err := fmt.Fprintf(w, "%s\n", e.Record)
		return err
	})
}
