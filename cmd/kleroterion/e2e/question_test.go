package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// question is a sealed poll and every ballot that was ever sent to it.
type question struct {
	poll   client.Poll
	m      *poll.Manifest
	hash   beacon.Hash
	log    identity.Key // that signs receipts
	mu     sync.Mutex
	papers []*paper
}

// paper is one ballot.
type paper struct {
	voter   string
	yes     bool
	sent    client.NewBallot
	body    beacon.Hash   // SHA-256 of the record's body
	receipt *poll.Receipt // nil while there is none
	late    bool          // refused, because the poll was closed before it was recorded
}

func newQuestion(t testing.TB, p client.Poll, vkey string) *question {
	t.Helper()
	parts := strings.SplitN(vkey, "+", 3)
	key := got(base64.StdEncoding.DecodeString(parts[2]))(t)
	q := &question{poll: p, m: got(poll.ParseManifest(p.Manifest))(t), log: identity.Ed25519Key(key[1:])}
	q.hash = poll.HashBytes(p.Manifest)
	return q
}

// fill makes a sealed ballot of each voter, on all cores: the first says yes, then no in turns.
func (q *question) fill(t testing.TB, chain *beacon.Chain, voters []voter, first bool) []*paper {
	t.Helper()
	made := make([]*paper, len(voters))
	var work sync.WaitGroup
	for part := range 4 {
		work.Go(func() {
			for i := part; i < len(voters); i += 4 {
				made[i] = q.seal(t, chain, voters[i], first == (i%2 == 0))
			}
		})
	}
	work.Wait()
	if t.Failed() {
		t.FailNow()
	}
	q.papers = append(q.papers, made...)
	return made
}

// seal runs beside the test's own goroutine: it says what is wrong and does not end the test.
func (q *question) seal(t testing.TB, chain *beacon.Chain, v voter, yes bool) *paper {
	choice := map[bool]string{true: `{"vote":"yes"}`, false: `{"vote":"no"}`}[yes]
	b, err := poll.Seal(q.m, chain, poll.Ballot{Choice: []byte(choice), Poll: q.hash, Voter: v.id}, rand.Reader)
	if err != nil {
		t.Error(err)
		return nil
	}
	cast, err := b.Sign(v.private)
	if err != nil {
		t.Error(err)
		return nil
	}
	body, err := canonical.Marshal(cast)
	if err != nil {
		t.Error(err)
	}
	return &paper{voter: v.id, yes: yes, body: sha256.Sum256(body), sent: client.NewBallot{Ballot: cast.Ballot, Signature: sentSignature(cast.Signature)}}
}

