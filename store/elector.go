package store

import (
	"cmp"
	"errors"
	"fmt"
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

func (r electorRow) domain() service.Elector {
	return service.Elector{Poll: r.Poll, Voter: r.Voter, Key: r.Key, Casts: r.Casts, Last: r.Last}
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
	r := electorRow{Poll: poll, Voter: voter}
	err := t.read(voter+" in poll "+poll, []any{&r.Key, &r.Casts, &r.Last}, "SELECT key, casts, last FROM electors WHERE poll = $1 AND voter = $2", poll, voter)
	if err != nil {
		return service.Elector{}, err
	}
	return r.domain(), nil
}

// CastBallot implements service.PollRows. The first statement looks at both rows, so that nothing is
// changed where either refuses; the second must then succeed.
func (t *tx) CastBallot(e service.Elector) error {
	what := e.Voter + " in poll " + e.Poll
	n, err := t.exec(`UPDATE electors SET casts = casts + 1, last = $1 WHERE poll = $2 AND voter = $3 AND casts = $4
		AND EXISTS (SELECT 1 FROM polls WHERE id = $2 AND state = 'open')`, e.Last, e.Poll, e.Voter, e.Casts)
	switch {
	case err != nil:
		return t.broken(what, err)
	case n == 0:
		return fmt.Errorf("%s: %w", what, service.ErrStale)
	}
	var first int64
	if e.Casts == 0 {
		first = 1
	}
	n, err = t.exec("UPDATE polls SET ballots = ballots + 1, voters = voters + $1 WHERE id = $2 AND state = 'open'", first, e.Poll)
	return t.broken("count of poll "+e.Poll, met(n, err, errors.New("poll closed between two statements of one transaction")))
}
