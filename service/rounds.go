package service

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// RoundView is a funding round as people see it.
type RoundView struct {
	Round
	Status string // announced, applications, review, gifts, closed (waits for its result), final or void
	Terms  *grants.Manifest
}

// Round returns a funding round. Public.
func (s *Service) Round(ctx context.Context, id string) (RoundView, error) {
	return s.findRound(ctx, func(tx Tx) (Round, error) { return tx.Round(id) })
}

// RoundByHash returns the funding round with this hash of its manifest. Public.
func (s *Service) RoundByHash(ctx context.Context, hash beacon.Hash) (RoundView, error) {
	return s.findRound(ctx, func(tx Tx) (Round, error) { return tx.RoundByHash(hash) })
}

func (s *Service) findRound(ctx context.Context, find func(Tx) (Round, error)) (RoundView, error) {
	var r Round
	err := s.Store.Read(ctx, func(tx Tx) (err error) { r, err = find(tx); return err })
	if err != nil {
		return RoundView{}, absent(err, "funding round")
	}
	return s.roundView(r)
}

// FundingRounds lists funding rounds of a community, "" for all, the newest first. Public.
func (s *Service) FundingRounds(ctx context.Context, community string, w Window) ([]RoundView, error) {
	var rows []Round
	err := s.Store.Read(ctx, func(tx Tx) (err error) { rows, err = tx.Rounds(community, w.After, w.Limit); return err })
	if err != nil {
		return nil, err
	}
	list := make([]RoundView, len(rows))
	for i, r := range rows {
		if list[i], err = s.roundView(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// roundView tells by the clock what takes place now.
func (s *Service) roundView(r Round) (RoundView, error) {
	m, err := grants.ParseManifest(r.Manifest)
	if err != nil {
		return RoundView{}, fmt.Errorf("round %s: %w", r.ID, err)
	}
	v, now := RoundView{Round: r, Status: string(r.State), Terms: m}, s.now()
	if r.State != RoundOpen {
		return v, nil
	}
	switch {
	case now < m.Opens:
		v.Status = "announced"
	case now < m.ApplicationsEnd:
		v.Status = "applications"
	case now < m.GiftsStart:
		v.Status = "review"
	case now < m.GiftsEnd:
		v.Status = "gifts"
	default:
		v.Status = string(RoundClosed)
	}
	return v, nil
}

// door is what a round refuses.
func (r Round) door() (grants.Door, error) {
	m, err := grants.ParseManifest(r.Manifest)
	if err != nil {
		return grants.Door{}, fmt.Errorf("round %s: %w", r.ID, err)
	}
	return grants.Door{Manifest: m, Hash: r.Hash}, nil
}

// act appends a record of a round that is no gift and keeps it where it is found without reading the
// gifts. The caller has set LastAt by [Service.tick] and then writes the row, in the same transaction:
// record, act and row stand or fall together.
func (s *Service) act(tx Tx, r *Round, kind audit.Kind, body any) (LogEntry, error) {
	entry, err := s.append(tx, kind, r.Subject, body)
	if err != nil {
		return LogEntry{}, err
	}
	text, err := canonical.Marshal(body)
	if err != nil {
		return LogEntry{}, fmt.Errorf("act of round %s: %w", r.ID, err)
	}
	return entry, tx.AddAct(Act{Round: r.ID, N: entry.N, Kind: kind, Body: text})
}

// tick returns the time of the round's next record and sets LastAt to it. It never goes back.
func (s *Service) tick(tx Tx, r *Round) (int64, error) {
	at, err := s.moment(tx, r.LastAt)
	if err == nil {
		r.LastAt = at
	}
	return at, err
}

// inWindow refuses what a round takes only before the end of its gifts: by state, by clock, or by a known
// round that shows that the clock is behind. No record that could know what sealed gifts say follows.
func (s *Service) inWindow(tx Tx, r Round) error {
	refusal := Refuse(KindConflict, grants.RuleWindow, "the gifts of this round ended at %s", stamp(r.GiftsEnd))
	switch r.State {
	case RoundOpen:
	case RoundVoid:
		return Refuse(KindConflict, grants.RuleStage, "the round is void: %s", r.VoidReason)
	default:
		return refusal
	}
	if over, err := s.over(tx, r.Chain, r.GiftsEnd); err != nil || over {
		return firstOf(err, refusal)
	}
	return nil
}

// roundRefusal turns broken rules of round.md and matching.md into the refusal that callers see.
func roundRefusal(err error) error {
	var g *grants.Refusal
	var f *funding.Refusal
	switch {
	case errors.As(err, &g):
		return Refuse(ruleKind(g.Rule), g.Rule, "%s", g.Message)
	case errors.As(err, &f):
		return Refuse(KindInvalid, f.Code, "%s", f.Message)
	}
	return pollRefusal(err)
}

// ruleKind says what a caller can do about a broken rule of round.md.
func ruleKind(rule string) Kind {
	switch rule {
	case grants.RuleNotOnRoll, grants.RuleReviewer, grants.RuleOwn:
		return KindForbidden
	case grants.RuleStage, grants.RuleTime, grants.RuleWindow, grants.RuleState, grants.RuleAppeal, grants.RuleNotApproved,
		grants.RuleRepeated, grants.RuleTooMany, grants.RuleRefund, grants.RulePayout:
		return KindConflict
	}
	return KindInvalid
}
