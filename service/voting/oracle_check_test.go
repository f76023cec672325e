package voting_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kleroterion/service/voting"
)

func TestEveryMethodAgreesWithTheSlowCount(t *testing.T) {
	for _, m := range methods {
		t.Run(string(m), rapid.MakeCheck(func(rt *rapid.T) {
			p := polls(m).Draw(rt, "poll")
			if err := p.rules.Check(); err != nil {
				rt.Fatal(err)
			}
			res, err := voting.Tally(p.rules, p.parse(t), keys)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(countSlowly(p.rules, p.ballots, keys), reduce(p.rules, res), cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("slow count against Tally: %s", diff)
			}
		}))
	}
}
