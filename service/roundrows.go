package service

import (
	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// RoundRows keeps funding rounds, who may give in them, and their public acts.
type RoundRows interface {
	AddRound(Round) error // ErrExists: Subject taken
	Round(id string) (Round, error)
	RoundByHash(hash beacon.Hash) (Round, error)
	Rounds(community, after string, limit int) ([]Round, error) // newest first; "" lists all
	// UpdateRound writes all fields but Gifts where id and Version match, keeps the later LastAt, and raises
	// Version; else ErrStale.
	UpdateRound(Round) error
	AddGivers([]Giver) error // bulk
	Giver(round, donor string) (Giver, error)
	AddAct(Act) error // ErrExists: (Round, N) taken
	// Acts returns up to limit acts with N > after, by N; kind "" returns all kinds.
	Acts(round string, kind audit.Kind, after int64, limit int) ([]Act, error)
}

// ProjectRows keeps the projects of rounds as the log tells them.
type ProjectRows interface {
	// PutProject adds the project (Seq 1, where none is kept) or replaces it where Seq-1 is kept; else ErrStale.
	PutProject(Project) error
	Project(round, id string) (Project, error)
	Projects(round, after string, limit int) ([]Project, error) // by id
	CountProjects(round string, state grants.State) (int64, error)
}

// GiftRows keeps recorded gifts.
type GiftRows interface {
	// AddGift keeps a gift and counts it: the round's row, where its state is open, gets Gifts+1 and the
	// later LastAt, else ErrStale; a signed gift (giver not nil) raises the giver's Gifts where it is
	// giver.Gifts, else ErrStale. ErrExists: (Round, Once) taken. After an error nothing has changed; the round's Version stays.
	AddGift(g Gift, giver *Giver) error
	GiftByOnce(round, once string) (Gift, error)
	// ForeseeGifts reads at once what Giver, GiftByOnce and AddGift ask about these donors and names. It
	// changes no answer.
	ForeseeGifts(round string, donors, names []string) error
	Gift(round string, n int64) (Gift, error)
	// Gifts returns up to limit gifts with N > after, by N; donor "" returns everybody's.
	Gifts(round, donor string, after int64, limit int) ([]Gift, error)
	RefundGift(round string, n int64) error // sets Refunded; ErrStale: refunded already or not there
}

// RoundState is where a funding round stands.
type RoundState string

// The states of a funding round. Whether applications or gifts are taken, the clock says.
const (
	RoundOpen   RoundState = "open"
	RoundClosed RoundState = "closed" // no more gifts; waits for beacon, jury or matching
	RoundFinal  RoundState = "final"  // has a result
	RoundVoid   RoundState = "void"
)

// Round is a funding round of a community (docs/spec/round.md).
type Round struct {
	ID         string
	Community  string
	Subject    string
	State      RoundState
	Manifest   []byte // canonical
	Hash       beacon.Hash
	Chain      beacon.Hash // the charter's
	Beacon     uint64      // round that opens a sealed one; 0: open
	Opens      int64
	GiftsStart int64
	GiftsEnd   int64
	DueAt      int64 // when the result can be known: GiftsEnd, or the time of Beacon
	Rehearsal  bool
	Pool       funding.Amount // params.pool and all top-ups
	Gifts      int64          // recorded, refunded ones with them
	Weights    int64          // version of the weights in force, 0: none
	LastAt     int64          // `at` of the newest record
	Versions   int64          // results
	Result     beacon.Hash    // file of the newest result
	Digest     beacon.Hash    // of what projects get by it
	Payouts    int64
	VoidReason string
	EndedAt    int64 // first result or void
	Version    int64
}

// Giver is one line of a round's roll.
type Giver struct {
	Round string
	Donor string // members/<id>
	Key   []byte // canonical
	Gifts int64  // recorded, that the donor signed
}

// Act is a record of a round that is no gift, as it stands in the log, so that nobody searches for it
// among the gifts.
type Act struct {
	Round string
	N     int64 // number in the round's subject
	Kind  audit.Kind
	Body  []byte // canonical
}

// Project is a project of a round as it stands.
type Project struct {
	Round     string
	AppliedAt int64
	grants.Project
}

// Gift is one recorded gift.
type Gift struct {
	Round    string
	N        int64  // number in the round's subject
	Donor    string // members/<id>
	Once     string // grants.Claim
	Same     beacon.Hash
	Project  string         // "" where sealed
	Amount   funding.Amount // 0 where sealed
	Paid     bool           // recorded by a connector
	At       int64
	Refunded bool
}
