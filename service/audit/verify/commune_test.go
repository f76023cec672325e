package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
)

const (
	communeSubject = "community/garden"
	membersSubject = communeSubject + "/members"
	seatsSubject   = jury + "/seats"
	pollSubject    = communeSubject + "/poll/well"
)

// commune is a community in the making, on a scene with a dev chain: what an honest service would log,
// and what tests make of it. now only goes forward.
type commune struct {
	*scene
	now        int64
	charter    *charter.Charter
	history    *charter.History
	jury       *seating.Jury
	panel      *seating.Panel   // where the jury was drawn by a lottery over panels
	result     sortition.Result // of the jury's draw
	resultOf   audit.Hash
	seq        map[string]int64 // statements about each member
	generation map[string]int   // of each member's key

	manifest *poll.Manifest
	hash     audit.Hash
	rolls    [][]byte
	sealed   map[string]string // the newest sealed ballot of each voter
	entropy  io.Reader
	polled   bool // the last of the beacons is the poll\'s
}

// privateKey is the key of somebody, derived from who they are.
func privateKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("key of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicKey(name string) identity.Key {
	return identity.Ed25519Key(privateKey(name).Public().(ed25519.PublicKey))
}

func memberID(i int) string {
	id := sha256.Sum256(fmt.Appendf(nil, "member %d", i))
	return hex.EncodeToString(id[:])
}

// counter is reproducible entropy.
type counter struct{ n uint64 }

func (c *counter) Read(p []byte) (int, error) {
	for i := 0; i < len(p); {
		c.n++
		block := sha256.Sum256(binary.BigEndian.AppendUint64(nil, c.n))
		i += copy(p[i:], block[:])
	}
	return len(p), nil
}

// newCommune has a register of 200 people, of whom 9 are drawn in three districts, with alternates.
func newCommune(t testing.TB) *commune {
	t.Helper()
	s := newScene(t)
	s.rehearse()
	entries := make([]register.Entry, 200)
	for i := range entries {
		entries[i] = register.Entry{ID: sha256.Sum256(fmt.Appendf(nil, "resident %d", i)), Features: map[string]string{"district": []string{"east", "north", "south"}[i%3]}}
	}
	var err error
	if s.register, err = register.FromEntries(entries); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := s.register.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	s.file = file.Bytes()
	start, err := s.chain.TimeOf(1000)
	if err != nil {
		t.Fatal(err)
	}
	return &commune{scene: s, now: start, seq: map[string]int64{}, generation: map[string]int{}, sealed: map[string]string{}, entropy: &counter{}}
}

// log appends a record at the present, which the log knows by its newest round.
func (c *commune) log(kind audit.Kind, subject string, body any) {
	c.t.Helper()
	c.put(kind, subject, c.roundNow(), body)
}

// list commits to the residents' register.
func (c *commune) list() {
	c.t.Helper()
	c.city()
	commit := c.commitment()
	commit.Features, commit.Households = []string{"district"}, false
	c.freeze(commit)
}

func (c *commune) drawJury() {
	c.t.Helper()
	c.list()
	c.open(1000, 123, func(m *sortition.Manifest) {
		m.OnePerHousehold = false
		m.Strata = []sortition.Stratum{{Stratum: "east", Seats: 3, Alternates: 3}, {Stratum: "north", Seats: 3, Alternates: 3}, {Stratum: "south", Seats: 3, Alternates: 3}}
	})
	c.draw()
}

// draw logs the result of the jury's draw.
func (c *commune) draw() {
	c.t.Helper()
	c.outcome(1000, nil)
	data := c.blobs[len(c.blobs)-1]
	var err error
	if c.result, err = sortition.ParseResult(data); err != nil {
		c.t.Fatal(err)
	}
	c.resultOf = sha256.Sum256(data)
}

// found adopts a charter with founders, members and a jury. change may falsify it.
func (c *commune) found(change func(*charter.Charter)) {
	c.t.Helper()
	c.log(audit.KindCommunityAdd, communeSubject, audit.CommunityAdd{Name: "The garden", Slug: "garden"})
	var attesters []identity.Attester
	for _, id := range []string{"ana", "bea", "cruz"} {
		attesters = append(attesters, identity.Attester{ID: id, Key: publicKey(id)})
	}
	ch := charter.Example("garden", "The garden", c.chain.Hash, attesters, "example")
	ch.Chambers = slices.Insert(ch.Chambers, 0, charter.Chamber{ID: charter.ChamberFounders, Share: ratio.New(1, 4)})
	ch.Chambers[1].Share, ch.Chambers[2].Seats = ratio.New(11, 20), 9
	founders := []string{memberID(0), memberID(1)}
	slices.Sort(founders)
	ch.Founders = &charter.Founders{Members: founders}
	ch.Ratchet = &charter.Ratchet{Epoch: 60, Start: c.now, Tiers: []charter.Tier{{Share: ratio.New(1, 4)}, {Share: ratio.New(1, 10), Members: 20, Hold: 1, After: 100_000}}}
	ch.Ballot.Notice, ch.Amendment.Delay = 60, 0
	if change != nil {
		change(ch)
	}
	c.charter, c.history = ch, charter.NewHistory(true)
	c.adopt(ch, nil)
}

