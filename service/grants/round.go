package grants

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Round replays the records of one round in the order of the log. Make one with [New]. It is not safe
// for concurrent use.
type Round struct {
	door     Door
	roll     []donor
	donors   map[string]*donor // in roll, by name
	projects map[string]*Project
	gifts    []gift           // by record number
	recorded bool             // they came without their signatures
	found    []named          // room for what those of one call name
	once     map[string]int32 // place in gifts
	pool     funding.Amount   // of the parameters and all top-ups
	weights  map[string]int64 // by donor: parts per million
	weighed  int64            // version of the weights in force
	last     int64            // time of the newest record
	stage    stage
	opened   *beacon.File
	noJury   NoJury // why the jury's poll has no votes
	versions []*Version
	paid     map[string]funding.Amount // by project
	receipts map[string]bool           // project and reference of each payout
}

type stage int

const (
	running stage = iota
	closed
	void
)

type donor struct {
	name  string
	key   identity.Key
	gifts int // by the donor's own word
	place int // in the roll
}

// gift is a recorded gift. project is nil while it is sealed, and when it is invalid.
type gift struct {
	n        int64
	donor    *donor
	project  *Project
	amount   funding.Amount
	same     beacon.Hash
	nonce    string
	file     []byte // sealed, until it is opened
	invalid  string // rule for which an opened gift does not count
	refunded bool
}

// New returns the round of a manifest's canonical bytes before its first record. roll is the file of
// its donors, which must be the one that the manifest names.
func New(manifest, roll []byte) (*Round, error) {
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	if err := new(poll.Roll).ReadRoll(m.Roll, bytes.NewReader(roll)); err != nil {
		return nil, refuse(RuleRoll, "%v", err)
	}
	return newRound(Door{m, HashBytes(manifest)}, roll)
}

func newRound(door Door, roll []byte) (*Round, error) {
	lines, err := poll.Electors(roll)
	if err != nil {
		return nil, refuse(RuleRoll, "%v", err)
	}
	r := &Round{
		door: door, donors: make(map[string]*donor, len(lines)), projects: map[string]*Project{},
		once: map[string]int32{}, pool: door.Manifest.Params.Pool, paid: map[string]funding.Amount{}, receipts: map[string]bool{},
	}
	r.roll = make([]donor, len(lines))
	for i, l := range lines {
		r.roll[i] = donor{name: l.Voter, key: *l.Key, place: i}
		r.donors[l.Voter] = &r.roll[i]
	}
	return r, nil
}

// Door returns what decides at intake.
func (r *Round) Door() Door { return r.door }

// Pool returns what is there to share: the parameters' pool and all top-ups.
func (r *Round) Pool() funding.Amount { return r.pool }

// Last returns the time of the newest record, Unix seconds.
func (r *Round) Last() int64 { return r.last }

// Gifts returns how many gifts were recorded.
func (r *Round) Gifts() int64 { return int64(len(r.gifts)) }

// Project returns a project by its id.
func (r *Round) Project(id string) (Project, bool) {
	p, ok := r.projects[id]
	if !ok {
		return Project{}, false
	}
	return p.clone(), true
}

// Projects returns all projects that ever applied, by id.
func (r *Round) Projects() []Project {
	list := make([]Project, 0, len(r.projects))
	for _, p := range r.projects {
		list = append(list, p.clone())
	}
	slices.SortFunc(list, func(a, b Project) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func (p *Project) clone() Project {
	c := *p
	c.Decided = slices.Clone(p.Decided)
	return c
}

// Pseudonym is a donor's id in results: the first 32 hex digits of
// SHA-256("kleroterion/donor/v1\n" ‖ hash ‖ donor), with the hash of the round as 32 bytes.
func (d Door) Pseudonym(donor string) string {
	text := append(make([]byte, 0, 128), "kleroterion/donor/v1\n"...)
	sum := sha256.Sum256(append(append(text, d.Hash[:]...), donor...))
	return hex.EncodeToString(sum[:16])
}

// admits holds what every record obeys: its time, and that the round has come to its stage.
func (r *Round) admits(kind string, at int64, want stage) error {
	if r.stage != want {
		return refuse(RuleStage, "%s: the round is %s, this needs a round that is %s", kind, r.stage, want)
	}
	if at < r.last {
		return refuse(RuleTime, "%s at %d is before the record before, at %d", kind, at, r.last)
	}
	return nil
}

func (s stage) String() string {
	return [...]string{running: "running", closed: "closed", void: "void"}[s]
}

// ApplyTopup takes money added to the pool.
func (r *Round) ApplyTopup(t Topup) error {
	if err := firstError(t.Check(), r.admits("round.topup", t.At, running)); err != nil {
		return err
	}
	sum, ok := r.pool.Add(t.Amount)
	if !ok {
		return refuse(RuleAmount, "round.topup of %s: the pool would exceed 38 digits", t.Amount)
	}
	r.pool, r.last = sum, t.At
	return nil
}

// ApplyMove takes the next project.move.
func (r *Round) ApplyMove(mv Move) error {
	if err := firstError(mv.Check(), r.admits("project.move", mv.At, running)); err != nil {
		return err
	}
	var was Project
	owner := mv.Owner
	if p := r.projects[mv.Project]; p != nil {
		was, owner = *p, p.Owner
	}
	var key *identity.Key
	if d := r.donors[poll.MemberVoter(chamber, owner)]; d != nil {
		key = &d.key
	}
	next, err := r.door.NextProject(was, key, mv)
	if err != nil {
		return err
	}
	if p := r.projects[mv.Project]; p != nil {
		*p = next // gifts point to it
	} else {
		r.projects[mv.Project] = &next
	}
	r.last = mv.At
	return nil
}

// ApplyClose ends gifts and top-ups.
func (r *Round) ApplyClose(c Close) error {
	if err := firstError(c.Check(), r.admits("round.close", c.At, running)); err != nil {
		return err
	}
	if end := r.door.Manifest.GiftsEnd; c.At < end {
		return refuse(RuleTime, "round.close at %d is before gifts_end %d", c.At, end)
	}
	if c.Gifts != r.Gifts() {
		return refuse(RuleRecord, "round.close counts %d gifts, %d were recorded", c.Gifts, r.Gifts())
	}
	r.stage, r.last = closed, c.At
	return nil
}

// ApplyVoid ends a round that has no result yet: it will have none.
func (r *Round) ApplyVoid(v Void) error {
	if err := v.Check(); err != nil {
		return err
	}
	if len(r.versions) > 0 {
		return refuse(RuleStage, "round.void: the round has a result")
	}
	if err := r.admits("round.void", v.At, min(r.stage, closed)); err != nil {
		return err
	}
	r.stage, r.last = void, v.At
	return nil
}
