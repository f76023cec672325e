package store

import "kleroterion/service"

// Counts implements service.CountRows.
func (t *tx) Counts(now int64) (service.Counts, error) {
	var due struct{ Count, Oldest int64 }
	err := t.orm.Model(&jobRow{}).Where("state = ? AND run_at <= ?", service.JobPending, now).
		Select("COUNT(*) AS count, COALESCE(MIN(run_at), 0) AS oldest").Scan(&due).Error
	if err != nil {
		return service.Counts{}, t.broken("count of jobs", err)
	}
	var draws []struct {
		State service.DrawState
		Count int64
	}
	if err := t.orm.Model(&drawRow{}).Select("state, COUNT(*) AS count").Group("state").Scan(&draws).Error; err != nil {
		return service.Counts{}, t.broken("count of draws", err)
	}
	c := service.Counts{JobsDue: due.Count, OldestDue: due.Oldest, Draws: map[service.DrawState]int64{}}
	for _, d := range draws {
		c.Draws[d.State] = d.Count
	}
	return c, nil
}
