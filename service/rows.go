package service

import "kleroterion/randomness/beacon"

// ProposalRows keeps draws that wait for a second official.
type ProposalRows interface {
	AddProposal(Proposal) error
	Proposal(id string) (Proposal, error)
	Proposals(city, after string, limit int) ([]Proposal, error) // newest first: ids descend and are time-ordered
	UpdateProposal(Proposal) error                               // State, DrawID and ApprovedBy where id and Version match, and raises Version; else ErrStale
}

// JuryRows keeps what a draw's seats need beside their records in the log.
type JuryRows interface {
	AddJury(Jury) error // ErrExists: Subject or DrawID taken
	Jury(subject string) (Jury, error)
	JuryOf(drawID string) (Jury, error)
	// PutCode replaces the code of (Subject, Seat, Purpose): the one before is void.
	PutCode(Code) error
	CodeByHash(hash [32]byte) (Code, error)
	// UseCode sets UsedAt where the code is unused; else ErrStale.
	UseCode(hash [32]byte, at int64) error
	DropCodesBefore(deadline int64) error // those whose deadline is before
}

// CommunityRows keeps communities and their charters.
type CommunityRows interface {
	AddCommunity(Community) error // ErrExists: slug taken
	Community(slug string) (Community, error)
	Communities(after string, limit int) ([]Community, error) // by slug
	AddCharter(Charter) error                                 // ErrExists: (Community, Seq) taken
	Charters(community string) ([]Charter, error)             // by Seq
}

// MemberRows keeps members as the log tells them.
type MemberRows interface {
	Member(community, id string) (Member, error)
	// PutMember adds the member (Version 1, where none is kept) or replaces it where Version-1 is kept; else
	// ErrStale. ErrExists: another member of the community who has not left has this key.
	PutMember(Member) error
	Members(community, after string, limit int) ([]Member, error) // by id
	CountMembers(community string) (active int64, err error)
}

// PollRows keeps polls and who may vote in them.
type PollRows interface {
	AddPoll(Poll) error // ErrExists: Subject taken
	Poll(id string) (Poll, error)
	PollByHash(hash beacon.Hash) (Poll, error)
	Polls(community, after string, limit int) ([]Poll, error) // newest first; "" lists all
	UpdatePoll(Poll) error                                    // as UpdateRegister; not Ballots and Voters
	AddElectors([]Elector) error                              // bulk
	Elector(poll, voter string) (Elector, error)
	ForeseeElectors(poll string, voters []string) error // reads at once what Elector and CastBallot ask about them; changes no answer
	// CastBallot counts a ballot: e.Casts is the value as it was read before, e.Last the number of the new
	// record. The elector's row becomes Casts+1 and Last where its Casts is e.Casts, else ErrStale. The
	// poll's row, where its state is open, gets Ballots+1, and Voters+1 if e.Casts is 0, else ErrStale.
	// After ErrStale neither row has changed. The poll's Version stays.
	CastBallot(e Elector) error
}

// CursorRows remembers how far a connector has read the log.
type CursorRows interface {
	Cursor(name string) (seq int64, err error) // 0 for a new one
	SetCursor(name string, seq int64) error
}

// ProposalState is where a proposed draw stands.
type ProposalState string

// The states of a proposal.
const (
	ProposalWaiting  ProposalState = "waiting"
	ProposalOpened   ProposalState = "opened"
	ProposalRejected ProposalState = "rejected"
)

// Proposal is a draw that one official asked for and another has to approve.
type Proposal struct {
	ID         string
	City       string
	Request    []byte // JSON of the NewDraw
	ProposedBy string // key id
	ApprovedBy string // key id, "" while waiting
	State      ProposalState
	DrawID     string
	CreatedAt  int64
	Version    int64
}

// Jury is a draw's seats; what happened to them is in the log.
type Jury struct {
	Subject   string // of the seats
	DrawID    string
	City      string
	Register  string // id of the register whose private rows the letters come from
	CreatedAt int64
}

// CodePurpose says what a code opens.
type CodePurpose string

// The purposes of a code.
const (
	CodeAnswer CodePurpose = "answer" // an invitation
	CodeKey    CodePurpose = "key"    // a new key for a seat
)

// Code is a one-time code in a letter, of which only the digest is kept.
type Code struct {
	Subject   string
	Seat      int64
	Purpose   CodePurpose
	Hash      [32]byte
	Person    string // register id, 64 hex
	Deadline  int64
	PrintedAt int64
	UsedAt    int64 // 0: unused
}

// Community is one with a charter.
type Community struct {
	Slug      string
	Name      string
	CreatedAt int64
}

// Charter is one version of a community's rules.
type Charter struct {
	Community string
	Seq       int64
	Hash      beacon.Hash
	Charter   []byte // canonical
	At        int64
	Effective int64
	Poll      string // id of the poll that adopted it, "" for the first
}

// Member is one membership as it stands.
type Member struct {
	Community  string
	ID         string // 64 hex
	State      string // active, suspended or left
	Key        []byte // canonical
	Seq        int64
	AdmittedAt int64
	LeftAt     int64
	Version    int64
}

// PollState is where a poll stands.
type PollState string

// The states of a poll.
const (
	PollOpen    PollState = "open"
	PollClosed  PollState = "closed" // no more ballots, the round is not there
	PollCounted PollState = "counted"
	PollVoid    PollState = "void"
)

// Poll is a question put to a community (docs/spec/poll.md).
type Poll struct {
	ID         string
	Community  string
	Subject    string
	State      PollState
	Manifest   []byte // canonical
	Hash       beacon.Hash
	Chain      beacon.Hash
	Round      uint64
	Opens      int64
	Closes     int64
	DueAt      int64 // time of the round
	Rehearsal  bool
	Ballots    int64  // recorded
	Voters     int64  // who have one at least
	Outcome    []byte // canonical, empty until counted
	Transcript beacon.Hash
	VoidReason string
	EndedAt    int64
	Version    int64
}

// Elector is one line of a poll's roll.
type Elector struct {
	Poll  string
	Voter string // members/<id>, founders/<id> or jury/<seat>
	Key   []byte // canonical; empty: a seat without a key
	Casts int64  // ballots recorded
	Last  int64  // number in the poll's subject of the newest, 0: none
}
