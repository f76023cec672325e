package voting_test

import (
	"fmt"
	"testing"

	"kleroterion/service/voting"
)

func BenchmarkTallyYesNoMillion(b *testing.B) {
	r := twoChambers(b, voting.YesNo, 1_000_000, 51)
	x := newBox(b, r).add(voting.Members, 500_000, yes).add(voting.Members, 500_000, no).add(voting.Jury, 51, yes)
	for b.Loop() {
		if _, err := voting.Tally(r, x.ballots, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTallyRanked(b *testing.B) {
	for _, m := range []voting.Method{voting.IRV, voting.Schulze} {
		b.Run(fmt.Sprint(m, " 100000 ballots of 10 options"), func(b *testing.B) {
			r := twoChambers(b, m, 100_000, 0)
			r.Options = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
			x := newBox(b, r)
			for i := range 10 {
				text := `{"ranking":[`
				for k := range 10 {
					if k > 0 {
						text += ","
					}
					text += `["` + r.Options[(i+k*3)%10] + `"]`
				}
				x.add(voting.Members, 10_000, text+`]}`)
			}
			for b.Loop() {
				if _, err := voting.Tally(r, x.ballots, keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseChoice(b *testing.B) {
	for _, c := range []struct {
		method voting.Method
		text   string
	}{{voting.YesNo, yes}, {voting.Approval, `{"approve":["a","c"]}`}, {voting.Score, `{"scores":{"a":3,"b":1}}`}, {voting.Schulze, `{"ranking":[["a"],["b","c"]]}`}} {
		b.Run(string(c.method), func(b *testing.B) {
			r := forChoices(b, c.method, false)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := voting.ParseChoice(r, []byte(c.text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
