package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

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

// AddGift implements service.GiftRows. It decides by what the rows say in this transaction; the gift is
// written with those that come before and after it.
func (t *tx) AddGift(g service.Gift, giver *service.Giver) error {
	what := fmt.Sprintf("gift %d of %s in round %s", g.N, g.Donor, g.Round)
	if giver != nil && (giver.Round != g.Round || giver.Donor != g.Donor) {
		return t.broken(what, fmt.Errorf("its giver is %s in round %s", giver.Donor, giver.Round))
	}
	kept, refusal, err := t.mayAdd(g, giver)
	switch {
	case err != nil:
		return t.broken(what, err)
	case refusal != nil:
		return fmt.Errorf("%s: %w", what, refusal)
	}
	if giver != nil {
		k := rowKey{g.Round, g.Donor}
		if _, more := t.desk.given[k]; !more {
			put(&t.desk.given, k, kept.Gifts)
		}
		after := *kept
		after.Gifts++
		put(&t.desk.givers, k, &after)
	}
	t.desk.added = append(t.desk.added, g)
	put(&t.desk.once, rowKey{g.Round, g.Once}, &g)
	return nil
}

// mayAdd returns the giver as it is kept, or why the gift cannot be added.
func (t *tx) mayAdd(g service.Gift, giver *service.Giver) (kept *service.Giver, refusal, err error) {
	if same, err := t.byName(g.Round, g.Once); err != nil || same != nil {
		return nil, service.ErrExists, err
	}
	if open, err := t.isOpen("rounds", g.Round); err != nil || !open {
		return nil, service.ErrStale, err
	}
	if giver == nil {
		return nil, nil, nil
	}
	kept, err = t.giver(g.Round, g.Donor)
	if err != nil || kept == nil || kept.Gifts != giver.Gifts {
		return nil, service.ErrStale, err
	}
	return kept, nil, nil
}

// writeGifts writes the gifts that were added, and counts them in the rows of givers and rounds. A row that
// is not as the transaction knows it is a defect: PostgreSQL refuses what another transaction changed, and
// on SQLite there is no other.
func (t *tx) writeGifts() error {
	added, given := t.desk.added, t.desk.given
	t.desk.added, t.desk.given = nil, nil
	if len(added) == 0 {
		return nil
	}
	if err := t.insertGifts(added); err != nil {
		return err
	}
	if err := t.countGivers(given); err != nil {
		return err
	}
	return t.countRounds(added)
}

// A number that is taken is no conflict that it knows: the log gives each one once.
func (t *tx) insertGifts(added []service.Gift) error {
	return t.insertColumns("gifts", " ON CONFLICT (round, once) DO NOTHING", len(added),
		columnOf("round", "text", added, func(g *service.Gift) string { return g.Round }),
		columnOf("n", "bigint", added, func(g *service.Gift) int64 { return g.N }),
		columnOf("donor", "text", added, func(g *service.Gift) string { return g.Donor }),
		columnOf("once", "text", added, func(g *service.Gift) string { return g.Once }),
		columnOf("same", "bytea", added, func(g *service.Gift) []byte { return g.Same[:] }),
		columnOf("project", "text", added, func(g *service.Gift) string { return g.Project }),
		columnOf("amount", "text", added, func(g *service.Gift) string { return g.Amount.String() }),
		columnOf("paid", "boolean", added, func(g *service.Gift) bool { return g.Paid }),
		columnOf("at", "bigint", added, func(g *service.Gift) int64 { return g.At }),
		columnOf("refunded", "boolean", added, func(g *service.Gift) bool { return g.Refunded }))
}

func (t *tx) countGivers(given map[rowKey]int64) error {
	type count struct {
		rowKey
		before, after int64
	}
	list := make([]count, 0, len(given))
	for k, before := range given {
		list = append(list, count{k, before, t.desk.givers[k].Gifts})
	}
	err := t.update("givers", "gifts = v.after", "givers.round = v.round AND givers.donor = v.donor AND givers.gifts = v.before", len(list),
		columnOf("round", "text", list, func(c *count) string { return c.of }),
		columnOf("donor", "text", list, func(c *count) string { return c.name }),
		columnOf("before", "bigint", list, func(c *count) int64 { return c.before }),
		columnOf("after", "bigint", list, func(c *count) int64 { return c.after }))
	if err != nil {
		return fmt.Errorf("counts of givers: %w", err)
	}
	return nil
}

const countForRound = `UPDATE rounds SET gifts = gifts + $1, last_at = CASE WHEN last_at < $2 THEN $2 ELSE last_at END
	WHERE id = $3 AND state = 'open'`

func (t *tx) countRounds(added []service.Gift) error {
	counts, last := map[string]int64{}, map[string]int64{}
	for _, g := range added {
		counts[g.Round]++
		last[g.Round] = max(last[g.Round], g.At)
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		n, err := t.exec(countForRound, counts[id], last[id], id)
		if err := met(n, err, errors.New("it is not open any more")); err != nil {
			return fmt.Errorf("count of round %s: %w", id, err)
		}
	}
	return nil
}

// GiftByOnce implements service.GiftRows.
func (t *tx) GiftByOnce(round, once string) (service.Gift, error) {
	what := "gift " + once + " in round " + round
	g, err := t.byName(round, once)
	switch {
	case err != nil:
		return service.Gift{}, t.broken(what, err)
	case g == nil:
		return service.Gift{}, fmt.Errorf("%s: %w", what, service.ErrNotFound)
	}
	return *g, nil
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
