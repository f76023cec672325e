package service

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/grants"
)

// ProjectSheet says how a project's amount came about in one version of the result.
type ProjectSheet struct {
	Round   RoundView
	Version int64
	Project funding.Project     // of matching
	Jury    *grants.JuryProject // where a jury has a part
	Amount  funding.Amount      // what the project gets in all
	// Effects are those of its donors, by pseudonym: what it would get of matching without each of them.
	Effects   []funding.DonorEffect
	NoEffects string // why Effects are not there, "" where they are
}

// ProjectSheet returns the sheet of a project; version 0 is the newest. The effects of donors are worked out
// from the round's records: the first sheet of a version takes as long as its matching took, those after it
// little. Public.
func (s *Service) ProjectSheet(ctx context.Context, roundID string, version int64, project string) (ProjectSheet, error) {
	r, err := s.Round(ctx, roundID)
	if err != nil {
		return ProjectSheet{}, err
	}
	f, _, err := s.result(ctx, r, version)
	if err != nil {
		return ProjectSheet{}, err
	}
	i := slices.IndexFunc(f.Projects, func(p funding.Project) bool { return p.Project == project })
	if i < 0 {
		return ProjectSheet{}, Refuse(KindNotFound, "not_found", "no project %.100q in version %d of the result", project, f.Version)
	}
	sheet := ProjectSheet{Round: r, Version: f.Version, Project: f.Projects[i], Amount: f.Payable()[i].Amount}
	if f.Jury != nil {
		sheet.Jury = &f.Jury.Projects[i]
	}
	if err = explainable(f, sheet.Project); err == nil {
		sheet.Effects, err = s.effects(ctx, r.Round, f, project)
	}
	var refusal *funding.Refusal
	if errors.As(err, &refusal) {
		sheet.NoEffects, err = refusal.Message, nil
	}
	return sheet, err
}

// workings keeps what is needed to explain one version of one round: never more, whatever is asked for.
// It is derived from the log and forgotten with the process.
type workings struct {
	mu sync.Mutex
	of *working
}

type working struct {
	round   beacon.Hash
	version int64
	ready   chan struct{} // closed when the rest is there
	err     error
	mu      sync.Mutex // an estimate serves one at a time
	match   *funding.Estimate
	told    map[string][]funding.DonorEffect // by project
	kept    int                              // effects in told
}

const (
	// maxExplained bounds what one sheet may cost: each donor's effect is that of a whole round without them.
	maxExplained = 5_000_000
	keptEffects  = 200_000
)

// explainable refuses what would keep the machine busy for a minute.
func explainable(f grants.ResultFile, p funding.Project) error {
	work := p.Donors * int64(len(f.Projects))
	if f.Params.Rule == funding.Pairwise {
		work += p.Donors * p.Donors
	}
	if work <= maxExplained {
		return nil
	}
	return &funding.Refusal{Code: "too_many", Message: fmt.Sprintf("%d donors in a round of %d projects by rule %s are more than this service works out; "+
		"the records of the round hold all that it takes", p.Donors, len(f.Projects), f.Params.Rule)}
}

func (w *working) finished() bool {
	select {
	case <-w.ready:
		return true
	default:
		return false
	}
}

func (s *Service) effects(ctx context.Context, r Round, f grants.ResultFile, project string) ([]funding.DonorEffect, error) {
	if f.Params.Rule == funding.Cluster {
		_, err := estimate(f.Params, grants.Inputs{}) // the engine says why
		return nil, err
	}
	w, err := s.explain(ctx, r, f)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return w.effect(project)
}

// effect works out a project's effects once, while there is room to keep them. Nobody changes them.
func (w *working) effect(project string) ([]funding.DonorEffect, error) {
	if known, ok := w.told[project]; ok {
		return known, nil
	}
	list, err := w.match.Effect(project)
	if err != nil {
		return nil, err
	}
	if w.kept += len(list); w.told == nil || w.kept > keptEffects {
		w.told, w.kept = map[string][]funding.DonorEffect{}, len(list)
	}
	w.told[project] = list
	return list, nil
}

// explain returns what explains a version, and works it out when the last one was another. It goes on when
// who asked leaves: asking again then finds it. One version is worked out at a time, the others wait.
func (s *Service) explain(ctx context.Context, r Round, f grants.ResultFile) (*working, error) {
	for {
		w := s.working(ctx, r, f)
		select {
		case <-w.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if w.round == r.Hash && w.version == f.Version {
			return w, w.err
		}
	}
}

// working returns the one that is kept, which may be another's that is not ready: then that comes first.
func (s *Service) working(ctx context.Context, r Round, f grants.ResultFile) *working {
	s.workings.mu.Lock()
	defer s.workings.mu.Unlock()
	last := s.workings.of
	if last != nil && (!last.finished() || last.err == nil && last.round == r.Hash && last.version == f.Version) {
		return last
	}
	w := &working{round: r.Hash, version: f.Version, ready: make(chan struct{})}
	s.workings.of = w
	go func(ctx context.Context) {
		defer close(w.ready)
		w.match, w.err = s.matched(ctx, r, f)
	}(context.WithoutCancel(ctx))
	return w
}

// matched replays the round and gives the engine what counted in this version, with the parameters that were
// left for matching after a jury's part.
func (s *Service) matched(ctx context.Context, r Round, f grants.ResultFile) (*funding.Estimate, error) {
	known, err := s.facts(ctx, r)
	if err != nil {
		return nil, err
	}
	replay, err := s.replayRound(ctx, r, known, nil)
	if err != nil {
		return nil, err
	}
	in, err := replay.Inputs(f.Changes)
	if err != nil {
		return nil, err
	}
	return estimate(f.Params, in)
}

func estimate(p funding.Params, in grants.Inputs) (*funding.Estimate, error) {
	round, err := funding.NewRound(p)
	if err != nil {
		return nil, err
	}
	for _, id := range in.Projects {
		if err := round.List(id); err != nil {
			return nil, err
		}
	}
	round.Grow(len(in.Contributions))
	for _, c := range in.Contributions {
		if err := round.Add(c); err != nil {
			return nil, err
		}
	}
	for _, w := range in.Weights {
		if err := round.Weigh(w); err != nil {
			return nil, err
		}
	}
	return round.Estimate()
}

// SheetCSV returns every project's row of a version: how its amount came about, number by number. With a
// jury three columns follow: its votes, their part, and what the project gets in all. Public.
func (s *Service) SheetCSV(ctx context.Context, id string, version int64) ([]byte, error) {
	f, _, err := s.RoundResult(ctx, id, version)
	if err != nil {
		return nil, err
	}
	sheet, err := funding.Sheet(f.Result)
	if err != nil || f.Jury == nil {
		return sheet, err
	}
	rows, err := csv.NewReader(bytes.NewReader(sheet)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	rows[0] = append(rows[0], "votes", "jury", "total")
	for i, p := range f.Payable() {
		j := f.Jury.Projects[i]
		rows[i+1] = append(rows[i+1], strconv.FormatInt(j.Votes, 10), j.Amount.String(), p.Amount.String())
	}
	var out bytes.Buffer
	err = csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}
