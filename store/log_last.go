package store

import "kleroterion/service"

// LastEntry implements service.LogRows.
func (t *tx) LastEntry(subject string) (service.LogEntry, error) {
	return one[entryRow](t, "records of "+subject, t.orm.Where("subject = ?", subject).Order("n DESC"))
}
