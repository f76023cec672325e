package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/funding"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// NewPayout is what somebody paid to a project.
type NewPayout struct {
	Project   string
	Account   string
	Reference string // of the payer's books, once for each project
	Amount    funding.Amount
	Version   int64 // by which it was paid: the newest
}

// RecordPayout records what was paid, by the rules of round.md: by the newest version, never more than it
// gives, to the project's own account where it named one.
func (s *Service) RecordPayout(ctx context.Context, a Actor, id string, in NewPayout) (grants.Payout, error) {
	if out, done, err := replay[grants.Payout](ctx, s, a); done || err != nil {
		return out, s.settled(ctx, err)
	}
	out, err := once(ctx, s, a, func(tx Tx) (grants.Payout, error) {
		r, err := s.stewardRound(tx, a, id)
		if err != nil {
			return grants.Payout{}, err
		}
		body := grants.Payout{Account: in.Account, Amount: in.Amount, Project: in.Project, Reference: in.Reference, Version: in.Version}
		if body.At, err = s.tick(tx, &r); err != nil {
			return body, err
		}
		if err := body.Check(); err != nil {
			return body, roundRefusal(err)
		}
		if err := payable(tx, r, body); err != nil {
			return body, err
		}
		if _, err := s.act(tx, &r, audit.KindPayoutDone, audit.PayoutDone{Payout: body}); err != nil {
			return body, err
		}
		r.Payouts++
		return body, tx.UpdateRound(r)
	})
	return out, s.settled(ctx, err)
}

// payable holds a payout against the newest version and all payouts before it. The caller's write of the
// round's row keeps two of them apart.
func payable(tx Tx, r Round, p grants.Payout) error {
	if r.State != RoundFinal {
		return Refuse(KindConflict, grants.RuleStage, "the round is %s: payouts follow a result", r.State)
	}
	if p.Version != r.Versions {
		return Refuse(KindConflict, grants.RulePayout, "a payout by version %d: the newest is %d", p.Version, r.Versions).
			WithHint("read the newest version and pay by it")
	}
	gets, err := amountIn(tx, r, p.Project)
	if err != nil {
		return err
	}
	project, err := tx.Project(r.ID, p.Project)
	if err != nil {
		return err
	}
	if project.Account != "" && project.Account != p.Account {
		return Refuse(KindConflict, grants.RulePayout, "a payout to %.40q: the account of %s is %s", p.Account, p.Project, project.Account)
	}
	paid, err := paidBefore(tx, r, p)
	if err != nil {
		return err
	}
	if sum, ok := paid.Add(p.Amount); !ok || sum.Cmp(gets) > 0 {
		return Refuse(KindConflict, grants.RulePayout, "a payout of %s: %s gets %s and was paid %s", p.Amount, p.Project, gets, paid)
	}
	return nil
}

// amountIn returns what the newest version gives a project in all.
func amountIn(tx Tx, r Round, project string) (funding.Amount, error) {
	text, err := tx.Blob(r.Result)
	if err != nil {
		return funding.Amount{}, err
	}
	f, err := grants.ParseResultFile(text)
	if err != nil {
		return funding.Amount{}, err
	}
	for _, p := range f.Payable() {
		if p.Project == project {
			return p.Amount, nil
		}
	}
	return funding.Amount{}, Refuse(KindInvalid, grants.RuleUnknown, "version %d gives %.100q nothing", f.Version, project)
}

// paidBefore sums what a project was paid, and refuses a reference that it had.
func paidBefore(tx Tx, r Round, p grants.Payout) (sum funding.Amount, err error) {
	repeated, fits := false, true
	err = eachAct(tx, r.ID, audit.KindPayoutDone, func(a Act) error {
		was, err := grants.Parse[grants.Payout](a.Body)
		if err != nil || was.Project != p.Project {
			return err
		}
		repeated = repeated || was.Reference == p.Reference
		next, ok := sum.Add(was.Amount)
		sum, fits = next, fits && ok
		return nil
	})
	switch {
	case err != nil:
		return sum, err
	case repeated:
		return sum, Refuse(KindConflict, grants.RuleRepeated, "%s was paid by reference %.80q already", p.Project, p.Reference)
	case !fits:
		return sum, fmt.Errorf("payouts of %s in round %s: the sum exceeds 38 digits", p.Project, r.ID)
	}
	return sum, nil
}

