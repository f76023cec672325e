package service_test

import (
	"sync"
	"testing"

	"kleroterion/service"
	"kleroterion/service/poll"
)

// TestBallotsThatMeetEachGetTheirOwnAnswer casts at once: good ones, a second of the same voter, and one
// by a stranger's key. Each is answered for itself.
func TestBallotsThatMeetEachGetTheirOwnAnswer(t *testing.T) {
	const members = 40
	c := newPolity(t, members)
	p := c.openedPoll("meeting")
	casts := make([]poll.Cast, members)
	for i := range casts {
		casts[i] = c.ballot(p, poll.MemberVoter("members", token(i)), yes)
	}
	casts[7].Signature.Signature[0] ^= 1
	receipts, errs := make([]service.Receipt, members), make([]error, members)
	var all sync.WaitGroup
	for i := range casts {
		all.Go(func() { receipts[i], errs[i] = c.Cast(t.Context(), p.ID, casts[i]) })
	}
	all.Wait()
	places := map[int64]bool{}
	for i := range casts {
		if i == 7 {
			wantRefusal(t, errs[i], service.KindInvalid, poll.RuleSignature)
			continue
		}
		must(t, errs[i])
		places[receipts[i].Promise.Index] = true
	}
	v, err := c.Poll(t.Context(), p.ID)
	must(t, err)
	if len(places) != members-1 || v.Ballots != members-1 || v.Voters != members-1 {
		t.Errorf("%d places, %d ballots of %d voters, want %d", len(places), v.Ballots, v.Voters, members-1)
	}
	c.counted(p)
	c.verified(p)
}

func TestPollFullOfBallotsOfOneVoterRefusesTheNext(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("many")
	voter := poll.MemberVoter("members", token(0))
	for range poll.MaxCasts {
		c.vote(p, voter, yes)
	}
	_, err := c.Cast(t.Context(), p.ID, c.ballot(p, voter, no))
	wantRefusal(t, err, service.KindConflict, poll.RuleTooMany)
	if got := c.counted(p); got.Superseded != poll.MaxCasts-1 || *got.Count.Chambers[0].Yes != 1 {
		t.Errorf("%d superseded, %+v", got.Superseded, got.Count.Chambers[0])
	}
	c.verified(p)
}
