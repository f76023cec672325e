package charter

import (
	"testing"

	"pgregory.net/rapid"

	"kleroterion/service/ratio"
)

// passes decides one yes/no poll as tally.md does: rates times shares against the threshold, 1/2 strict.
func passes(c *Charter, tier int, x ratio.Ratio, jury int64) bool {
	total := ratio.Ratio{}
	for _, s := range must(c.SharesAt(tier, 1)) {
		switch {
		case s.ID == ChamberMembers:
			total = total.Add(s.Share.Mul(x))
		case s.ID == ChamberJury:
			total = total.Add(s.Share.Mul(ratio.New(jury, 1)))
		case x.Cmp(ratio.New(1, 2)) > 0:
			total = total.Add(s.Share)
		}
	}
	if c.Threshold.Equal(ratio.New(1, 2)) {
		return total.Cmp(c.Threshold) > 0
	}
	return total.Cmp(c.Threshold) >= 0
}

func drawShares(t *rapid.T) *Charter {
	c := small()
	jury := rapid.Int64Range(1, 60).Draw(t, "jury")
	founders := rapid.Int64Range(0, 98-jury).Draw(t, "founders")
	c.Ratchet.Tiers[0].Share = ratio.New(founders, 100)
	c.Chambers = []Chamber{{ID: ChamberFounders, Share: ratio.New(founders, 100)},
		{ID: ChamberMembers, Share: ratio.New(100-jury-founders, 100)}, {ID: ChamberJury, Share: ratio.New(jury, 100)}}
	c.Threshold = rapid.SampledFrom([]ratio.Ratio{ratio.New(1, 2), ratio.New(3, 5), ratio.New(2, 3), ratio.New(9, 10)}).Draw(t, "threshold")
	return c
}

func TestTheJuryDecidesWithinItsBoundsAndNowhereElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawShares(t)
		low, high := WhatJuryDecides(c, 0)
		if low.Cmp(high) > 0 || low.Sign() < 0 || high.Cmp(ratio.New(1, 1)) > 0 {
			t.Fatalf("from %s to %s", low, high)
		}
		for n := range int64(121) {
			x := ratio.New(n, 120)
			if x.Equal(low) || x.Equal(high) {
				continue
			}
			inside := x.Cmp(low) > 0 && x.Cmp(high) < 0
			if decides := passes(c, 0, x, 1) && !passes(c, 0, x, 0); decides != inside {
				t.Fatalf("%+v: at %s the jury decides: %t; the bounds are %s and %s", c.Chambers, x, decides, low, high)
			}
		}
	})
}

// The notes' example: founder 1/4, members 11/20, jury 1/5, in the tier that the founders' quarter is.
func TestWorkedExample(t *testing.T) {
	c := parsed(t, soundCharter(t), false)
	for tier, want := range [][]ChamberShare{
		{{ChamberFounders, ratio.New(1, 2)}, {ChamberMembers, ratio.New(3, 10)}, {ChamberJury, ratio.New(1, 5)}},
		{{ChamberFounders, ratio.New(1, 4)}, {ChamberMembers, ratio.New(11, 20)}, {ChamberJury, ratio.New(1, 5)}},
		{{ChamberFounders, ratio.New(1, 10)}, {ChamberMembers, ratio.New(7, 10)}, {ChamberJury, ratio.New(1, 5)}},
		{{ChamberMembers, ratio.New(4, 5)}, {ChamberJury, ratio.New(1, 5)}},
		{{ChamberMembers, ratio.New(4, 5)}, {ChamberJury, ratio.New(1, 5)}},
	} {
		got := must(c.SharesAt(tier, 2))
		if len(got) != len(want) {
			t.Fatalf("tier %d: %v", tier, got)
		}
		for i, s := range want {
			if got[i].ID != s.ID || !got[i].Share.Equal(s.Share) {
				t.Errorf("tier %d: %v, want %v", tier, got[i], s)
			}
		}
		if alone := must(c.SharesAt(tier, 0)); len(alone) != 2 || alone[0].Share.String() != "4/5" {
			t.Errorf("tier %d without a founder: %v", tier, alone)
		}
	}
}
