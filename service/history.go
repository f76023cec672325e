package service

import (
	"errors"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
)

// replays keeps each community's history as far as it was replayed, because every signature is verified on
// the way: who asks again pays only for the records since. It is derived from the log and checked against it.
type replays struct {
	mu sync.Mutex
	of map[string]*replayed // by community
}

// replayed is a history up to one record of each subject that it is made of.
type replayed struct {
	history         *charter.History
	charters, moves mark
}

// mark is the newest record that was taken in. Its leaf hash stands for all before it.
type mark struct {
	n    int64
	leaf audit.Hash
}

// errRewritten means that the log does not go on from a mark: what was replayed was never committed.
var errRewritten = errors.New("the log does not continue what was replayed")

// tier replays the ratchet from the log, at t, which is not before the community's newest record. Without a
// ratchet there is nothing to replay.
func (s *Service) tier(tx Tx, c *charter.Charter, t int64) (int, []charter.TierEvent, error) {
	if c.Ratchet == nil {
		return 0, nil, nil
	}
	s.replays.mu.Lock()
	defer s.replays.mu.Unlock()
	h, err := s.history(tx, c.Community)
	if err != nil {
		return 0, nil, err
	}
	_, _, tier, events, err := h.At(t)
	return tier, events, err
}

// history brings a community's history up to the transaction's records. The caller holds the lock.
func (s *Service) history(tx Tx, slug string) (*charter.History, error) {
	r := s.replays.of[slug]
	var err error
	if r != nil {
		err = s.catchUp(tx, slug, r)
	}
	if r == nil || errors.Is(err, errRewritten) {
		r = new(replayed)
		err = s.catchUp(tx, slug, r)
	}
	if err != nil {
		delete(s.replays.of, slug) // it may have stopped anywhere
		return nil, err
	}
	if s.replays.of == nil {
		s.replays.of = map[string]*replayed{}
	}
	s.replays.of[slug] = r
	return r.history, nil
}

// catchUp takes in records in the order of their times, charters first: the order in which a verifier
// reads them.
func (s *Service) catchUp(tx Tx, slug string, r *replayed) error {
	var pending []charter.Adopt
	err := eachSince(tx, communitySubject(slug), &r.charters, func(body any) error {
		if a, ok := body.(audit.CharterAdopt); ok {
			pending = append(pending, a.Adopt)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = eachSince(tx, membersSubject(slug), &r.moves, func(body any) error {
		mv, ok := body.(audit.MemberMove)
		if !ok {
			return nil
		}
		for len(pending) > 0 && pending[0].At <= mv.At {
			if err := s.adoptIn(r, pending[0]); err != nil {
				return err
			}
			pending = pending[1:]
		}
		return r.history.Move(mv.Move)
	})
	for _, a := range pending {
		err = firstOf(err, s.adoptIn(r, a))
	}
	return err
}

func (s *Service) adoptIn(r *replayed, a charter.Adopt) error {
	c, chain, err := s.parseCharter(a.Charter)
	if err != nil {
		return err
	}
	if r.history == nil {
		r.history = charter.NewHistory(chain.Status == beacon.StatusDev)
	}
	return r.history.Adopt(a, c)
}

// eachSince visits a subject's records after the mark, a page at a time, and moves the mark.
func eachSince(tx Tx, subject string, m *mark, visit func(body any) error) error {
	for {
		page, err := tx.EntriesAfter(subject, max(m.n-1, 0), listPage)
		if err != nil {
			return err
		}
		full := len(page) == listPage
		if m.n > 0 {
			if len(page) == 0 || page[0].N != m.n || page[0].Leaf != m.leaf {
				return errRewritten
			}
			page = page[1:]
		}
		for _, e := range page {
			rec, err := audit.Decode(e.Record)
			if err != nil {
				return err
			}
			body, err := rec.Decoded()
			if err != nil {
				return err
			}
			if err := visit(body); err != nil {
				return err
			}
			*m = mark{e.N, e.Leaf}
		}
		if !full {
			return nil
		}
	}
}
