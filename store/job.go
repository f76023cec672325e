package store

import (
	"cmp"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kleroterion/service"
)

type jobRow struct {
	ID         string `gorm:"primaryKey"`
	Kind       string
	City       string
	Target     string
	DedupeKey  string
	State      string
	RunAt      int64
	Step       string
	Done       int64
	Total      int64
	Attempt    int64
	Fence      int64
	LeaseUntil int64
	Report     blob
	Error      string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	FinishedAt int64
}

func (jobRow) TableName() string { return "jobs" }

func newJobRow(j service.Job) jobRow {
	return jobRow{
		ID: j.ID, Kind: string(j.Kind), City: j.City, Target: j.Target, DedupeKey: j.DedupeKey,
		State: string(j.State), RunAt: j.RunAt, Step: j.Step, Done: j.Done, Total: j.Total,
		Attempt: j.Attempt, Fence: j.Fence, LeaseUntil: j.LeaseUntil, Report: j.Report, Error: j.Error,
		CreatedAt: j.CreatedAt, FinishedAt: j.FinishedAt,
	}
}

func (r jobRow) domain() service.Job {
	return service.Job{
		ID: r.ID, Kind: service.JobKind(r.Kind), City: r.City, Target: r.Target, DedupeKey: r.DedupeKey,
		State: service.JobState(r.State), RunAt: r.RunAt, Step: r.Step, Done: r.Done, Total: r.Total,
		Attempt: r.Attempt, Fence: r.Fence, LeaseUntil: r.LeaseUntil, Report: r.Report, Error: r.Error,
		CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
	}
}

// AddJob implements service.JobRows.
func (t *tx) AddJob(j service.Job) error {
	row := newJobRow(j)
	return t.insert("job "+j.ID, &row)
}

// Job implements service.JobRows.
func (t *tx) Job(id string) (service.Job, error) {
	return one[jobRow](t, "job "+id, t.orm.Where("id = ?", id))
}

// ClaimJobs implements service.JobRows. On PostgreSQL workers that claim at the same time pass over
// each other's rows instead of waiting for them; SQLite has one writer.
func (t *tx) ClaimJobs(now, leaseUntil int64, limit int) ([]service.Job, error) {
	due := t.orm.Model(&jobRow{}).Select("id").
		Where("state = ? AND run_at <= ? AND lease_until <= ?", string(service.JobPending), now, now).
		Order("run_at, id").Limit(limit)
	if t.dialect == dialectPostgres {
		due = due.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var rows []jobRow
	res := t.orm.Model(&rows).Clauses(clause.Returning{}).Where("id IN (?)", due).Updates(map[string]any{
		"lease_until": leaseUntil,
		"fence":       gorm.Expr("fence + 1"),
		"attempt":     gorm.Expr("attempt + 1"),
	})
	if res.Error != nil {
		return nil, t.broken("claim jobs", res.Error)
	}
	jobs := make([]service.Job, len(rows))
	for i, r := range rows {
		jobs[i] = r.domain()
	}
	slices.SortFunc(jobs, func(a, b service.Job) int {
		return cmp.Or(cmp.Compare(a.RunAt, b.RunAt), cmp.Compare(a.ID, b.ID))
	})
	return jobs, nil
}

// UpdateJob implements service.JobRows.
func (t *tx) UpdateJob(j service.Job) error {
	row := newJobRow(j)
	res := t.orm.Model(&jobRow{}).
		Where("id = ? AND fence = ? AND state = ?", j.ID, j.Fence, string(service.JobPending)).
		Select("State", "RunAt", "Step", "Done", "Total", "LeaseUntil", "Report", "Error", "FinishedAt").
		Updates(&row)
	return t.changed("job "+j.ID, res, service.ErrStale)
}
