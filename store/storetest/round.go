package storetest

import (
	"errors"
	"fmt"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/audit"
)

// most is the largest amount there is.
func most(t testing.TB) funding.Amount {
	t.Helper()
	a, err := funding.ParseAmount("99999999999999999999999999999999999999")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sampleRound has a different value in each field.
func sampleRound(t testing.TB, id, community string) service.Round {
	return service.Round{
		ID: id, Community: community, Subject: "community/" + community + "/round/" + id, State: service.RoundFinal,
		Manifest: []byte(`{"v":1}`), Hash: sum("round" + id), Chain: sum("chain"), Beacon: 1<<53 - 1,
		Opens: 11, GiftsStart: 12, GiftsEnd: 13, DueAt: 14, Rehearsal: true, Pool: most(t), Gifts: 15, Weights: 16,
		LastAt: 17, Versions: 18, Result: sum("result" + id), Digest: sum("digest" + id), Payouts: 19,
		VoidReason: "storm", EndedAt: 20, Version: 21,
	}
}

// openRound is a round that takes gifts.
func openRound(id string) service.Round {
	return service.Round{ID: id, Community: "coop", Subject: "community/coop/round/" + id, State: service.RoundOpen, Hash: sum("round" + id)}
}

func (s suite) rounds(t *testing.T) {
	s.run(t, []check{
		{"a round is read back as it was added", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			full := sampleRound(t, "r1", "coop")
			bare := service.Round{ID: "r2", Community: "coop", Subject: "s", State: service.RoundOpen}
			addRounds(t, s, full, bare)
			same(t, "full", oneRound(t, s, "r1"), full)
			same(t, "bare", oneRound(t, s, "r2"), bare)
			same(t, "by hash", get(t, s, func(tx service.Tx) (service.Round, error) { return tx.RoundByHash(full.Hash) }), full)
			missing(t, s, func(tx service.Tx) (service.Round, error) { return tx.Round("r3") })
			missing(t, s, func(tx service.Tx) (service.Round, error) { return tx.RoundByHash(sum("roundr3")) })
		}},
		{"a taken id, subject or hash is refused", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			want := sampleRound(t, "r1", "coop")
			addRounds(t, s, want)
			id, subject, hash := sampleRound(t, "r2", "coop"), sampleRound(t, "r2", "coop"), sampleRound(t, "r2", "coop")
			id.ID, subject.Subject, hash.Hash = "r1", "community/coop/round/r1", sum("roundr1")
			for _, r := range []service.Round{id, subject, hash} {
				refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddRound(r) })
			}
			same(t, "kept", oneRound(t, s, "r1"), want)
			missing(t, s, func(tx service.Tx) (service.Round, error) { return tx.Round("r2") })
		}},
		{"rounds are listed newest first, of one community or all", roundsNewestFirst},
		{"an update writes every field but the gifts, and raises the version", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			addRounds(t, s, service.Round{ID: "r1", Community: "club", Subject: "s", State: service.RoundOpen, Gifts: 3, LastAt: 16, Version: 21})
			want := sampleRound(t, "r1", "coop")
			write(t, s, func(tx service.Tx) error { return tx.UpdateRound(want) })
			want.Gifts = 3
			want.Version++
			same(t, "round", oneRound(t, s, "r1"), want)
		}},
		{"an update keeps a later time of a record", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			want := sampleRound(t, "r1", "coop")
			addRounds(t, s, want)
			early := want
			early.LastAt, early.VoidReason = want.LastAt-1, "flood"
			write(t, s, func(tx service.Tx) error { return tx.UpdateRound(early) })
			want.VoidReason = "flood"
			want.Version++
			same(t, "round", oneRound(t, s, "r1"), want)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			want := sampleRound(t, "r1", "coop")
			addRounds(t, s, want)
			for _, r := range []service.Round{{ID: "r1", Version: 20}, {ID: "r1", Version: 22}, {ID: "r2", Version: 21}} {
				r.Community, r.Subject, r.State, r.LastAt = "coop", "s", service.RoundVoid, 99
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateRound(r) })
			}
			same(t, "round", oneRound(t, s, "r1"), want)
		}},
	})
}

func roundsNewestFirst(t *testing.T, s service.Store) {
	addCommunity(t, s, "coop", "club")
	addRounds(t, s, sampleRound(t, "r1", "coop"), sampleRound(t, "r3", "coop"), sampleRound(t, "r2", "club"), sampleRound(t, "R4", "club"))
	list := func(community, after string, limit int) []string {
		ids := []string{}
		for _, r := range get(t, s, func(tx service.Tx) ([]service.Round, error) { return tx.Rounds(community, after, limit) }) {
			ids = append(ids, r.ID)
		}
		return ids
	}
	same(t, "all", list("", "", 9), []string{"r3", "r2", "r1", "R4"})
	same(t, "page", list("", "r3", 2), []string{"r2", "r1"})
	same(t, "coop", list("coop", "", 9), []string{"r3", "r1"})
	same(t, "rest of coop", list("coop", "r3", 9), []string{"r1"})
	same(t, "end", list("coop", "r1", 9), []string{})
}

