package voting_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

func mustTally(t *rapid.T, r *voting.Rules, ballots []voting.Ballot) voting.Result {
	t.Helper()
	res, err := voting.Tally(r, ballots, keys)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestResultDoesNotDependOnTheOrderOfBallots(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods...).Draw(rt, "poll")
		ballots := p.parse(t)
		want := mustTally(rt, p.rules, ballots)
		if diff := cmp.Diff(want, mustTally(rt, p.rules, rapid.Permutation(ballots).Draw(rt, "order"))); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// Which voter of a chamber wrote which ballot changes nothing but the names in the list of invalid ballots.
func TestVotersOfAChamberAreAlike(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods...).Draw(rt, "poll")
		want := reduce(p.rules, mustTally(rt, p.rules, p.parse(t)))
		swap := map[string]string{}
		for _, c := range p.rules.Chambers {
			for from, to := range rapid.Permutation(sequence(int(max(c.Electors, 4)))).Draw(rt, c.ID) {
				swap[voter(c.ID, from)] = voter(c.ID, to-1)
			}
		}
		for i := range p.ballots {
			p.ballots[i].voter = swap[p.ballots[i].voter]
			if d := p.ballots[i].delegate; d != "" {
				p.ballots[i].delegate = swap[d]
			}
		}
		got := reduce(p.rules, mustTally(rt, p.rules, p.parse(t)))
		renamed := map[string]string{}
		for v, rule := range want.Rejects {
			renamed[swap[v]] = rule
		}
		want.Rejects = renamed
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// The order in which a manifest lists the options decides nothing.
func TestOptionsAreAlike(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods[1:]...).Draw(rt, "poll")
		want := reduce(p.rules, mustTally(rt, p.rules, p.parse(t)))
		p.rules.Options = rapid.Permutation(p.rules.Options).Draw(rt, "options")
		inOrder := func(a, b string) int { return slices.Index(p.rules.Options, a) - slices.Index(p.rules.Options, b) }
		for i := range p.ballots {
			slices.SortFunc(p.ballots[i].approve, inOrder)
			for _, g := range p.ballots[i].ranking {
				slices.SortFunc(g, inOrder)
			}
		}
		got := reduce(p.rules, mustTally(rt, p.rules, p.parse(t)))
		sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if diff := cmp.Diff(want.Elected, got.Elected, sorted, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatal(diff)
		}
		want.Elected, got.Elected = nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestEffectiveSharesSumToOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods...).Draw(rt, "poll")
		sum := new(big.Rat)
		for _, c := range mustTally(rt, p.rules, p.parse(t)).Chambers {
			sum.Add(sum, c.Effective.Rat())
			if c.ID != voting.Members && c.Effective.Cmp(c.Share) > 0 {
				rt.Fatalf("%s has %s of the decision, more than its share %s", c.ID, c.Effective, c.Share)
			}
			if c.Cast != c.Valid+c.Blank+c.Invalid {
				rt.Fatalf("%s: the classes do not sum to the ballots cast: %+v", c.ID, c)
			}
		}
		if sum.Cmp(big.NewRat(1, 1)) != 0 {
			rt.Fatalf("effective shares sum to %s", sum)
		}
	})
}

func TestResultsReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods...).Draw(rt, "poll")
		res := mustTally(rt, p.rules, p.parse(t))
		b, err := res.Canonical()
		if err != nil {
			rt.Fatal(err)
		}
		if back, err := voting.ParseResult(b); err != nil || !cmp.Equal(res, back, cmpopts.EquateEmpty()) {
			rt.Fatalf("%s reads back as %+v, %v", b, back, err)
		}
	})
}

// A jury whose decisive jurors reach the quorum exactly carries its whole share, as one above it does.
func TestScaleIsContinuousAtTheQuorum(t *testing.T) {
	for jurors, want := range map[int]string{0: "0/1", 1: "1/20", 3: "3/20", 4: "1/5", 5: "1/5", 8: "1/5"} {
		b := newBox(t, twoChambers(t, voting.YesNo, 4, 8)).add(voting.Members, 4, no).add(voting.Jury, jurors, yes)
		if res := b.tally(); res.Rate.String() != want || res.Chambers[1].Effective.String() != want {
			t.Errorf("%d of 8 jurors: R %s, effective %s, want %s", jurors, res.Rate, res.Chambers[1].Effective, want)
		}
	}
}

// state is a two-chamber yes/no poll by counts: yes, no, abstain of members and jury.
type state struct{ members, jury [3]int }

