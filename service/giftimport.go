package service

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/service/grants"
)

// maxImport is how many payments one import holds: they share a transaction, and everybody waits for it.
const maxImport = 10_000

// GiftImport tells what an import did. First and Last are the numbers in the round's subject of the
// gifts that it recorded, 0 for none.
type GiftImport struct {
	Recorded, Repeated int64
	First, Last        int64
}

// ImportGifts records payments that connectors have signed, up to 10,000, all or none. Every bad row is
// named in the fields of the error, by its place in the list and counted from 1 in the text. A row that
// is recorded already, or comes twice, is counted as repeated.
func (s *Service) ImportGifts(ctx context.Context, a Actor, roundID string, list []grants.GiftAdd) (GiftImport, error) {
	if done, known, err := replay[GiftImport](ctx, s, a); known || err != nil {
		return done, s.settled(ctx, err)
	}
	if len(list) == 0 || len(list) > maxImport {
		return GiftImport{}, Refuse(KindInvalid, "import", "an import has 1 to %d payments, this has %d", maxImport, len(list))
	}
	i := &giftImport{rows: make([]*giving, len(list))}
	err := s.Store.Read(ctx, func(tx Tx) error {
		r, err := s.stewardRound(tx, a, roundID)
		if err != nil {
			return err
		}
		return s.readImport(sit(tx), r, list, i)
	})
	if err != nil {
		return GiftImport{}, err
	}
	if err := i.refusal(); err != nil {
		return GiftImport{}, err
	}
	done, err := once(ctx, s, a, func(tx Tx) (GiftImport, error) { return s.recordImport(sit(tx), roundID, i.rows) })
	if errors.Is(err, ErrStale) {
		return GiftImport{}, Refuse(KindConflict, "stale", "somebody else recorded gifts at the same time: nothing was stored").WithHint("send the import again")
	}
	return done, s.settled(ctx, err)
}

// giftImport is an import as it is read.
type giftImport struct {
	rows []*giving
	bad  []FieldError
}

// readImport examines every row, so that all bad ones are named at once. What is recorded already needs
// no look: it was examined then.
func (s *Service) readImport(tx Tx, r Round, list []grants.GiftAdd, i *giftImport) error {
	met := map[string]*giving{}
	for row := range list {
		err := s.readRow(tx, r, list[row], i, row)
		g := i.rows[row]
		if before := met[onceOf(g)]; err == nil && before != nil && before.same != g.same {
			err = Refuse(KindConflict, grants.RuleRepeated, "its reference stands in another row, which says something else")
		} else if g != nil {
			met[g.Once] = g
		}
		var refusal *Error
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
		if refusal != nil {
			i.bad = append(i.bad, FieldError{Pointer: fmt.Sprintf("/gifts/%d", row), Rule: refusal.Code, Detail: fmt.Sprintf("row %d: %s", row+1, refusal.Message)})
		}
	}
	return nil
}

func onceOf(g *giving) string {
	if g == nil {
		return ""
	}
	return g.Once
}

func (s *Service) readRow(tx Tx, r Round, in grants.GiftAdd, i *giftImport, row int) error {
	g, err := s.claimed(in)
	if err != nil {
		return err
	}
	if in.Connector == "" {
		return Refuse(KindInvalid, grants.RuleConnector, "an import takes payments that a connector signed; a donor's own gift is sent by the donor")
	}
	i.rows[row] = g
	if _, sent, err := given(tx, r, g); sent || err != nil {
		return err
	}
	known, err := knownTo(tx, r.ID, g.Claim)
	if err != nil {
		return err
	}
	last, err := s.box.keepDoor(r)
	if err != nil {
		return err
	}
	g.door = last
	if g.took, err = g.door.door.CheckGift(known, g.GiftAdd); err != nil {
		return roundRefusal(err)
	}
	_, err = s.giftTime(tx, r)
	return err
}

// refusal names every bad row.
func (i *giftImport) refusal() error {
	if len(i.bad) == 0 {
		return nil
	}
	e := Refuse(KindInvalid, "import", "%d of %d payments are refused, and nothing is stored: %s", len(i.bad), len(i.rows), i.bad[0].Detail).
		WithHint("mend the rows that are named, or leave them out, and send the import again")
	e.Fields = i.bad
	return e
}

// recordImport records the rows in the caller's transaction. A row that was good and is not any more undoes
// them all.
func (s *Service) recordImport(tx Tx, roundID string, rows []*giving) (done GiftImport, err error) {
	for row, g := range rows {
		r, err := tx.Round(roundID) // with the time of the row before
		if err != nil {
			return done, err
		}
		if _, sent, err := given(tx, r, g); err != nil {
			return done, rowError(row, err)
		} else if sent {
			done.Repeated++
			continue
		}
		entry, err := s.recordNew(tx, r, g)
		if err != nil {
			return done, rowError(row, err)
		}
		if done.First == 0 {
			done.First = entry.N
		}
		done.Recorded, done.Last = done.Recorded+1, entry.N
	}
	return done, nil
}

// rowError names the row of a refusal and passes any other error on.
func rowError(row int, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return err
	}
	named := *refusal
	named.Message = fmt.Sprintf("row %d: %s; nothing is stored", row+1, refusal.Message)
	named.Fields = []FieldError{{Pointer: fmt.Sprintf("/gifts/%d", row), Rule: refusal.Code, Detail: named.Message}}
	return &named
}
