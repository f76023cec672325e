package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"kleroterion/api"
	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// fair is a hall in which a funding round takes gifts.
type fair struct {
	*hall
	round  service.RoundView
	gifts  [][]byte // requests, each once
	given  atomic.Int64
	stalls []string // projects
}

// giftIntakeRows give over HTTP into SQLite, beside bare durable inserts through the same group commit.
func giftIntakeRows(ctx context.Context, b *bench) (rows []Row, err error) {
	return fairRows(ctx, b, "sqlite", "")
}

// giftIntakePostgresRows do the same on PostgreSQL, where there is one.
func giftIntakePostgresRows(ctx context.Context, b *bench) (rows []Row, err error) {
	err = onPostgres(ctx, b, func(url string) error {
		rows, err = fairRows(ctx, b, "postgres", url)
		return err
	})
	return rows, err
}

func fairRows(ctx context.Context, b *bench, name, database string) (rows []Row, err error) {
	b.status.say("admitting members")
	h, err := newHall(ctx, filepath.Join(b.dir, "fair-"+name), database, b.sizes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	f := &fair{hall: h, stalls: []string{"bakery", "choir", "mill", "school"}}
	n := max(len(h.electors)*perVoter/len(b.sizes.crowds)/(intakeRounds+1), 1)
	if err := f.open(ctx, n*(intakeRounds+1)*len(b.sizes.crowds)); err != nil {
		return nil, err
	}
	for _, clients := range b.sizes.crowds {
		t, err := b.medians(ctx, intakeRounds,
			timed(func() error { return f.crowd(ctx, clients, n) }),
			timed(func() error { return together(clients, n, func() error { return h.bare(ctx) }) }))
		if err != nil {
			return nil, err
		}
		row := Row{Name: fmt.Sprintf("funding.intake.%s.%d", name, clients), Figure: rate(n, t[0]),
			What: fmt.Sprintf("signed gifts over HTTP, durable and logged, %d clients, loopback", clients)}
		row = row.against(rate(n, t[1]), "durable inserts of 700 bytes, same group commit, no HTTP")
		if n >= 1000 {
			row = row.promise(times(2))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// open brings the round to its gifts: projects apply and are approved, and the clock goes on.
func (f *fair) open(ctx context.Context, gifts int) error {
	now := f.now().Unix()
	steward := service.Actor{KeyID: "bench", Role: service.RoleSteward, Community: "crowd"}
	var err error
	f.round, err = f.Service.OpenRound(ctx, steward, service.NewRound{Community: "crowd", Asked: grants.Asked{Slug: "fair", Name: "Fair", Mode: poll.ModeOpen,
		Self: grants.SelfAllowed, Connectors: []grants.Connector{}, Opens: now, ApplicationsEnd: now + 3600, GiftsStart: now + 3600, GiftsEnd: now + 5*3600,
		Params: funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(pool), Asset: &funding.Asset{Code: "EUR", Decimals: 2}}}})
	if err != nil {
		return err
	}
	for i, id := range f.stalls {
		if err := f.apply(ctx, steward, id, f.electors[i%len(f.electors)]); err != nil {
			return err
		}
	}
	f.ahead.Add(int64(2 * time.Hour))
	f.gifts = make([][]byte, gifts)
	return inParts(gifts, f.write)
}

func (f *fair) apply(ctx context.Context, steward service.Actor, id string, owner elector) error {
	text := []byte("a stall")
	file := poll.FileOf(text)
	mv, err := grants.Move{Act: grants.Apply, Project: id, Owner: owner.id, Title: id, Text: &file}.Sign(owner.private, f.round.Hash, 1)
	if err != nil {
		return err
	}
	if _, err := f.Service.MoveProject(ctx, service.NewProjectMove{RoundID: f.round.ID, Move: mv, Text: text}); err != nil {
		return err
	}
	_, err = f.Service.ReviewProject(ctx, steward, service.NewReview{RoundID: f.round.ID, Project: id, Reviewer: "bench", Approve: true, Seq: 1})
	return err
}

// write makes one request, with a nonce of its own.
func (f *fair) write(i int) error {
	e := f.electors[i%len(f.electors)]
	g, err := grants.Gift{Amount: fmt.Sprint(100 + i%1900), Donor: e.voter(), Nonce: fmt.Sprintf("%032x", i), Project: f.stalls[i%len(f.stalls)], Round: f.round.Hash}.Sign(e.private, 0)
	if err != nil {
		return err
	}
	f.gifts[i], err = json.Marshal(api.NewGift{Gift: g.Gift, Signature: api.Signature{Signature: hex.EncodeToString(g.Signature.Signature)}})
	return err
}

// next is the next gift.
func (f *fair) next() []byte { return f.gifts[(f.given.Add(1)-1)%int64(len(f.gifts))] }
