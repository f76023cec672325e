package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	domain "kleroterion/service"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

// electorate is how many members vote: opening their ballots takes long enough to be met.
const electorate = 240

func TestNoBallotWithAReceiptIsLostWhenTheServiceIsKilledOnSQLite(t *testing.T) {
	t.Parallel()
	killThePolity(newCrash(t, ""))
}

func TestNoBallotWithAReceiptIsLostWhenTheServiceIsKilledOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killThePolity(newCrash(t, storetest.Postgres(t)))
}

// polity is a city with a jury and a community, under a service that is killed again and again.
type polity struct {
	*crash
	chain   *beacon.Chain
	draw    client.Draw
	steward string // token
	voters  []voter
}

func killThePolity(c *crash) {
	c.t.Helper()
	c.resume()
	c.must(c.addCity(homeCity))
	c.must(c.addKey("first"))
	c.registrar = got(client.New(c.child.url, c.token))(c.t)
	p := &polity{crash: c, chain: devChain(c.t, c.operator)}
	p.seatJury()
	p.assemble()

	first, second := p.ask("bridge", 45*time.Second), p.ask("harbour", 75*time.Second) // long enough for a busy machine
	ballots := first.fill(c.t, p.chain, p.voters, true)
	early, late := ballots[:len(ballots)-40], ballots[len(ballots)-40:]
	p.castThrough(first, early, 70)
	minds := first.fill(c.t, p.chain, p.voters[:20], false) // who change their minds
	first.again(c.t, p.public(), minds)
	p.castThrough(second, second.fill(c.t, p.chain, p.voters, false), 150)
	p.killAtClose(first, late)
	first.again(c.t, p.public(), slices.Concat(minds, early[20:], late))
	p.killWhileOpening(second)

	for _, q := range []*question{first, second} {
		await(c.t, 2*time.Minute, "the count of "+q.poll.Subject, func() bool { return p.pollNow(q).Status == client.PollStatusCounted })
		p.judge(q)
	}
	p.places(first, second)
	c.settle()
}

func (p *polity) public() *client.Instance { return got(client.New(p.child.url, ""))(p.t) }

// through does tasks and kills the service when so many of them are acknowledged; others are under
// way then.
func (p *polity) through(after int, all []func(context.Context) error) []error {
	p.t.Helper()
	before := p.kills
	errs := eight(p.t.Context(), all, func(n int) {
		if n == after {
			p.kill()
		}
	})
	if p.kills != before+1 {
		p.t.Fatalf("the service was not killed: %v", errs)
	}
	p.resume()
	return errs
}

// seatJury opens the seats of a draw and has them answered, with a kill in each.
func (p *polity) seatJury() {
	p.t.Helper()
	p.draw = decoded[client.Draw](p.t, p.must(p.open(p.ready(), "jury", 3*time.Second)))
	await(p.t, time.Minute, "the draw", func() bool {
		p.draw = *got(p.operator.GetDrawWithResponse(p.t.Context(), p.draw.ID))(p.t).JSON200
		return p.draw.Status == client.DrawStatusDrawn
	})
	p.cut(p.openSeats(), delay(2*time.Millisecond))
	p.resume()
	post := letters(p.t, p.registrar, p.draw.ID)
	errs := p.through(1, tasks(post, func(ctx context.Context, l letter) error {
		if l.seat == 1 {
			return l.decline(ctx, p.public())
		}
		return l.accept(ctx, p.public(), p.draw)
	}))
	p.answered(post, errs)
	for _, l := range letters(p.t, p.registrar, p.draw.ID) { // of the next alternate
		must(p.t, l.accept(p.t.Context(), p.public(), p.draw))
	}
	for _, s := range p.jury().Seats {
		if s.State != client.SeatStateServing || !s.HasKey {
			p.t.Fatalf("seat %d is %s", s.N, s.State)
		}
		p.voters = append(p.voters, juror(letter{seat: s.N, id: s.Holder}))
	}
}

