package voting_test

import (
	"strings"
	"testing"

	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

type namedCase struct {
	name string
	poll poll
}

// votes adds n ballots of a chamber like p.
func (p *poll) votes(chamber string, n int, like plain) *poll {
	for range n {
		like.chamber, like.n = chamber, int64(len(p.ballots)+1)
		seat := 0
		for _, b := range p.ballots {
			if b.chamber == chamber {
				seat++
			}
		}
		like.voter = voter(chamber, seat)
		p.ballots = append(p.ballots, like)
	}
	return p
}

func ranked(order string) plain {
	var p plain
	for _, group := range strings.Split(order, ">") {
		p.ranking = append(p.ranking, strings.Split(group, "="))
	}
	return p
}

// namedCases are the polls that a re-implementer should look at first.
func namedCases(t *testing.T) []namedCase {
	start := func(m voting.Method, members, jurors int64, change func(*voting.Rules)) *poll {
		r := twoChambers(t, m, members, jurors)
		if change != nil {
			change(r)
		}
		return &poll{rules: r}
	}
	y, n, a := plain{vote: "yes"}, plain{vote: "no"}, plain{vote: "abstain"}
	jury := func(f func(*voting.Chamber)) func(*voting.Rules) { return func(r *voting.Rules) { f(&r.Chambers[1]) } }
	const M, J = voting.Members, voting.Jury
	cases := []namedCase{
		{"an exact tie keeps the status quo", *start(voting.YesNo, 12, 6, nil).votes(M, 7, y).votes(M, 5, n).votes(J, 1, y).votes(J, 5, n)},
		{"an exact tie passes an inclusive threshold", *start(voting.YesNo, 12, 6, func(r *voting.Rules) { r.Inclusive = true }).votes(M, 7, y).votes(M, 5, n).votes(J, 1, y).votes(J, 5, n)},
		{"members at 3/8 and a unanimous jury do not pass", *start(voting.YesNo, 8, 6, nil).votes(M, 3, y).votes(M, 5, n).votes(J, 6, y)},
		{"members at 5/8 against a unanimous jury do not pass", *start(voting.YesNo, 8, 6, nil).votes(M, 5, y).votes(M, 3, n).votes(J, 6, n)},
		{"a thin jury carries less, abstentions nothing", *start(voting.YesNo, 8, 8, nil).votes(M, 4, y).votes(M, 4, n).votes(J, 1, y).votes(J, 4, a)},
		{"a silent jury releases its share", *start(voting.YesNo, 8, 8, nil).votes(M, 5, y).votes(M, 3, n).votes(J, 4, a)},
		{"a thin jury fails the poll", *start(voting.YesNo, 8, 8, jury(func(c *voting.Chamber) { c.Thin = voting.Fail })).votes(M, 8, y).votes(J, 3, y)},
		{"a thin jury is dropped", *start(voting.YesNo, 8, 8, jury(func(c *voting.Chamber) { c.Thin = voting.Drop })).votes(M, 5, y).votes(M, 3, n).votes(J, 3, n)},
		{"a jury below its floor", *start(voting.YesNo, 8, 8, jury(func(c *voting.Chamber) { c.Floor = fracp(t, "1/4") })).votes(M, 8, y).votes(J, 1, y)},
		{"only abstaining members", *start(voting.YesNo, 8, 8, nil).votes(M, 8, a).votes(J, 8, y)},
		{"a member quorum by invalid ballots and abstentions", *start(voting.YesNo, 10, 0, func(r *voting.Rules) {
			r.Chambers[0].Quorum = &voting.Quorum{Kind: voting.OfTurnout, Min: frac(t, "2/5")}
		}).votes(M, 1, y).votes(M, 1, a).votes(M, 2, plain{invalid: "signature"})},
		{"an approval quorum is not met by no votes", *start(voting.YesNo, 10, 0, func(r *voting.Rules) {
			r.Chambers[0].Quorum = &voting.Quorum{Kind: voting.OfApproval, Min: frac(t, "2/5")}
		}).votes(M, 3, y).votes(M, 1, n)},
		{"nobody voted", *start(voting.YesNo, 0, 0, nil)},
		{"a founder at one half blocks", *start(voting.YesNo, 5, 5, func(r *voting.Rules) {
			r.Chambers[0].Share = frac(t, "3/10")
			r.Chambers = append(r.Chambers, voting.Chamber{ID: voting.Founders, Share: frac(t, "1/2"), Electors: 1})
		}).votes(M, 5, y).votes(J, 5, y).votes(voting.Founders, 1, n)},
		{"approval with blank ballots and a tie for the last place", *start(voting.Approval, 8, 2, func(r *voting.Rules) { r.Winners = 2 }).
			votes(M, 2, plain{approve: []string{"a", "b"}}).votes(M, 2, plain{approve: []string{"a", "c"}}).votes(M, 2, plain{approve: []string{}}).votes(J, 1, plain{approve: []string{"b", "c"}})},
		{"nobody reaches the minimum", *start(voting.Approval, 8, 2, func(r *voting.Rules) { r.Minimum = fracp(t, "2/3") }).
			votes(M, 3, plain{approve: []string{"a"}}).votes(M, 3, plain{approve: []string{"b"}})},
		{"votes against outweigh votes for", *start(voting.Quadratic, 8, 2, nil).votes(M, 1, plain{table: map[string]int64{"a": 4, "b": -3}}).votes(M, 2, plain{table: map[string]int64{"a": -3}})},
		{"the least is eliminated until one has a majority", *start(voting.IRV, 9, 0, nil).votes(M, 4, ranked("a")).votes(M, 3, ranked("b>c")).votes(M, 2, ranked("c>b"))},
		{"equals are eliminated by key", *start(voting.IRV, 6, 0, nil).votes(M, 2, ranked("a")).votes(M, 2, ranked("b")).votes(M, 2, ranked("c"))},
		{"a cycle of three is a tie", *start(voting.Schulze, 6, 0, nil).votes(M, 1, ranked("a>b>c")).votes(M, 1, ranked("b>c>a")).votes(M, 1, ranked("c>a>b"))},
		{"equal ranks count for neither", *start(voting.Schulze, 6, 3, nil).votes(M, 2, ranked("a=b>c")).votes(M, 1, ranked("c")).votes(J, 3, ranked("b>a=c"))},
	}
	refused := func(rule, raw string) plain { return plain{invalid: rule, raw: raw} }
	cases = append(cases, namedCase{"refused choices count for turnout alone", *start(voting.Quadratic, 9, 0, nil).votes(M, 1, plain{table: map[string]int64{"a": 3, "b": -4}}).
		votes(M, 1, refused("over_budget", `{"votes":{"a":3,"b":-4,"c":1}}`)).votes(M, 1, refused("zero_votes", `{"votes":{"a":0}}`)).
		votes(M, 1, refused("unknown_option", `{"votes":{"d":1}}`)).votes(M, 1, refused("choice_form", `{"approve":["a"]}`)).
		votes(M, 1, refused("choice_form", `{"votes":{}}`)).votes(M, 1, refused("delegation_off", `{"delegate":"x"}`))},
		namedCase{"rankings with equals are refused by irv", *start(voting.IRV, 9, 0, nil).votes(M, 1, ranked("c>a")).
			votes(M, 1, refused("equal_ranks", `{"ranking":[["a","b"],["c"]]}`)).votes(M, 1, refused("option_twice", `{"ranking":[["a"],["a"]]}`)).
			votes(M, 1, refused("option_order", `{"ranking":[["b","a"]]}`)).votes(M, 1, refused("choice_form", `{"ranking":[["a"],[]]}`))})
	return append(cases, delegationCase(t))
}

// delegationCase has a delegate who takes two of three, an absent one, a chain, a juror and a spoilt delegate.
func delegationCase(t *testing.T) namedCase {
	limit := ratio.New(2, 10)
	p := &poll{rules: twoChambers(t, voting.YesNo, 10, 2)}
	p.rules.Cap = &limit
	to := func(n int) plain { return plain{delegate: voter(voting.Members, n)} }
	p.votes(voting.Members, 1, plain{vote: "yes"}).votes(voting.Members, 3, to(0)).votes(voting.Members, 1, to(9)).votes(voting.Members, 1, to(1))
	p.votes(voting.Members, 1, plain{invalid: "signature"}).votes(voting.Members, 1, to(6)).votes(voting.Members, 1, plain{vote: "no"}).votes(voting.Jury, 1, to(0))
	p.ballots[1].n, p.ballots[3].n = p.ballots[3].n, p.ballots[1].n
	return namedCase{"delegations: capped, absent, chained, to a spoilt ballot, by a juror", *p}
}

func TestNamedCases(t *testing.T) {
	for _, c := range namedCases(t) {
		t.Run(c.name, func(t *testing.T) { settle(t, c.name, c.poll) })
	}
}