// Payouts returns who was paid what, in the order of the log. Public.
func (s *Service) Payouts(ctx context.Context, id string) ([]grants.Payout, error) {
	return actsOf[grants.Payout](ctx, s, id, audit.KindPayoutDone)
}

// PayoutsCSV returns project,account,amount for every project to which a version gives something, whether or
// not it was paid; version 0 is the newest. Each needs an account. Public.
func (s *Service) PayoutsCSV(ctx context.Context, id string, version int64) ([]byte, error) {
	r, accounts, err := s.payees(ctx, id, version)
	if err != nil {
		return nil, err
	}
	out, err := funding.PayoutCSV(r, accounts)
	return out, payoutRefusal(err)
}

// PayoutsMerkle returns the tree of payments on an EVM chain with every account's proof, as JSON: what a
// MerkleDistributor is deployed with. Projects with one account are one payment. Public.
func (s *Service) PayoutsMerkle(ctx context.Context, id string, version int64) ([]byte, error) {
	payments, err := s.payments(ctx, id, version)
	if err != nil {
		return nil, err
	}
	tree, err := funding.Distribute(payments)
	if err != nil {
		return nil, payoutRefusal(err)
	}
	return json.Marshal(tree)
}

// PayoutsSafe returns the payments as a batch for the transaction builder of a Safe. Public.
func (s *Service) PayoutsSafe(ctx context.Context, id string, version int64, b funding.Batch) ([]byte, error) {
	payments, err := s.payments(ctx, id, version)
	if err != nil {
		return nil, err
	}
	out, err := funding.SafeBatch(b, payments)
	return out, payoutRefusal(err)
}

// payoutRefusal is of files that cannot be written for what the round says: another request changes nothing.
func payoutRefusal(err error) error {
	var f *funding.Refusal
	if errors.As(err, &f) {
		return Refuse(KindConflict, f.Code, "%s", f.Message)
	}
	return err
}

// payees returns a result whose amounts are what projects get in all, and the projects' accounts.
func (s *Service) payees(ctx context.Context, id string, version int64) (funding.Result, map[string]string, error) {
	f, _, err := s.RoundResult(ctx, id, version)
	if err != nil {
		return funding.Result{}, nil, err
	}
	for i, p := range f.Payable() {
		f.Projects[i].Amount = p.Amount
	}
	accounts := map[string]string{}
	err = s.Store.Read(ctx, func(tx Tx) error {
		for after := ""; ; {
			page, err := tx.Projects(id, after, listPage)
			if err != nil {
				return err
			}
			for _, p := range page {
				accounts[p.ID], after = p.Account, p.ID
			}
			if len(page) < listPage {
				return nil
			}
		}
	})
	return f.Result, accounts, err
}

func (s *Service) payments(ctx context.Context, id string, version int64) ([]funding.Payment, error) {
	r, texts, err := s.payees(ctx, id, version)
	if err != nil {
		return nil, err
	}
	accounts := map[string]funding.Account{}
	for _, p := range r.Projects {
		text := texts[p.Project]
		if p.Amount.IsZero() || text == "" {
			continue
		}
		if accounts[p.Project], err = funding.ParseAccount(text); err != nil {
			return nil, Refuse(KindConflict, "account", "project %s gets %s: %v", p.Project, p.Amount, err).
				WithHint("a project's account stands in its application; pay it by other means and record that")
		}
	}
	payments, err := funding.Payments(r, accounts)
	return payments, payoutRefusal(err)
}
