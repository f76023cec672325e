package api_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// newGrove is a community without a jury: all that a funding round needs.
func newGrove(t testing.TB, members int) *polity {
	t.Helper()
	p := &polity{town: newTown(t), keys: map[string]ed25519.PrivateKey{}}
	p.found("grove")
	for i := range members {
		p.admit(i)
	}
	return p
}

func donor(i int) string { return poll.MemberVoter("members", token(i)) }

// account is one of an EVM chain, other for each name.
func account(name string) string { return fmt.Sprintf("0x%040x", name) }

// newRound asks for a round whose applications end after 100 seconds; gifts are taken from the 200th to
// before the 300th. A bank may record payments.
func (p *polity) newRound(slug string) client.NewRound {
	now := p.clock.Load()
	return client.NewRound{
		Slug: slug, Name: "The spring round", ApplicationsEnd: now + 100, GiftsStart: now + 200, GiftsEnd: now + 300, Appeal: 150,
		Mode: client.NewRoundModeOpen, Self: client.NewRoundSelfRefused, Weights: true,
		Connectors: []client.Connector{{ID: "bank", Key: *sent(publicKey(person("bank")))}},
		Params:     client.RoundParams{Asset: client.Asset{Code: "EUR", Decimals: 2}, Pool: "100000", Rule: client.RoundParamsRuleQf},
	}
}

func (p *polity) openedRound(in client.NewRound) client.Round {
	p.t.Helper()
	made, err := p.as(p.steward).OpenRoundWithResponse(p.t.Context(), "grove", nil, in)
	must(p.t, err)
	return *made.JSON201
}

func (p *polity) round(id string) client.Round {
	p.t.Helper()
	got, err := p.as("").GetRoundWithResponse(p.t.Context(), id)
	must(p.t, err)
	return *got.JSON200
}

// move is what member i signs as the seq-th move of a project.
func (p *polity) move(of client.Round, mv grants.Move, i int, seq int64) client.Signature {
	p.t.Helper()
	hash, err := beacon.ParseHash(of.Hash)
	must(p.t, err)
	mv, err = mv.Sign(p.keys[donor(i)], hash, seq)
	must(p.t, err)
	return signed(*mv.Signature)
}

// application is that of member i.
func (p *polity) application(of client.Round, i int, project string) client.Application {
	p.t.Helper()
	in := client.Application{Project: project, Owner: token(i), Title: "The " + project, Text: "# Why\n\nSee <https://example.org>.", Account: account(project)}
	text := poll.FileOf([]byte(in.Text))
	in.Signature = p.move(of, grants.Move{Act: grants.Apply, Project: project, Owner: in.Owner, Title: in.Title, Account: in.Account, Text: &text}, i, 1)
	return in
}

// approvedProjects lets member i apply with the i-th project, and rita approve it.
func (p *polity) approvedProjects(of client.Round, projects ...string) {
	p.t.Helper()
	for i, project := range projects {
		_, err := p.as("").ApplyProjectWithResponse(p.t.Context(), of.ID, p.application(of, i, project))
		must(p.t, err)
		_, err = p.as(p.steward).ReviewProjectWithResponse(p.t.Context(), of.ID, project, nil, client.Review{Reviewer: "rita", Act: client.ReviewActApprove, Seq: 1})
		must(p.t, err)
	}
}

// gift is one of member i, sealed where the round is.
func (p *polity) gift(of client.Round, i int, project, amount string, nonce int) client.NewGift {
	p.t.Helper()
	m, err := grants.ParseManifest(of.Manifest)
	must(p.t, err)
	door := grants.Door{Manifest: m, Hash: grants.HashBytes(of.Manifest)}
	g := grants.Gift{Amount: amount, Donor: donor(i), Nonce: fmt.Sprintf("%032x", nonce), Project: project, Round: door.Hash}
	if of.Beacon != 0 {
		g, err = door.Seal(p.network.Chain(), g, rand.Reader)
		must(p.t, err)
	}
	add, err := g.Sign(p.keys[donor(i)], 0)
	must(p.t, err)
	return client.NewGift{Gift: add.Gift, Signature: signed(add.Signature)}
}

// payment is one that the bank saw of member i.
func (p *polity) payment(of client.Round, i int, project, amount, reference string) client.NewGift {
	p.t.Helper()
	x := grants.Paid{Amount: amount, Donor: donor(i), Project: project, Reference: reference, Round: grants.HashBytes(of.Manifest)}
	add, err := x.Sign(person("bank"), "bank", 0)
	must(p.t, err)
	return client.NewGift{Paid: add.Paid, Connector: add.Connector, Signature: signed(add.Signature)}
}

func (p *polity) gave(of client.Round, in client.NewGift) client.Receipt {
	p.t.Helper()
	answer, err := p.as("").GiveWithResponse(p.t.Context(), of.ID, in)
	must(p.t, err)
	return *answer.JSON201
}

// estimated is every project's amount as the estimate has it.
func (p *polity) estimated(of client.Round) map[string]string {
	p.t.Helper()
	got, err := p.as("").GetEstimateWithResponse(p.t.Context(), of.ID)
	must(p.t, err)
	return amountsOf(got.JSON200.Projects)
}

func amountsOf(rows []client.Matching) map[string]string {
	out := map[string]string{}
	for _, row := range rows {
		out[row.Project] = row.Amount
	}
	return out
}

// final moves the clock past gifts and beacon, and waits for the result and its checkpoint.
func (p *polity) final(of client.Round) client.Round {
	p.t.Helper()
	p.clock.Store(max(p.clock.Load(), of.DueAt+5))
	must(p.t, p.as("").WatchRound(p.t.Context(), of.ID, func(client.RoundEvent) {}))
	p.published()
	return p.round(of.ID)
}

func fileOf(text string) poll.File { return poll.FileOf([]byte(text)) }

func asJobFailed(err error, to **client.JobFailed) bool { return errors.As(err, to) }
