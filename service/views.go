package service

import (
	"context"
	"errors"

	"kleroterion/randomness/beacon"
)

// DrawView is a draw as people see it: with its status by clock and relays, and the number of other
// draws that the same decision had.
type DrawView struct {
	Draw
	Status  string      // scheduled, due, late, halted, verified, drawn or void
	Late    bool        // void after its round was due
	Earlier int         // draws with a lower seq on this subject
	Panel   *DrawnPanel // of method panels
}

// Draw returns a draw. Public.
func (s *Service) Draw(ctx context.Context, id string) (DrawView, error) {
	return s.view(ctx, func(tx Tx) (Draw, error) { return tx.Draw(id) })
}

// DrawByCommit returns the draw with this commit. Public.
func (s *Service) DrawByCommit(ctx context.Context, commit beacon.Hash) (DrawView, error) {
	return s.view(ctx, func(tx Tx) (Draw, error) { return tx.DrawByCommit(commit) })
}

func (s *Service) view(ctx context.Context, find func(Tx) (Draw, error)) (v DrawView, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		d, err := find(tx)
		if err != nil {
			return absent(err, "draw")
		}
		if v, err = s.viewOf(tx, d); err != nil {
			return err
		}
		return s.addSeats(tx, &v)
	})
	return v, err
}

// Draws lists a city's draws, or all for "", the newest first. Public.
func (s *Service) Draws(ctx context.Context, city string, w Window) ([]DrawView, error) {
	list := []DrawView{}
	err := s.Store.Read(ctx, func(tx Tx) error {
		list = list[:0]
		draws, err := tx.Draws(city, w.After, w.Limit)
		if err != nil {
			return err
		}
		for _, d := range draws {
			v, err := s.viewOf(tx, d)
			if err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

func (s *Service) viewOf(tx Tx, d Draw) (DrawView, error) {
	v := DrawView{Draw: d, Status: string(d.State), Earlier: int(d.Seq - 1), Late: d.State == DrawVoid && d.ClosedAt >= d.DueAt}
	var err error
	if v.Panel, err = drawnPanel(tx, d); err != nil || d.State != DrawOpen {
		return v, err
	}
	_, err = tx.Beacon(d.Chain, d.Round)
	switch {
	case err == nil:
		v.Status = "verified"
	case !errors.Is(err, ErrNotFound):
		return DrawView{}, err
	default:
		v.Status = s.waiting(d)
	}
	return v, nil
}

// waiting tells what an open draw without its round is waiting for.
func (s *Service) waiting(d Draw) string {
	if s.now() < d.DueAt {
		return "scheduled"
	}
	if state := s.Rounds.State(d.Chain, d.Round); state != "" {
		return state
	}
	return "due"
}
