package api

import (
	"context"
	"io"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/report"
	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

// Service is the use cases that this package serves; *service.Service has them all. Methods return
// *service.Error for a refusal and are safe for concurrent use.
type Service interface {
	Cities
	Keys
	Registers
	Uploads
	Residents
	Proposals
	Draws
	DrawFiles
	Lotteries
	Seats
	Codes
	Communities
	Members
	Polls
	PollFiles
	Ballots
	Rounds
	RoundPools
	Projects
	Gifts
	Estimates
	RoundResults
	RoundFiles
	Payouts
	Beacons
	Relays
	Log
	Readiness
}

// Cities are host cities and their open data.
type Cities interface {
	AddCity(context.Context, service.Actor, service.NewCity) (service.City, error)
	City(ctx context.Context, slug string) (service.City, error)
	Cities(context.Context, service.Window) ([]service.City, error)
	Export(ctx context.Context, city string, w io.Writer) error
	SetApprovals(ctx context.Context, who service.Actor, city string, approvals int64) (service.City, error)
}

// Keys says who may act. Once makes the effect of fn happen once for a key of the caller's choice.
type Keys interface {
	Authenticate(ctx context.Context, token string) (service.Actor, error)
	Setup(ctx context.Context, token string) (service.Key, string, error)
	AddKey(context.Context, service.Actor, service.NewKey) (service.Key, string, error)
	Keys(ctx context.Context, who service.Actor, city string) ([]service.Key, error)
	StewardKeys(ctx context.Context, who service.Actor, community string) ([]service.Key, error)
	RevokeKey(ctx context.Context, who service.Actor, id string) error
	Once(ctx context.Context, who service.Actor, key string, request [32]byte,
		fn func(context.Context) ([]byte, error)) (answer []byte, replayed bool, err error)
}

// Registers are lists of people.
type Registers interface {
	AddRegister(context.Context, service.Actor, service.NewRegister) (service.Register, error)
	Register(ctx context.Context, who service.Actor, id string) (service.Register, error)
	Registers(ctx context.Context, who service.Actor, city string, w service.Window) ([]service.Register, error)
	RegisterFile(ctx context.Context, root beacon.Hash, w io.Writer) (int64, error)
	Line(ctx context.Context, root beacon.Hash, id [32]byte) (register.Proof, error)
}

// Uploads fill registers; both start a job that outlives the request.
type Uploads interface {
	Upload(ctx context.Context, who service.Actor, registerID string, dryRun bool, r io.Reader) (service.Job, error)
	FreezeRegister(ctx context.Context, who service.Actor, registerID string, in service.Freeze) (service.Job, error)
	Job(ctx context.Context, who service.Actor, id string) (service.Job, error)
}

// Residents are private rows.
type Residents interface {
	Resident(ctx context.Context, who service.Actor, registerID string, id [32]byte) (service.Resident, error)
	EraseResident(ctx context.Context, who service.Actor, registerID string, id [32]byte) error
}

// Draws are manifests and what became of them.
type Draws interface {
	OpenDraw(context.Context, service.Actor, service.NewDraw) (service.Draw, error)
	Draw(ctx context.Context, id string) (service.DrawView, error)
	DrawByCommit(ctx context.Context, commit beacon.Hash) (service.DrawView, error)
	Draws(ctx context.Context, city string, w service.Window) ([]service.DrawView, error)
	VoidDraw(ctx context.Context, who service.Actor, id, reason string) (service.DrawView, error)
}

// Proposals are what one official asks for and another approves.
type Proposals interface {
	ProposeDraw(context.Context, service.Actor, service.NewDraw) (service.Proposal, error)
	ProposeSeat(context.Context, service.Actor, service.SeatMove) (service.Proposal, error)
	Proposal(ctx context.Context, who service.Actor, id string) (service.Proposal, error)
	Proposals(ctx context.Context, who service.Actor, city string, w service.Window) ([]service.Proposal, error)
	Approve(ctx context.Context, who service.Actor, id string) (service.Proposal, error)
	Reject(ctx context.Context, who service.Actor, id string) (service.Proposal, error)
}

// Seats are the places that a draw gave.
type Seats interface {
	OpenSeats(context.Context, service.Actor, service.NewJury) (service.JuryView, error)
	Jury(ctx context.Context, drawID string) (service.JuryView, error)
	Undeliverable(ctx context.Context, who service.Actor, drawID string, seats []int64) (service.JuryView, error)
	Recuse(ctx context.Context, who service.Actor, drawID string, seat int64, poll string, ground seating.Ground) (service.JuryView, error)
	Letters(ctx context.Context, who service.Actor, drawID string, purpose service.CodePurpose, seats []int64) ([]service.Letter, error)
}

// Codes are what an invited person has instead of a key.
type Codes interface {
	Invitation(ctx context.Context, code string) (service.Invitation, error)
	Answer(ctx context.Context, code string, in service.Answer) (service.Invitation, error)
}

// Communities have charters.
type Communities interface {
	AddCommunity(context.Context, service.Actor, service.NewCommunity) (service.Community, error)
	Community(ctx context.Context, slug string) (service.CommunityView, error)
	Communities(context.Context, service.Window) ([]service.Community, error)
	AdoptCharter(ctx context.Context, who service.Actor, community string, charter []byte) (service.Charter, error)
	Charters(ctx context.Context, community string) ([]service.Charter, error)
}

// Members are people whom a community's attesters know to be one each.
type Members interface {
	MoveMember(ctx context.Context, community string, in charter.Move) (service.Member, error)
	Member(ctx context.Context, community, id string) (service.Member, error)
	Members(ctx context.Context, community string, w service.Window) ([]service.Member, error)
}

// Polls are questions put to a community.
type Polls interface {
	OpenPoll(context.Context, service.Actor, service.NewPoll) (service.Poll, error)
	Poll(ctx context.Context, id string) (service.PollView, error)
	PollByHash(ctx context.Context, hash beacon.Hash) (service.PollView, error)
	Polls(ctx context.Context, community string, w service.Window) ([]service.PollView, error)
	VoidPoll(ctx context.Context, who service.Actor, id, reason string) (service.Poll, error)
}

// PollFiles are what is downloaded of a poll.
type PollFiles interface {
	Transcript(ctx context.Context, pollID string) ([]byte, error)
	Blob(ctx context.Context, sha256 beacon.Hash) ([]byte, error)
	Ballots(ctx context.Context, pollID string, w io.Writer) error
	PollBundle(ctx context.Context, pollID string, w io.Writer) error
}

// Ballots are what voters send.
type Ballots interface {
	Cast(ctx context.Context, pollID string, in poll.Cast) (service.Receipt, error)
	Ballot(ctx context.Context, pollID string, n int64) (service.BallotAt, error)
}

// Rounds are funding rounds of a community.
type Rounds interface {
	OpenRound(context.Context, service.Actor, service.NewRound) (service.RoundView, error)
	Round(ctx context.Context, id string) (service.RoundView, error)
	RoundByHash(ctx context.Context, hash beacon.Hash) (service.RoundView, error)
	FundingRounds(ctx context.Context, community string, w service.Window) ([]service.RoundView, error)
	VoidRound(ctx context.Context, who service.Actor, id, reason string) (service.RoundView, error)
}

// RoundPools are the money to share, and how much of each donor's gifts counts.
type RoundPools interface {
	TopUp(ctx context.Context, who service.Actor, roundID string, in service.NewTopup) (service.RoundView, error)
	Topups(ctx context.Context, roundID string) ([]grants.Topup, error)
	SetWeights(ctx context.Context, who service.Actor, roundID string, in service.NewWeights) (service.RoundView, error)
	RoundWeights(ctx context.Context, roundID string) ([]grants.Weights, error)
}

// Projects are what a round shares its pool among.
type Projects interface {
	MoveProject(context.Context, service.NewProjectMove) (service.Project, error)
	ReviewProject(context.Context, service.Actor, service.NewReview) (service.Project, error)
	Project(ctx context.Context, roundID, project string) (service.Project, error)
	Projects(ctx context.Context, roundID string, w service.Window) ([]service.Project, error)
	ProjectMoves(ctx context.Context, roundID, project string) ([]service.ProjectAct, error)
}

// Gifts are what donors and payment connectors send.
type Gifts interface {
	Give(ctx context.Context, roundID string, in grants.GiftAdd) (service.GiftReceipt, error)
	ImportGifts(ctx context.Context, who service.Actor, roundID string, list []grants.GiftAdd) (service.GiftImport, error)
	RefundGift(ctx context.Context, who service.Actor, roundID string, n int64, reason grants.Reason) (service.Gift, error)
	Gift(ctx context.Context, roundID string, n int64) (service.Gift, error)
	Gifts(ctx context.Context, roundID, donor string, w service.GiftWindow) ([]service.Gift, error)
	GiftReceipt(ctx context.Context, roundID string, n int64) (service.GiftReceipt, error)
}

// Estimates are what rounds would come to.
type Estimates interface {
	Estimate(ctx context.Context, roundID string) (service.EstimateView, error)
	WhatIf(ctx context.Context, roundID string, in service.WhatIf) ([]funding.Change, error)
}

// RoundResults are what rounds came to, version by version; version 0 is the newest.
type RoundResults interface {
	Correct(ctx context.Context, who service.Actor, roundID string, in service.NewCorrection) (service.Job, error)
	Correction(ctx context.Context, who service.Actor, roundID, jobID string) (service.Job, error)
	RoundVersions(ctx context.Context, roundID string) ([]service.RoundVersion, error)
	RoundResult(ctx context.Context, roundID string, version int64) (grants.ResultFile, []byte, error)
	RoundDiff(ctx context.Context, roundID string, from, to int64) ([]funding.Change, error)
	ProjectSheet(ctx context.Context, roundID string, version int64, project string) (service.ProjectSheet, error)
	SheetCSV(ctx context.Context, roundID string, version int64) ([]byte, error)
}

// RoundFiles are what is downloaded of a round, beside its results.
type RoundFiles interface {
	RoundBundle(ctx context.Context, roundID string, w io.Writer) error
	RoundRecords(ctx context.Context, roundID string, w io.Writer) error
}

// Payouts are what is to be paid, and what was.
type Payouts interface {
	RecordPayout(ctx context.Context, who service.Actor, roundID string, in service.NewPayout) (grants.Payout, error)
	Payouts(ctx context.Context, roundID string) ([]grants.Payout, error)
	PayoutsCSV(ctx context.Context, roundID string, version int64) ([]byte, error)
	PayoutsMerkle(ctx context.Context, roundID string, version int64) ([]byte, error)
	PayoutsSafe(ctx context.Context, roundID string, version int64, b funding.Batch) ([]byte, error)
}

// Lotteries are lists of equally likely panels, and what draws of one of them show.
type Lotteries interface {
	CheckQuotas(context.Context, service.Actor, service.NewLottery) (service.QuotaCheck, error)
	StartLottery(context.Context, service.Actor, service.NewLottery) (service.Lottery, error)
	CancelLottery(ctx context.Context, who service.Actor, id string) (service.Lottery, error)
	Lottery(ctx context.Context, who service.Actor, id string) (service.Lottery, error)
	Lotteries(ctx context.Context, who service.Actor, city string, w service.Window) ([]service.Lottery, error)
	LotteryFile(ctx context.Context, who service.Actor, id string, w io.Writer) (int64, error)
	LotteryReport(ctx context.Context, who service.Actor, id string) (*report.Report, error)
	PanelReport(ctx context.Context, drawID string) (*report.Report, error)
	PanelAlternates(ctx context.Context, drawID string, n int) ([]string, error)
}

// DrawFiles are what is downloaded of a draw.
type DrawFiles interface {
	Seats(ctx context.Context, who service.Actor, drawID string, w io.Writer) error
	Bundle(ctx context.Context, drawID string, w io.Writer) error
}

// Beacons are verified rounds.
type Beacons interface {
	PasteBeacon(ctx context.Context, who service.Actor, chain beacon.Hash, b beacon.Beacon) (service.StoredBeacon, error)
	Beacon(ctx context.Context, chain beacon.Hash, round uint64) (service.StoredBeacon, error)
	Beacons(ctx context.Context, chain beacon.Hash, before uint64, limit int) ([]service.StoredBeacon, error)
}

// Relays tells of chains and of where their rounds come from.
type Relays interface {
	ChainList() []*beacon.Chain
	Relays() []service.RelayStatus
}

// Log is the public log.
type Log interface {
	LogHead(context.Context) (service.LogHead, error)
	LogEntry(ctx context.Context, seq int64) (service.LogEntry, error)
	LogEntries(ctx context.Context, from int64, limit int) ([]service.LogEntry, error)
	SubjectEntries(ctx context.Context, subject string) ([]service.LogEntry, error)
	LogProof(ctx context.Context, seq int64) ([]byte, error)
}

// Readiness tells whether the service can do its work.
type Readiness interface {
	Ready(context.Context) error
}
