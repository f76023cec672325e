package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

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
	return one[electorRow](t, voter+" in poll "+poll, t.orm.Where("poll = ? AND voter = ?", poll, voter))
}

// CastBallot implements service.PollRows. The first statement looks at both rows, so that nothing is
// changed where either refuses; the second must then succeed.
func (t *tx) CastBallot(e service.Elector) error {
	what := e.Voter + " in poll " + e.Poll
	res := t.orm.Model(&electorRow{}).
		Where("poll = ? AND voter = ? AND casts = ?", e.Poll, e.Voter, e.Casts).
		Where("EXISTS (SELECT 1 FROM polls WHERE id = ? AND state = 'open')", e.Poll).
		Updates(map[string]any{"casts": gorm.Expr("casts + 1"), "last": e.Last})
	if err := t.changed(what, res, service.ErrStale); err != nil {
		return err
	}
	counts := map[string]any{"ballots": gorm.Expr("ballots + 1")}
	if e.Casts == 0 {
		counts["voters"] = gorm.Expr("voters + 1")
	}
	res = t.orm.Model(&pollRow{}).Where("id = ? AND state = 'open'", e.Poll).Updates(counts)
	if res.Error == nil && res.RowsAffected != 1 {
		return t.broken(what, errors.New("poll closed between two statements of one transaction"))
	}
	return t.broken(fmt.Sprintf("count of poll %s", e.Poll), res.Error)
}