func (s state) tally(t *testing.T, r *voting.Rules) (rate *ratio.Ratio, passed bool) {
	var ballots []plain
	for id, counts := range map[string][3]int{voting.Members: s.members, voting.Jury: s.jury} {
		i := 0
		for k, vote := range []string{"yes", "no", "abstain"} {
			for range counts[k] {
				ballots = append(ballots, plain{chamber: id, voter: voter(id, i), vote: vote, n: int64(i)})
				i++
			}
		}
	}
	p := poll{rules: r, ballots: ballots}
	res, err := voting.Tally(r, p.parse(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(countSlowly(r, ballots, keys), reduce(r, res), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%+v: slow count against Tally: %s", s, diff)
	}
	return res.Rate, *res.Outcome.Passed
}

// counts returns every way in which at most n voters vote yes, no or abstain.
func counts(n int) (list [][3]int) {
	for y := range n + 1 {
		for no := range n + 1 - y {
			for a := range n + 1 - y - no {
				list = append(list, [3]int{y, no, a})
			}
		}
	}
	return list
}

// Every ballot of up to four members and four jurors, for three ways of treating a thin jury: one more
// juror can hurt their own side under fail and drop, never under scale.
func TestNoShowParadoxes(t *testing.T) {
	found := map[voting.Thin]int{}
	for _, thin := range []voting.Thin{voting.Scale, voting.Fail, voting.Drop} {
		for electors := 1; electors <= 4; electors++ {
			r := twoChambers(t, voting.YesNo, 4, int64(electors))
			r.Chambers[1].Thin, r.Chambers[1].Quorum.Min = thin, frac(t, "3/4")
			r.Threshold = frac(t, "2/5")
			found[thin] += paradoxes(t, r, electors)
		}
	}
	if found[voting.Scale] != 0 || found[voting.Fail] == 0 || found[voting.Drop] == 0 {
		t.Errorf("no-show paradoxes: %v, want none under scale and some under the others", found)
	}
	t.Logf("no-show paradoxes: %v", found)
}

func paradoxes(t *testing.T, r *voting.Rules, electors int) (n int) {
	type outcome struct {
		rate   *ratio.Ratio
		passed bool
	}
	all := map[state]outcome{}
	for _, m := range counts(4) {
		for _, j := range counts(electors) {
			s := state{m, j}
			rate, passed := s.tally(t, r)
			all[s] = outcome{rate, passed}
		}
	}
	for s, before := range all {
		for vote := range 3 {
			more := s
			more.jury[vote]++
			after, ok := all[more]
			if !ok || before.rate == nil {
				continue
			}
			moved := after.rate.Cmp(*before.rate)
			if vote == 0 && moved < 0 || vote == 1 && moved > 0 || vote == 2 && moved != 0 ||
				vote == 0 && before.passed && !after.passed || vote == 1 && !before.passed && after.passed {
				n++
			}
		}
	}
	return n
}

// The rules bound their fractions so that the longest that a result can have is still read back.
func TestTheLongestFractionsReadBack(t *testing.T) {
	r := &voting.Rules{Method: voting.YesNo, Threshold: frac(t, "999983/999999"), Chambers: []voting.Chamber{
		{ID: voting.Members, Electors: 9999999967, Share: frac(t, "1/1").Sub(frac(t, "1/999983")).Sub(frac(t, "1/999979"))},
		{ID: voting.Jury, Electors: 9999999929, Share: frac(t, "1/999983"), Thin: voting.Scale, Quorum: &voting.Quorum{Kind: voting.OfTurnout, Min: frac(t, "999958/999961")}},
		{ID: voting.Founders, Electors: 9999999881, Share: frac(t, "1/999979")},
	}}
	if err := r.Check(); err == nil || !strings.Contains(err.Error(), "term above") {
		t.Fatalf("got %v, want a refusal of the members' long share", err)
	}
	// The longest shares that do sum to one: three fractions over one denominator.
	for i, n := range []int64{999980, 2, 1} {
		r.Chambers[i].Share = ratio.New(n, 999983)
	}
	b := newBox(t, r).add(voting.Members, 997, yes).add(voting.Members, 10, no).add(voting.Jury, 1009, yes).add(voting.Jury, 4, no)
	b.add(voting.Founders, 1013, yes).add(voting.Founders, 8, no)
	res := b.tally()
	text, err := res.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := voting.ParseResult(text); err != nil || !back.Rate.Equal(*res.Rate) {
		t.Errorf("%s reads back with %v", text, err)
	}
	if len(fmt.Sprint(res.Rate)) < 40 {
		t.Errorf("R is %s, want a long fraction", res.Rate)
	}
}
