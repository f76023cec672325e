package service_test

import (
	"testing"

	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// pass votes for an amendment with everybody.
func (c *polity) pass(p service.Poll, members int) {
	c.t.Helper()
	for i := range members {
		c.vote(p, poll.MemberVoter("members", token(i)), yes)
	}
	for seat := range int64(6) {
		c.vote(p, poll.SeatVoter(seat+1), yes)
	}
}

func TestOfTwoAmendmentsThatPassOneIsAdoptedAndBothAreCounted(t *testing.T) {
	c := newPolity(t, 3)
	var polls []service.Poll
	for _, name := range []string{"one", "two"} {
		p, err := c.OpenPoll(t.Context(), c.steward, c.amendment(name, c.amended(func(n *charter.Charter) { n.Name = "Commons " + name })))
		must(t, err)
		c.pass(p, 3)
		polls = append(polls, p)
	}
	c.counted(polls[0])
	c.counted(polls[1])
	list, err := c.Charters(t.Context(), "commons")
	must(t, err)
	if len(list) != 2 {
		t.Errorf("%d charters, want the first and one amendment", len(list))
	}
	for _, p := range polls {
		c.verified(p)
		if job, err := c.Job(t.Context(), c.operator, "poll-"+p.ID); err != nil || job.State != service.JobDone {
			t.Errorf("job of %s: %s, %v", p.Subject, job.State, err)
		}
	}
	later := c.openedPoll("later")
	c.counted(later)
	c.verified(later)
}

func TestPollInTheSecondOfAnAdoptionOpensUnderTheNewCharter(t *testing.T) {
	c := newPolity(t, 3)
	p, err := c.OpenPoll(t.Context(), c.steward, c.amendment("rename", c.amended(func(n *charter.Charter) { n.Name = "New" })))
	must(t, err)
	c.pass(p, 3)
	c.clock.Store(p.Closes)
	c.work()
	c.clock.Store(p.DueAt + 5)
	c.admit(7) // in the second of the adoption, so that this comes a second later
	c.work()
	next := c.openedPoll("next")
	m, err := poll.ParseManifest(next.Manifest)
	must(t, err)
	list, err := c.Charters(t.Context(), "commons")
	must(t, err)
	if len(list) != 2 || m.Charter != list[1].Hash || m.Opens < list[1].Effective {
		t.Errorf("the poll opens at %d under %s; charter 2 is %s", m.Opens, m.Charter, list[len(list)-1].Hash)
	}
	c.vote(next, "members/"+token(7), yes)
	c.counted(next)
	c.verified(next)
}

func TestRecordsNeverGoBackWhenTheClockDoes(t *testing.T) {
	c := newPolity(t, 2)
	c.clock.Add(500)
	c.counted(c.openedPoll("before")) // the log has seen a round
	c.admit(2)
	c.clock.Add(-600)
	c.admit(3)
	letters, err := c.Letters(t.Context(), c.registrar, c.draw.ID, service.CodeKey, []int64{1})
	must(t, err)
	_, err = c.Answer(t.Context(), letters[0].Code, service.Answer{Act: "withdraw", Ground: "moved"})
	must(t, err)
	_, err = c.Undeliverable(t.Context(), c.registrar, c.draw.ID, []int64{1})
	must(t, err)
	c.clock.Add(700)
	p := c.openedPoll("after")
	c.vote(p, "members/"+token(3), yes)
	c.counted(p)
	c.verified(p)
}

func TestPollWhoseCloseComesLateStillVerifies(t *testing.T) {
	c := newPolity(t, 2)
	p := c.openedPoll("asleep")
	c.vote(p, "members/"+token(0), yes)
	c.clock.Store(p.DueAt + 50) // the machine was off; before any job runs, somebody opens a poll
	next := c.openedPoll("first-thing")
	_, err := c.VoidPoll(t.Context(), c.steward, p.ID, "regret")
	wantRefusal(t, err, service.KindConflict, "poll_state")
	c.work()
	c.verified(p)
	c.counted(next)
	c.verified(next)
}

func TestPollIsNotVoidedOnceARoundShowsThatItIsOver(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("behind")
	b, err := c.network.Sign(p.Round)
	must(t, err)
	_, err = c.PasteBeacon(t.Context(), c.steward, p.Chain, b)
	must(t, err)
	_, err = c.VoidPoll(t.Context(), c.steward, p.ID, "we would lose")
	wantRefusal(t, err, service.KindConflict, "poll_state")
	c.counted(p)
	c.verified(p)
}

func TestAmendmentThatTheRatchetOvertookIsNotAdopted(t *testing.T) {
	c := newPolityUnder(t, 4, func(c *polity, ch *charter.Charter) {
		ch.Chambers = append([]charter.Chamber{{ID: charter.ChamberFounders, Share: ratio.New(1, 2)}}, ch.Chambers...)
		ch.Chambers[1].Share = ratio.New(3, 10)
		ch.Founders = &charter.Founders{Members: []string{token(0)}}
		ch.Ratchet = &charter.Ratchet{Age: 0, Epoch: 70, Start: c.clock.Load(), Tiers: []charter.Tier{
			{Share: ratio.New(1, 2)}, {Share: ratio.New(2, 10), Members: 3, Hold: 1, After: 100_000}, {Share: ratio.New(1, 10), Members: 900, Hold: 1, After: 200_000}}}
	})
	text := c.amended(func(n *charter.Charter) { n.Ratchet.Tiers[1].Share = ratio.New(15, 100) })
	p, err := c.OpenPoll(t.Context(), c.steward, c.amendment("sooner", text))
	must(t, err)
	c.keys["founders/"+token(0)] = c.keys["members/"+token(0)]
	c.vote(p, "founders/"+token(0), yes)
	for i := range 3 {
		c.vote(p, "members/"+token(i+1), yes)
	}
	for seat := range int64(6) {
		c.vote(p, poll.SeatVoter(seat+1), yes)
	}
	c.clock.Store(p.Closes)
	c.work()
	c.clock.Store(p.DueAt + 15) // tier 1 is in force by now and stays as it was written
	c.work()
	list, err := c.Charters(t.Context(), "commons")
	must(t, err)
	v, err := c.Poll(t.Context(), p.ID)
	must(t, err)
	if len(list) != 1 || v.State != service.PollCounted {
		t.Errorf("%d charters, poll %s: want one charter and a counted poll", len(list), v.State)
	}
	c.verified(p)
	next := c.openedPoll("next")
	c.counted(next)
	c.verified(next)
}
