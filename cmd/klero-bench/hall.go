package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"kleroterion/api"
	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/serve"
	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// hall is the whole program with a poll that is open, publishing included. Its clock can be moved.
type hall struct {
	*serve.Instance
	site     *site
	ahead    atomic.Int64 // nanoseconds
	electors []elector
	poll     service.Poll
	bodies   [][]byte // the requests of all first ballots, then of all second ones
	sent     atomic.Int64
}

func (h *hall) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// newHall starts the program on a database, "" for the embedded one in dir, and opens a poll.
func newHall(ctx context.Context, dir, database string, s sizes) (h *hall, err error) {
	h = &hall{electors: newElectors(s.voters)}
	c := config.Config{Listen: "127.0.0.1:0", Data: dir, DatabaseURL: database, Migrate: true, Devchain: true, DevchainListen: "127.0.0.1:0",
		DevchainPeriod: time.Second, RehearsalLead: 2 * time.Second, Lead: time.Minute, UploadLimit: 64 << 20}
	h.Instance, err = serve.Start(ctx, &c, serve.World{Now: h.now, Entropy: rand.Reader, Version: "klero-bench", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := h.convene(ctx, s); err != nil {
		return nil, errors.Join(err, h.Stop())
	}
	return h, nil
}

func (h *hall) convene(ctx context.Context, s sizes) error {
	if err := h.found(ctx, s.writers); err != nil {
		return err
	}
	h.ahead.Add(int64(2 * time.Second)) // the notice
	steward := service.Actor{KeyID: "bench", Role: service.RoleSteward, Community: "crowd"}
	var err error
	h.poll, err = h.Service.OpenPoll(ctx, steward, service.NewPoll{Community: "crowd", Question: poll.Question{Name: "lock",
		Text: "Shall the lock be repaired?", Class: poll.ClassOrdinary, Method: voting.YesNo, Closes: h.now().Unix() + 6*3600}})
	if err != nil {
		return err
	}
	if err := h.fill(); err != nil {
		return err
	}
	most := api.Rate{PerSecond: 1e9, Burst: 1e9}
	a, err := api.New(api.Options{Service: h.Service, Now: h.now, Entropy: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Version: "klero-bench", PerAddress: most, PerKey: most, Ballots: most})
	if err != nil {
		return err
	}
	h.site, err = newSite(api.NewServer("", a), s.crowds[len(s.crowds)-1])
	return err
}

// found makes the community and admits its members.
func (h *hall) found(ctx context.Context, writers int) error {
	operator := service.Actor{KeyID: "bench", Role: service.RoleOperator}
	if _, err := h.Service.AddCommunity(ctx, operator, service.NewCommunity{Slug: "crowd", Name: "Crowd"}); err != nil {
		return err
	}
	c, err := newCharter(h.Devchain().Chain().Hash, poll.ModeOpen)
	if err != nil {
		return err
	}
	text, err := c.Canonical()
	if err != nil {
		return err
	}
	steward := service.Actor{KeyID: "bench", Role: service.RoleSteward, Community: "crowd"}
	if _, err := h.Service.AdoptCharter(ctx, steward, "crowd", text); err != nil {
		return err
	}
	var next atomic.Int64
	return together(writers, len(h.electors), func() error { return h.admit(ctx, h.electors[next.Add(1)-1]) })
}

func (h *hall) admit(ctx context.Context, e elector) error {
	key := e.key()
	s := identity.Statement{Action: identity.ActionAdmit, Community: "crowd", Key: &key, Member: e.id, Seq: 1, V: 1}
	text, err := s.Canonical()
	if err != nil {
		return err
	}
	word := identity.Attestation{Attester: "hall", Signature: identity.Sign(attester().private, identity.ThingStatement, text)}
	_, err = h.Service.MoveMember(ctx, "crowd", charter.Move{Statement: s, Attestations: []identity.Attestation{word}})
	return err
}

// fill makes two ballots of each member. Sent in turns, each supersedes the one before.
func (h *hall) fill() error {
	n := len(h.electors)
	h.bodies = make([][]byte, len(choices)*n)
	return inParts(len(h.bodies), func(i int) error {
		e := h.electors[i%n]
		cast, err := poll.Ballot{Choice: []byte(choices[i/n]), Poll: h.poll.Hash, Voter: e.voter()}.Sign(e.private)
		if err != nil {
			return err
		}
		h.bodies[i], err = json.Marshal(api.NewBallot{Ballot: cast.Ballot, Signature: api.Signature{Signature: hex.EncodeToString(cast.Signature.Signature)}})
		return err
	})
}

// cast sends the next ballot. Sent ones come again when their voter has voted otherwise in between.
func (h *hall) cast(ctx context.Context) error {
	i := h.sent.Add(1) - 1
	return h.site.send(ctx, http.MethodPost, "/v1/polls/"+h.poll.ID+"/ballots", h.bodies[i%int64(len(h.bodies))], http.StatusCreated)
}

// bare keeps as many bytes as a ballot's record has, with one statement through the same group commit.
func (h *hall) bare(ctx context.Context) error {
	row := service.Once{Principal: "bench", Key: rand.Text(), Answer: make([]byte, 700)}
	return h.DB().Write(ctx, func(tx service.Tx) error { return tx.Claim(row) })
}

// counted closes the poll by the clock and waits for its count. Where a ballot overtakes the one before it of
// the same voter, the same bytes follow themselves and are one ballot: a few fewer are counted than sent.
func (h *hall) counted(ctx context.Context) error {
	h.ahead.Add(int64(7 * time.Hour))
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := h.Service.Poll(ctx, h.poll.ID)
		switch {
		case err != nil:
			return err
		case v.State == service.PollCounted && v.Voters == int64(len(h.electors)) && v.Ballots <= h.sent.Load() && v.Ballots*10 >= h.sent.Load()*9:
			return nil
		case v.State == service.PollCounted || v.State == service.PollVoid:
			return fmt.Errorf("the poll is %s with %d ballots of %d voters, %d were sent", v.State, v.Ballots, v.Voters, h.sent.Load())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *hall) close() error { return errors.Join(h.site.close(), h.Stop()) }
