package store

import (
	"fmt"

	"kleroterion/service"
)

// The statements that list gifts are written out: the close of a round reads each of its gifts once, and GORM's
// way through structs takes longer than the database's work on them.
const (
	giftColumns = "n, donor, once, same, project, amount, paid, at, refunded"
	selectGifts = "SELECT " + giftColumns + " FROM gifts WHERE round = $1 AND n > $2"
	everybodys  = selectGifts + " ORDER BY n LIMIT $3"
	oneDonors   = selectGifts + " AND donor = $4 ORDER BY n LIMIT $3"
)

// manyGifts is how many places a page gets at once: a limit may be larger than all that is there.
const manyGifts = 16_384

// Gifts implements service.GiftRows.
func (t *tx) Gifts(round, donor string, after int64, limit int) ([]service.Gift, error) {
	what := "gifts of round " + round
	if limit < 1 {
		return nil, t.broken(what, fmt.Errorf("limit is %d, want at least 1", limit))
	}
	statement, args := everybodys, []any{round, after, limit}
	if donor != "" {
		statement, args = oneDonors, append(args, donor)
	}
	out, err := t.readGifts(round, statement, args)
	return out, t.broken(what, err)
}

// readGifts reads the rows of a statement. The columns are scanned to the same places for all of them.
func (t *tx) readGifts(round, statement string, args []any) ([]service.Gift, error) {
	rows, err := t.pool.QueryContext(t.orm.Statement.Context, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	out := []service.Gift{}
	g := service.Gift{Round: round}
	same, worth := (*digest)(&g.Same), (*amount)(&g.Amount)
	dst := []any{&g.N, &g.Donor, &g.Once, same, &g.Project, worth, &g.Paid, &g.At, &g.Refunded}
	for rows.Next() {
		if err := rows.Scan(dst...); err != nil {
			return nil, fmt.Errorf("after gift %d: %w", g.N, err)
		}
		if len(out) == 0 {
			out = make([]service.Gift, 0, manyGifts)
		}
		out = append(out, g)
	}
	return out, rows.Err()
}
