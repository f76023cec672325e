package service

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"kleroterion/funding"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// EstimateView is what a round would give if it ended now. Callers share its list and do not change it.
type EstimateView struct {
	Round       string
	Through     int64 // number of the newest record in the round's subject that is in it
	Gifts       int64 // recorded until then, refunded and sealed ones with them
	Pool        funding.Amount
	Solidarity  funding.Amount
	Unallocated funding.Amount
	JuryPart    funding.Amount    // for the jury's votes to share; all of its share until the poll is counted
	Projects    []funding.Project // that count, by id; amounts are those of the matching, without the jury's part
	Sealed      bool              // only payments are in it: what donors sealed nobody can read
	Exact       bool              // false: every gift moves every amount, so it is matched every few seconds
}

// WhatIf is a gift that somebody thinks of giving.
type WhatIf struct {
	Donor   string // members/<id>; "": somebody who has given nothing
	Project string
	Amount  funding.Amount
}

// Estimate returns what the round would give by the gifts recorded so far, to the unit that its result
// will pay if nothing more comes. Public.
func (s *Service) Estimate(ctx context.Context, roundID string) (EstimateView, error) {
	a := &asking{}
	if err := s.ask(ctx, roundID, a); err != nil {
		return EstimateView{}, err
	}
	if a.flight == nil {
		return *a.view, nil
	}
	select {
	case <-a.flight.done:
		return a.flight.view, a.flight.err
	case <-ctx.Done():
		return EstimateView{}, ctx.Err()
	}
}

// WhatIf returns which amounts of the matching one more gift would change, by project. It refuses what
// intake would refuse, and rounds of which only a full match knows the amounts. Public.
func (s *Service) WhatIf(ctx context.Context, roundID string, in WhatIf) ([]funding.Change, error) {
	if in.Donor != "" {
		if err := s.Store.Read(ctx, func(tx Tx) error { return mayAsk(tx, roundID, in.Donor) }); err != nil {
			return nil, err
		}
	}
	a := &asking{what: &in}
	err := s.ask(ctx, roundID, a)
	return a.changes, err
}

// mayAsk refuses a donor who is not on the roll.
func mayAsk(tx Tx, round, donor string) error {
	_, err := tx.Giver(round, donor)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if _, err := tx.Round(round); err != nil {
		return absent(err, "funding round")
	}
	return Refuse(KindForbidden, grants.RuleNotOnRoll, "%.80q is not on the roll of this round", donor)
}

// board answers questions about one round. Those that come together are answered together, by what one
// reading of the store says: nobody reads what others have read, and nobody gets less than was recorded
// when they asked. Only who serves the line looks at live.
type board struct {
	round string
	line  line[asking]
	live  *liveRound // nil: nothing is known
	used  int64      // when it was asked for last, among boards
}

// asking is a question and its answer.
type asking struct {
	what    *WhatIf // nil: the estimate
	view    *EstimateView
	flight  *flight // not nil: the estimate is what this brings
	changes []funding.Change
}

// maxBoards is how many rounds are kept at hand. A round that nobody asks for makes room, and is read anew
// when somebody does.
const maxBoards = 16

// boards are those of the rounds asked for lately. The zero value has none.
type boards struct {
	mu   sync.Mutex
	open map[string]*board
	uses int64
}

// of returns the board of a round, nil where there is none.
func (b *boards) of(round string) *board {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.open[round]
	if x != nil {
		b.uses++
		x.used = b.uses
	}
	return x
}

// add makes a board, unless somebody has, and lets the one go that was used least lately.
func (b *boards) add(round string) *board {
	if x := b.of(round); x != nil {
		return x
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = map[string]*board{}
	}
	if x := b.open[round]; x != nil {
		return x
	}
	if len(b.open) >= maxBoards {
		oldest := ""
		for id, x := range b.open {
			if oldest == "" || x.used < b.open[oldest].used {
				oldest = id
			}
		}
		delete(b.open, oldest)
	}
	b.uses++
	x := &board{round: round, used: b.uses}
	b.open[round] = x
	return x
}

// ask brings a question to the round's board. A round that is not there gets none.
func (s *Service) ask(ctx context.Context, round string, a *asking) error {
	b := s.boards.of(round)
	if b == nil {
		if _, err := s.fundingRound(ctx, round); err != nil {
			return err
		}
		b = s.boards.add(round)
	}
	return b.line.take(ctx, a, func(ctx context.Context, batch []*errand[asking]) { s.answer(ctx, b, batch) })
}

// answer serves a batch. After an error, or a panic, nothing that is half applied is kept.
func (s *Service) answer(ctx context.Context, b *board, batch []*errand[asking]) {
	defer func() {
		if p := recover(); p != nil {
			b.live = nil
			for _, e := range batch {
				e.err = fmt.Errorf("estimate of round %s: panic: %v\n%s", b.round, p, debug.Stack())
			}
		}
	}()
	if err := s.refresh(ctx, b); err != nil {
		b.live = nil
		for _, e := range batch {
			e.err = err
		}
		return
	}
	for _, e := range batch {
		if e.err = e.ctx.Err(); e.err != nil {
			continue
		}
		if e.what.what == nil {
			e.what.view, e.what.flight, e.err = b.live.estimate(s.now())
		} else {
			e.what.changes, e.err = b.live.what(*e.what.what)
		}
	}
}

// giftDigits is how many digits of minor units a gift has at most (round.md, "Gifts").
const giftDigits = 28

// anybody stands for a donor who has given nothing; no pseudonym is like it.
const anybody = "anybody"

// what says what one more gift changes.
func (l *liveRound) what(in WhatIf) ([]funding.Change, error) {
	if l.row.State == RoundVoid {
		return nil, errVoid(l.row)
	}
	if err := l.mayGive(in); err != nil {
		return nil, err
	}
	if l.running == nil {
		return nil, Refuse(KindConflict, "estimate", "in this round every gift moves every amount: what one would change is known when it is given")
	}
	donor, known := l.names[in.Donor]
	if !known {
		donor = anybody
	}
	changes, err := l.running.What(funding.Contribution{Donor: donor, Project: in.Project, Amount: in.Amount})
	return changes, roundRefusal(err)
}

func (l *liveRound) mayGive(in WhatIf) error {
	p, known := l.projects[in.Project]
	switch {
	case !known:
		return Refuse(KindInvalid, grants.RuleUnknown, "project %.100q is not in this round", in.Project)
	case p.State != grants.Approved:
		return Refuse(KindConflict, grants.RuleNotApproved, "project %s is %s", p.ID, p.State)
	case l.door.Manifest.Self == grants.SelfRefused && in.Donor == poll.MemberVoter(voting.Members, p.Owner):
		return Refuse(KindForbidden, grants.RuleOwn, "%s owns project %s, and this round refuses gifts to one's own", in.Donor, p.ID)
	case in.Amount.IsZero() || len(in.Amount.String()) > giftDigits:
		return Refuse(KindInvalid, grants.RuleAmount, "amount %s: want 1 or more minor units and %d digits at most", in.Amount, giftDigits)
	}
	return nil
}

func errVoid(r Round) error {
	return Refuse(KindConflict, "round_void", "the round is void: %s", r.VoidReason)
}
