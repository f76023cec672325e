package web

import (
	"context"
	"io"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// Service is what the pages ask for. All of it but Setup, and what a code opens, is public.
type Service interface {
	Places
	Lists
	Head
	Seats
	Communities
	Polls
	Rounds
	RoundResults
	Setup(ctx context.Context, token string) (service.Key, string, error)
}

// Places are cities, their draws and the lotteries that draws have made public.
type Places interface {
	City(ctx context.Context, slug string) (service.City, error)
	Cities(context.Context, service.Window) ([]service.City, error)
	Draw(ctx context.Context, id string) (service.DrawView, error)
	Draws(ctx context.Context, city string, w service.Window) ([]service.DrawView, error)
	Lottery(ctx context.Context, who service.Actor, id string) (service.Lottery, error)
}

// Lists are registers.
type Lists interface {
	Registers(ctx context.Context, who service.Actor, city string, w service.Window) ([]service.Register, error)
	RegisterFile(ctx context.Context, root beacon.Hash, w io.Writer) (int64, error)
	Line(ctx context.Context, root beacon.Hash, id [32]byte) (register.Proof, error)
}

// Head is where randomness comes from and how long the log is.
type Head interface {
	LogHead(context.Context) (service.LogHead, error)
	ChainList() []*beacon.Chain
}

// Seats are what became of the places of a draw. Whoever has a code is taken for the person.
type Seats interface {
	Jury(ctx context.Context, drawID string) (service.JuryView, error)
	Invitation(ctx context.Context, code string) (service.Invitation, error)
	Answer(ctx context.Context, code string, in service.Answer) (service.Invitation, error)
}

// Communities are those with a charter.
type Communities interface {
	Communities(context.Context, service.Window) ([]service.Community, error)
	Community(ctx context.Context, slug string) (service.CommunityView, error)
	Charters(ctx context.Context, slug string) ([]service.Charter, error)
}

// Polls are questions and what became of the ballots.
type Polls interface {
	Polls(ctx context.Context, community string, w service.Window) ([]service.PollView, error)
	Poll(ctx context.Context, id string) (service.PollView, error)
	Transcript(ctx context.Context, pollID string) ([]byte, error)
	Ballot(ctx context.Context, pollID string, n int64) (service.BallotAt, error)
}

// Rounds are funding rounds, their projects and what they would come to.
type Rounds interface {
	FundingRounds(ctx context.Context, community string, w service.Window) ([]service.RoundView, error)
	Round(ctx context.Context, id string) (service.RoundView, error)
	Topups(ctx context.Context, roundID string) ([]grants.Topup, error)
	Projects(ctx context.Context, roundID string, w service.Window) ([]service.Project, error)
	Project(ctx context.Context, roundID, project string) (service.Project, error)
	ProjectMoves(ctx context.Context, roundID, project string) ([]service.ProjectAct, error)
	Blob(ctx context.Context, sha256 beacon.Hash) ([]byte, error)
	Estimate(ctx context.Context, roundID string) (service.EstimateView, error)
	WhatIf(ctx context.Context, roundID string, in service.WhatIf) ([]funding.Change, error)
	Gift(ctx context.Context, roundID string, n int64) (service.Gift, error)
}

// RoundResults are what rounds came to; version 0 is the newest.
type RoundResults interface {
	RoundVersions(ctx context.Context, roundID string) ([]service.RoundVersion, error)
	RoundResult(ctx context.Context, roundID string, version int64) (grants.ResultFile, []byte, error)
	RoundDiff(ctx context.Context, roundID string, from, to int64) ([]funding.Change, error)
	ProjectSheet(ctx context.Context, roundID string, version int64, project string) (service.ProjectSheet, error)
	Payouts(ctx context.Context, roundID string) ([]grants.Payout, error)
}
