package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"kleroterion/funding"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/voting"
)

// liveRound is what a round's records say so far, as far as they can be read.
type liveRound struct {
	row      Round // its state, pool and weights are those of through
	door     *grants.Door
	through  int64 // number of the newest record that is in it
	recorded int64 // gifts
	gifts    []liveGift
	names    map[string]string // pseudonyms, of who gave or has a weight
	projects map[string]grants.Project
	weights  []funding.Weight // by pseudonym
	jury     juryWord

	running *funding.Estimate // nil where only a full match knows the amounts
	view    *EstimateView     // by running; nil: to be made
	changed int64             // raised by whatever may change an amount
	matches matches
}

// liveGift is a gift that can be read.
type liveGift struct {
	n int64
	funding.Contribution
	refunded bool
}

// juryWord is what the jury's poll says so far.
type juryWord struct {
	said  bool           // nothing more is waited for
	count *voting.Result // nil where nobody has votes
}

// news is what one reading of the store adds to a liveRound.
type news struct {
	through int64
	gifts   []Gift
	refunds []int64
	row     *Round // with the next two, where another record than a gift or a refund came
	rows    []Project
	weights []funding.Weight
	jury    *juryWord
}

// livePage is how many gifts are read at once.
const livePage = 4096

// refresh brings the board's round up to what is recorded now. The store is read in one snapshot, by
// whoever serves the line, while nobody holds a lock.
func (s *Service) refresh(ctx context.Context, b *board) error {
	l := b.live
	if l == nil {
		r, err := s.fundingRound(ctx, b.round)
		if err != nil {
			return err
		}
		d, err := r.door()
		if err != nil {
			return err
		}
		l = &liveRound{row: r, door: &d, names: map[string]string{}}
	}
	var n news
	if err := s.Store.Read(ctx, func(tx Tx) (err error) { n, err = l.read(tx); return err }); err != nil {
		return fmt.Errorf("estimate of round %s: %w", b.round, err)
	}
	if err := l.apply(n); err != nil {
		return fmt.Errorf("estimate of round %s: %w", b.round, err)
	}
	b.live = l
	return nil
}

// read collects what came after through. It changes nothing, so that it can be run again.
func (l *liveRound) read(tx Tx) (news, error) {
	last, err := tx.LastEntry(l.row.Subject)
	if err != nil {
		return news{}, err
	}
	n := news{through: last.N}
	if n.through > l.through {
		if err := l.readRecords(tx, &n); err != nil {
			return news{}, err
		}
	}
	return n, l.readJury(tx, &n)
}

func (l *liveRound) readRecords(tx Tx, n *news) error {
	for after := l.through; ; {
		page, err := tx.Gifts(l.row.ID, "", after, livePage)
		if err != nil {
			return err
		}
		n.gifts = append(n.gifts, page...)
		if len(page) < livePage {
			break
		}
		after = page[len(page)-1].N
	}
	terms := l.through == 0
	for after := l.through; after > 0; { // at first the rows say all that acts would
		page, err := tx.Acts(l.row.ID, "", after, listPage)
		if err != nil {
			return err
		}
		for _, a := range page {
			after = a.N
			if a.Kind != audit.KindGiftRefund {
				terms = true
				continue
			}
			body, err := grants.Parse[grants.Refund](a.Body)
			if err != nil {
				return err
			}
			n.refunds = append(n.refunds, body.N)
		}
		if len(page) < listPage {
			break
		}
	}
	if !terms {
		return nil
	}
	return l.readTerms(tx, n)
}

// readTerms reads what projects, pool and weights are now.
func (l *liveRound) readTerms(tx Tx, n *news) error {
	r, err := tx.Round(l.row.ID)
	if err != nil {
		return err
	}
	n.row = &r
	for after := ""; ; {
		page, err := tx.Projects(r.ID, after, livePage)
		if err != nil {
			return err
		}
		n.rows = append(n.rows, page...)
		if len(page) < livePage {
			break
		}
		after = page[len(page)-1].ID
	}
	if r.Weights == 0 || l.row.Weights == r.Weights && l.through > 0 {
		return nil
	}
	var newest grants.Weights
	err = eachAct(tx, r.ID, audit.KindRoundWeights, func(a Act) (err error) {
		newest, err = grants.Parse[grants.Weights](a.Body)
		return err
	})
	if err != nil {
		return err
	}
	file, err := tx.Blob(newest.File.SHA256)
	if err != nil {
		return err
	}
	n.weights, err = grants.ParseWeights(file)
	return err
}

