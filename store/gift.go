package store

import (
	"errors"
	"fmt"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type giftRow struct {
	Round    string `gorm:"primaryKey"`
	N        int64  `gorm:"primaryKey;autoIncrement:false"`
	Donor    string
	Once     string
	Same     digest
	Project  string
	Amount   amount
	Paid     bool
	At       int64
	Refunded bool
}

func (giftRow) TableName() string { return "gifts" }

func (r giftRow) domain() service.Gift {
	return service.Gift{
		Round: r.Round, N: r.N, Donor: r.Donor, Once: r.Once, Same: beacon.Hash(r.Same), Project: r.Project,
		Amount: funding.Amount(r.Amount), Paid: r.Paid, At: r.At, Refunded: r.Refunded,
	}
}

// insertGift looks at the round and at what was given before, so that nothing is written where either
// refuses. A number that is taken is no conflict that it knows: the log gives each one once.
const insertGift = `INSERT INTO gifts (round, n, donor, once, same, project, amount, paid, at, refunded)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
	WHERE EXISTS (SELECT 1 FROM rounds WHERE id = $1 AND state = 'open')`

const (
	onceOnly      = " ON CONFLICT (round, once) DO NOTHING"
	insertPaid    = insertGift + onceOnly
	insertSigned  = insertGift + " AND EXISTS (SELECT 1 FROM givers WHERE round = $1 AND donor = $3 AND gifts = $11)" + onceOnly
	countForGiver = "UPDATE givers SET gifts = gifts + 1 WHERE round = $1 AND donor = $2 AND gifts = $3"
	countForRound = `UPDATE rounds SET gifts = gifts + 1, last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END
	WHERE id = $2 AND state = 'open'`
)

// AddGift implements service.GiftRows. Its first statement decides; those after it must then succeed.
func (t *tx) AddGift(g service.Gift, giver *service.Giver) error {
	what := fmt.Sprintf("gift %d of %s in round %s", g.N, g.Donor, g.Round)
	if giver != nil && (giver.Round != g.Round || giver.Donor != g.Donor) {
		return t.broken(what, fmt.Errorf("its giver is %s in round %s", giver.Donor, giver.Round))
	}
	n, err := t.insertGift(g, giver)
	switch {
	case err != nil:
		return t.broken(what, err)
	case n == 0:
		return t.refusedGift(what, g)
	}
	if giver != nil {
		n, err = t.exec(countForGiver, g.Round, g.Donor, giver.Gifts)
		if err := met(n, err, errors.New("its giver changed between two statements of one transaction")); err != nil {
			return t.broken(what, err)
		}
	}
	n, err = t.exec(countForRound, g.At, g.Round)
	return t.broken(what, met(n, err, errors.New("its round closed between two statements of one transaction")))
}

func (t *tx) insertGift(g service.Gift, giver *service.Giver) (int64, error) {
	args := []any{g.Round, g.N, g.Donor, g.Once, g.Same[:], g.Project, g.Amount.String(), g.Paid, g.At, g.Refunded}
	if giver == nil {
		return t.exec(insertPaid, args...)
	}
	return t.exec(insertSigned, append(args, giver.Gifts)...)
}

// refusedGift says why a gift was not written.
func (t *tx) refusedGift(what string, g service.Gift) error {
	var one int64
	err := t.take([]any{&one}, "SELECT 1 FROM gifts WHERE round = $1 AND once = $2", g.Round, g.Once)
	switch {
	case errors.Is(err, service.ErrNotFound):
		return fmt.Errorf("%s: %w", what, service.ErrStale)
	case err != nil:
		return t.broken(what, err)
	}
	return fmt.Errorf("%s: %w", what, service.ErrExists)
}

// GiftByOnce implements service.GiftRows.
func (t *tx) GiftByOnce(round, once string) (service.Gift, error) {
	return one[giftRow](t, "gift "+once+" in round "+round, t.orm.Where("round = ? AND once = ?", round, once))
}

// Gift implements service.GiftRows.
func (t *tx) Gift(round string, n int64) (service.Gift, error) {
	return one[giftRow](t, fmt.Sprintf("gift %d in round %s", n, round), t.orm.Where("round = ? AND n = ?", round, n))
}

// RefundGift implements service.GiftRows.
func (t *tx) RefundGift(round string, n int64) error {
	res := t.orm.Model(&giftRow{}).Where("round = ? AND n = ? AND NOT refunded", round, n).Update("refunded", true)
	return t.changed(fmt.Sprintf("gift %d in round %s", n, round), res, service.ErrStale)
}
