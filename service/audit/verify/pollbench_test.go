package verify

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// BenchmarkPoll is the time to verify the bundle of a poll: 100,000 open ballots by 2,000 voters, and 5,000
// sealed ones by as many. ns/ballot compares with BenchmarkBare.
func BenchmarkPoll(b *testing.B) {
	for _, tc := range []struct {
		mode          string
		voters, times int
	}{{charter.ModeOpen, 2000, 50}, {charter.ModeSealed, 5000, 1}} {
		b.Run(fmt.Sprintf("%s-%d", tc.mode, tc.voters*tc.times), func(b *testing.B) {
			raw := crowd(b, tc.mode, tc.voters, tc.times)
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
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tc.voters*tc.times), "ns/ballot")
		})
	}
}

// crowd is the bundle of a poll without a jury, in which each voter votes so many times.
func crowd(b *testing.B, mode string, voters, times int) []byte {
	b.Helper()
	c := newCommune(b)
	signed := map[uint64]beacon.Beacon{}
	sign := c.sign
	c.sign = func(round uint64) beacon.Beacon {
		if _, ok := signed[round]; !ok {
			signed[round] = sign(round)
		}
		return signed[round]
	}
	c.found(func(ch *charter.Charter) { withoutJury(ch); ch.Ballot.Mode = mode })
	for i := range voters + 2 {
		c.move(identity.ActionAdmit, memberID(i))
		c.now--
	}
	c.openPoll(c.question(), nil)
	for range times {
		for i := range voters {
			c.vote(member(i+2), "yes")
			c.now--
		}
	}
	c.closePoll(nil)
	c.count(nil)
	return c.packPoll()
}

// BenchmarkBare is what no verifier can do without: one signature a ballot, one pairing a sealed one, and
// one beacon of a batch a round that was seen.
func BenchmarkBare(b *testing.B) {
	c := begun(b, func(ch *charter.Charter) { ch.Ballot.Mode = charter.ModeOpen })
	c.openPoll(c.question(), nil)
	cast, err := c.ballotBy(member(8), "yes").Sign(privateKey(c.keyOf(member(8))))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ed25519", func(b *testing.B) {
		public, message := publicKey(c.keyOf(member(8))).Public, identity.Message(identity.ThingBallot, cast.Ballot)
		for b.Loop() {
			if !ed25519.Verify(ed25519.PublicKey(public), message, cast.Signature.Signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("pairing", func(b *testing.B) {
		_, _, g1, g2 := bls.Generators()
		for b.Loop() {
			if _, err := bls.Pair([]bls.G1Affine{g1}, []bls.G2Affine{g2}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("seen-round", func(b *testing.B) {
		list := make([]beacon.Beacon, batch)
		for i := range list {
			list[i] = c.sign(uint64(i + 1))
		}
		for b.Loop() {
			if err := beacon.VerifyBatch(c.chain, list); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/round")
	})
	b.Run("checked-ballot", func(b *testing.B) {
		key := publicKey(c.keyOf(member(8)))
		for b.Loop() {
			if _, err := poll.CheckCast(c.manifest, c.hash, &key, cast); err != nil {
				b.Fatal(err)
			}
		}
	})
}
