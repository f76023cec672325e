package charter

import (
	"encoding/hex"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

type memberID [32]byte

// row is a Member in the size that a million of them need.
type row struct {
	id         memberID
	public     string // of the key
	rp         string // shared among the members who name the same domain
	alg        identity.Alg
	state      State
	seq        int64
	admittedAt int64
	leftAt     int64
	slot       int32 // in admissions
}

// Members replays the members' subject of one community. It is not safe for concurrent use.
type Members struct {
	rows     []row
	byID     map[memberID]int32
	byKey    map[string]int32 // public key of an active or suspended member
	domains  map[string]string
	admitted admissions
	last     int64 // time of the last move
}

// NewMembers returns a community without members.
func NewMembers() *Members {
	return &Members{byID: map[memberID]int32{}, byKey: map[string]int32{}, domains: map[string]string{}}
}

// Apply verifies one move under the charter in force and makes it effective. After an error nothing has
// changed.
func (ms *Members) Apply(c *Charter, mv Move, dev bool) error {
	next, err := ms.plan(c, mv, dev)
	if err != nil {
		return err
	}
	ms.commit(next, mv.At)
	return nil
}

// Member returns the member with this id.
func (ms *Members) Member(id string) (Member, bool) {
	i, ok := ms.find(id)
	if !ok {
		return Member{}, false
	}
	return ms.rows[i].member(), true
}

// Len is the number of people who are or were members.
func (ms *Members) Len() int { return len(ms.rows) }

// plan is Apply up to the point where nothing can fail any more.
func (ms *Members) plan(c *Charter, mv Move, dev bool) (Member, error) {
	if mv.At < ms.last {
		return Member{}, refuse(ruleTime, "/at", "%d is before the last move at %d", mv.At, ms.last)
	}
	was, _ := ms.Member(mv.Statement.Member)
	next, err := c.Next(was, mv, dev)
	if err != nil {
		return Member{}, err
	}
	if i, taken := ms.byKey[string(next.Key.Public)]; taken && ms.rows[i].id != parseID(next.ID) {
		return Member{}, refuse(ruleKeyTaken, "/statement/key", "the key belongs to member %x", ms.rows[i].id)
	}
	return next, nil
}

func (ms *Members) commit(next Member, at int64) {
	i, known := ms.find(next.ID)
	if !known {
		i = int32(len(ms.rows))
		ms.rows = append(ms.rows, row{id: parseID(next.ID)})
		ms.byID[ms.rows[i].id] = i
	}
	r := &ms.rows[i]
	if ms.byKey[r.public] == i { // the key of somebody who left may be another's by now
		delete(ms.byKey, r.public)
	}
	ms.recount(r, next, at)
	r.public, r.rp, r.alg = string(next.Key.Public), ms.domain(next.Key.RP), next.Key.Alg
	r.state, r.seq, r.admittedAt, r.leftAt = next.State, next.Seq, next.AdmittedAt, next.LeftAt
	if r.state != StateLeft {
		ms.byKey[r.public] = i
	}
	ms.last = at
}

// recount keeps the admissions in step with the move from r to next.
func (ms *Members) recount(r *row, next Member, at int64) {
	switch {
	case next.State == StateActive && (r.state == "" || r.state == StateLeft):
		r.slot = ms.admitted.add(at)
	case next.State == StateActive && r.state == StateSuspended:
		ms.admitted.change(r.slot, 1)
	case next.State != StateActive && r.state == StateActive:
		ms.admitted.change(r.slot, -1)
	}
}

// domain keeps one copy of each relying party's name.
func (ms *Members) domain(rp string) string {
	if kept, ok := ms.domains[rp]; ok {
		return kept
	}
	ms.domains[rp] = rp
	return rp
}

func (ms *Members) find(id string) (int32, bool) {
	if !isMember(id) {
		return 0, false
	}
	i, ok := ms.byID[parseID(id)]
	return i, ok
}

// parseID reads an id whose form was checked.
func parseID(id string) memberID {
	var b memberID
	_, _ = hex.Decode(b[:], []byte(id)) // it cannot fail
	return b
}

func (r *row) member() Member {
	return Member{ID: hex.EncodeToString(r.id[:]), State: r.state, Key: r.key(), Seq: r.seq, AdmittedAt: r.admittedAt, LeftAt: r.leftAt}
}

func (r *row) key() identity.Key {
	return identity.Key{Alg: r.alg, Public: canonical.Hex(r.public), RP: r.rp}
}
