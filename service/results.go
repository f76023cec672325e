package service

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// RoundVersion is one result of a round. The first follows the close, the others are corrections; each
// stays for ever.
type RoundVersion struct {
	Number  int64
	At      int64
	Digest  beacon.Hash // of what projects get
	File    beacon.Hash // its bytes are a Blob
	Reason  string      // of a correction
	Changes []grants.Correction
}

// RoundVersions returns the results of a round, the newest last; none before the first. Public.
func (s *Service) RoundVersions(ctx context.Context, id string) ([]RoundVersion, error) {
	records, err := actsOf[grants.ResultRecord](ctx, s, id, audit.KindRoundResult)
	list := make([]RoundVersion, len(records))
	for i, rec := range records {
		list[i] = RoundVersion{Number: rec.Version, At: rec.At, Digest: rec.Digest, File: rec.File.SHA256, Reason: rec.Reason, Changes: rec.Changes}
	}
	return list, err
}

// RoundResult returns a version of a round's result, read and as its published bytes; 0 is the newest. Public.
func (s *Service) RoundResult(ctx context.Context, id string, version int64) (grants.ResultFile, []byte, error) {
	r, err := s.Round(ctx, id)
	if err != nil {
		return grants.ResultFile{}, nil, err
	}
	f, text, err := s.result(ctx, r, version)
	return f, text, err
}

func (s *Service) result(ctx context.Context, r RoundView, version int64) (f grants.ResultFile, text []byte, err error) {
	if r.Versions == 0 {
		return f, nil, unresolved(r)
	}
	if version < 0 || version > r.Versions {
		return f, nil, Refuse(KindNotFound, "not_found", "the round has no version %d, the newest is %d", version, r.Versions)
	}
	file := r.Result
	if version != 0 && version != r.Versions {
		list, err := s.RoundVersions(ctx, r.ID)
		if err != nil {
			return f, nil, err
		}
		file = list[version-1].File
	}
	if text, err = s.Blob(ctx, file); err != nil {
		return f, nil, err
	}
	f, err = grants.ParseResultFile(text)
	return f, text, err
}

func unresolved(r RoundView) *Error {
	switch {
	case r.State == RoundVoid:
		return Refuse(KindConflict, "round_void", "the round is void: %s", r.VoidReason)
	case r.Status != string(RoundClosed):
		return Refuse(KindTooEarly, "no_result", "gifts are taken until %s, the result follows", stamp(r.GiftsEnd))
	}
	return Refuse(KindTooEarly, "no_result", "the result is not there yet: it cannot be known before %s", stamp(r.DueAt))
}

// RoundDiff returns the projects that get another amount in version to than in version from, in the order
// of their ids; one that is not in a version gets nothing there. Public.
func (s *Service) RoundDiff(ctx context.Context, id string, from, to int64) ([]funding.Change, error) {
	a, _, err := s.RoundResult(ctx, id, from)
	if err != nil {
		return nil, err
	}
	b, _, err := s.RoundResult(ctx, id, to)
	if err != nil {
		return nil, err
	}
	return changesOf(a, b), nil
}

func changesOf(a, b grants.ResultFile) []funding.Change {
	all := map[string]*funding.Change{}
	at := func(project string) *funding.Change {
		if all[project] == nil {
			all[project] = &funding.Change{Project: project}
		}
		return all[project]
	}
	for _, p := range a.Payable() {
		at(p.Project).Before = p.Amount
	}
	for _, p := range b.Payable() {
		at(p.Project).After = p.Amount
	}
	list := []funding.Change{}
	for _, c := range all {
		if !c.Before.Equal(c.After) {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(x, y funding.Change) int { return strings.Compare(x.Project, y.Project) })
	return list
}

// RoundRecords writes the round's records, one a line, as they are in the log. Public; sealed gifts show
// nothing before their beacon.
func (s *Service) RoundRecords(ctx context.Context, id string, w io.Writer) error {
	r, err := s.fundingRound(ctx, id)
	if err != nil {
		return err
	}
	return s.eachCovered(ctx, r.Subject, math.MaxInt64, func(e LogEntry) error {
		_, err := fmt.Fprintf(w, "%s\n", e.Record)
		return err
	})
}
