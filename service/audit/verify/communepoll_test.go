package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
)

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
	for i := 8; i < 18; i++ {
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
