package store

import (
	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type pollRow struct {
	ID         string `gorm:"primaryKey"`
	Community  string
	Subject    string
	State      string
	Manifest   blob
	Hash       digest
	Chain      digest
	Round      uint64
	Opens      int64
	Closes     int64
	DueAt      int64
	Rehearsal  bool
	Ballots    int64
	Voters     int64
	Outcome    blob
	Transcript digest
	VoidReason string
	EndedAt    int64
	Version    int64
}

func (pollRow) TableName() string { return "polls" }

func newPollRow(p service.Poll) pollRow {
	return pollRow{
		ID: p.ID, Community: p.Community, Subject: p.Subject, State: string(p.State), Manifest: p.Manifest,
		Hash: digest(p.Hash), Chain: digest(p.Chain), Round: p.Round, Opens: p.Opens, Closes: p.Closes,
		DueAt: p.DueAt, Rehearsal: p.Rehearsal, Ballots: p.Ballots, Voters: p.Voters, Outcome: p.Outcome,
		Transcript: digest(p.Transcript), VoidReason: p.VoidReason, EndedAt: p.EndedAt, Version: p.Version,
	}
}

func (r pollRow) domain() service.Poll {
	return service.Poll{
		ID: r.ID, Community: r.Community, Subject: r.Subject, State: service.PollState(r.State), Manifest: r.Manifest,
		Hash: beacon.Hash(r.Hash), Chain: beacon.Hash(r.Chain), Round: r.Round, Opens: r.Opens, Closes: r.Closes,
		DueAt: r.DueAt, Rehearsal: r.Rehearsal, Ballots: r.Ballots, Voters: r.Voters, Outcome: r.Outcome,
		Transcript: beacon.Hash(r.Transcript), VoidReason: r.VoidReason, EndedAt: r.EndedAt, Version: r.Version,
	}
}

// AddPoll implements service.PollRows.
func (t *tx) AddPoll(p service.Poll) error {
	row := newPollRow(p)
	return t.insert("poll "+p.Subject, &row)
}

// Poll implements service.PollRows.
func (t *tx) Poll(id string) (service.Poll, error) {
	return one[pollRow](t, "poll "+id, t.orm.Where("id = ?", id))
}

// PollByHash implements service.PollRows.
func (t *tx) PollByHash(hash beacon.Hash) (service.Poll, error) {
	return one[pollRow](t, "poll with hash "+hash.String(), t.orm.Where("hash = ?", digest(hash)))
}

// Polls implements service.PollRows.
func (t *tx) Polls(community, after string, limit int) ([]service.Poll, error) {
	q := t.orm.Order("id DESC")
	if community != "" {
		q = q.Where("community = ?", community)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	return list[pollRow](t, "polls", q, limit)
}

// UpdatePoll implements service.PollRows. Ballots are counted by CastBallot alone, which leaves the
// version as it is: whoever closes a poll does not race with its voters.
func (t *tx) UpdatePoll(p service.Poll) error {
	row := newPollRow(p)
	row.Version++
	res := t.orm.Model(&pollRow{}).Where("id = ? AND version = ?", p.ID, p.Version).
		Select("*").Omit("id", "ballots", "voters").Updates(&row)
	return t.changed("poll "+p.ID, res, service.ErrStale)
}
