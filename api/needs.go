package api

import (
	"context"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service"
)

// Service is the use cases that this package serves; *service.Service has them all. Methods return
// *service.Error for a refusal and are safe for concurrent use.
type Service interface {
	Cities
	Keys
	Registers
	Uploads
	Residents
	Draws
	DrawFiles
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
}

// Keys says who may act. Once makes the effect of fn happen once for a key of the caller's choice.
type Keys interface {
	Authenticate(ctx context.Context, token string) (service.Actor, error)
	Setup(ctx context.Context, token string) (service.Key, string, error)
	AddKey(context.Context, service.Actor, service.NewKey) (service.Key, string, error)
	Keys(ctx context.Context, who service.Actor, city string) ([]service.Key, error)
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
