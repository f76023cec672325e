package verify

import (
	"fmt"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// The steps of an honest round.
const (
	applied = iota
	reviewed
	given
	closed
	counted1
	corrected
	paid
	allSteps
)

func roundSteps() [allSteps]func(*giving) {
	return [allSteps]func(*giving){
		applied: func(g *giving) {
			for i, p := range []string{"dam", "mill", "park", "well"} {
				g.owner(grants.Apply, g.shift+i+2, p)
			}
			g.owner(grants.Change, g.shift+2, "dam")
		},
		reviewed: func(g *giving) {
			g.now += 300
			for _, p := range []string{"mill", "park", "well"} {
				g.review(grants.Approve, "rita", p)
			}
			g.review(grants.Reject, "rita", "dam")
			g.owner(grants.Appeal, g.shift+2, "dam")
			g.review(grants.Approve, "otto", "dam")
		},
		given: func(g *giving) {
			g.now += 300
			g.weigh(1, map[int]int64{g.shift + 6: 500_000})
			for i, p := range []string{"mill", "mill", "park", "well", "mill", "dam"} {
				g.give(g.shift+4+i, p, []string{"100", "400", "900"}[i%3])
			}
			g.refund(g.newest())
			g.topup("2000")
			g.pay(g.shift+9, "park", "2500", "transfer 1", "bank")
			g.owner(grants.Withdraw, g.shift+2, "dam")
		},
		closed:   func(g *giving) { g.closeRound(nil) },
		counted1: func(g *giving) { g.result("", nil, nil) },
		corrected: func(g *giving) {
			g.result("the same person twice", []grants.Correction{{Donor: g.pseudonym(g.shift + 5), What: grants.Struck}}, nil)
		},
		paid: func(g *giving) {
			g.payout("mill", "1000", "invoice 7")
			g.payout("mill", "500", "invoice 8")
			g.payout("park", "700", "invoice 9")
		},
	}
}

func (g *giving) pseudonym(donor int) string {
	return grants.Door{Manifest: g.terms, Hash: g.id}.Pseudonym(member(donor))
}

// through takes the honest steps from one to another, both included.
func (g *giving) through(from, to int) *giving {
	g.t.Helper()
	if from == applied && to >= applied && g.before != nil {
		*g = *g.before[to].again(g.t)
		return g
	}
	steps := roundSteps()
	for _, step := range steps[from : to+1] {
		step(g)
	}
	return g
}

// spring is an honest round of the garden that has just been opened.
func spring(t testing.TB, mode poll.Mode) *giving {
	t.Helper()
	g := newGiving(garden(t))
	g.openRound(g.asked(mode), nil)
	return g
}

// withSteps is the round, opened, with the states of all its steps, made once.
func (g *giving) withSteps(t testing.TB) *giving {
	t.Helper()
	next := g
	var states []*giving
	for step := range allSteps {
		next = next.again(t).through(step, step)
		states = append(states, next)
	}
	g.before = states
	return g
}

// juried is an honest round with a quadratic poll of the jury, counted between close and result.
func juried(t testing.TB) *giving {
	t.Helper()
	return juriedUpTo(t, func(g *giving) {
		g.through(given, closed)
		g.closePoll(nil)
		g.count(func(tr *poll.Transcript, _ *poll.Result) { g.votes = &tr.Count })
	}, "")
}

var half = ratio.New(1, 2)

// juriedUpTo is an honest round whose jury votes; end says how its poll ends, before or after the round's
// gifts do.
func juriedUpTo(t testing.TB, end func(*giving), none grants.NoJury) *giving {
	t.Helper()
	c := begun(t, func(ch *charter.Charter) { ch.Ballot.Mode = charter.ModeOpen })
	g := newGiving(c)
	g.shift, g.none = 10, none
	a := g.asked(poll.ModeOpen)
	a.Jury = &grants.Jury{Poll: pollSubject, Share: half}
	g.openRound(a, nil)
	g.through(applied, reviewed)
	q := c.question()
	q.Method, q.Options, q.Credits, q.Winners = voting.Quadratic, []string{"dam", "mill", "park"}, 25, 1
	q.Names = map[string]string{"dam": "The dam", "mill": "The mill", "park": "The park"}
	c.openPoll(q, nil)
	for i := 8; i < 18; i++ {
		c.choose(i, `{"votes":{"park":2}}`)
	}
	for _, seat := range []int64{1, 2, 4, 6, 7} {
		voter := fmt.Sprintf("jury/%d", seat)
		c.cast(poll.Ballot{Choice: []byte(`{"votes":{"mill":4,"park":1}}`), Poll: c.hash, Voter: voter}, c.keyOf(voter))
	}
	end(g)
	g.jurysOf, c.polled = c.packPoll(), false
	if none != "" {
		g.through(given, closed)
	}
	return g
}

// dropRound takes the round's opening back.
func (g *giving) dropRound() {
	g.t.Helper()
	g.dropNewest(roundSubject)
	g.files, g.moved, g.before = nil, map[string]int64{}, nil
}

func (g *giving) lastBody() []byte {
	g.t.Helper()
	list := g.records(roundSubject)
	return list[len(list)-1].Body
}

func (g *giving) beaconFile() beacon.File { return beacon.File{Chain: g.chain.Hash, Beacon: g.sign(7)} }
