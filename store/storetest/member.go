package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"kleroterion/service"
)

// sampleMember has a different value in each field.
func sampleMember(id, key string) service.Member {
	return service.Member{
		Community: "coop", ID: id, State: "active", Key: []byte(key), Seq: 11, AdmittedAt: 12, LeftAt: 13, Version: 1,
	}
}

// nextMember is m as its next version, in a state.
func nextMember(m service.Member, state string) service.Member {
	m.State = state
	m.Version++
	return m
}

func (s suite) members(t *testing.T) {
	s.run(t, []check{
		{"a member is read back as it was put", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			want := sampleMember("m1", "k1\x00\xff")
			putMembers(t, s, want)
			same(t, "member", oneMember(t, s, "m1"), want)
			missing(t, s, func(tx service.Tx) (service.Member, error) { return tx.Member("coop", "m2") })
			missing(t, s, func(tx service.Tx) (service.Member, error) { return tx.Member("club", "m1") })
		}},
		{"the next version replaces every field", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			putMembers(t, s, sampleMember("m1", "k1"))
			want := service.Member{Community: "coop", ID: "m1", State: "suspended", Key: []byte("k2"), Seq: 21, AdmittedAt: 22, LeftAt: 23, Version: 2}
			putMembers(t, s, want)
			same(t, "member", oneMember(t, s, "m1"), want)
		}},
		{"a version that does not follow the kept one is stale", staleMembers},
		{"a key belongs to one member who has not left", oneKeyOneMember},
		{"keys are compared by their bytes, in one community", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			putMembers(t, s, sampleMember("m1", "key"), sampleMember("m2", "Key"), sampleMember("m3", "key\x00"))
			elsewhere := sampleMember("m1", "key")
			elsewhere.Community = "club"
			putMembers(t, s, elsewhere)
		}},
		{"a key that 8 bring at once goes to one", raceMembers},
		{"members are listed by id", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			elsewhere := sampleMember("m9", "k")
			elsewhere.Community = "club"
			putMembers(t, s, sampleMember("m2", "b"), sampleMember("m1", "a"), sampleMember("M3", "c"), elsewhere)
			list := func(after string, limit int) []string {
				ids := []string{}
				for _, m := range get(t, s, func(tx service.Tx) ([]service.Member, error) { return tx.Members("coop", after, limit) }) {
					ids = append(ids, m.ID)
				}
				return ids
			}
			same(t, "all", list("", 9), []string{"M3", "m1", "m2"})
			same(t, "page", list("M3", 1), []string{"m1"})
			same(t, "end", list("m2", 9), []string{})
		}},
		{"only active members count", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			suspended, left := sampleMember("m3", "c"), sampleMember("m4", "d")
			suspended.State, left.State = "suspended", "left"
			putMembers(t, s, sampleMember("m1", "a"), sampleMember("m2", "b"), suspended, left)
			count := func(community string) int64 {
				return get(t, s, func(tx service.Tx) (int64, error) { return tx.CountMembers(community) })
			}
			same(t, "coop", count("coop"), int64(2))
			same(t, "club", count("club"), int64(0))
		}},
	})
}

func staleMembers(t *testing.T, s service.Store) {
	addCommunity(t, s, "coop")
	m := sampleMember("m1", "k1")
	putMembers(t, s, m)
	putMembers(t, s, nextMember(m, "suspended"))
	absent := sampleMember("m2", "k2")
	absent.Version = 2
	for name, version := range map[string]int64{"a first version of a kept one": 1, "the kept one": 2, "one too far": 4} {
		again := sampleMember("m1", "k1")
		again.Version = version
		t.Run(name, func(t *testing.T) {
			refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.PutMember(again) })
		})
	}
	refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.PutMember(absent) })
	same(t, "member", oneMember(t, s, "m1"), nextMember(m, "suspended"))
	absent.Version = 0
	err := s.Write(t.Context(), func(tx service.Tx) error { return tx.PutMember(absent) })
	if err == nil || errors.Is(err, service.ErrStale) {
		t.Errorf("version 0: got error %v, want one that says versions begin at 1", err)
	}
}

func oneKeyOneMember(t *testing.T, s service.Store) {
	addCommunity(t, s, "coop")
	m, other := sampleMember("m1", "k1"), sampleMember("m2", "k2")
	putMembers(t, s, m, other)
	taken := func(m service.Member) {
		t.Helper()
		refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.PutMember(m) })
	}
	taken(sampleMember("m3", "k1"))
	thief := nextMember(other, "active")
	thief.Key = []byte("k1")
	taken(thief)
	same(t, "who tried", oneMember(t, s, "m2"), other)

	m = nextMember(m, "suspended")
	putMembers(t, s, m) // and keeps the key
	taken(thief)
	m = nextMember(m, "left")
	putMembers(t, s, m)
	putMembers(t, s, thief)
	taken(nextMember(m, "active"))
	m = nextMember(m, "left") // who has left may bear any key
	putMembers(t, s, m)
	same(t, "who left", oneMember(t, s, "m1"), m)
	same(t, "who has the key", oneMember(t, s, "m2"), thief)
}

func raceMembers(t *testing.T, s service.Store) {
	addCommunity(t, s, "coop")
	for round := range 4 {
		key := fmt.Sprintf("key-%d", round)
		var won atomic.Int64
		together(8, func(worker int) {
			m := sampleMember(fmt.Sprintf("m-%d-%d", round, worker), key)
			err := s.Write(t.Context(), func(tx service.Tx) error { return tx.PutMember(m) })
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, service.ErrExists):
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "who has the key", won.Load(), int64(1))
	}
}

func putMembers(t testing.TB, s service.Store, members ...service.Member) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, m := range members {
			if err := tx.PutMember(m); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneMember(t testing.TB, s service.Store, id string) service.Member {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Member, error) { return tx.Member("coop", id) })
}
