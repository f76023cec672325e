package e2e

import (
	"bytes"
	"context"
	"testing"
	"time"

	"kleroterion/api/client"
)

// TestReplicasCloseAndMatchARoundOnce: every gift is sent to both at once, both close the round, match it
// and correct it.
func TestReplicasCloseAndMatchARoundOnce(t *testing.T) {
	t.Parallel()
	a, b, clock := replicas(t)
	one, two := got(client.New(a.URL, a.config.AdminToken))(t), got(client.New(b.URL, ""))(t)
	got(one.AddCityWithResponse(t.Context(), nil, client.NewCity{Slug: homeCity, Name: "Home"}))(t)
	chain := devChain(t, one)
	steward := got(client.New(b.URL, found(t, one, a.URL, chain, 5)))(t)
	var people []voter
	for n := range 15 {
		must(t, admit(t.Context(), []*client.Instance{one, two}[n%2], member(n)))
		people = append(people, member(n))
	}
	start := clock.now().Add(time.Minute).Unix()
	opened := got(steward.OpenRoundWithResponse(t.Context(), commonsSlug, nil, newRound("spring", client.NewRoundModeSealed, start, 60)))(t).JSON201
	f := newFund(t, *opened, a.VKey)
	f.apply(t, one, steward, people)
	gifts := f.fill(t, chain, people[len(projects):])
	clock.passTo(start)
	twice := append(tasks(gifts, func(ctx context.Context, p *present) error { return f.give(ctx, t, one, p) }),
		tasks(gifts, func(ctx context.Context, p *present) error { return f.give(ctx, t, two, p) })...)
	for _, err := range eight(t.Context(), interleaved(twice), nil) {
		must(t, err)
	}
	clock.passTo(opened.DueAt + 1)
	for _, i := range []*client.Instance{one, two} {
		await(t, time.Minute, "the result", func() bool {
			return got(i.GetRoundWithResponse(t.Context(), opened.ID))(t).JSON200.Status == client.RoundStatusFinal
		})
		f.inLog(t, i, 1)
	}
	struck := gifts[0].donor
	job := got(steward.CorrectRoundWithResponse(t.Context(), opened.ID, nil, f.strike(struck)))(t).JSON202
	got(steward.WaitCorrection(t.Context(), opened.ID, job.ID))(t)
	f.inLog(t, one, 2)
	f.matched(t, one, 1, "")
	if x, y := f.matched(t, one, 2, struck), f.matched(t, two, 2, struck); !bytes.Equal(x, y) {
		t.Errorf("the replicas matched\n%s\n%s", x, y)
	}
	newAuditor(t, a.VKey).bundle(fundBundle(t, two, f))
	a.end(t)
	b.end(t)
	newAuditor(t, a.VKey).log(publicDir(a.config.Data))
	newAuditor(t, a.VKey).log(publicDir(b.config.Data))
	sameFiles(t, publicDir(a.config.Data), publicDir(b.config.Data))
}

// strike asks for a version without a donor.
func (f *fund) strike(donor string) client.NewCorrection {
	return client.NewCorrection{Reason: "not one person", Changes: []client.Correction{{Donor: f.door.Pseudonym(donor), What: client.CorrectionWhatStruck}}}
}
