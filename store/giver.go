package store

import (
	"errors"
	"fmt"

	"kleroterion/service"
)

type giverRow struct {
	Round string `gorm:"primaryKey"`
	Donor string `gorm:"primaryKey"`
	Key   blob
	Gifts int64
}

func (giverRow) TableName() string { return "givers" }

func (r giverRow) domain() *service.Giver {
	return &service.Giver{Round: r.Round, Donor: r.Donor, Key: r.Key, Gifts: r.Gifts}
}

// Giver implements service.RoundRows.
func (t *tx) Giver(round, donor string) (service.Giver, error) {
	what := donor + " in round " + round
	g, err := t.giver(round, donor)
	switch {
	case err != nil:
		return service.Giver{}, t.broken(what, err)
	case g == nil:
		return service.Giver{}, fmt.Errorf("%s: %w", what, service.ErrNotFound)
	}
	return *g, nil
}

// giver is nil where there is none.
func (t *tx) giver(round, donor string) (*service.Giver, error) {
	k := rowKey{round, donor}
	if g, known := t.desk.givers[k]; known {
		return g, nil
	}
	r := giverRow{Round: round, Donor: donor}
	err := t.take([]any{&r.Key, &r.Gifts}, "SELECT key, gifts FROM givers WHERE round = $1 AND donor = $2", round, donor)
	g := r.domain()
	if errors.Is(err, service.ErrNotFound) {
		g, err = nil, nil
	}
	if err == nil {
		put(&t.desk.givers, k, g)
	}
	return g, err
}

// ForeseeGifts implements service.GiftRows.
func (t *tx) ForeseeGifts(round string, donors, names []string) error {
	err := t.foreseeGivers(round, unknown(t.desk.givers, round, donors))
	if err == nil {
		err = t.foreseeNames(round, unknown(t.desk.once, round, names))
	}
	return t.broken("gifts of round "+round, err)
}

func (t *tx) foreseeGivers(round string, donors []string) error {
	if len(donors) == 0 {
		return nil
	}
	condition, value, err := anyOf(t.dialect, "donor", "$2", "text", donors)
	if err != nil {
		return err
	}
	rows, err := t.pool.QueryContext(t.orm.Statement.Context, "SELECT donor, key, gifts FROM givers WHERE round = $1 AND "+condition, round, value)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for _, donor := range donors {
		put(&t.desk.givers, rowKey{round, donor}, nil)
	}
	for rows.Next() {
		r := giverRow{Round: round}
		if err := rows.Scan(&r.Donor, &r.Key, &r.Gifts); err != nil {
			return err
		}
		t.desk.givers[rowKey{round, r.Donor}] = r.domain()
	}
	return rows.Err()
}

func (t *tx) foreseeNames(round string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	condition, value, err := anyOf(t.dialect, "once", "$2", "text", names)
	if err != nil {
		return err
	}
	met, err := t.readGifts(round, "SELECT "+giftColumns+" FROM gifts WHERE round = $1 AND "+condition, []any{round, value})
	if err != nil {
		return err
	}
	for _, name := range names {
		put(&t.desk.once, rowKey{round, name}, nil)
	}
	for i := range met {
		t.desk.once[rowKey{round, met[i].Once}] = &met[i]
	}
	return nil
}

// byName is nil where there is no such gift.
func (t *tx) byName(round, name string) (*service.Gift, error) {
	if err := t.foreseeNames(round, unknown(t.desk.once, round, []string{name})); err != nil {
		return nil, err
	}
	return t.desk.once[rowKey{round, name}], nil
}
