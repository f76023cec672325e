package service_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// amended is the first charter's successor, changed.
func (c *polity) amended(change func(*charter.Charter)) []byte {
	c.t.Helper()
	text, err := c.first.Canonical()
	must(c.t, err)
	next, err := charter.Parse(text, true)
	must(c.t, err)
	next.Seq, next.Prev = 2, charter.HashBytes(text)
	change(next)
	text, err = json.Marshal(next)
	must(c.t, err)
	return text
}

func (c *polity) amendment(name string, text []byte) service.NewPoll {
	q := c.question(name)
	q.Class, q.Method, q.Charter = poll.ClassAmendment, "", text
	return q
}

func TestAmendmentPassesByItsOwnRuleAndTakesEffect(t *testing.T) {
	c := newPolity(t, 3)
	text := c.amended(func(n *charter.Charter) { n.Name = "The New Commons" })
	p, err := c.OpenPoll(t.Context(), c.steward, c.amendment("rename", text))
	must(t, err)
	for i := range 3 {
		c.vote(p, poll.MemberVoter("members", token(i)), yes)
	}
	for seat := range int64(4) {
		c.vote(p, poll.SeatVoter(seat+1), yes)
	}
	c.counted(p)
	v, err := c.Community(t.Context(), "commons")
	must(t, err)
	if v.Charter.Seq != 2 || v.Charter.Name != "The New Commons" {
		t.Errorf("charter %d, %q is in force", v.Charter.Seq, v.Charter.Name)
	}
	c.verified(p)
	later := c.openedPoll("under-the-new-one")
	c.vote(later, poll.MemberVoter("members", token(0)), yes)
	c.counted(later)
	c.verified(later)
}

func TestAmendmentThatWeakensTheJuryIsRefusedBeforeAnybodyVotes(t *testing.T) {
	c := newPolity(t, 3)
	text := c.amended(func(n *charter.Charter) {
		n.Chambers[0].Share, n.Chambers[1].Share = ratio.New(9, 10), ratio.New(1, 10)
	})
	_, err := c.OpenPoll(t.Context(), c.steward, c.amendment("less-jury", text))
	wantRefusal(t, err, service.KindInvalid, "irrevocable")
	_, err = c.AdoptCharter(t.Context(), c.steward, "commons", text)
	wantRefusal(t, err, service.KindConflict, "charter_exists")
}

func TestMembersComeAndGoByStatementsAlone(t *testing.T) {
	c := newPolity(t, 3)
	key := publicKey(person("new"))
	_, err := c.MoveMember(t.Context(), "commons", c.statement(identity.ActionAdmit, 1, 1, &key))
	wantRefusal(t, err, service.KindInvalid, "member_seq") // one person, one membership
	taken := publicKey(person("member0"))
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionRekey, 1, 2, &taken))
	wantRefusal(t, err, service.KindConflict, "key_taken")
	lone := c.statement(identity.ActionSuspend, 1, 2, nil)
	lone.Attestations = lone.Attestations[:1]
	_, err = c.MoveMember(t.Context(), "commons", lone)
	wantRefusal(t, err, service.KindInvalid, "attestations")
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionSuspend, 1, 2, nil))
	must(t, err)
	p := c.openedPoll("suspended")
	_, err = c.Cast(t.Context(), p.ID, c.ballot(p, poll.MemberVoter("members", token(1)), yes))
	wantRefusal(t, err, service.KindForbidden, poll.RuleNotOnRoll)
	c.vote(p, poll.MemberVoter("members", token(0)), yes)
	c.counted(p)
	c.verified(p)
}

func TestTwoReplicasCloseAndCountOnce(t *testing.T) {
	c := newPolity(t, 2)
	p := c.openedPoll("replicas")
	c.vote(p, poll.MemberVoter("members", token(0)), yes)
	other, err := service.New(c.Options)
	must(t, err)
	for _, at := range []int64{p.Closes, p.DueAt + 5} {
		c.clock.Store(at)
		var both sync.WaitGroup
		for _, s := range []*service.Service{c.Service, other} {
			both.Go(func() {
				for range 3 {
					if _, err := s.Step(t.Context()); err != nil && !errors.Is(err, service.ErrStale) {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
	}
	entries, err := c.SubjectEntries(t.Context(), p.Subject)
	must(t, err)
	kinds := map[audit.Kind]int{}
	for _, e := range entries {
		kinds[e.Kind]++
	}
	if kinds[audit.KindPollClose] != 1 || kinds[audit.KindPollResult] != 1 {
		t.Errorf("records of the poll: %v", kinds)
	}
	c.verified(p)
}

func TestRoundThatNeverComesVoidsThePoll(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("never")
	c.vote(p, poll.MemberVoter("members", token(0)), yes)
	c.skew.Store(-10_000) // the chain stands still
	c.clock.Store(p.Closes)
	c.work()
	c.clock.Store(p.DueAt + 300)
	c.work()
	v, err := c.Poll(t.Context(), p.ID)
	must(t, err)
	if v.State != service.PollClosed {
		t.Errorf("the poll is %s while its round may still come", v.State)
	}
	c.clock.Store(p.DueAt + 700)
	c.work()
	v, err = c.Poll(t.Context(), p.ID)
	must(t, err)
	if v.State != service.PollVoid {
		t.Errorf("the poll is %s after its round was missing for too long", v.State)
	}
	_, err = c.Transcript(t.Context(), p.ID)
	wantRefusal(t, err, service.KindConflict, "poll_void")
}

func TestVoidPollHasABundleToo(t *testing.T) {
	c := newPolity(t, 2)
	p := c.openedPoll("withdrawn")
	c.vote(p, poll.MemberVoter("members", token(0)), yes)
	_, err := c.VoidPoll(t.Context(), c.steward, p.ID, "the question was not clear")
	must(t, err)
	c.verified(p)
}

func TestPollsLeaveNoPersonalDataInLogAndFiles(t *testing.T) {
	c := newPolity(t, 2)
	p := c.openedPoll("private")
	c.vote(p, poll.MemberVoter("members", token(0)), yes)
	c.counted(p)
	var file bytes.Buffer
	must(t, c.PollBundle(t.Context(), p.ID, &file))
	for _, word := range []string{"Long Road", "Name A", "Name B"} {
		if bytes.Contains(file.Bytes(), []byte(word)) || bytes.Contains(c.log.Bytes(), []byte(word)) {
			t.Errorf("%q is in the bundle or in a log line", word)
		}
	}
}
