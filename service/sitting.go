package service

import (
	"errors"

	"kleroterion/randomness/beacon"
)

// sitting is a transaction that records many ballots or gifts. It reads once what all of them ask for
// and none of them changes: the poll, the round, the project, the newest beacons. What it remembers is
// as true as its transaction: a poll that another process closes meanwhile conflicts with the writes
// of this one.
type sitting struct {
	Tx
	polls    map[string]Poll // but for their counts
	rounds   map[string]Round
	projects map[[2]string]Project
	latest   map[beacon.Hash]newestBeacon
	entries  map[string]map[int64]LogEntry // by subject and number: the last ballots of those who vote again
}

type newestBeacon struct {
	b   StoredBeacon
	err error
}

// touched names the rows that a ballot or gift is about: an elector of a poll, or a donor, a project and the
// name of a gift in a round.
type touched struct {
	poll, voter                 string
	round, donor, project, once string
}

// foreseeAll reads at once what many ballots and gifts are about.
func foreseeAll(tx Tx, all []touched) error {
	voters, donors, names := map[string][]string{}, map[string][]string{}, map[string][]string{}
	for _, t := range all {
		if t.poll != "" {
			voters[t.poll] = append(voters[t.poll], t.voter)
			continue
		}
		donors[t.round] = append(donors[t.round], t.donor)
		if t.once != "" {
			names[t.round] = append(names[t.round], t.once)
		}
	}
	for poll, list := range voters {
		if err := tx.ForeseeElectors(poll, list); err != nil {
			return err
		}
	}
	for round, list := range donors {
		if err := tx.ForeseeGifts(round, list, names[round]); err != nil {
			return err
		}
	}
	return nil
}

// foresee reads what many ballots and gifts are about before any of them is recorded: a statement between
// them would part what is written together.
func (t *sitting) foresee(all []touched) error {
	for _, about := range all {
		if about.project == "" {
			continue
		}
		if _, err := t.Project(about.round, about.project); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if err := foreseeAll(t, all); err != nil {
		return err
	}
	return t.foreseeBallots(all)
}

// foreseeBallots reads the last ballots of voters who have voted before.
func (t *sitting) foreseeBallots(all []touched) error {
	last := map[string][]int64{}
	for _, about := range all {
		if about.poll == "" {
			continue
		}
		p, err := t.Poll(about.poll)
		var e Elector
		if err == nil {
			e, err = t.Elector(about.poll, about.voter)
		}
		switch {
		case err == nil && e.Last > 0:
			last[p.Subject] = append(last[p.Subject], e.Last)
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		}
	}
	for subject, numbers := range last {
		list, err := t.EntriesAt(subject, numbers)
		if err != nil {
			return err
		}
		t.entries[subject] = make(map[int64]LogEntry, len(list))
		for _, e := range list {
			t.entries[subject][e.N] = e
		}
	}
	return nil
}

// EntriesAfter implements LogRows. One record that was foreseen is not read again: none ever changes.
func (t *sitting) EntriesAfter(subject string, n int64, limit int) ([]LogEntry, error) {
	if e, known := t.entries[subject][n+1]; known && limit == 1 {
		return []LogEntry{e}, nil
	}
	return t.Tx.EntriesAfter(subject, n, limit)
}

func sit(tx Tx) *sitting {
	return &sitting{Tx: tx, polls: map[string]Poll{}, rounds: map[string]Round{}, projects: map[[2]string]Project{}, latest: map[beacon.Hash]newestBeacon{},
		entries: map[string]map[int64]LogEntry{}}
}

// Poll implements PollRows. Ballots and Voters are those before the sitting.
func (t *sitting) Poll(id string) (Poll, error) {
	p, known := t.polls[id]
	if known {
		return p, nil
	}
	p, err := t.Tx.Poll(id)
	if err == nil {
		t.polls[id] = p
	}
	return p, err
}

// Round implements RoundRows.
func (t *sitting) Round(id string) (Round, error) {
	r, known := t.rounds[id]
	if known {
		return r, nil
	}
	r, err := t.Tx.Round(id)
	if err == nil {
		t.rounds[id] = r
	}
	return r, err
}

// AddGift implements GiftRows, and does to the remembered round what it does to the row.
func (t *sitting) AddGift(g Gift, giver *Giver) error {
	if err := t.Tx.AddGift(g, giver); err != nil {
		return err
	}
	if r, known := t.rounds[g.Round]; known {
		r.Gifts++
		r.LastAt = max(r.LastAt, g.At)
		t.rounds[g.Round] = r
	}
	return nil
}

// Project implements ProjectRows.
func (t *sitting) Project(round, id string) (Project, error) {
	key := [2]string{round, id}
	p, known := t.projects[key]
	if known {
		return p, nil
	}
	p, err := t.Tx.Project(round, id)
	if err == nil {
		t.projects[key] = p
	}
	return p, err
}

// LatestBeacon implements BeaconRows. That there is none is remembered too.
func (t *sitting) LatestBeacon(chain beacon.Hash) (StoredBeacon, error) {
	n, known := t.latest[chain]
	if !known {
		n.b, n.err = t.Tx.LatestBeacon(chain)
		t.latest[chain] = n
	}
	return n.b, n.err
}