// cast sends a ballot and reads its receipt, which must be that of the first time, if there was one.
func (q *question) cast(ctx context.Context, t testing.TB, i *client.Instance, p *paper) error {
	answer, err := i.CastBallotWithResponse(ctx, q.poll.ID, p.sent)
	if err != nil {
		return err
	}
	var r poll.Receipt
	if err := canonical.Unmarshal(answer.JSON201.Receipt, &r); err != nil {
		return err
	}
	signature, err := hex.DecodeString(answer.JSON201.Signature)
	if err != nil {
		return err
	}
	if err := q.log.Verify(identity.ThingReceipt, answer.JSON201.Receipt, identity.Signature{Signature: signature}); err != nil {
		t.Errorf("the receipt of %s: %v", p.voter, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case p.late:
		t.Errorf("%s got a receipt after the refusal", p.voter)
	case r.Ballot != p.body || r.Poll != q.hash || r.N != answer.JSON201.N || r.Index != answer.JSON201.Index:
		t.Errorf("the receipt of %s is for another ballot: %+v", p.voter, r)
	case p.receipt != nil && (p.receipt.N != r.N || p.receipt.Index != r.Index || p.receipt.Leaf != r.Leaf):
		t.Errorf("%s had a receipt for %d at %d of the log and has one for %d at %d", p.voter, p.receipt.N, p.receipt.Index, r.N, r.Index)
	}
	p.receipt = &r
	return nil
}

// again sends ballots that may have been recorded: each is at the place of its receipt, if it has one.
// Who is told that the poll was closed has no ballot in it.
func (q *question) again(t testing.TB, i *client.Instance, list []*paper) {
	t.Helper()
	for n, err := range eight(t.Context(), tasks(list, func(ctx context.Context, p *paper) error { return q.cast(ctx, t, i, p) }), nil) {
		if refused(err, "closed") && list[n].receipt == nil {
			list[n].late = true
			continue
		}
		must(t, err)
	}
}

// last is each voter's ballot that counts, of those recorded.
func (q *question) last() map[string]*paper {
	last := map[string]*paper{}
	for _, p := range q.papers {
		if p.receipt != nil && (last[p.voter] == nil || last[p.voter].receipt.N < p.receipt.N) {
			last[p.voter] = p
		}
	}
	return last
}

// inLog reads the poll's records: every ballot with a receipt is where the receipt says, no other is
// there, and the poll closed and was counted once.
func (q *question) inLog(t testing.TB, i *client.Instance) {
	t.Helper()
	at, kinds := map[int64]*paper{}, map[audit.Kind]int{}
	for _, p := range q.papers {
		if p.receipt != nil {
			at[p.receipt.N] = p
		}
	}
	file := got(i.GetBallotsWithResponse(t.Context(), q.poll.ID))(t).Body
	for line := range bytes.Lines(file) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		rec := got(audit.Decode(text))(t)
		if kinds[rec.Kind]++; rec.Kind != audit.KindBallotCast {
			continue
		}
		switch p := at[rec.N]; {
		case p == nil:
			t.Errorf("record %d is a ballot without a receipt", rec.N)
		case sha256.Sum256(rec.Body) != p.body || audit.LeafHash(text) != p.receipt.Leaf:
			t.Errorf("record %d is not the ballot of its receipt, of %s", rec.N, p.voter)
		}
		delete(at, rec.N)
	}
	for n, p := range at {
		t.Errorf("%s has a receipt for record %d, and the log has no ballot there", p.voter, n)
	}
	if kinds[audit.KindPollOpen] != 1 || kinds[audit.KindPollClose] != 1 || kinds[audit.KindPollResult] != 1 || len(kinds) != 4 {
		t.Errorf("the poll's records are %v", kinds)
	}
}

// counted holds the transcript against the ballots with receipts, chamber by chamber.
func (q *question) counted(t testing.TB, i *client.Instance) []byte {
	t.Helper()
	text := got(i.GetTranscriptWithResponse(t.Context(), q.poll.ID))(t).Body
	tr := got(poll.ParseTranscript(text))(t)
	yes, no := map[string]int64{}, map[string]int64{}
	for v, p := range q.last() {
		chamber, _, _ := strings.Cut(v, "/")
		if p.yes {
			yes[chamber]++
		} else {
			no[chamber]++
		}
	}
	for _, c := range tr.Count.Chambers {
		if *c.Yes != yes[c.ID] || *c.No != no[c.ID] || c.Invalid != 0 || c.Cast != yes[c.ID]+no[c.ID] {
			t.Errorf("the %s have %d yes and %d no of %d, the receipts %d and %d", c.ID, *c.Yes, *c.No, c.Cast, yes[c.ID], no[c.ID])
		}
	}
	var records int64
	for _, p := range q.papers {
		if p.receipt != nil {
			records++
		}
	}
	if tr.Records != records || tr.Superseded != records-int64(len(q.last())) {
		t.Errorf("%d ballots were counted, %d superseded; there are %d receipts of %d voters", tr.Records, tr.Superseded, records, len(q.last()))
	}
	return text
}

// tasks makes one of each.
func tasks[T any](list []T, do func(context.Context, T) error) []func(context.Context) error {
	out := make([]func(context.Context) error, len(list))
	for i, v := range list {
		out[i] = func(ctx context.Context) error { return do(ctx, v) }
	}
	return out
}

// eight does tasks, eight at a time, and returns what became of each. done, which may be nil, is
// called with the number of those that went well, by one at a time.
func eight(ctx context.Context, all []func(context.Context) error, done func(n int)) []error {
	errs := make([]error, len(all))
	next := make(chan int)
	var mu sync.Mutex
	well := 0
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for i := range next {
				if errs[i] = all[i](ctx); errs[i] != nil || done == nil {
					continue
				}
				mu.Lock()
				well++
				done(well)
				mu.Unlock()
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	work.Wait()
	return errs
}
