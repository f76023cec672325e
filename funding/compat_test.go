package funding_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
)

func paid(list []funding.Paid) map[string]string {
	m := map[string]string{}
	for _, x := range list {
		m[x.Project] = x.Amount.String()
	}
	return m
}

func TestAlloLinearIsTheExpectedToTheUnit(t *testing.T) {
	for _, size := range []string{"gen_1e3", "gen_1e4"} {
		in, pool := made(t, size), sizes[size].pool
		// the peer multiplies by the weight and floors before it adds rows up
		weighted, ppm := []funding.Contribution{}, map[string]uint64{}
		for _, w := range in.weights {
			ppm[w.Donor] = uint64(w.PPM)
		}
		sums := map[[2]string]uint64{}
		for _, c := range in.contributions {
			sums[[2]string{c.Donor, c.Project}] += c.Amount.Big().Uint64()
		}
		for at, c := range sums {
			weighted = append(weighted, funding.Contribution{Donor: at[0], Project: at[1], Amount: funding.Units(c * ppm[at[0]] / 1000000)})
		}
		for kind, contributions := range map[string][]funding.Contribution{"unweighted": in.contributions, "weighted": weighted} {
			var want map[string]string
			readJSON(t, "expected/"+size+"_"+kind+"_pluralistic_cap10pct.json", &want)
			got, err := funding.AlloLinear(funding.Peer{Pool: funding.Units(pool), Cap: funding.Units(pool / 10)}, contributions)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, paid(got)); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", size, kind, diff)
			}
		}
	}
}

// projects makes contributions of lists of amounts, one donor each.
func projects(lists map[string][]uint64) []funding.Contribution {
	var out []funding.Contribution
	for p, list := range lists {
		for i, a := range list {
			out = append(out, funding.Contribution{Donor: "s" + strconv.Itoa(i), Project: p, Amount: funding.Units(a)})
		}
	}
	return out
}

// Numbers of the peers' own tests: pluralistic.js (src/test/linear.test.ts).
func TestAlloLinearIsThePeers(t *testing.T) {
	three := projects(map[string][]uint64{
		"p1": {1000000, 4000000, 1000000, 9000000}, "p2": {1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 4000000},
		"p3": {1000000, 9000000, 1000000, 9000000, 1000000, 9000000, 4000000},
	})
	for name, c := range map[string]struct {
		peer funding.Peer
		want map[string]string
	}{
		"saturated":      {funding.Peer{Pool: funding.Units(100000000)}, map[string]string{"p1": "13600000", "p2": "21600000", "p3": "64800000"}},
		"undersaturated": {funding.Peer{Pool: funding.Units(1000000000)}, map[string]string{"p1": "34000000", "p2": "54000000", "p3": "162000000"}},
		"forced":         {funding.Peer{Pool: funding.Units(1000000000), IgnoreSaturation: true}, map[string]string{"p1": "136000000", "p2": "216000000", "p3": "648000000"}},
		"small pool":     {funding.Peer{Pool: funding.Units(10000000)}, map[string]string{"p1": "1360000", "p2": "2160000", "p3": "6480000"}},
		"capped":         {funding.Peer{Pool: funding.Units(100000000), Cap: funding.Units(50000000), IgnoreSaturation: true}, map[string]string{"p1": "19318181", "p2": "30681818", "p3": "50000000"}},
	} {
		got, err := funding.AlloLinear(c.peer, three)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, paid(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Numbers of cw-quadratic-funding (src/matching.rs), and one round with a cap worked out by hand.
func TestShareOfSquareIsThePeers(t *testing.T) {
	for name, c := range map[string]struct {
		peer  funding.Peer
		funds map[string][]uint64
		want  map[string]string
	}{
		"cw-1": {funding.Peer{Pool: funding.Units(1000000)}, map[string][]uint64{"1": {7200}, "2": {12345}, "3": {4456}, "4": {60000}},
			map[string]string{"1": "84737", "2": "147966", "3": "52312", "4": "714983"}},
		"cw-2": {funding.Peer{Pool: funding.Units(550000)}, map[string][]uint64{"1": {1200, 44999, 33}, "2": {30000, 58999}, "3": {230000, 100}, "4": {100000, 5}},
			map[string]string{"1": "60212", "2": "164602", "3": "228537", "4": "96648"}},
		"capped": {funding.Peer{Pool: funding.Units(35000), Cap: funding.Units(7000)}, map[string][]uint64{"1": {1 << 20}, "2": {2 << 21}, "3": {1 << 24}},
			map[string]string{"1": "1666", "2": "6666", "3": "7000"}},
	} {
		got, err := funding.ShareOfSquare(c.peer, projects(c.funds))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, paid(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The payouts that clr.fund published for its rounds on xDai, to the wei.
func TestClrfundRoundsToTheWei(t *testing.T) {
	var rounds []struct {
		Source, VoiceCreditFactor string
		Pool                      string `json:"effective_pool"`
		Recipients                []struct{ Name, Tally, Spent, Allocated string }
	}
	readJSON(t, "rounds.json", &rounds)
	recipients := 0
	for _, r := range rounds {
		var tallies []funding.Tally
		for _, x := range r.Recipients {
			tallies = append(tallies, funding.Tally{Project: x.Name, Votes: amount(t, x.Tally), Spent: amount(t, x.Spent)})
		}
		got, err := funding.ClrfundLinear(amount(t, r.Pool), amount(t, r.VoiceCreditFactor), tallies)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range r.Recipients {
			if recipients++; got[i].Amount.String() != x.Allocated {
				t.Errorf("%s: %s gets %v, was paid %s", r.Source, x.Name, got[i].Amount, x.Allocated)
			}
		}
	}
	if recipients != 53 {
		t.Errorf("%d recipients, want 53", recipients)
	}
}

// Two recipients worked out by hand.
func TestClrfundAlphaByHand(t *testing.T) {
	// A: votes 3+1, credits 9+1; B: votes 2, credits 4. Σ tally² - Σ spent = 16+4-14 = 6, f = 10.
	// Budget 260: alpha = (260-140)·10^18/(10·6) = 2·10^18. A = (2·10·16 + 10·10 - 2·10·10) = 220, B = 80+40-80 = 40.
	tallies := []funding.Tally{{Project: "A", Votes: funding.Units(4), Spent: funding.Units(10)}, {Project: "B", Votes: funding.Units(2), Spent: funding.Units(4)}}
	got, err := funding.ClrfundAlpha(funding.Units(260), funding.Units(10), tallies)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"A": "220", "B": "40"}, paid(got)); diff != "" {
		t.Errorf("alpha 2 (-want +got):\n%s", diff)
	}
	// Budget 261: alpha = floor(121·10^18/60) = 2016666666666666666; A = 220 + 10·6·(1/60) - dust = 220.99… -> 220
	if got, err = funding.ClrfundAlpha(funding.Units(261), funding.Units(10), tallies); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"A": "220", "B": "40"}, paid(got)); diff != "" {
		t.Errorf("alpha with dust (-want +got):\n%s", diff)
	}
	_, err = funding.ClrfundAlpha(funding.Units(139), funding.Units(10), tallies)
	wantCode(t, "budget below contributions", err, "empty")
	_, err = funding.ClrfundAlpha(funding.Units(260), funding.Units(10), tallies[1:])
	wantCode(t, "one donor alone", err, "empty")
	_, err = funding.ClrfundLinear(funding.Units(260), funding.Units(10), nil)
	wantCode(t, "nobody voted", err, "empty")
}
