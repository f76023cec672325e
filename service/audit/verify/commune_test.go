package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
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

func (c *commune) drawJury() {
	c.t.Helper()
	c.city()
	commit := c.commitment()
	commit.Features, commit.Households = []string{"district"}, false
	c.freeze(commit)
	c.open(1000, 123, func(m *sortition.Manifest) {
		m.OnePerHousehold = false
		m.Strata = []sortition.Stratum{{Stratum: "east", Seats: 3, Alternates: 3}, {Stratum: "north", Seats: 3, Alternates: 3}, {Stratum: "south", Seats: 3, Alternates: 3}}
	})
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
	if c.jury, err = seating.New(seatsSubject, c.result, c.resultOf, o, true); err != nil {
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

// state is what a service knows when it opens the poll.
func (c *commune) state() poll.State {
	c.t.Helper()
	ch, hash, tier, _, err := c.history.At(c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	s := poll.State{Charter: ch, Hash: hash, Tier: tier, Chain: c.chain,
		Members: c.history.Members().Roll(ch, charter.ChamberMembers), Founders: c.history.Members().Roll(ch, charter.ChamberFounders)}
	subjects := []string{communeSubject, membersSubject}
	if c.jury != nil {
		s.Jury, s.Seats = c.jury, 9
		subjects = append(subjects, seatsSubject)
	}
	for _, subject := range subjects {
		s.Counted = append(s.Counted, poll.Counted{Last: c.prev[subject], Records: c.n[subject], Subject: subject})
	}
	return s
}

func (c *commune) question() poll.Question {
	return poll.Question{Name: "well", Text: "Do we dig a well?", Class: poll.ClassOrdinary, Method: "yes_no", Opens: c.now, Closes: c.now + 600}
}

// openPoll opens the poll that follows from the state. change may falsify it, and the rolls.
func (c *commune) openPoll(q poll.Question, change func(*commune)) {
	c.t.Helper()
	var err error
	if c.manifest, c.rolls, err = poll.Build(c.state(), q); err != nil {
		c.t.Fatal(err)
	}
	if change != nil {
		change(c)
	}
	text, err := c.manifest.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	c.hash = poll.HashBytes(text)
	c.log(audit.KindPollOpen, pollSubject, audit.PollOpen{Open: poll.Open{Hash: c.hash, Manifest: text}})
	c.now++
}

// ballotBy is a ballot of a voter, sealed when the poll is, and not signed yet.
func (c *commune) ballotBy(voter, vote string) poll.Ballot {
	c.t.Helper()
	b := poll.Ballot{Choice: fmt.Appendf(nil, `{"vote":%q}`, vote), Poll: c.hash, V: 1, Voter: voter}
	if c.manifest.Mode == poll.ModeOpen {
		return b
	}
	b, err := poll.Seal(c.manifest, c.chain, b, c.entropy)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sealed[voter] = b.Sealed
	return b
}

// cast logs a ballot signed by this key.
func (c *commune) cast(b poll.Ballot, key string) {
	c.t.Helper()
	body, err := b.Sign(privateKey(key))
	if err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindBallotCast, pollSubject, audit.BallotCast{Cast: body})
	c.now++
}

// vote casts the ballot of a member, founder or juror.
func (c *commune) vote(voter, vote string) {
	c.t.Helper()
	c.cast(c.ballotBy(voter, vote), c.keyOf(voter))
}

func (c *commune) keyOf(voter string) string {
	c.t.Helper()
	var seat int64
	if _, err := fmt.Sscanf(voter, "jury/%d", &seat); err == nil {
		return "juror " + c.jury.Seats()[seat-1].Holder
	}
	_, id, _ := bytes.Cut([]byte(voter), []byte("/"))
	return c.keyName(string(id))
}

func member(i int) string { return "members/" + memberID(i) }

// everybody votes: members and jurors, some again, one with the ballot of another, one with noise.
func (c *commune) everybody() {
	c.t.Helper()
	for i := 8; i < 30; i++ {
		c.vote(member(i), []string{"yes", "yes", "no"}[i%3])
	}
	c.vote(member(8), "no")
	c.vote(member(8), "yes")
	c.vote(member(9), "abstain")
	for _, seat := range []int64{1, 2, 4, 6, 7} {
		if c.manifest.Jury == nil {
			break
		}
		c.vote(fmt.Sprintf("jury/%d", seat), "yes")
	}
	if c.manifest.Mode == poll.ModeSealed {
		c.cast(poll.Ballot{Poll: c.hash, Sealed: c.sealed[member(8)], V: 1, Voter: member(30)}, c.keyOf(member(30)))
		noise, err := base64.StdEncoding.DecodeString(c.sealed[member(10)])
		if err != nil {
			c.t.Fatal(err)
		}
		noise[len(noise)-5] ^= 1
		c.cast(poll.Ballot{Poll: c.hash, Sealed: base64.StdEncoding.EncodeToString(noise), V: 1, Voter: member(31)}, c.keyOf(member(31)))
	}
}

func (c *commune) closePoll(change func(*poll.Close)) {
	c.t.Helper()
	c.now = max(c.now, c.manifest.Closes)
	b := poll.Close{At: c.now, Ballots: c.ballots(), Hash: c.hash}
	if change != nil {
		change(&b)
	}
	c.log(audit.KindPollClose, pollSubject, audit.PollClose{Close: b})
}

func (c *commune) ballots() (n int64) {
	for _, r := range c.records(pollSubject) {
		if r.Kind == audit.KindBallotCast {
			n++
		}
	}
	return n
}

func (c *commune) records(subject string) (list []audit.Record) {
	c.t.Helper()
	for i, s := range c.subjects {
		if s == subject {
			r, err := audit.Decode(c.entries[i])
			if err != nil {
				c.t.Fatal(err)
			}
			list = append(list, r)
		}
	}
	return list
}

// count tallies as a service would, and lets change falsify transcript and record.
func (c *commune) count(change func(*poll.Transcript, *poll.Result)) {
	c.t.Helper()
	var roll poll.Roll
	for i, ref := range c.manifest.Rolls {
		if err := roll.ReadRoll(ref, bytes.NewReader(c.rolls[i])); err != nil {
			c.t.Fatal(err)
		}
	}
	box := poll.NewBox(c.manifest, c.hash, &roll)
	var list []poll.Record
	for _, r := range c.records(pollSubject) {
		if r.Kind == audit.KindBallotCast {
			list = append(list, poll.Record{N: r.N, Body: r.Body})
		}
	}
	if err := box.Add(c.t.Context(), list); err != nil {
		c.t.Logf("ballots: %v", err) // a forger counts all the same
	}
	closing := c.sign(c.manifest.Beacon.Round)
	tr, err := box.Count(c.t.Context(), c.chain, closing, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.resolve(tr, change)
}

func (c *commune) resolve(tr poll.Transcript, change func(*poll.Transcript, *poll.Result)) {
	c.t.Helper()
	body := poll.Result{Beacon: tr.Beacon, Hash: c.hash, Outcome: tr.Count.Outcome}
	if change != nil {
		change(&tr, &body)
	}
	text, err := tr.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	if body.Transcript.Bytes == 0 {
		body.Transcript = poll.FileOf(text)
	}
	due, err := c.chain.TimeOf(c.manifest.Beacon.Round)
	if err != nil {
		c.t.Fatal(err)
	}
	c.now = max(c.now, due)
	c.log(audit.KindPollResult, pollSubject, audit.PollResult{Result: body})
	c.rolls = append(c.rolls, text) // the blobs of the poll
	c.beacons, c.polled = append(c.beacons, body.Beacon), true
}

// pollContents packs the poll; the last beacon of the scene is the poll's when it has a result.
func (c *commune) pollContents() bundle.PollContents { c.t.Helper(); return c.pollUnder(c.note()) }

func (c *commune) pollUnder(note []byte) bundle.PollContents {
	c.t.Helper()
	p := bundle.PollContents{CreatedBy: "kleroterion test", Subject: pollSubject, Rehearsal: true, Chains: c.devs, Policy: []byte(logPolicy())}
	if c.polled {
		p.Beacons = c.beacons[len(c.beacons)-1:]
	}
	subjects := []string{communeSubject, membersSubject, pollSubject}
	if c.jury != nil {
		subjects = slices.Insert(subjects, 2, seatsSubject)
		p.Draws = []bundle.Draw{drawOf(packed(c.t, c.drawContents(note)))}
	}
	for _, s := range subjects {
		p.Threads = append(p.Threads, c.thread(s, note))
	}
	for _, data := range c.rolls {
		p.Blobs = append(p.Blobs, blobOf(data))
	}
	return p
}

func drawOf(b []byte) bundle.Draw {
	return bundle.Draw{Subject: jury, SHA256: sha256.Sum256(b), Bytes: int64(len(b)), Open: reading(b)}
}

func (c *commune) drawContents(note []byte) bundle.Contents {
	d := c.contents(note)
	d.Beacons = d.Beacons[:1]
	return d
}

func (c *commune) thread(subject string, note []byte) bundle.Thread {
	c.t.Helper()
	var text []byte
	last := -1
	for i, s := range c.subjects {
		if s == subject {
			text, last = append(append(text, c.entries[i]...), '\n'), i
		}
	}
	path, err := tlog.ProveRecord(int64(len(c.entries)), int64(last), c)
	if err != nil {
		c.t.Fatal(err)
	}
	p := checkpoint.Proof{Index: int64(last), Note: note}
	for _, h := range path {
		p.Path = append(p.Path, audit.Hash(h))
	}
	proof, err := p.Marshal()
	if err != nil {
		c.t.Fatal(err)
	}
	return threadOf(subject, text, proof)
}

func threadOf(subject string, text, proof []byte) bundle.Thread {
	return bundle.Thread{Subject: subject, Open: reading(text), Bytes: int64(len(text)), SHA256: sha256.Sum256(text), Proof: proof}
}

func reading(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

func packedPoll(t testing.TB, p bundle.PollContents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := bundle.WritePoll(&buf, p); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (c *commune) packPoll() []byte { c.t.Helper(); return packedPoll(c.t, c.pollContents()) }

// begun is a community with its people and its jury, ready to be asked.
func begun(t testing.TB, change func(*charter.Charter)) *commune {
	t.Helper()
	c := newCommune(t)
	c.drawJury()
	c.found(change)
	c.people()
	c.seatJury()
	return c
}

// polled is a whole honest poll.
func polled(t testing.TB) *commune {
	t.Helper()
	c := begun(t, nil)
	c.openPoll(c.question(), nil)
	c.finishPoll()
	return c
}

func (c *commune) finishPoll() {
	c.t.Helper()
	c.everybody()
	c.closePoll(nil)
	c.count(nil)
}
