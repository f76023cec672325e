package service

import (
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
}

type newestBeacon struct {
	b   StoredBeacon
	err error
}

// touched names the rows that a ballot or gift is about: an elector of a poll, or a donor and the name of a
// gift in a round.
type touched struct {
	poll, voter        string
	round, donor, once string
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

func sit(tx Tx) *sitting {
	return &sitting{Tx: tx, polls: map[string]Poll{}, rounds: map[string]Round{}, projects: map[[2]string]Project{}, latest: map[beacon.Hash]newestBeacon{}}
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
