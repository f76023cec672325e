package e2e

import (
	"bytes"
	"context"
	"testing"
	"time"

	"kleroterion/api/client"
)

// TestReplicasCloseAndCountAPollOnce: every ballot is cast through both at once, both close the poll,
// both count it.
func TestReplicasCloseAndCountAPollOnce(t *testing.T) {
	t.Parallel()
	a, b, clock := replicas(t)
	one := newOffice(t, a.URL, a.config.AdminToken, homeCity)
	two := got(client.New(b.URL, ""))(t)
	chain := devChain(t, one.operator)
	draw, voters := seatedJury(t, one, clock)
	steward := got(client.New(b.URL, found(t, one.operator, a.URL, chain, 5)))(t)
	for n := range 60 {
		must(t, admit(t.Context(), []*client.Instance{one.operator, two}[n%2], member(n)))
		voters = append(voters, member(n))
	}
	clock.forward(2 * time.Second) // the notice
	opened := *got(steward.OpenPollWithResponse(t.Context(), commonsSlug, nil, client.NewPoll{Name: "bridge", Draw: draw.ID, Question: "Shall it be built?",
		Class: client.NewPollClassOrdinary, Method: client.NewPollMethodYesNo, Closes: clock.now().Add(time.Minute).Unix()}))(t).JSON201
	q := newQuestion(t, opened, a.VKey)
	papers := q.fill(t, chain, voters, true)
	twice := append(tasks(papers, func(ctx context.Context, p *paper) error { return q.cast(ctx, t, one.operator, p) }),
		tasks(papers, func(ctx context.Context, p *paper) error { return q.cast(ctx, t, two, p) })...)
	for _, err := range eight(t.Context(), interleaved(twice), nil) {
		must(t, err)
	}
	clock.passTo(opened.Closes + 1)
	for _, i := range []*client.Instance{one.operator, two} {
		await(t, time.Minute, "the count", func() bool {
			return got(i.GetPollWithResponse(t.Context(), opened.ID))(t).JSON200.Status == client.PollStatusCounted
		})
		q.inLog(t, i)
	}
	if x, y := q.counted(t, one.operator), q.counted(t, two); !bytes.Equal(x, y) {
		t.Errorf("the replicas counted\n%s\n%s", x, y)
	}
	newAuditor(t, a.VKey).bundle(pollBundle(t, two, q))
	a.end(t)
	b.end(t)
	newAuditor(t, a.VKey).log(publicDir(a.config.Data))
	newAuditor(t, a.VKey).log(publicDir(b.config.Data))
	sameFiles(t, publicDir(a.config.Data), publicDir(b.config.Data))
}

// interleaved puts each of the first half beside its like of the second half.
func interleaved[T any](list []T) (out []T) {
	for i := range len(list) / 2 {
		out = append(out, list[i], list[len(list)/2+i])
	}
	return out
}

// seatedJury is a draw whose five seats are taken.
func seatedJury(t testing.TB, o *office, clock *clock) (client.Draw, []voter) {
	t.Helper()
	d := o.open(o.frozen("residents", residents(t, 3, 300)), "jury", clock.now())
	clock.passTo(d.DueAt)
	d = o.drawn(d.ID)
	now := clock.now().Unix()
	got(o.registrar.OpenSeatsWithResponse(t.Context(), d.ID, nil, client.NewJury{Answer: 3600, Starts: now, Ends: now + 7200}))(t)
	var jurors []voter
	for _, l := range letters(t, o.registrar, d.ID) {
		must(t, l.accept(t.Context(), o.operator, d))
		jurors = append(jurors, juror(l))
	}
	return d, jurors
}
