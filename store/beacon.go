package store

import (
	"bytes"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type beaconRow struct {
	Chain     digest `gorm:"primaryKey"`
	Round     uint64 `gorm:"primaryKey;autoIncrement:false"`
	Signature blob
	Previous  blob
	Source    string
	FetchedAt int64
}

func (beaconRow) TableName() string { return "beacons" }

func (r beaconRow) domain() service.StoredBeacon {
	return service.StoredBeacon{
		Chain: beacon.Hash(r.Chain), Round: r.Round, Signature: r.Signature, Previous: r.Previous,
		Source: r.Source, FetchedAt: r.FetchedAt,
	}
}

// ErrBeaconDiffers reports a round that is kept with another signature: a verified signature is
// unique, so one of the two was never verified, or the row was changed.
var ErrBeaconDiffers = errors.New("round is kept with another signature")

// AddBeacon implements service.BeaconRows.
func (t *tx) AddBeacon(b service.StoredBeacon) error {
	what := fmt.Sprintf("round %d of chain %s", b.Round, b.Chain)
	err := t.insert(what, &beaconRow{
		Chain: digest(b.Chain), Round: b.Round, Signature: b.Signature, Previous: b.Previous,
		Source: b.Source, FetchedAt: b.FetchedAt,
	})
	if !errors.Is(err, service.ErrExists) {
		return err
	}
	kept, err := t.Beacon(b.Chain, b.Round)
	if err != nil {
		return t.broken(what, err)
	}
	if !bytes.Equal(kept.Signature, b.Signature) || !bytes.Equal(kept.Previous, b.Previous) {
		return t.broken(what, ErrBeaconDiffers)
	}
	return nil
}

// Beacon implements service.BeaconRows.
func (t *tx) Beacon(chain beacon.Hash, round uint64) (service.StoredBeacon, error) {
	q := t.orm.Where("chain = ? AND round = ?", digest(chain), round)
	return one[beaconRow](t, fmt.Sprintf("round %d of chain %s", round, chain), q)
}

// LatestBeacon implements service.BeaconRows.
func (t *tx) LatestBeacon(chain beacon.Hash) (service.StoredBeacon, error) {
	q := t.orm.Where("chain = ?", digest(chain)).Order("round DESC")
	return one[beaconRow](t, fmt.Sprintf("newest round of chain %s", chain), q)
}

// Beacons implements service.BeaconRows.
func (t *tx) Beacons(chain beacon.Hash, before uint64, limit int) ([]service.StoredBeacon, error) {
	q := t.orm.Where("chain = ?", digest(chain)).Order("round DESC")
	if before > 0 {
		q = q.Where("round < ?", before)
	}
	return list[beaconRow](t, fmt.Sprintf("rounds of chain %s", chain), q, limit)
}
