package store

import (
	"cmp"
	"fmt"
	"slices"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/audit"
)

type roundRow struct {
	ID         string `gorm:"primaryKey"`
	Community  string
	Subject    string
	State      string
	Manifest   blob
	Hash       digest
	Chain      digest
	Beacon     uint64
	Opens      int64
	GiftsStart int64
	GiftsEnd   int64
	DueAt      int64
	Rehearsal  bool
	Pool       amount
	Gifts      int64
	Weights    int64
	LastAt     int64
	Versions   int64
	Result     digest
	Digest     digest
	Payouts    int64
	VoidReason string
	EndedAt    int64
	Version    int64
}

func (roundRow) TableName() string { return "rounds" }

func newRoundRow(r service.Round) roundRow {
	return roundRow{
		ID: r.ID, Community: r.Community, Subject: r.Subject, State: string(r.State), Manifest: r.Manifest,
		Hash: digest(r.Hash), Chain: digest(r.Chain), Beacon: r.Beacon, Opens: r.Opens, GiftsStart: r.GiftsStart,
		GiftsEnd: r.GiftsEnd, DueAt: r.DueAt, Rehearsal: r.Rehearsal, Pool: amount(r.Pool), Gifts: r.Gifts,
		Weights: r.Weights, LastAt: r.LastAt, Versions: r.Versions, Result: digest(r.Result), Digest: digest(r.Digest),
		Payouts: r.Payouts, VoidReason: r.VoidReason, EndedAt: r.EndedAt, Version: r.Version,
	}
}

func (r roundRow) domain() service.Round {
	return service.Round{
		ID: r.ID, Community: r.Community, Subject: r.Subject, State: service.RoundState(r.State), Manifest: r.Manifest,
		Hash: beacon.Hash(r.Hash), Chain: beacon.Hash(r.Chain), Beacon: r.Beacon, Opens: r.Opens, GiftsStart: r.GiftsStart,
		GiftsEnd: r.GiftsEnd, DueAt: r.DueAt, Rehearsal: r.Rehearsal, Pool: funding.Amount(r.Pool), Gifts: r.Gifts,
		Weights: r.Weights, LastAt: r.LastAt, Versions: r.Versions, Result: beacon.Hash(r.Result), Digest: beacon.Hash(r.Digest),
		Payouts: r.Payouts, VoidReason: r.VoidReason, EndedAt: r.EndedAt, Version: r.Version,
	}
}

// AddRound implements service.RoundRows.
func (t *tx) AddRound(r service.Round) error {
	row := newRoundRow(r)
	return t.insert("round "+r.Subject, &row)
}

// Round implements service.RoundRows.
func (t *tx) Round(id string) (service.Round, error) {
	return one[roundRow](t, "round "+id, t.orm.Where("id = ?", id))
}

// RoundByHash implements service.RoundRows.
func (t *tx) RoundByHash(hash beacon.Hash) (service.Round, error) {
	return one[roundRow](t, "round with hash "+hash.String(), t.orm.Where("hash = ?", digest(hash)))
}

// Rounds implements service.RoundRows.
func (t *tx) Rounds(community, after string, limit int) ([]service.Round, error) {
	q := t.orm.Order("id DESC")
	if community != "" {
		q = q.Where("community = ?", community)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	return list[roundRow](t, "rounds", q, limit)
}

// UpdateRound implements service.RoundRows. Gifts are counted by AddGift alone, which leaves the version
// as it is: whoever closes a round does not race with its donors. They may have moved its last time on.
func (t *tx) UpdateRound(r service.Round) error {
	row := newRoundRow(r)
	row.Version++
	res := t.orm.Model(&roundRow{}).Where("id = ? AND version = ?", r.ID, r.Version).
		Select("*").Omit("id", "gifts", "last_at").Updates(&row)
	if err := t.changed("round "+r.ID, res, service.ErrStale); err != nil {
		return err
	}
	_, err := t.exec("UPDATE rounds SET last_at = $1 WHERE id = $2 AND last_at < $1", r.LastAt, r.ID)
	return t.broken("last time of round "+r.ID, err)
}

// AddGivers implements service.RoundRows. After service.ErrExists the transaction is spoilt. It writes
// in the order of the primary key, which then grows at its end.
func (t *tx) AddGivers(givers []service.Giver) error {
	givers = slices.Clone(givers)
	slices.SortFunc(givers, func(a, b service.Giver) int {
		return cmp.Or(cmp.Compare(a.Round, b.Round), cmp.Compare(a.Donor, b.Donor))
	})
	return t.insertMany("givers", batch{
		table:   "givers",
		columns: []string{"round", "donor", "key", "gifts"},
		rows:    len(givers),
		row: func(i int, dst []any) []any {
			g := &givers[i]
			return append(dst, g.Round, g.Donor, blob(g.Key), g.Gifts)
		},
	})
}

type actRow struct {
	Round string `gorm:"primaryKey"`
	N     int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind  string
	Body  blob
}

func (actRow) TableName() string { return "round_acts" }

func (r actRow) domain() service.Act {
	return service.Act{Round: r.Round, N: r.N, Kind: audit.Kind(r.Kind), Body: r.Body}
}

// AddAct implements service.RoundRows.
func (t *tx) AddAct(a service.Act) error {
	row := actRow{Round: a.Round, N: a.N, Kind: string(a.Kind), Body: a.Body}
	return t.insert(fmt.Sprintf("act %d of round %s", a.N, a.Round), &row)
}

// Acts implements service.RoundRows.
func (t *tx) Acts(round string, kind audit.Kind, after int64, limit int) ([]service.Act, error) {
	q := t.orm.Where("round = ? AND n > ?", round, after).Order("n")
	if kind != "" {
		q = q.Where("kind = ?", string(kind))
	}
	return list[actRow](t, "acts of round "+round, q, limit)
}
