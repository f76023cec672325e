package store

import (
	"crypto/sha256"
	"errors"

	"kleroterion/service"
	"kleroterion/service/audit"
)

type blobRow struct {
	SHA256 digest `gorm:"primaryKey;column:sha256"`
	Data   blob
}

func (blobRow) TableName() string { return "blobs" }

// AddBlob implements service.LogRows.
func (t *tx) AddBlob(data []byte) (audit.Blob, error) {
	sum := sha256.Sum256(data)
	err := t.insert("blob", &blobRow{SHA256: sum, Data: data})
	if err != nil && !errors.Is(err, service.ErrExists) {
		return audit.Blob{}, err
	}
	return audit.Blob{SHA256: sum, Bytes: int64(len(data))}, nil
}

// Blob implements service.LogRows.
func (t *tx) Blob(sha256 audit.Hash) ([]byte, error) {
	var r blobRow
	if err := t.orm.Where("sha256 = ?", digest(sha256)).Take(&r).Error; err != nil {
		return nil, t.found("blob "+sha256.String(), err)
	}
	return r.Data, nil
}
