package timelock

import (
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

const benchRound = 1000

func benchOpener(b *testing.B) (*Opener, []byte) {
	b.Helper()
	n := testNetwork(b, "")
	file, err := Seal(n.Chain(), benchRound, make([]byte, 512), testEntropy(1))
	if err != nil {
		b.Fatal(err)
	}
	o, err := NewOpener(n.Chain(), testBeacon(b, n, benchRound))
	if err != nil {
		b.Fatal(err)
	}
	return o, file
}

// BenchmarkOpen opens a sealed ballot of 512 bytes; compare with BenchmarkBarePairing.
func BenchmarkOpen(b *testing.B) {
	o, file := benchOpener(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Open(file); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBarePairing is the one step of opening that nothing can avoid, on the same points.
func BenchmarkBarePairing(b *testing.B) {
	o, file := benchOpener(b)
	u := []bls.G2Affine{pointOf(b, file)}
	sig := []bls.G1Affine{o.sig}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bls.Pair(sig, u); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenParallel opens on all cores, as a tally does.
func BenchmarkOpenParallel(b *testing.B) {
	o, file := benchOpener(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := o.Open(file); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkBarePairingParallel is what BenchmarkOpenParallel is measured against.
func BenchmarkBarePairingParallel(b *testing.B) {
	o, file := benchOpener(b)
	u := []bls.G2Affine{pointOf(b, file)}
	sig := []bls.G1Affine{o.sig}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := bls.Pair(sig, u); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkInspect is what intake pays for each ballot.
func BenchmarkInspect(b *testing.B) {
	_, file := benchOpener(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Inspect(file); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodePoint and BenchmarkMultiple are what opening adds to the pairing.
func BenchmarkDecodePoint(b *testing.B) {
	_, file := benchOpener(b)
	f, err := parse(file)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, fault := decodePoint(f.body.u()); fault != nil {
			b.Fatal(fault)
		}
	}
}

func BenchmarkMultiple(b *testing.B) {
	t, n := multiples(), hash3([keySize]byte{1}, [keySize]byte{2})
	for b.Loop() {
		p := t.times(n)
		if p.Z.IsZero() {
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
