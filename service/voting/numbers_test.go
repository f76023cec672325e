package voting_test

import (
	"slices"
	"testing"

	"kleroterion/service/voting"
)

const (
	yes     = `{"vote":"yes"}`
	no      = `{"vote":"no"}`
	abstain = `{"vote":"abstain"}`
)

func TestExactTieKeepsTheStatusQuo(t *testing.T) {
	b := newBox(t, twoChambers(t, voting.YesNo, 300, 6))
	b.add(voting.Members, 175, yes).add(voting.Members, 125, no).add(voting.Jury, 1, yes).add(voting.Jury, 5, no)
	res := b.tally()
	if res.Rate.String() != "1/2" || *res.Outcome.Passed || res.Outcome.Reason != voting.Threshold {
		t.Errorf("rate %s, outcome %+v, want an exact tie that is rejected", res.Rate, res.Outcome)
	}
	b.rules.Inclusive = true
	if res = b.tally(); !*res.Outcome.Passed {
		t.Error("an inclusive threshold is not passed by the threshold itself")
	}
}

// A unanimous jury decides exactly when the members' yes rate lies between 3/8 and 5/8.
func TestJuryDecidesBetweenThreeAndFiveEighths(t *testing.T) {
	for y := range 801 {
		pass := map[string]bool{}
		for _, jury := range []string{yes, no} {
			b := newBox(t, twoChambers(t, voting.YesNo, 800, 6)).add(voting.Members, y, yes).add(voting.Members, 800-y, no).add(voting.Jury, 6, jury)
			pass[jury] = *b.tally().Outcome.Passed
		}
		if decides, want := pass[yes] != pass[no], 3*800 < 8*y && 8*y <= 5*800; decides != want {
			t.Fatalf("members %d of 800 yes: the jury decides: %v, want %v", y, decides, want)
		}
	}
}

// 45 voters of Schulze's paper (2011), example 1: E wins.
func TestSchulzePublishedExample(t *testing.T) {
	r := twoChambers(t, voting.Schulze, 45, 0)
	r.Options = []string{"a", "b", "c", "d", "e"}
	b := newBox(t, r)
	for _, c := range []struct {
		n    int
		rank string
	}{{5, "acbed"}, {5, "adecb"}, {8, "bedac"}, {3, "cabed"}, {7, "caebd"}, {2, "cbade"}, {7, "dceba"}, {8, "ebadc"}} {
		text := `{"ranking":[`
		for i, o := range c.rank {
			if i > 0 {
				text += ","
			}
			text += `["` + string(o) + `"]`
		}
		b.add(voting.Members, c.n, text+`]}`)
	}
	res := b.tally()
	if !slices.Equal(res.Outcome.Elected, []string{"e"}) {
		t.Errorf("elected %v, want e", res.Outcome.Elected)
	}
	want := [][]string{{"0/1", "28/45", "28/45", "2/3", "8/15"}, {"5/9", "0/1", "28/45", "11/15", "8/15"}, {"5/9", "29/45", "0/1", "29/45", "8/15"},
		{"5/9", "28/45", "28/45", "0/1", "8/15"}, {"5/9", "28/45", "28/45", "31/45", "0/1"}}
	for a, row := range want {
		for x, s := range row {
			if got := res.Schulze.Paths[a][x].String(); got != s {
				t.Errorf("path %s to %s has strength %s, want %s", r.Options[a], r.Options[x], got, s)
			}
		}
	}
}
