package service_test

import (
	"strings"
	"testing"

	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// newPolityUnder is newPolity with members under a charter that change altered.
func newPolityUnder(t testing.TB, n int, change func(*polity, *charter.Charter)) *polity {
	t.Helper()
	c := newPolityWithout(t)
	c.adoptFirst(func(ch *charter.Charter) { change(c, ch) })
	for i := range n {
		c.admit(i)
	}
	return c
}

func TestEveryMethodIsCountedAndVerifies(t *testing.T) {
	c := newPolity(t, 3)
	for _, m := range []struct {
		method  voting.Method
		choices []string
		set     func(*poll.Question)
	}{
		{voting.YesNo, []string{yes, no, `{"vote":"abstain"}`}, func(*poll.Question) {}},
		{voting.Approval, []string{`{"approve":["a","b"]}`, `{"approve":["a"]}`, `{"blank":true}`}, func(q *poll.Question) { q.Winners = 2 }},
		{voting.Score, []string{`{"scores":{"a":3}}`, `{"scores":{"a":5,"c":1}}`, `{"scores":{"a":9}}`}, func(q *poll.Question) { q.Winners, q.MaxScore = 1, 5 }},
		{voting.IRV, []string{`{"ranking":[["a"],["b"]]}`, `{"ranking":[["b"],["a"]]}`, `{"ranking":[["a"]]}`}, func(q *poll.Question) { q.Winners = 1 }},
		{voting.Schulze, []string{`{"ranking":[["a","b"],["c"]]}`, `{"ranking":[["a"]]}`, `{"ranking":[["c"]]}`}, func(q *poll.Question) { q.Winners = 1 }},
		{voting.Quadratic, []string{`{"votes":{"a":3}}`, `{"votes":{"b":-2}}`, `{"blank":true}`}, func(q *poll.Question) { q.Winners, q.Credits, q.Negative = 1, 16, true }},
	} {
		t.Run(string(m.method), func(t *testing.T) {
			c.clock.Add(10)
			q := c.question("by-" + strings.ReplaceAll(string(m.method), "_", "-"))
			q.Method = m.method
			if m.method != voting.YesNo {
				q.Options, q.Names = []string{"a", "b", "c"}, map[string]string{"a": "Bridge", "b": "Tunnel", "c": "Ferry"}
			}
			m.set(&q.Question)
			p, err := c.OpenPoll(t.Context(), c.steward, q)
			must(t, err)
			for i, choice := range m.choices {
				c.vote(p, poll.MemberVoter("members", token(i)), choice)
			}
			for seat := range int64(6) {
				c.vote(p, poll.SeatVoter(seat+1), m.choices[0])
			}
			got := c.counted(p)
			won := got.Count.Outcome
			if m.method == voting.YesNo {
				if won.Passed == nil || !*won.Passed {
					t.Errorf("outcome %+v, want passed", won)
				}
			} else if len(won.Elected) == 0 || won.Elected[0] != "a" {
				t.Errorf("elected %v, want a first", won.Elected)
			}
			c.verified(p)
		})
	}
}

func TestFoundersHaveTheirShareUntilTheirTierFalls(t *testing.T) {
	c := newPolityUnder(t, 5, func(c *polity, ch *charter.Charter) {
		ch.Chambers = append([]charter.Chamber{{ID: charter.ChamberFounders, Share: ratio.New(1, 2)}}, ch.Chambers...)
		ch.Chambers[1].Share = ratio.New(3, 10)
		ch.Founders = &charter.Founders{Members: []string{token(0), token(1)}}
		ch.Ratchet = &charter.Ratchet{Age: 0, Epoch: 50, Start: c.clock.Load(), Tiers: []charter.Tier{
			{Share: ratio.New(1, 2)}, {Share: ratio.New(1, 10), Members: 3, Hold: 1, After: 100_000}, {Share: ratio.New(0, 1), Members: 900, Hold: 1, After: 200_000}}}
	})
	first := c.openedPoll("tier-zero")
	c.keys["founders/"+token(0)] = c.keys["members/"+token(0)]
	_, err := c.Cast(t.Context(), first.ID, c.ballot(first, "members/"+token(0), yes))
	wantRefusal(t, err, service.KindForbidden, poll.RuleNotOnRoll)
	c.vote(first, "founders/"+token(0), yes)
	c.vote(first, "members/"+token(2), no)
	c.counted(first)
	c.verified(first)
	c.MoveMember(t.Context(), "commons", c.statement(identity.ActionSuspend, 1, 2, nil))
	second := c.openedPoll("tier-one")
	m, err := poll.ParseManifest(second.Manifest)
	must(t, err)
	if m.Tier != 1 || m.Rules.Chambers[0].Share.String() != "1/10" || m.Rolls[0].Electors != 1 {
		t.Errorf("tier %d, founders %s with %d electors", m.Tier, m.Rules.Chambers[0].Share, m.Rolls[0].Electors)
	}
	c.vote(second, "founders/"+token(0), no)
	c.vote(second, "members/"+token(2), yes)
	c.counted(second)
	c.verified(second)
}

func TestDelegatedExternalPollHoldsToTheFloor(t *testing.T) {
	c := newPolityUnder(t, 12, func(_ *polity, ch *charter.Charter) {
		ch.Delegation, ch.Ballot.Size = &charter.Delegation{Cap: ratio.New(1, 10)}, 512
	})
	q := c.question("noise")
	q.Class = poll.ClassExternal
	p, err := c.OpenPoll(t.Context(), c.steward, q)
	must(t, err)
	c.vote(p, "members/"+token(0), `{"delegate":"members/`+token(1)+`"}`)
	for i := range 11 {
		c.vote(p, "members/"+token(i+1), yes)
	}
	c.vote(p, poll.SeatVoter(1), yes) // 1 of 6 is below the floor of 1/4
	if got := c.counted(p); got.Count.Outcome.Passed == nil || *got.Count.Outcome.Passed {
		t.Errorf("outcome %+v of an external poll below the jury's floor, want not passed", got.Count.Outcome)
	}
	c.verified(p)
}

func TestRecusedAndKeylessSeatsOnTheRoll(t *testing.T) {
	c := newPolityWith(t, 2, func(c *polity, letters []service.Letter) {
		for _, l := range letters[1:] {
			c.accept(l)
		}
		_, err := c.Answer(t.Context(), letters[0].Code, service.Answer{Act: seating.Accept})
		must(t, err)
	})
	_, err := c.Recuse(t.Context(), c.registrar, c.draw.ID, 2, "community/commons/poll/bridge", seating.Interest)
	must(t, err)
	p := c.openedPoll("bridge")
	_, err = c.Cast(t.Context(), p.ID, c.ballot(p, poll.SeatVoter(2), yes))
	wantRefusal(t, err, service.KindForbidden, poll.RuleNotOnRoll)
	c.keys[poll.SeatVoter(1)] = person("anybody")
	_, err = c.Cast(t.Context(), p.ID, c.ballot(p, poll.SeatVoter(1), yes))
	wantRefusal(t, err, service.KindInvalid, poll.RuleNoKey)
	c.vote(p, poll.SeatVoter(3), yes)
	c.vote(p, "members/"+token(0), yes)
	if got := c.counted(p); *got.Count.Chambers[1].Yes != 1 {
		t.Errorf("jury %+v", got.Count.Chambers[1])
	}
	c.verified(p)
}

func TestKeyAndStandingAreThoseOfTheOpening(t *testing.T) {
	c := newPolity(t, 3)
	p := c.openedPoll("frozen")
	key := publicKey(person("fresh"))
	s := identity.Statement{Action: identity.ActionRotate, Community: "commons", Key: &key, Member: token(0), Seq: 2, V: 1}
	text, err := s.Canonical()
	must(t, err)
	signature := identity.Sign(c.keys["members/"+token(0)], identity.ThingStatement, text)
	_, err = c.MoveMember(t.Context(), "commons", charter.Move{Statement: s, Signature: &signature})
	must(t, err)
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionSuspend, 1, 2, nil))
	must(t, err)
	c.vote(p, "members/"+token(0), yes) // the key on the roll
	c.vote(p, "members/"+token(1), yes) // suspended since
	old := c.keys["members/"+token(0)]
	c.keys["members/"+token(0)] = person("fresh")
	_, err = c.Cast(t.Context(), p.ID, c.ballot(p, "members/"+token(0), no))
	wantRefusal(t, err, service.KindInvalid, poll.RuleSignature)
	if got := c.counted(p); *got.Count.Chambers[0].Yes != 2 {
		t.Errorf("members %+v", got.Count.Chambers[0])
	}
	c.verified(p)
	next := c.openedPoll("next")
	c.vote(next, "members/"+token(0), yes)
	c.keys["members/"+token(0)] = old
	_, err = c.Cast(t.Context(), next.ID, c.ballot(next, "members/"+token(0), yes))
	wantRefusal(t, err, service.KindInvalid, poll.RuleSignature)
	c.counted(next)
	c.verified(next)
}