func (s suite) givers(t *testing.T) {
	s.run(t, []check{
		{"givers are read back as they were added", func(t *testing.T, s service.Store) {
			full := service.Giver{Round: "r1", Donor: "members/m1", Key: []byte("k\x00"), Gifts: 11}
			bare := service.Giver{Round: "r1", Donor: "members/m2"}
			addGivers(t, s, full, bare)
			same(t, "full", oneGiver(t, s, "r1", "members/m1"), full)
			same(t, "bare", oneGiver(t, s, "r1", "members/m2"), bare)
			missing(t, s, func(tx service.Tx) (service.Giver, error) { return tx.Giver("r1", "members/m3") })
			missing(t, s, func(tx service.Tx) (service.Giver, error) { return tx.Giver("r2", "members/m2") })
		}},
		{"a giver twice in a round spoils the transaction", func(t *testing.T, s service.Store) {
			roll := sampleGivers("r1", 2100)
			addGivers(t, s, roll[7])
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddGivers(roll) })
			missing(t, s, func(tx service.Tx) (service.Giver, error) { return tx.Giver("r1", roll[6].Donor) })
			addGivers(t, s, sampleGivers("r2", 2100)...)
			same(t, "in another round", oneGiver(t, s, "r2", roll[2099].Donor).Round, "r2")
			write(t, s, func(tx service.Tx) error { return tx.AddGivers(nil) })
		}},
		{"acts are listed by number, of one kind or all", actsByNumber},
		{"a taken number of an act is refused", func(t *testing.T, s service.Store) {
			want := service.Act{Round: "r1", N: 2, Kind: audit.KindRoundTopup, Body: []byte("{}")}
			addActs(t, s, want)
			refused(t, s, service.ErrExists, func(tx service.Tx) error {
				return tx.AddAct(service.Act{Round: "r1", N: 2, Kind: audit.KindRoundClose})
			})
			got := get(t, s, func(tx service.Tx) ([]service.Act, error) { return tx.Acts("r1", "", 0, 9) })
			same(t, "acts", got, []service.Act{want})
		}},
	})
}

func actsByNumber(t *testing.T, s service.Store) {
	act := func(round string, n int64, kind audit.Kind) service.Act {
		return service.Act{Round: round, N: n, Kind: kind, Body: fmt.Appendf(nil, `{"at":%d}`, n)}
	}
	move, topup, bare := act("r1", 30, audit.KindProjectMove), act("r1", 4, audit.KindRoundTopup), service.Act{Round: "r1", N: 1, Kind: audit.KindProjectMove}
	addActs(t, s, move, topup, bare, act("r2", 2, audit.KindProjectMove))
	list := func(kind audit.Kind, after int64, limit int) []service.Act {
		return get(t, s, func(tx service.Tx) ([]service.Act, error) { return tx.Acts("r1", kind, after, limit) })
	}
	same(t, "all", list("", 0, 9), []service.Act{bare, topup, move})
	same(t, "page", list("", 1, 1), []service.Act{topup})
	same(t, "moves", list(audit.KindProjectMove, 0, 9), []service.Act{bare, move})
	same(t, "rest of the moves", list(audit.KindProjectMove, 1, 9), []service.Act{move})
	same(t, "end", list("", 30, 9), []service.Act{})
	same(t, "none of a kind", list(audit.KindRoundClose, 0, 9), []service.Act{})
}

// sampleGivers is the roll of a round: so many members, the first members/1.
func sampleGivers(round string, n int) []service.Giver {
	roll := make([]service.Giver, n)
	for i := range roll {
		roll[i] = service.Giver{Round: round, Donor: fmt.Sprintf("members/%d", i+1), Key: fmt.Appendf(nil, "key %d", i)}
	}
	return roll
}

// giveIn opens a round with so many givers.
func giveIn(t testing.TB, s service.Store, id string, n int) []service.Giver {
	t.Helper()
	roll := sampleGivers(id, n)
	write(t, s, func(tx service.Tx) error {
		err := tx.AddCommunity(service.Community{Slug: "coop"})
		if err != nil && !errors.Is(err, service.ErrExists) {
			return err
		}
		return errors.Join(tx.AddRound(openRound(id)), tx.AddGivers(roll))
	})
	return roll
}

func addRounds(t testing.TB, s service.Store, rounds ...service.Round) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, r := range rounds {
			if err := tx.AddRound(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func addGivers(t testing.TB, s service.Store, givers ...service.Giver) {
	t.Helper()
	write(t, s, func(tx service.Tx) error { return tx.AddGivers(givers) })
}

func addActs(t testing.TB, s service.Store, acts ...service.Act) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, a := range acts {
			if err := tx.AddAct(a); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneRound(t testing.TB, s service.Store, id string) service.Round {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Round, error) { return tx.Round(id) })
}

func oneGiver(t testing.TB, s service.Store, round, donor string) service.Giver {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Giver, error) { return tx.Giver(round, donor) })
}
