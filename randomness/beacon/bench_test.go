package beacon

import (
	"slices"
	"testing"
	"time"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

func benchmarkVerify(b *testing.B, network string) {
	c, x := pinnedChain(b, network), realBeacons(b, network)[0]
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(c, x.Round, x); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyQuicknet(b *testing.B)  { benchmarkVerify(b, "quicknet") }
func BenchmarkVerifyChained(b *testing.B)   { benchmarkVerify(b, "default") }
func BenchmarkVerifyUnchained(b *testing.B) { benchmarkVerify(b, "testnet-unchained-3s") }
func BenchmarkVerifyBN254(b *testing.B)     { benchmarkVerify(b, "evmnet") }

// bare holds one quicknet beacon with everything decoded, for loops over the library alone.
type bare struct {
	chain         *Chain
	beacon        Beacon
	digest        []byte
	sig, msg      bls.G1Affine
	minusGen, key bls.G2Affine
}

func newBare(b *testing.B) *bare {
	k := &bare{chain: pinnedChain(b, "quicknet"), beacon: realBeacons(b, "quicknet")[0]}
	var err error
	if k.digest, err = Digest(k.chain, k.beacon.Round, nil); err != nil {
		b.Fatal(err)
	}
	if _, err := k.key.SetBytes(k.chain.PublicKey); err != nil {
		b.Fatal(err)
	}
	_, _, _, gen := bls.Generators()
	k.minusGen.Neg(&gen)
	if !k.decode() || !k.hash() {
		b.Fatal("the beacon does not decode")
	}
	return k
}

func (k *bare) verify() bool { return Verify(k.chain, k.beacon.Round, k.beacon) == nil }

func (k *bare) decode() bool {
	_, err := k.sig.SetBytes(k.beacon.Signature)
	return err == nil
}

func (k *bare) hash() bool {
	var err error
	k.msg, err = bls.HashToG1(k.digest, []byte(dstG1))
	return err == nil
}

// pairing is the floor of any verification: two pairings of decoded points.
func (k *bare) pairing() bool {
	ok, err := bls.PairingCheck([]bls.G1Affine{k.sig, k.msg}, []bls.G2Affine{k.minusGen, k.key})
	return ok && err == nil
}

func benchmarkBare(b *testing.B, run func() bool) {
	for b.Loop() {
		if !run() {
			b.Fatal("the beacon does not verify")
		}
	}
}

func BenchmarkBarePairingCheck(b *testing.B) { benchmarkBare(b, newBare(b).pairing) }

func BenchmarkBareHashAndPairing(b *testing.B) {
	k := newBare(b)
	benchmarkBare(b, func() bool { return k.hash() && k.pairing() })
}

// BenchmarkBareDecodeHashAndPairing has every curve operation of a verification and nothing else.
func BenchmarkBareDecodeHashAndPairing(b *testing.B) {
	k := newBare(b)
	benchmarkBare(b, func() bool { return k.decode() && k.hash() && k.pairing() })
}

// BenchmarkQuicknetRatio runs Verify and the three bare loops in turn, so that a busy machine slows
// all of them, and reports the medians' ratios.
func BenchmarkQuicknetRatio(b *testing.B) {
	k := newBare(b)
	runs := []func() bool{
		k.verify,
		k.pairing,
		func() bool { return k.hash() && k.pairing() },
		func() bool { return k.decode() && k.hash() && k.pairing() },
	}
	took := make([][]time.Duration, len(runs))
	for b.Loop() {
		for i, run := range runs {
			start := time.Now()
			if !run() {
				b.Fatal("the beacon does not verify")
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	median := make([]float64, len(runs))
	for i := range took {
		slices.Sort(took[i])
		median[i] = float64(took[i][len(took[i])/2])
	}
	b.ReportMetric(median[0]/1e6, "ms/verify")
	b.ReportMetric(median[0]/median[1], "x-pairing")
	b.ReportMetric(median[0]/median[2], "x-hash+pairing")
	b.ReportMetric(median[0]/median[3], "x-decode+hash+pairing")
}

func benchmarkBatch(b *testing.B, s Scheme) {
	const n = 1000
	k := newSigner(b, s, 1_234_567_891)
	bs := k.run(b, n)
	for b.Loop() {
		if err := VerifyBatch(k.chain, bs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N)/n, "ms/beacon")
}

func BenchmarkVerifyBatch1000(b *testing.B)        { benchmarkBatch(b, SchemeG1RFC9380) }
func BenchmarkVerifyBatch1000Chained(b *testing.B) { benchmarkBatch(b, SchemeChained) }
func BenchmarkVerifyBatch1000BN254(b *testing.B)   { benchmarkBatch(b, SchemeBN254) }