// answered: an answer that was acknowledged is there. One that was not is there with its code used, or
// is not and its code is as good as before.
func (p *polity) answered(post []letter, errs []error) {
	p.t.Helper()
	seats := p.jury().Seats
	for i, l := range post {
		s := seats[l.seat-1]
		effect := s.State == client.SeatStateServing && s.HasKey && s.Holder == l.id
		if l.seat == 1 { // declined
			effect = s.Holder != l.id
		}
		_, err := p.public().LookAtInvitationWithResponse(p.t.Context(), client.TypedCode{Code: l.code})
		switch used := refused(err, "code"); {
		case err != nil && !used:
			p.t.Fatal(err)
		case errs[i] == nil && !effect:
			p.t.Errorf("the answer of seat %d was acknowledged and is gone: %+v", l.seat, s)
		case effect != used:
			p.t.Errorf("the answer of seat %d: in effect %t, its code used %t", l.seat, effect, used)
		case !used:
			must(p.t, l.accept(p.t.Context(), p.public(), p.draw))
		}
	}
}

func (p *polity) jury() client.Jury {
	p.t.Helper()
	return *got(p.operator.GetJuryWithResponse(p.t.Context(), p.draw.ID))(p.t).JSON200
}

func (p *polity) openSeats() *post {
	now := time.Now().Unix()
	return &post{key: "seats/" + p.draw.ID, who: registrar,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.OpenSeats(ctx, p.draw.ID, &client.OpenSeatsParams{IdempotencyKey: key},
				client.NewJury{Answer: 3600, Starts: now, Ends: now + 3600}))
		},
		took: func(*crash, []byte) {},
		strip: func(body []byte) []byte { // the seats as they stand now
			j := decoded[client.Jury](p.t, body)
			return got(json.Marshal([]any{j.Subject, j.OpenedAt, j.Starts, j.Ends}))(p.t)
		}}
}

// assemble founds the community and admits its members, with a kill on the way.
func (p *polity) assemble() {
	p.t.Helper()
	p.steward = found(p.t, p.operator, p.child.url, p.chain, 4)
	members := make([]voter, electorate)
	for n := range members {
		members[n] = member(n)
	}
	errs := p.through(90, tasks(members, func(ctx context.Context, v voter) error { return admit(ctx, p.public(), v) }))
	p.admitted(members, errs)
	p.voters = append(p.voters, members...)
}

// admitted brings again what was not acknowledged, and has what was.
func (p *polity) admitted(members []voter, errs []error) {
	p.t.Helper()
	var open []voter
	for i, err := range errs {
		if err != nil {
			open = append(open, members[i])
		}
	}
	for i, err := range eight(p.t.Context(), tasks(open, p.patiently), nil) {
		if err != nil && !refused(err, "member_seq") {
			p.t.Fatalf("%s: %v", open[i].id, err)
		}
	}
	there := map[string]client.Member{}
	for cursor := (*string)(nil); ; {
		page := got(p.operator.ListMembersWithResponse(p.t.Context(), commonsSlug, &client.ListMembersParams{Limit: new(int64(200)), Cursor: cursor}))(p.t).JSON200
		for _, m := range page.Items {
			there["members/"+m.ID] = m
		}
		if page.Next == "" {
			break
		}
		cursor = &page.Next
	}
	for _, v := range members {
		if m := there[v.id]; m.Key != *sentKey(publicOf(v.private)) || m.Seq != 1 {
			p.t.Errorf("%s was admitted and is %+v", v.id, m)
		}
	}
	if len(there) != len(members) {
		p.t.Errorf("there are %d members, %d were admitted", len(there), len(members))
	}
}

// patiently admits at the pace that the service allows to one address.
func (p *polity) patiently(ctx context.Context, v voter) (err error) {
	watch(p.t, 20*time.Millisecond, time.Minute, func() bool {
		err = admit(ctx, p.public(), v)
		return !refused(err, "rate")
	})
	return err
}

// ask opens a poll, and kills the service while it does.
func (p *polity) ask(name string, open time.Duration) *question {
	p.t.Helper()
	closes := time.Now().Add(open).Unix()
	var opened client.Poll
	p.cut(&post{key: "poll/" + name, who: func(c *crash) *client.Instance { return got(client.New(c.child.url, p.steward))(c.t) },
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.OpenPoll(ctx, commonsSlug, &client.OpenPollParams{IdempotencyKey: key}, client.NewPoll{Name: name, Draw: p.draw.ID,
				Question: "Shall it be built?", Class: client.NewPollClassOrdinary, Method: client.NewPollMethodYesNo, Closes: closes}))
		},
		took: func(c *crash, body []byte) { opened = decoded[client.Poll](c.t, body) }}, delay(5*time.Millisecond))
	p.resume()
	return newQuestion(p.t, opened, p.vkey)
}

