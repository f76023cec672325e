package beacon

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func timeChain(period, genesis int64) *Chain {
	return &Chain{Name: "t", ID: "t", Period: period, Genesis: genesis}
}

func TestTimeOf(t *testing.T) {
	quick := pinnedChain(t, "quicknet")
	for name, tc := range map[string]struct {
		chain *Chain
		round uint64
		want  int64
	}{
		"round 1 is genesis":        {quick, 1, 1692803367},
		"round 2":                   {quick, 2, 1692803370},
		"round 1000":                {quick, 1000, 1692806364},
		"the last round":            {quick, MaxRound, 1692803367 + 3*(MaxRound-1)},
		"exactly the largest int64": {timeChain(1024, 2047), MaxRound, math.MaxInt64},
		"period 2^32-1, round 2":    {timeChain(math.MaxUint32, 1), 2, 1 << 32},
		"latest genesis, round 1":   {timeChain(math.MaxUint32, MaxRound), 1, MaxRound},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tc.chain.TimeOf(tc.round)
			if err != nil || got != tc.want {
				t.Errorf("%d, %v, want %d", got, err, tc.want)
			}
		})
	}
}

func TestTimeOfRefuses(t *testing.T) {
	quick := pinnedChain(t, "quicknet")
	for name, tc := range map[string]struct {
		chain *Chain
		round uint64
	}{
		"round 0":                   {quick, 0},
		"round 2^53":                {quick, MaxRound + 1},
		"round 2^63":                {quick, 1 << 63},
		"round 2^64-1":              {quick, math.MaxUint64},
		"a sum just past int64":     {timeChain(1024, 2048), MaxRound},
		"a product past uint64":     {timeChain(math.MaxUint32, 1), MaxRound},
		"a product past int64":      {timeChain(1025, 1), MaxRound},
		"a chain with period 0":     {timeChain(0, 1), 1},
		"a negative period":         {timeChain(-3, 1), 2},
		"a period past 2^32-1":      {timeChain(1<<32, 1), 1},
		"genesis 0":                 {timeChain(3, 0), 1},
		"a negative genesis":        {timeChain(3, math.MinInt64), 1},
		"a genesis past 2^53-1":     {timeChain(3, MaxRound+1), 1},
		"the largest int64 genesis": {timeChain(3, math.MaxInt64), 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := tc.chain.TimeOf(tc.round); err == nil {
				t.Errorf("%d, want an error", got)
			}
		})
	}
}

func TestRoundAtAndAfter(t *testing.T) {
	quick := pinnedChain(t, "quicknet")
	const g = 1692803367
	for name, tc := range map[string]struct {
		t         int64
		at, after uint64
	}{
		"the smallest int64":     {math.MinInt64, 0, 1},
		"before 1970":            {-1, 0, 1},
		"a second before":        {g - 1, 0, 1},
		"genesis":                {g, 1, 1},
		"a second after":         {g + 1, 1, 2},
		"a second before second": {g + 2, 1, 2},
		"the second":             {g + 3, 2, 2},
		"round 1000":             {1692806364, 1000, 1000},
		"the last round":         {g + 3*(MaxRound-1), MaxRound, MaxRound},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := quick.RoundAt(tc.t)
			if err != nil || at != tc.at {
				t.Errorf("RoundAt: %d, %v, want %d", at, err, tc.at)
			}
			after, err := quick.FirstRoundAtOrAfter(tc.t)
			if err != nil || after != tc.after {
				t.Errorf("FirstRoundAtOrAfter: %d, %v, want %d", after, err, tc.after)
			}
		})
	}
}

func TestRoundsPastTheLastAreErrors(t *testing.T) {
	quick := pinnedChain(t, "quicknet")
	last, err := quick.TimeOf(MaxRound)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := quick.FirstRoundAtOrAfter(last + 1); err == nil {
		t.Errorf("FirstRoundAtOrAfter past the last round: %d, want an error", got)
	}
	if got, err := quick.RoundAt(last + 2); err != nil || got != MaxRound {
		t.Errorf("RoundAt in the last period: %d, %v, want %d", got, err, uint64(MaxRound))
	}
	for _, at := range []int64{last + 3, math.MaxInt64} {
		if got, err := quick.RoundAt(at); err == nil {
			t.Errorf("RoundAt(%d): %d, want an error", at, got)
		}
	}
	if got, err := timeChain(0, 1).RoundAt(5); err == nil {
		t.Errorf("RoundAt with period 0: %d, want an error", got)
	}
	if got, err := timeChain(0, 1).FirstRoundAtOrAfter(5); err == nil {
		t.Errorf("FirstRoundAtOrAfter with period 0: %d, want an error", got)
	}
}

// The definitions are stated again with integers of any size; int64 results must agree exactly where
// they exist and be errors where they do not.
func TestTimeAgreesWithUnboundedIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := timeChain(rapid.Int64Range(1, math.MaxUint32).Draw(t, "period"), rapid.Int64Range(1, MaxRound).Draw(t, "genesis"))
		round := rapid.Uint64().Draw(t, "round")
		want := new(big.Int).SetUint64(round)
		want.Sub(want, big.NewInt(1)).Mul(want, big.NewInt(c.Period)).Add(want, big.NewInt(c.Genesis))
		got, err := c.TimeOf(round)
		if fits := round >= 1 && round <= MaxRound && want.IsInt64(); fits != (err == nil) {
			t.Fatalf("round %d, period %d: error %v, exact %s", round, c.Period, err, want)
		}
		if err == nil && want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("round %d: %d, want %s", round, got, want)
		}
	})
}

func TestRoundsAndTimesAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := timeChain(rapid.Int64Range(1, math.MaxUint32).Draw(t, "period"), rapid.Int64Range(1, MaxRound).Draw(t, "genesis"))
		at := rapid.Int64().Draw(t, "t")
		newest, err := c.RoundAt(at)
		if err != nil {
			if uint64(at-c.Genesis)/uint64(c.Period) < MaxRound {
				t.Fatalf("RoundAt(%d): %v", at, err)
			}
			return
		}
		if newest > 0 {
			if due, err := c.TimeOf(newest); err != nil || due > at || at-due >= c.Period {
				t.Fatalf("newest round %d at %d is due at %d, %v", newest, at, due, err)
			}
		}
		first, err := c.FirstRoundAtOrAfter(at)
		if err != nil && newest == MaxRound {
			return // past the last round
		}
		if err != nil {
			t.Fatalf("FirstRoundAtOrAfter(%d): %v", at, err)
		}
		due, err := c.TimeOf(first)
		if err != nil {
			return // due beyond int64, which TimeOf says
		}
		if due < at || first > 1 && due-at >= c.Period {
			t.Fatalf("first round %d at or after %d is due at %d", first, at, due)
		}
	})
}