func (c *commune) adopt(ch *charter.Charter, by *charter.PollRef) {
	c.t.Helper()
	text, err := ch.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	a := charter.Adopt{At: c.now, Charter: text, Effective: c.now, Hash: charter.HashBytes(text), Poll: by}
	if err := c.history.Adopt(a, ch); err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindCharterAdopt, communeSubject, audit.CharterAdopt{Adopt: a})
}

// statement makes a move of a member, signed as it must be: by ana and cruz, or by the member.
func (c *commune) statement(action identity.Action, member string) charter.Move {
	c.t.Helper()
	before := c.keyName(member)
	s := identity.Statement{Action: action, Community: "garden", Member: member, Seq: c.seq[member] + 1, V: 1}
	if action.WithKey() {
		c.generation[member]++
		key := publicKey(c.keyName(member))
		s.Key = &key
	}
	c.seq[member]++
	text, err := s.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	mv := charter.Move{At: c.now, Statement: s}
	if action.Own() {
		sig := identity.Sign(privateKey(before), identity.ThingStatement, text)
		mv.Signature = &sig
		return mv
	}
	for _, id := range []string{"ana", "cruz"} {
		mv.Attestations = append(mv.Attestations, identity.Attestation{Attester: id, Signature: identity.Sign(privateKey(id), identity.ThingStatement, text)})
	}
	return mv
}

func (c *commune) keyName(member string) string {
	return fmt.Sprintf("%s %d", member, c.generation[member])
}

func (c *commune) move(action identity.Action, member string) {
	c.t.Helper()
	mv := c.statement(action, member)
	if err := c.history.Move(mv); err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindMemberMove, membersSubject, audit.MemberMove{Move: mv})
	c.now++
}

// people admits the founders and 30 others; some lose their key, some are suspended, one leaves.
func (c *commune) people() {
	c.t.Helper()
	for i := range 32 {
		c.move(identity.ActionAdmit, memberID(i))
	}
	c.move(identity.ActionRotate, memberID(3))
	c.move(identity.ActionRekey, memberID(4))
	c.move(identity.ActionSuspend, memberID(5))
	c.move(identity.ActionSuspend, memberID(6))
	c.move(identity.ActionRestore, memberID(6))
	c.move(identity.ActionLeave, memberID(7))
	c.now += 60 // an epoch ends, with more than 20 members
}

// openSeats offers the seats that the draw gave.
func (c *commune) openSeats() {
	c.t.Helper()
	o := seating.Open{Answer: 100, At: c.now, Commit: c.result.Commit, Result: c.resultOf, Starts: c.now, Ends: c.now + 1_000_000, Deferral: true}
	var err error
	if c.panel != nil {
		c.jury, err = seating.NewOfPanel(seatsSubject, c.result, c.resultOf, o, true, *c.panel)
	} else {
		c.jury, err = seating.New(seatsSubject, c.result, c.resultOf, o, true)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindSeatsOpen, seatsSubject, audit.SeatsOpen{Open: o})
	c.due()
}

// due logs what follows by rule.
func (c *commune) due() {
	c.t.Helper()
	for _, m := range c.jury.Due(c.now) {
		c.seat(m)
	}
}

func (c *commune) seat(m seating.Move) {
	c.t.Helper()
	if err := c.jury.Apply(m); err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindSeatMove, seatsSubject, audit.SeatMove{Move: m})
}

// answer is an act of whoever the seat is offered to or held by.
func (c *commune) answer(act seating.Act, seat int64) seating.Move {
	m := seating.Move{Act: act, At: c.now, ID: c.jury.Seats()[seat-1].Holder, Seat: seat}
	switch act {
	case seating.Accept:
		key := publicKey("juror " + m.ID)
		m.Key = &key
	case seating.Defer, seating.Withdraw:
		m.Ground = seating.Studies
	case seating.Recuse:
		m.Ground, m.Poll = seating.Interest, pollSubject
	}
	return m
}

// seatJury fills the seats: one declines, one defers, one does not answer, one gives no key, one is
// recused for the poll.
func (c *commune) seatJury() {
	c.t.Helper()
	c.openSeats()
	c.now += 10
	c.seat(c.answer(seating.Decline, 1))
	c.seat(c.answer(seating.Defer, 5))
	for _, n := range []int64{2, 3, 4, 6, 7, 8} {
		c.seat(c.answer(seating.Accept, n))
	}
	c.due()
	c.now += 120
	c.due() // seats 1, 5 and 9 have not answered
	for _, n := range []int64{1, 5} {
		c.seat(c.answer(seating.Accept, n))
	}
	noKey := c.answer(seating.Accept, 9)
	noKey.Key, noKey.Assisted = nil, true
	c.seat(noKey)
	c.seat(c.answer(seating.Recuse, 3))
	c.now += 10
}
