package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kleroterion/funding"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// NewWeights are the personal weights of a round from now on. They replace all of those before.
type NewWeights struct {
	Source  string           // where they come from, with its version: 1 to 200 bytes
	Weights []funding.Weight // donors members/<id> on the roll, in any order; parts per million
}

// SetWeights publishes personal weights. A round takes them until it is closed, a sealed one until its gifts
// end: later, who weighs could know whom.
func (s *Service) SetWeights(ctx context.Context, a Actor, id string, in NewWeights) (RoundView, error) {
	// The roll never changes: reading all of it keeps nobody from writing.
	err := s.Store.Read(ctx, func(tx Tx) error {
		r, err := s.stewardRound(tx, a, id)
		if err != nil {
			return err
		}
		return onRoll(tx, r, in.Weights)
	})
	if err != nil {
		return RoundView{}, err
	}
	file, err := weightsFile(in.Weights)
	if err != nil {
		return RoundView{}, err
	}
	r, err := once(ctx, s, a, func(tx Tx) (Round, error) {
		r, err := s.stewardRound(tx, a, id)
		if err != nil {
			return Round{}, err
		}
		return s.setWeights(tx, r, in, file)
	})
	return s.settledRound(ctx, r, err)
}

// weightsFile is the one file of these weights, whatever their order.
func weightsFile(list []funding.Weight) ([]byte, error) {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b funding.Weight) int { return strings.Compare(a.Donor, b.Donor) })
	file, err := grants.WriteWeights(sorted)
	return file, roundRefusal(err)
}

// setWeights writes file, record and row together: a version of weights whose file is missing never exists.
func (s *Service) setWeights(tx Tx, r Round, in NewWeights, file []byte) (Round, error) {
	d, err := r.door()
	if err != nil {
		return Round{}, err
	}
	if err := s.takesWeights(tx, r, d.Manifest); err != nil {
		return Round{}, err
	}
	at, err := s.tick(tx, &r)
	if err != nil {
		return Round{}, err
	}
	r.Weights++
	body := grants.Weights{At: at, File: poll.FileOf(file), Source: in.Source, Version: r.Weights}
	if err := body.Check(); err != nil {
		return Round{}, roundRefusal(err)
	}
	if _, err := tx.AddBlob(file); err != nil {
		return Round{}, err
	}
	if _, err := s.act(tx, &r, audit.KindRoundWeights, audit.RoundWeights{Weights: body}); err != nil {
		return Round{}, err
	}
	return updated(tx, r)
}

func (s *Service) takesWeights(tx Tx, r Round, m *grants.Manifest) error {
	switch {
	case !m.Weights:
		return Refuse(KindConflict, grants.RuleWeights, "this round wants no personal weights")
	case m.Mode == poll.ModeSealed:
		return s.inWindow(tx, r)
	case r.State != RoundOpen:
		return Refuse(KindConflict, grants.RuleStage, "the round is %s: what its gifts weigh is fixed", r.State)
	}
	return nil
}

// onRoll refuses weights of donors who are not on the roll, all of them named.
func onRoll(tx Tx, r Round, list []funding.Weight) error {
	d, err := r.door()
	if err != nil {
		return err
	}
	file, err := tx.Blob(d.Manifest.Roll.File.SHA256)
	if err != nil {
		return err
	}
	roll, err := poll.Electors(file)
	if err != nil {
		return err
	}
	donors := make(map[string]bool, len(roll))
	for _, l := range roll {
		donors[l.Voter] = true
	}
	refusal := Refuse(KindInvalid, grants.RuleWeights, "weights of donors who are not on the roll of this round")
	for i, w := range list {
		if !donors[w.Donor] {
			refusal.Fields = append(refusal.Fields, FieldError{Pointer: fmt.Sprintf("/weights/%d/donor", i), Rule: grants.RuleNotOnRoll, Detail: w.Donor + " is not on the roll"})
		}
	}
	if len(refusal.Fields) == 0 {
		return nil
	}
	return refusal
}

// RoundWeights lists the versions of a round's weights, the oldest first; [Service.Blob] has their files.
// Public.
func (s *Service) RoundWeights(ctx context.Context, id string) ([]grants.Weights, error) {
	return actsOf[grants.Weights](ctx, s, id, audit.KindRoundWeights)
}
