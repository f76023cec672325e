package store

import (
	"context"
	"fmt"
	"strings"

	"kleroterion/funding"
	"kleroterion/service"
)

// The statements that list gifts are written out: the close of a round reads each of its gifts once, and GORM's
// way through structs takes longer than the database's work on them. SQLite gives the texts of a row in one piece
// and in half the time: its driver locks, looks and copies for each column.
const (
	giftColumns = "n, donor, once, same, project, amount, paid, at, refunded"
	giftPacked  = "n, at, paid, refunded, amount || x'1f' || project || x'1f' || donor || x'1f' || once || x'1f' || same"
	giftsAfter  = " FROM gifts WHERE round = $1 AND n > $2"
	everybodys  = giftsAfter + " ORDER BY n LIMIT $3"
	oneDonors   = giftsAfter + " AND donor = $4 ORDER BY n LIMIT $3"
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
	columns, g := giftColumns, &service.Gift{Round: round}
	dst := giftTo(g)
	if t.dialect == dialectSQLite {
		columns, dst = giftPacked, []any{(*whole)(&g.N), (*whole)(&g.At), &g.Paid, &g.Refunded, (*packedGift)(g)}
	}
	out, err := t.scanGifts("SELECT "+columns+statement, args, g, dst)
	return out, t.broken(what, err)
}

// readGifts reads the rows of a statement that selects giftColumns.
func (t *tx) readGifts(round, statement string, args []any) ([]service.Gift, error) {
	g := &service.Gift{Round: round}
	return t.scanGifts(statement, args, g, giftTo(g))
}

// giftTo returns where giftColumns go.
func giftTo(g *service.Gift) []any {
	return []any{&g.N, &g.Donor, &g.Once, (*digest)(&g.Same), &g.Project, (*amount)(&g.Amount), &g.Paid, &g.At, &g.Refunded}
}

// scanGifts reads the rows of a statement. The columns of all of them are scanned to dst, which points into g.
func (t *tx) scanGifts(statement string, args []any, g *service.Gift, dst []any) ([]service.Gift, error) {
	ctx := t.orm.Statement.Context
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A page is read to its end: a driver that has to watch a context does so at each of its rows.
	rows, err := t.pool.QueryContext(context.WithoutCancel(ctx), statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	out := []service.Gift{}
	for rows.Next() {
		if err := rows.Scan(dst...); err != nil {
			return nil, fmt.Errorf("after gift %d: %w", g.N, err)
		}
		if len(out) == 0 {
			out = make([]service.Gift, 0, manyGifts)
		}
		out = append(out, *g)
	}
	return out, rows.Err()
}

// whole is a column of integers, without the detour that database/sql makes for them.
type whole int64

// Scan reads the integer.
func (n *whole) Scan(v any) error {
	in, ok := v.(int64)
	if !ok {
		return fmt.Errorf("column holds %T, want an integer", v)
	}
	*n = whole(in)
	return nil
}

// packedGift takes the texts of a gift, each with a unit separator after it, and then its digest. No text of a gift
// has control characters, so a separator too many is a broken row: it leaves more than the digest.
type packedGift service.Gift

// Scan reads what giftPacked selects. The texts keep its memory.
func (g *packedGift) Scan(v any) error {
	const unit = "\x1f"
	in, ok := v.(string)
	if !ok {
		return fmt.Errorf("columns hold %T, want text", v)
	}
	worth, rest, _ := strings.Cut(in, unit)
	project, rest, _ := strings.Cut(rest, unit)
	donor, rest, _ := strings.Cut(rest, unit)
	once, same, _ := strings.Cut(rest, unit)
	if len(same) != len(g.Same) {
		return fmt.Errorf("columns hold a control character, or %d bytes of a digest, want %d", len(same), len(g.Same))
	}
	amount, err := funding.ParseAmount(worth)
	g.Amount, g.Project, g.Donor, g.Once = amount, project, donor, once
	copy(g.Same[:], same)
	return err
}
