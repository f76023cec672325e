package store

import "kleroterion/service"

// DropReports implements service.JobRows. On SQLite secure_delete overwrites the bytes.
func (t *tx) DropReports(target string, finished int64) error {
	q := t.orm.Model(&jobRow{}).Where("state = ? AND finished_at <= ?", service.JobFailed, finished)
	if target != "" {
		q = q.Where("target = ?", target)
	}
	return t.broken("reports of refused files", q.Update("report", blob(nil)).Error)
}