// readJury asks for the jury's poll until it has its last word. While gifts are taken, a poll that nobody
// opened may still be.
func (l *liveRound) readJury(tx Tx, n *news) error {
	if l.door.Manifest.Jury == nil || l.jury.said {
		return nil
	}
	r := &l.row
	if n.row != nil {
		r = n.row
	}
	var f facts
	err := juryOf(tx, *r, l.door.Manifest, &f)
	var wait *waiting
	if errors.As(err, &wait) || err == nil && f.none == grants.JuryAbsent && r.State == RoundOpen {
		return nil
	}
	if err != nil {
		return err
	}
	n.jury = &juryWord{said: true, count: f.jury}
	return nil
}

// apply takes the news. After an error the round is not to be used.
func (l *liveRound) apply(n news) error {
	if n.through > l.through || n.jury != nil {
		l.view = nil
		l.changed++
	}
	anew := n.row != nil || n.jury != nil
	if n.row != nil {
		l.terms(n)
	}
	if n.jury != nil {
		l.jury = *n.jury
	}
	if anew {
		l.running = nil
	}
	for _, g := range n.gifts {
		if err := l.add(g); err != nil {
			return err
		}
	}
	for _, at := range n.refunds {
		if err := l.refund(at); err != nil {
			return err
		}
	}
	l.through = n.through
	if anew {
		return l.run()
	}
	return nil
}

// terms takes what projects, pool and weights are now.
func (l *liveRound) terms(n news) {
	if n.row.Weights != l.row.Weights || l.weights == nil {
		l.weights = make([]funding.Weight, len(n.weights))
		for i, w := range n.weights {
			l.weights[i] = funding.Weight{Donor: l.name(w.Donor), PPM: w.PPM}
		}
	}
	l.row = *n.row
	l.projects = make(map[string]grants.Project, len(n.rows))
	for _, p := range n.rows {
		l.projects[p.ID] = p.Project
	}
}

// name returns a donor's pseudonym.
func (l *liveRound) name(donor string) string {
	name, known := l.names[donor]
	if !known {
		name = l.door.Pseudonym(donor)
		l.names[donor] = name
	}
	return name
}

func (l *liveRound) add(g Gift) error {
	l.recorded++
	if g.Project == "" {
		return nil // sealed
	}
	x := liveGift{n: g.N, Contribution: funding.Contribution{Donor: l.name(g.Donor), Project: l.projects[g.Project].ID, Amount: g.Amount}, refunded: g.Refunded}
	l.gifts = append(l.gifts, x)
	if l.running == nil || !l.counts(x) {
		return nil
	}
	err := l.running.Add(x.Contribution)
	if tooLarge(err) {
		l.running, err = nil, nil
	}
	return err
}

func (l *liveRound) refund(n int64) error {
	i, found := slices.BinarySearchFunc(l.gifts, n, func(g liveGift, n int64) int { return cmp.Compare(g.n, n) })
	if !found || l.gifts[i].refunded {
		return nil // sealed, or read as refunded
	}
	counted := l.counts(l.gifts[i])
	l.gifts[i].refunded = true
	if l.running == nil || !counted {
		return nil
	}
	return l.running.Remove(l.gifts[i].Contribution)
}

// counts reports whether a gift would count at the close.
func (l *liveRound) counts(g liveGift) bool {
	return !g.refunded && l.projects[g.Project].State == grants.Approved
}

// tooLarge reports a round that has no running estimate: by its rule, or because of its amounts.
func tooLarge(err error) bool {
	var f *funding.Refusal
	return errors.As(err, &f) && f.Code == "estimate"
}
