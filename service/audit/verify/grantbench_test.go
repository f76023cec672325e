package verify

import (
	"bytes"
	"fmt"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// BenchmarkRound is the time to verify the bundle of a funding round with 20,000 open gifts by 200
// donors, or 200 sealed ones. ns/gift compares with BenchmarkBare.
func BenchmarkRound(b *testing.B) {
	for _, tc := range []struct {
		mode          poll.Mode
		donors, times int
	}{{poll.ModeOpen, 200, 100}, {poll.ModeSealed, 200, 1}} {
		b.Run(fmt.Sprintf("%s-%d", tc.mode, tc.donors*tc.times), func(b *testing.B) {
			raw := givers(b, tc.mode, tc.donors, tc.times)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				opened, err := bundle.Open(bytes.NewReader(raw), int64(len(raw)))
				if err != nil {
					b.Fatal(err)
				}
				if r, err := Bundle(b.Context(), opened, brought(b)); err != nil || !r.OK {
					b.Fatalf("%v\n%s", err, text(b, r))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tc.donors*tc.times), "ns/gift")
		})
	}
}

// givers is the bundle of a round in which each donor gives so many times to one of three projects.
func givers(b *testing.B, mode poll.Mode, donors, times int) []byte {
	b.Helper()
	c := newCommune(b)
	sign, signed := c.sign, map[uint64]beacon.Beacon{}
	c.sign = func(round uint64) beacon.Beacon {
		if _, ok := signed[round]; !ok {
			signed[round] = sign(round)
		}
		return signed[round]
	}
	c.found(withoutJury)
	for i := range donors + 10 {
		c.move(identity.ActionAdmit, memberID(i))
		c.now--
	}
	g := newGiving(c)
	g.openRound(g.asked(mode), nil)
	g.through(applied, reviewed)
	g.now += 300
	projects := []string{"mill", "park", "well"}
	for n := range times {
		for i := range donors {
			g.give(i+10, projects[(i+n)%3], "100")
		}
	}
	g.closeRound(nil)
	g.result("", nil, func(*grants.ResultFile, *grants.ResultRecord) {})
	return g.packRound()
}
