package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kleroterion/service"
)

type electorRow struct {
	Poll  string `gorm:"primaryKey"`
	Voter string `gorm:"primaryKey"`
	Key   blob
	Casts int64
	Last  int64
}

func (electorRow) TableName() string { return "electors" }

func (r electorRow) domain() *service.Elector {
	return &service.Elector{Poll: r.Poll, Voter: r.Voter, Key: r.Key, Casts: r.Casts, Last: r.Last}
}

// AddElectors implements service.PollRows. After service.ErrExists the transaction is spoilt. It writes
// in the order of the primary key, which then grows at its end.
func (t *tx) AddElectors(electors []service.Elector) error {
	electors = slices.Clone(electors)
	slices.SortFunc(electors, func(a, b service.Elector) int {
		return cmp.Or(cmp.Compare(a.Poll, b.Poll), cmp.Compare(a.Voter, b.Voter))
	})
	return t.insertMany("electors", batch{
		table:   "electors",
		columns: []string{"poll", "voter", "key", "casts", "last"},
		rows:    len(electors),
		row: func(i int, dst []any) []any {
			e := &electors[i]
			return append(dst, e.Poll, e.Voter, blob(e.Key), e.Casts, e.Last)
		},
	})
}

// Elector implements service.PollRows.
func (t *tx) Elector(poll, voter string) (service.Elector, error) {
	what := voter + " in poll " + poll
	e, err := t.elector(poll, voter)
	switch {
	case err != nil:
		return service.Elector{}, t.broken(what, err)
	case e == nil:
		return service.Elector{}, fmt.Errorf("%s: %w", what, service.ErrNotFound)
	}
	return *e, nil
}

// elector is nil where there is none.
func (t *tx) elector(poll, voter string) (*service.Elector, error) {
	k := rowKey{poll, voter}
	if e, known := t.desk.electors[k]; known {
		return e, nil
	}
	r := electorRow{Poll: poll, Voter: voter}
	err := t.take([]any{&r.Key, &r.Casts, &r.Last}, "SELECT key, casts, last FROM electors WHERE poll = $1 AND voter = $2", poll, voter)
	e := r.domain()
	if errors.Is(err, service.ErrNotFound) {
		e, err = nil, nil
	}
	if err == nil {
		put(&t.desk.electors, k, e)
	}
	return e, err
}

// ForeseeElectors implements service.PollRows.
func (t *tx) ForeseeElectors(poll string, voters []string) error {
	return t.broken("electors of poll "+poll, t.foreseeElectors(poll, unknown(t.desk.electors, poll, voters)))
}

func (t *tx) foreseeElectors(poll string, voters []string) error {
	if len(voters) == 0 {
		return nil
	}
	condition, value, err := anyOf(t.dialect, "voter", "$2", "text", voters)
	if err != nil {
		return err
	}
	rows, err := t.pool.QueryContext(t.orm.Statement.Context, "SELECT voter, key, casts, last FROM electors WHERE poll = $1 AND "+condition, poll, value)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for _, voter := range voters {
		put(&t.desk.electors, rowKey{poll, voter}, nil)
	}
	for rows.Next() {
		r := electorRow{Poll: poll}
		if err := rows.Scan(&r.Voter, &r.Key, &r.Casts, &r.Last); err != nil {
			return err
		}
		t.desk.electors[rowKey{poll, r.Voter}] = r.domain()
	}
	return rows.Err()
}

// CastBallot implements service.PollRows. It decides by what the rows say in this transaction; they are
// written with those of the ballots before and after it.
func (t *tx) CastBallot(e service.Elector) error {
	what := e.Voter + " in poll " + e.Poll
	kept, err := t.elector(e.Poll, e.Voter)
	open := false
	if err == nil && kept != nil {
		open, err = t.isOpen("polls", e.Poll)
	}
	switch {
	case err != nil:
		return t.broken(what, err)
	case !open || kept.Casts != e.Casts:
		return fmt.Errorf("%s: %w", what, service.ErrStale)
	}
	k, after, in := rowKey{e.Poll, e.Voter}, *kept, t.desk.cast[e.Poll]
	if _, more := t.desk.casts[k]; !more {
		put(&t.desk.casts, k, kept.Casts)
	}
	if in.all++; e.Casts == 0 {
		in.first++
	}
	after.Casts, after.Last = e.Casts+1, e.Last
	put(&t.desk.cast, e.Poll, in)
	put(&t.desk.electors, k, &after)
	return nil
}

// writeCasts counts the ballots that were cast in the rows of electors and polls. A row that is not as the
// transaction knows it is a defect.
func (t *tx) writeCasts() error {
	cast, casts := t.desk.cast, t.desk.casts
	t.desk.cast, t.desk.casts = nil, nil
	if len(cast) == 0 {
		return nil
	}
	if err := t.countElectors(casts); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(cast)) {
		n, err := t.exec("UPDATE polls SET ballots = ballots + $1, voters = voters + $2 WHERE id = $3 AND state = 'open'", cast[id].all, cast[id].first, id)
		if err := met(n, err, errors.New("it is not open any more")); err != nil {
			return fmt.Errorf("count of poll %s: %w", id, err)
		}
	}
	return nil
}

func (t *tx) countElectors(casts map[rowKey]int64) error {
	type count struct {
		rowKey
		before, after, last int64
	}
	list := make([]count, 0, len(casts))
	for k, before := range casts {
		e := t.desk.electors[k]
		list = append(list, count{k, before, e.Casts, e.Last})
	}
	err := t.update("electors", "casts = v.after, last = v.newest", "electors.poll = v.poll AND electors.voter = v.voter AND electors.casts = v.before", len(list),
		columnOf("poll", "text", list, func(c *count) string { return c.of }),
		columnOf("voter", "text", list, func(c *count) string { return c.name }),
		columnOf("before", "bigint", list, func(c *count) int64 { return c.before }),
		columnOf("after", "bigint", list, func(c *count) int64 { return c.after }),
		columnOf("newest", "bigint", list, func(c *count) int64 { return c.last }))
	if err != nil {
		return fmt.Errorf("counts of electors: %w", err)
	}
	return nil
}
