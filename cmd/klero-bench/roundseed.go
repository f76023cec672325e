package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"

	"kleroterion/funding"
	"kleroterion/randomness/canonical"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

const (
	roundID    = "bench-round"
	roundOpens = int64(1_750_000_000)
	giftsFrom  = roundOpens + 2000
	giftsEnd   = roundOpens + 3000
)

// seeding is a round that has ended, on its way into a database: who may give, its terms, and its row.
type seeding struct {
	donors []elector
	door   grants.Door
	roll   []byte
	row    service.Round
	list   []funding.Contribution
}

// seed writes a round that has been closed, with the job that is to match it, as the service would have left it. Of
// the records of gifts the log gets the last one only, at its number: nothing that is measured reads them.
func (h *house) seed(ctx context.Context, file string, list []funding.Contribution) (string, error) {
	s := &seeding{donors: newElectors(max(len(list)/6, 3)), list: list}
	if err := s.terms(); err != nil {
		return "", err
	}
	if err := h.db.Write(ctx, s.open); err != nil {
		return "", err
	}
	if err := s.fill(ctx, file); err != nil {
		return "", err
	}
	return roundID, h.db.Write(ctx, s.close)
}

// terms are those of a round in which everybody may give.
func (s *seeding) terms() error {
	network, err := rehearsal()
	if err != nil {
		return err
	}
	chain := network.Chain()
	rules, err := newCharter(chain.Hash, poll.ModeOpen)
	if err != nil {
		return err
	}
	state := poll.State{Charter: rules, Chain: chain, Counted: []poll.Counted{
		{Records: 1, Subject: "community/crowd"}, {Records: int64(len(s.donors)), Subject: "community/crowd/members"}}}
	for _, e := range s.donors {
		state.Members = append(state.Members, charter.Elector{Member: e.id, Key: e.key()})
	}
	p := params(funding.Quadratic)
	p.Asset = &funding.Asset{Code: "EUR", Decimals: 2}
	m, roll, err := grants.Build(state, grants.Asked{Slug: "bench", Name: "Bench", Params: p, Opens: roundOpens,
		ApplicationsEnd: roundOpens + 1000, GiftsStart: giftsFrom, GiftsEnd: giftsEnd, Mode: poll.ModeOpen, Self: grants.SelfRefused})
	if err != nil {
		return err
	}
	text, err := m.Canonical()
	if err != nil {
		return err
	}
	s.door, s.roll = grants.Door{Manifest: m, Hash: grants.HashBytes(text)}, roll
	s.row = service.Round{ID: roundID, Community: m.Community, Subject: m.Round, State: service.RoundClosed, Manifest: text, Hash: s.door.Hash,
		Chain: chain.Hash, Opens: m.Opens, GiftsStart: m.GiftsStart, GiftsEnd: m.GiftsEnd, DueAt: m.GiftsEnd, Rehearsal: m.Rehearsal,
		Pool: m.Params.Pool, Gifts: int64(len(s.list)), LastAt: m.GiftsEnd, Version: 1}
	return nil
}

// open writes all that comes before the gifts: the opening, and every project with its approval.
func (s *seeding) open(tx service.Tx) error {
	_, err := tx.AddBlob(s.roll)
	err = errors.Join(err, tx.AddCommunity(service.Community{Slug: s.row.Community}), tx.AddRound(s.row))
	if err != nil {
		return err
	}
	if err := s.act(tx, audit.KindRoundOpen, audit.RoundOpen{Open: grants.Open{Hash: s.row.Hash, Manifest: s.row.Manifest}}); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, g := range s.list {
		if known[g.Project] {
			continue
		}
		known[g.Project] = true
		if err := s.project(tx, g.Project, s.donors[0]); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeding) project(tx service.Tx, id string, owner elector) error {
	text := poll.FileOf([]byte(id))
	mv, err := grants.Move{Act: grants.Apply, At: roundOpens, Owner: owner.id, Project: id, Text: &text, Title: id}.Sign(owner.private, s.row.Hash, 1)
	if err != nil {
		return err
	}
	yes := grants.Move{Act: grants.Approve, At: roundOpens, Project: id, Reviewer: "rita"}
	for _, m := range []grants.Move{mv, yes} {
		if err := s.act(tx, audit.KindProjectMove, audit.ProjectMove{Move: m}); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeding) act(tx service.Tx, kind audit.Kind, body any) error {
	e, err := tx.Append(kind, s.row.Subject, nil, body)
	if err != nil {
		return err
	}
	text, err := canonical.Marshal(body)
	if err != nil {
		return err
	}
	return tx.AddAct(service.Act{Round: roundID, N: e.N, Kind: kind, Body: text})
}

// close appends the close and queues the job that is due since then.
func (s *seeding) close(tx service.Tx) error {
	body := audit.RoundClose{Close: grants.Close{At: giftsEnd, Gifts: int64(len(s.list))}}
	job := service.Job{ID: "round-" + roundID, Kind: service.JobRound, Target: roundID, DedupeKey: roundID, State: service.JobPending,
		Step: "closed", RunAt: giftsEnd, CreatedAt: roundOpens}
	return errors.Join(s.act(tx, audit.KindRoundClose, body), tx.AddJob(job))
}

// donor who gives a contribution: no owner, who would be refused by a project of their own.
func (s *seeding) donor(c funding.Contribution) (elector, error) {
	i, err := strconv.ParseUint(c.Donor[:16], 16, 64)
	return s.donors[1+int(i)%(len(s.donors)-1)], err
}

// values are the columns of gift i, which its donor signed.
func (s *seeding) values(i int) ([]any, error) {
	c := s.list[i]
	d, err := s.donor(c)
	if err != nil {
		return nil, err
	}
	x := grants.Gift{Amount: c.Amount.String(), Donor: d.voter(), Nonce: fmt.Sprintf("%032x", i), Project: c.Project, Round: s.row.Hash, V: 1}
	text, err := canonical.Marshal(x)
	same := sha256.Sum256(text)
	return []any{x.Donor, x.Donor + " " + x.Nonce, same[:], x.Project, x.Amount}, err
}

// fill writes the gifts, numbered on from the records that are there.
func (s *seeding) fill(ctx context.Context, file string) error {
	db, err := sqliteFile(file)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit this does nothing
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT max(n) FROM log_entries WHERE subject = ?", s.row.Subject).Scan(&last); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO gifts (round, n, at, paid, refunded, donor, once, same, project, amount)
		VALUES ('`+roundID+`', ?, ?, 0, 0, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range s.list {
		values, err := s.values(i)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, append([]any{last + 1 + int64(i), giftsFrom}, values...)...); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE log_entries SET n = n + ? WHERE subject = ? AND n = ?", len(s.list), s.row.Subject, last)
	return errors.Join(err, tx.Commit())
}
