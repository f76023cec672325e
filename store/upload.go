package store

import (
	"fmt"

	"kleroterion/service"
)

type uploadRow struct {
	Upload string `gorm:"primaryKey"`
	N      int64  `gorm:"primaryKey;autoIncrement:false"`
	Data   blob
	At     int64
}

func (uploadRow) TableName() string { return "uploads" }

// AddChunk implements service.UploadRows.
func (t *tx) AddChunk(upload string, n int64, data []byte, at int64) error {
	return t.insert(fmt.Sprintf("chunk %d of upload %s", n, upload), &uploadRow{Upload: upload, N: n, Data: data, At: at})
}

// Chunk implements service.UploadRows.
func (t *tx) Chunk(upload string, n int64) ([]byte, error) {
	var r uploadRow
	err := t.orm.Where("upload = ? AND n = ?", upload, n).Take(&r).Error
	if err != nil {
		return nil, t.found(fmt.Sprintf("chunk %d of upload %s", n, upload), err)
	}
	return r.Data, nil
}

// DropUpload implements service.UploadRows.
func (t *tx) DropUpload(upload string) error {
	t.scrub = true
	return t.broken("upload "+upload, t.orm.Where("upload = ?", upload).Delete(&uploadRow{}).Error)
}

// DropUploadsBefore implements service.UploadRows. An upload bears the id, or the dedupe key, of its job.
func (t *tx) DropUploadsBefore(at int64) error {
	t.scrub = true
	res := t.orm.Where("at < ?", at).
		Where("NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.state = ? AND (jobs.id = uploads.upload OR jobs.dedupe_key = uploads.upload))", string(service.JobPending)).
		Delete(&uploadRow{})
	return t.broken("old uploads", res.Error)
}
