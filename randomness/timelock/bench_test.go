package timelock

import (
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const benchRound = 1000

// benchBallots returns sealed ballots of 512 bytes, enough of them that neither the table of multiples
// nor a branch predictor can learn one by heart, with their points.
func benchBallots(b *testing.B) (*Opener, [][]byte, []bls.G2Affine) {
	b.Helper()
	n := testNetwork(b, "")
	s, err := NewSealer(n.Chain(), benchRound)
	if err != nil {
		b.Fatal(err)
	}
	o, err := NewOpener(n.Chain(), testBeacon(b, n, benchRound))
	if err != nil {
		b.Fatal(err)
	}
	files, points, entropy := make([][]byte, 1024), make([]bls.G2Affine, 1024), testEntropy(1)
	for i := range files {
		if files[i], err = s.Seal(make([]byte, 512), entropy); err != nil {
			b.Fatal(err)
		}
		points[i] = pointOf(b, files[i])
	}
	return o, files, points
}

// BenchmarkOpen opens sealed ballots one after another; compare with BenchmarkBarePairing.
func BenchmarkOpen(b *testing.B) {
	o, files, _ := benchBallots(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := o.Open(files[i%len(files)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBarePairing is the one step of opening that nothing can avoid, on the same points.
func BenchmarkBarePairing(b *testing.B) {
	o, _, points := benchBallots(b)
	sig := []bls.G1Affine{o.sig}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := bls.Pair(sig, points[i%len(points):][:1]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenParallel opens on all cores, as a tally does.
func BenchmarkOpenParallel(b *testing.B) {
	o, files, _ := benchBallots(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := o.Open(files[i%len(files)]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkBarePairingParallel is what BenchmarkOpenParallel is measured against.
func BenchmarkBarePairingParallel(b *testing.B) {
	o, _, points := benchBallots(b)
	sig := []bls.G1Affine{o.sig}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := bls.Pair(sig, points[i%len(points):][:1]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkInspect is what intake pays for each ballot.
func BenchmarkInspect(b *testing.B) {
	_, files, _ := benchBallots(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := Inspect(files[i%len(files)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodePoint and BenchmarkMultiple are most of what opening adds to the pairing.
func BenchmarkDecodePoint(b *testing.B) {
	_, _, points := benchBallots(b)
	raw := make([][bls.SizeOfG2AffineCompressed]byte, len(points))
	for i := range raw {
		raw[i] = points[i].Bytes()
	}
	for i := 0; b.Loop(); i++ {
		if _, fault := decodePoint(raw[i%len(raw)][:]); fault != nil {
			b.Fatal(fault)
		}
	}
}

func BenchmarkMultiple(b *testing.B) {
	t, scalars := multiples(), make([][fr.Bytes]byte, 1024)
	for i := range scalars {
		scalars[i] = hash3([keySize]byte{byte(i)}, [keySize]byte{byte(i >> 8)})
	}
	for i := 0; b.Loop(); i++ {
		if p := t.times(scalars[i%len(scalars)]); p.Z.IsZero() {
			b.Fatal("a multiple below the group order is the identity")
		}
	}
}

// BenchmarkSealer seals ballots of 512 bytes until one round.
func BenchmarkSealer(b *testing.B) {
	s, err := NewSealer(testNetwork(b, "").Chain(), benchRound)
	if err != nil {
		b.Fatal(err)
	}
	entropy, plain := testEntropy(1), make([]byte, 512)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(plain, entropy); err != nil {
			b.Fatal(err)
		}
	}
}
