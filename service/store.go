package service

import (
	"context"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
)

// Store runs transactions. It is safe for concurrent use.
type Store interface {
	// Read runs fn on one consistent snapshot. fn writes nothing.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn in one transaction that is durable when Write returns nil and leaves no trace
	// otherwise. fn may be run again after a conflict, so it has no effect outside tx.
	Write(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction. Methods return ErrNotFound, ErrExists or ErrStale, wrapped, where those
// apply; any other error is a defect or a broken database. Lists are ordered as stated, never nil.
type Tx interface {
	CityRows
	KeyRows
	RegisterRows
	ResidentRows
	UploadRows
	DrawRows
	LotteryRows
	BeaconRows
	JobRows
	LogRows
	OnceRows
	CountRows
	ProposalRows
	JuryRows
	CommunityRows
	MemberRows
	PollRows
	RoundRows
	ProjectRows
	GiftRows
	CursorRows
}

// CityRows keeps cities.
type CityRows interface {
	AddCity(City) error                              // ErrExists: slug taken
	City(slug string) (City, error)                  //
	Cities(after string, limit int) ([]City, error)  // by slug, after excluded
	SetApprovals(slug string, approvals int64) error // ErrNotFound
}

// KeyRows keeps API keys.
type KeyRows interface {
	AddKey(Key) error
	Key(id string) (Key, error)
	Keys(city string) ([]Key, error) // by creation, then id; "" lists operators
	StewardKeys(community string) ([]Key, error)
	RevokeKey(id string, at int64) error
}

// RegisterRows keeps registers and, once frozen, their public pages.
type RegisterRows interface {
	AddRegister(Register) error // ErrExists: (City, Name) taken
	Register(id string) (Register, error)
	RegisterByRoot(root beacon.Hash) (Register, error)           // a frozen one; the newest where a root was frozen twice
	Registers(city, after string, limit int) ([]Register, error) // by id
	// UpdateRegister writes all fields where id and Version match, and raises Version; else ErrStale.
	UpdateRegister(Register) error
	AddPages(registerID string, pages []Page) error
	Pages(registerID string, from int64, limit int) ([]Page, error) // by N
	// PageHashes returns the hashes of all pages in order.
	PageHashes(registerID string) ([][32]byte, error)
	// PageOf returns the page whose ids range over id; ErrNotFound when id sorts before the first.
	PageOf(registerID string, id [32]byte) (Page, error)
	DropPages(registerID string) error
}

// ResidentRows keeps the private rows. They are bulk data: implementations write them with
// multi-row statements.
type ResidentRows interface {
	AddResidents([]Resident) error // ErrExists: an id twice in a register
	Resident(registerID string, id [32]byte) (Resident, error)
	// Lines returns up to limit (id, line) pairs with id > after, by id. Record and Salt are left empty.
	Lines(registerID string, after []byte, limit int) ([]Resident, error)
	// EraseResident deletes record and salt for ever; ErrNotFound when there is no unerased row.
	EraseResident(registerID string, id [32]byte) error
	// DropResidents deletes up to limit rows and says how many are left to delete (0: none).
	DropResidents(registerID string, limit int) (deleted int64, err error)
}

// UploadRows keeps an uploaded file until its job has read it.
type UploadRows interface {
	AddChunk(upload string, n int64, data []byte, at int64) error
	Chunk(upload string, n int64) ([]byte, error)
	DropUpload(upload string) error
	DropUploadsBefore(at int64) error // those no pending job names
}

// DrawRows keeps draws.
type DrawRows interface {
	AddDraw(Draw) error // ErrExists: (Subject, Seq) taken
	Draw(id string) (Draw, error)
	DrawByCommit(commit beacon.Hash) (Draw, error)
	DrawsOf(subject string) ([]Draw, error)              // by Seq
	Draws(city, after string, limit int) ([]Draw, error) // newest first: ids descend and time-ordered; "" city lists all
	UpdateDraw(Draw) error                               // as UpdateRegister
}

// BeaconRows keeps verified rounds for ever.
type BeaconRows interface {
	// AddBeacon is idempotent; a different signature for a kept round is an error, never a change.
	AddBeacon(StoredBeacon) error
	Beacon(chain beacon.Hash, round uint64) (StoredBeacon, error)
	LatestBeacon(chain beacon.Hash) (StoredBeacon, error)
	Beacons(chain beacon.Hash, before uint64, limit int) ([]StoredBeacon, error) // newest round first; before 0: from the newest
}

// JobRows keeps jobs. Times are the caller's.
type JobRows interface {
	AddJob(Job) error // ErrExists: (Kind, DedupeKey) taken
	Job(id string) (Job, error)
	// ClaimJobs leases up to limit due pending jobs whose lease has ended, raising Fence and Attempt.
	ClaimJobs(now, leaseUntil int64, limit int) ([]Job, error)
	// UpdateJob writes State, RunAt, Step, Done, Total, LeaseUntil, Report, Error and FinishedAt where
	// ID and Fence match and the job is pending; else ErrStale.
	UpdateJob(Job) error
	// DropReports deletes for ever the reports of failed jobs on a target, "" for all, that finished at
	// or before a time: they quote cells of refused files.
	DropReports(target string, finished int64) error
}

// LogRows is the public log (docs/spec/record.md).
type LogRows interface {
	// Append adds a record at the end of its subject's chain: n and prev are set here, in the same
	// transaction as everything else that fn does.
	Append(kind audit.Kind, subject string, seen *audit.Seen, body any) (LogEntry, error)
	Entry(seq int64) (LogEntry, error)
	EntriesOf(subject string) ([]LogEntry, error) // by seq
	// EntriesAfter returns up to limit entries of a subject with N > n, by N.
	EntriesAfter(subject string, n int64, limit int) ([]LogEntry, error)
	EntriesAt(subject string, numbers []int64) ([]LogEntry, error) // those with these N that are there, by N
	LastEntry(subject string) (LogEntry, error)                    // the one with the highest N; ErrNotFound before the first
	Entries(from int64, limit int) ([]LogEntry, error)
	LogHead() (LogHead, error)
	// AddBlob keeps small public data that a record names by digest. Idempotent.
	AddBlob(data []byte) (audit.Blob, error)
	Blob(sha256 audit.Hash) ([]byte, error)
	// InclusionPath proves entry seq in the tree of the given size; ConsistencyPath old in size.
	InclusionPath(seq, size int64) ([]audit.Hash, error)
	ConsistencyPath(old, size int64) ([]audit.Hash, error)
}

// LogEntry is one record as it stands in the log.
type LogEntry struct {
	Seq     int64 // from 0
	Kind    audit.Kind
	Subject string
	N       int64
	Leaf    audit.Hash
	Record  []byte // canonical
}

// LogHead is the log's size and root, and the newest signed checkpoint with the size it covers.
type LogHead struct {
	Origin     string
	Size       int64
	Root       audit.Hash
	SignedSize int64
	Note       []byte // signed checkpoint; empty before the first
}

// OnceRows makes a request's effect happen once (Idempotency-Key). The claim is written in the
// transaction of the effect.
type OnceRows interface {
	// Claim keeps (principal, key) with the request's hash and answer. ErrExists when it is taken:
	// then Claimed tells by whom.
	Claim(Once) error
	Claimed(principal, key string) (Once, error)
	DropClaimsBefore(at int64) error
}

// Once is a remembered request and its answer.
type Once struct {
	Principal string
	Key       string
	Request   [32]byte // SHA-256 of method, path and body
	Answer    []byte   // what the caller stored to answer a replay with
	At        int64
}

// CountRows counts for metrics.
type CountRows interface {
	Counts(now int64) (Counts, error)
}

// Counts are figures of the whole instance.
type Counts struct {
	JobsDue   int64               // pending jobs whose time has come
	OldestDue int64               // when the first of them was due, 0 without one
	Draws     map[DrawState]int64 // draws by stored state; states without a draw may be missing
}
