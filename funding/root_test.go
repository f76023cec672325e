package funding

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func wantRoot(t interface{ Fatalf(string, ...any) }, n huge) {
	if got, want := sqrtHuge(n).big(), new(big.Int).Sqrt(n.big()); got.Cmp(want) != 0 {
		t.Fatalf("√%v = %v, want %v", n.big(), got, want)
	}
}

func hugeOf(b *big.Int) huge {
	var n huge
	for i, x := 0, new(big.Int).Set(b); i < 4; i++ {
		n[i] = new(big.Int).And(x, new(big.Int).SetUint64(^uint64(0))).Uint64()
		x.Rsh(x, 64)
	}
	return n
}

// Squares, and the numbers just below and above them, at every width.
func TestRootsAroundSquaresAreExact(t *testing.T) {
	one := big.NewInt(1)
	for bit := range uint(128) {
		for d := int64(-3); d <= 3; d++ {
			s := new(big.Int).Lsh(one, bit)
			s.Add(s, big.NewInt(d))
			if s.Sign() < 0 {
				continue
			}
			for e := int64(-2); e <= 2; e++ {
				n := new(big.Int).Mul(s, s)
				if n.Add(n, big.NewInt(e)); n.Sign() >= 0 && n.BitLen() <= 256 {
					wantRoot(t, hugeOf(n))
				}
			}
		}
	}
	wantRoot(t, huge{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)})
	wantRoot(t, huge{0, ^uint64(0), ^uint64(0), ^uint64(0)})
	wantRoot(t, huge{^uint64(0), 0, ^uint64(0), ^uint64(0)})
	for n := range uint64(70000) {
		wantRoot(t, huge{n})
	}
}

// Every remainder that the halves hand on is exact too.
func TestHalvesAreExact(t *testing.T) {
	for n := uint32(1 << 14); n < 1<<16; n++ {
		if s, r := sqrt16(n); s*s+r != n || r > 2*s {
			t.Fatalf("sqrt16(%d) = %d, remainder %d", n, s, r)
		}
	}
	for n := uint64(1 << 30); n < 1<<32; n += 4099 {
		if s, r := sqrt32(uint32(n)); uint64(s)*uint64(s)+uint64(r) != n || r > 2*s {
			t.Fatalf("sqrt32(%d) = %d, remainder %d", n, s, r)
		}
	}
	for s := uint64(1 << 15); s < 1<<16; s++ {
		for _, n := range []uint64{s * s, s*s + 2*s} {
			if got, _ := sqrt32(uint32(n)); uint64(got) != s {
				t.Fatalf("sqrt32(%d) = %d, want %d", n, got, s)
			}
		}
	}
}

func TestRootsAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limb := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, ^uint64(0), ^uint64(0) - 1, 1 << 32, 1<<32 - 1}))
		n := huge{limb.Draw(t, "0"), limb.Draw(t, "1"), limb.Draw(t, "2"), limb.Draw(t, "3")}
		wantRoot(t, n)
		wantRoot(t, huge{n[0], n[1], n[2]})
		wantRoot(t, huge{n[0], n[1]})
		a := wide{n[1] >> 1, n[0]}
		want := new(big.Int).Sqrt(new(big.Int).Lsh(a.big(), 64))
		if got := root(a).big(); got.Cmp(want) != 0 {
			t.Fatalf("root(%v) = %v, want %v", a.big(), got, want)
		}
	})
}

func TestWideArithmeticAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) wide { return wide{rapid.Uint64().Draw(t, name), rapid.Uint64().Draw(t, name)} }
		a, b := draw("a"), draw("b")
		if got, want := mulWide(a, b).big(), new(big.Int).Mul(a.big(), b.big()); got.Cmp(want) != 0 {
			t.Fatalf("%v · %v = %v, want %v", a.big(), b.big(), got, want)
		}
		sum := mulWide(a, b)
		sum.add(huge{b.lo, b.hi})
		sum.sub(mulWide(a, b))
		if sum.big().Cmp(b.big()) != 0 {
			t.Fatalf("(a b + b) - a b = %v, want %v", sum.big(), b.big())
		}
		if wideOf(a.big()) != a || a.cmp(b) != a.big().Cmp(b.big()) {
			t.Fatalf("%v is not itself, or is ordered otherwise than %v", a.big(), b.big())
		}
	})
}

func BenchmarkRoot(b *testing.B) {
	for n := uint64(1); b.Loop(); n += 12345 {
		root(wide{lo: n & 0xffffff})
	}
}
