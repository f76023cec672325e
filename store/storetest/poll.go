package storetest

import (
	"testing"

	"kleroterion/service"
)

// samplePoll has a different value in each field.
func samplePoll(id, community string) service.Poll {
	return service.Poll{
		ID: id, Community: community, Subject: "community/" + community + "/poll/" + id, State: service.PollCounted,
		Manifest: []byte(`{"v":1}`), Hash: sum("poll" + id), Chain: sum("chain"), Round: 1<<53 - 1,
		Opens: 11, Closes: 12, DueAt: 13, Rehearsal: true, Ballots: 14, Voters: 15, Outcome: []byte(`{}`),
		Transcript: sum("transcript" + id), VoidReason: "storm", EndedAt: 16, Version: 17,
	}
}

// openPoll is a poll that takes ballots.
func openPoll(id string) service.Poll {
	return service.Poll{ID: id, Community: "coop", Subject: "community/coop/poll/" + id, State: service.PollOpen, Hash: sum("poll" + id)}
}

func (s suite) polls(t *testing.T) {
	s.run(t, []check{
		{"a poll is read back as it was added", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			full, bare := samplePoll("p1", "coop"), service.Poll{ID: "p2", Community: "coop", Subject: "s", State: service.PollOpen}
			addPolls(t, s, full, bare)
			same(t, "full", onePoll(t, s, "p1"), full)
			same(t, "bare", onePoll(t, s, "p2"), bare)
			same(t, "by hash", get(t, s, func(tx service.Tx) (service.Poll, error) { return tx.PollByHash(full.Hash) }), full)
			missing(t, s, func(tx service.Tx) (service.Poll, error) { return tx.Poll("p3") })
			missing(t, s, func(tx service.Tx) (service.Poll, error) { return tx.PollByHash(sum("pollp3")) })
		}},
		{"a taken id, subject or hash is refused", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			addPolls(t, s, samplePoll("p1", "coop"))
			id, subject, hash := samplePoll("p2", "coop"), samplePoll("p2", "coop"), samplePoll("p2", "coop")
			id.ID, subject.Subject, hash.Hash = "p1", "community/coop/poll/p1", sum("pollp1")
			for _, p := range []service.Poll{id, subject, hash} {
				refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddPoll(p) })
			}
		}},
		{"polls are listed newest first, of one community or all", pollsNewestFirst},
		{"an update writes every field but the counts, and raises the version", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			addPolls(t, s, service.Poll{ID: "p1", Community: "club", Subject: "s", State: service.PollOpen, Ballots: 3, Voters: 2, Version: 17})
			want := samplePoll("p1", "coop")
			write(t, s, func(tx service.Tx) error { return tx.UpdatePoll(want) })
			want.Ballots, want.Voters = 3, 2
			want.Version++
			same(t, "poll", onePoll(t, s, "p1"), want)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			want := samplePoll("p1", "coop")
			addPolls(t, s, want)
			for _, p := range []service.Poll{{ID: "p1", Version: 16}, {ID: "p1", Version: 18}, {ID: "p2", Version: 17}} {
				p.Community, p.Subject, p.State = "coop", "s", service.PollVoid
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdatePoll(p) })
			}
			same(t, "poll", onePoll(t, s, "p1"), want)
		}},
	})
}

func pollsNewestFirst(t *testing.T, s service.Store) {
	addCommunity(t, s, "coop", "club")
	addPolls(t, s, samplePoll("p1", "coop"), samplePoll("p3", "coop"), samplePoll("p2", "club"), samplePoll("P4", "club"))
	list := func(community, after string, limit int) []string {
		ids := []string{}
		for _, p := range get(t, s, func(tx service.Tx) ([]service.Poll, error) { return tx.Polls(community, after, limit) }) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	same(t, "all", list("", "", 9), []string{"p3", "p2", "p1", "P4"})
	same(t, "page", list("", "p3", 2), []string{"p2", "p1"})
	same(t, "coop", list("coop", "", 9), []string{"p3", "p1"})
	same(t, "rest of coop", list("coop", "p3", 9), []string{"p1"})
	same(t, "end", list("coop", "p1", 9), []string{})
}

func addPolls(t testing.TB, s service.Store, polls ...service.Poll) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, p := range polls {
			if err := tx.AddPoll(p); err != nil {
				return err
			}
		}
		return nil
	})
}

func onePoll(t testing.TB, s service.Store, id string) service.Poll {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Poll, error) { return tx.Poll(id) })
}