// castThrough casts ballots, is killed in the middle and casts all of them again.
func (p *polity) castThrough(q *question, list []*paper, after int) {
	p.t.Helper()
	p.through(after, tasks(list, func(ctx context.Context, b *paper) error { return q.cast(ctx, p.t, p.public(), b) }))
	q.again(p.t, p.public(), list)
	for _, b := range list {
		if b.receipt == nil {
			p.t.Fatalf("%s was too late: the machine is slower than the poll", b.voter)
		}
	}
}

// killAtClose casts ballots in the last moments of a poll and kills the service at its closing second.
func (p *polity) killAtClose(q *question, list []*paper) {
	p.t.Helper()
	closes := time.Unix(q.poll.Closes, 0)
	delay(time.Until(closes.Add(-40 * time.Millisecond))).pass(p.t)
	over := make(chan struct{})
	go func() {
		defer close(over)
		eight(p.t.Context(), tasks(list, func(ctx context.Context, b *paper) error { return q.cast(ctx, p.t, p.public(), b) }), nil)
	}()
	delay(time.Until(closes.Add(3 * time.Millisecond))).pass(p.t)
	p.kill()
	<-over
	p.resume()
}

// killWhileOpening kills the service when a worker has the closed poll, and is counting it.
func (p *polity) killWhileOpening(q *question) {
	p.t.Helper()
	db := got(store.Open(p.t.Context(), store.Options{URL: p.database}))(p.t)
	defer db.Close() // it read
	counting := func() (ok bool) {
		must(p.t, db.Read(p.t.Context(), func(tx domain.Tx) error {
			job, err := tx.Job("poll-" + q.poll.ID)
			if err != nil {
				return err
			}
			row, err := tx.Poll(q.poll.ID)
			ok = row.State == domain.PollClosed && job.LeaseUntil > 0
			return err
		}))
		return ok
	}
	await(p.t, time.Minute, "the closing round of "+q.poll.Subject, func() bool { return time.Now().Unix() >= q.poll.Closes })
	if watch(p.t, 2*time.Millisecond, time.Minute, counting) {
		delay(40 * time.Millisecond).pass(p.t)
	}
	p.kill()
	if !counting() {
		p.t.Error("the service was not killed while it opened ballots")
	}
	p.seen["opening"]++
	p.resume()
}

func (p *polity) pollNow(q *question) client.Poll {
	p.t.Helper()
	return *got(p.operator.GetPollWithResponse(p.t.Context(), q.poll.ID))(p.t).JSON200
}

// judge holds a counted poll against the receipts, and has an auditor hold it against everything else.
func (p *polity) judge(q *question) {
	p.t.Helper()
	var standing []*paper
	for _, b := range q.last() {
		standing = append(standing, b)
	}
	q.again(p.t, p.public(), standing) // still the same places, and no new record
	q.inLog(p.t, p.operator)
	q.counted(p.t, p.operator)
	p.auditor.bundle(pollBundle(p.t, p.operator, q))
}

// pollBundle downloads a poll's bundle as soon as a checkpoint covers the result.
func pollBundle(t testing.TB, i *client.Instance, q *question) (file []byte) {
	t.Helper()
	await(t, time.Minute, "the bundle of "+q.poll.Subject, func() bool {
		res, err := i.GetPollBundleWithResponse(t.Context(), q.poll.ID)
		if refused(err, "not_published") {
			return false
		}
		must(t, err)
		file = bytes.Clone(res.Body)
		return true
	})
	return file
}

// places reads the whole log: each receipt names the place of its ballot in it.
func (p *polity) places(all ...*question) {
	p.t.Helper()
	leaves := map[int64]string{}
	for _, e := range p.wholeLog() {
		leaves[e.Seq] = e.Leaf
	}
	for _, q := range all {
		for _, b := range q.papers {
			if b.receipt != nil && leaves[b.receipt.Index] != b.receipt.Leaf.String() {
				p.t.Errorf("the receipt of %s says %s at %d of the log, there is %s", b.voter, b.receipt.Leaf, b.receipt.Index, leaves[b.receipt.Index])
			}
		}
	}
}
