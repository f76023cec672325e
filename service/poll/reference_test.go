package poll

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/timelock"
)

// tallied is what the slow count and the package must agree on.
type tallied struct {
	Yes, No, Blank, Invalid map[string]int64
	Reasons                 map[string]string // voter to rule
	Superseded              int64
	Rate                    string
}

func newTallied() tallied {
	return tallied{Yes: map[string]int64{}, No: map[string]int64{}, Blank: map[string]int64{}, Invalid: map[string]int64{}, Reasons: map[string]string{}}
}

// loose is a ballot or its inside as any reader of JSON sees it.
type loose struct {
	Choice              struct{ Vote string }
	Poll, Sealed, Voter string
}

// countSlowly looks backwards for the last ballot of each voter and follows poll.md and tally.md in
// words; it shares with the package only the opening of one timelock file.
func (h *held) countSlowly(casts []Cast) tallied {
	out, seen := newTallied(), map[string]bool{}
	for _, c := range slices.Backward(casts) {
		var b loose
		if err := json.Unmarshal(c.Ballot, &b); err != nil {
			panic(err)
		}
		if seen[b.Voter] {
			out.Superseded++
			continue
		}
		seen[b.Voter] = true
		chamber := strings.Split(b.Voter, "/")[0]
		vote, why := b.Choice.Vote, ""
		if h.m.Mode == ModeSealed {
			vote, why = h.lookInside(b)
		}
		switch {
		case why != "":
			out.Invalid[chamber]++
			out.Reasons[b.Voter] = why
		case vote == "yes":
			out.Yes[chamber]++
		case vote == "no":
			out.No[chamber]++
		default:
			out.Blank[chamber]++
		}
	}
	out.Rate = h.rateSlowly(out)
	return out
}

func (h *held) lookInside(b loose) (vote, why string) {
	file, err := base64.StdEncoding.DecodeString(b.Sealed)
	if err != nil {
		panic(err)
	}
	text, err := timelock.Open(h.state.Chain, h.closing(), file)
	var in loose
	switch {
	case err != nil:
		return "", "unopenable"
	case !strings.HasSuffix(strings.TrimRight(string(text), " "), "}"):
		return "", "padding"
	case json.Unmarshal(text, &in) != nil || in.Poll == "":
		return "", "inner_form"
	case in.Voter != b.Voter:
		return "", "copied"
	case in.Poll != h.hash.String():
		return "", "inner_poll"
	case !slices.Contains([]string{"yes", "no", "abstain"}, in.Choice.Vote):
		return "", "choice_form"
	}
	return in.Choice.Vote, ""
}

// rateSlowly: members with what the jury does not use, the jury with a share that shrinks below its
// quorum of 1/2 by its decisive ballots (thin scale). There is no rate without a decisive member.
func (h *held) rateSlowly(c tallied) string {
	decided := func(id string) int64 { return c.Yes[id] + c.No[id] }
	if decided("members") == 0 {
		return ""
	}
	jury := new(big.Rat)
	if decided("jury") > 0 { // of three electors, against a quorum of 1/2
		jury.Mul(big.NewRat(1, 5), new(big.Rat).Quo(big.NewRat(decided("jury"), 3), big.NewRat(1, 2)))
		if jury.Cmp(big.NewRat(1, 5)) > 0 {
			jury.SetFrac64(1, 5)
		}
	}
	rate := new(big.Rat).Sub(big.NewRat(1, 1), jury)
	rate.Mul(rate, big.NewRat(c.Yes["members"], decided("members")))
	if jury.Sign() > 0 {
		rate.Add(rate, jury.Mul(jury, big.NewRat(c.Yes["jury"], decided("jury"))))
	}
	return rate.String()
}

// reduced is a transcript in the words of the slow count.
func reduced(t Transcript) tallied {
	out := newTallied()
	set := func(m map[string]int64, id string, n int64) {
		if n > 0 {
			m[id] = n
		}
	}
	for _, c := range t.Count.Chambers {
		set(out.Yes, c.ID, *c.Yes)
		set(out.No, c.ID, *c.No)
		set(out.Blank, c.ID, c.Blank)
		set(out.Invalid, c.ID, c.Invalid)
	}
	for _, i := range t.Count.Invalid {
		out.Reasons[i.Voter] = i.Rule
	}
	out.Superseded = t.Superseded
	if t.Count.Rate != nil {
		out.Rate = t.Count.Rate.String()
	}
	return out
}

// plan is a ballot of somebody on the roll, honest or not, that intake takes.
type plan struct {
	voter, choice string
	trick         int
}

func plans(t *rapid.T) plan {
	return plan{
		voter:  rapid.SampledFrom([]string{person("cy").member(), person("di").member(), person("ed").member(), SeatVoter(1), SeatVoter(3)}).Draw(t, "voter"),
		choice: rapid.SampledFrom([]string{yes, no, abstain}).Draw(t, "choice"),
		trick:  rapid.IntRange(0, 9).Draw(t, "trick"),
	}
}

func (h *held) carriedOut(p plan) Cast {
	by := map[string]person{person("cy").member(): "cy", person("di").member(): "di", person("ed").member(): "ed", SeatVoter(1): "seat 1", SeatVoter(3): "seat 3"}[p.voter]
	voter, choice := p.voter, p.choice
	if h.m.Mode == ModeOpen {
		return h.cast(by, voter, choice)
	}
	honest := insideOf(h.hash, voter, choice)
	switch p.trick {
	case 0:
		return h.sealText(by, voter, h.padded(insideOf(h.hash, SeatVoter(2), choice)))
	case 1:
		return h.sealText(by, voter, h.padded(insideOf(h.m.Charter, voter, choice)))
	case 2:
		return h.sealText(by, voter, h.padded("nothing"))
	case 3:
		return h.sealText(by, voter, h.padded(strings.Replace(honest, choice, `{"vote":"maybe"}`, 1)))
	case 4:
		return h.sealText(by, voter, h.padded("{}"))
	}
	return h.sealText(by, voter, h.padded(honest))
}

func TestTheCountAgreesWithASlowOne(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		reasons, made := map[string]int{}, map[plan]Cast{}
		rapid.Check(t, func(rt *rapid.T) {
			var casts []Cast
			for _, p := range rapid.SliceOfN(rapid.Custom(plans), 0, 8).Draw(rt, "ballots") {
				if _, known := made[p]; !known {
					made[p] = h.carriedOut(p)
				}
				casts = append(casts, made[p])
			}
			want := h.countSlowly(casts)
			if diff := cmp.Diff(want, reduced(h.count(t, casts...))); diff != "" {
				rt.Fatalf("slow count against the package's:\n%s", diff)
			}
			for _, why := range want.Reasons {
				reasons[why]++
			}
		})
		if h.m.Mode == ModeSealed && len(reasons) < 4 {
			t.Errorf("only these reasons were met: %v", reasons)
		}
	})
}
