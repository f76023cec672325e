package poll

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"sync/atomic"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/service/identity"
)

// crowd is an open or sealed poll of n members, and a ballot of each.
func crowd(b *testing.B, mode Mode, n int) (*held, []Cast) {
	b.Helper()
	w := newWorld(b, mode)
	list := make([]person, n)
	for i := range list {
		list[i] = person(fmt.Sprint("member ", i))
	}
	w.state.Members = electors(list...)
	h := w.open(b)
	casts := make([]Cast, n)
	for i, p := range list {
		casts[i] = h.cast(p, p.member(), []string{yes, no, abstain}[i%3])
	}
	return h, casts
}

// BenchmarkBoxAdd checks and keeps ballots on all cores; compare with BenchmarkBareEd25519.
func BenchmarkBoxAdd(b *testing.B) {
	const n = 4096
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		b.Run(string(mode), func(b *testing.B) {
			h, casts := crowd(b, mode, n)
			list := records(casts...)
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += n {
				b.StopTimer()
				box := h.box(b)
				b.StartTimer()
				if err := box.Add(b.Context(), list[:min(n, b.N-done)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareEd25519 is the one step that nothing can avoid, on the same ballots and all cores.
func BenchmarkBareEd25519(b *testing.B) {
	_, casts := crowd(b, ModeOpen, 4096)
	keys, messages := make([]ed25519.PublicKey, len(casts)), make([][]byte, len(casts))
	for i := range casts {
		keys[i] = ed25519.PublicKey(person(fmt.Sprint("member ", i)).key().Public)
		messages[i] = identity.Message(identity.ThingBallot, casts[i].Ballot)
	}
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(next.Add(1)) % len(casts)
			if !ed25519.Verify(keys[i], messages[i], casts[i].Signature.Signature) {
				b.Error("a signature does not verify")
				return
			}
		}
	})
}

// BenchmarkReadCast is what reading a ballot adds to its signature; strictly is the long way.
func BenchmarkReadCast(b *testing.B) {
	h := newWorld(b, ModeOpen).open(b)
	body := records(h.cast("cy", person("cy").member(), yes))[0].Body
	for name, read := range map[string]func([]byte) (Cast, error){"usual": ParseCast, "strictly": parseCastStrictly} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCountSealed opens and counts sealed ballots on all cores; compare with BenchmarkBarePairing.
func BenchmarkCountSealed(b *testing.B) {
	const n = 1024
	h, casts := crowd(b, ModeSealed, n)
	box := h.filled(b, casts...)
	closing := h.closing()
	b.ResetTimer()
	for done := 0; done < b.N; done += n {
		part := *box
		part.last = box.last[:min(n, b.N-done)]
		t, err := part.Count(b.Context(), h.state.Chain, closing, nil)
		if err != nil || t.Count.Chambers[0].Invalid > 0 {
			b.Fatalf("%+v, %v", t.Count.Chambers, err)
		}
	}
}

// BenchmarkBarePairing is one pairing a ballot, on all cores.
func BenchmarkBarePairing(b *testing.B) {
	var sig bls.G1Affine
	if _, err := sig.SetBytes(newWorld(b, ModeSealed).open(b).closing().Signature); err != nil {
		b.Fatal(err)
	}
	_, _, _, point := bls.Generators()
	points := make([]bls.G2Affine, 1024)
	for i := range points {
		points[i] = point
		point.Double(&point)
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := bls.Pair([]bls.G1Affine{sig}, points[i%len(points):][:1]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkReadRoll reads electors: a tally of a million reads a million lines first.
func BenchmarkReadRoll(b *testing.B) {
	const n = 4096
	h, _ := crowd(b, ModeOpen, n)
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += n {
		if err := new(Roll).ReadRoll(h.m.Rolls[0], bytes.NewReader(h.files[0])); err != nil {
			b.Fatal(err)
		}
	}
}
