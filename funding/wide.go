package funding

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// wide is an integer of 128 bits. Its sums and products do not wrap where this package uses them;
// each use says why.
type wide struct{ hi, lo uint64 }

func (a wide) isZero() bool { return a.hi|a.lo == 0 }

func (a wide) cmp(b wide) int {
	switch {
	case a == b:
		return 0
	case a.less(b):
		return -1
	default:
		return 1
	}
}

func (a wide) less(b wide) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	return wide{a.hi + b.hi + carry, lo}
}

func (a wide) minus(b wide) wide {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	return wide{a.hi - b.hi - borrow, lo}
}

func (a wide) times(n uint64) wide {
	hi, lo := bits.Mul64(a.lo, n)
	return wide{hi + a.hi*n, lo}
}

func (a wide) left(n uint) wide {
	if n >= 64 {
		return wide{a.lo << (n - 64), 0}
	}
	return wide{a.hi<<n | a.lo>>(64-n), a.lo << n}
}

func (a wide) right(n uint) wide {
	if n >= 64 {
		return wide{0, a.hi >> (n - 64)}
	}
	return wide{a.hi >> n, a.lo>>n | a.hi<<(64-n)}
}

func (a wide) len() int {
	if a.hi != 0 {
		return 64 + bits.Len64(a.hi)
	}
	return bits.Len64(a.lo)
}

func (a wide) big() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return new(big.Int).SetBytes(b[:])
}

// wideOf returns b, which has 128 bits at most.
func wideOf(b *big.Int) wide {
	var raw [16]byte
	b.FillBytes(raw[:])
	return wide{binary.BigEndian.Uint64(raw[:]), binary.BigEndian.Uint64(raw[8:])}
}

// mulWide returns a · b in 256 bits.
func mulWide(a, b wide) huge {
	ll := mul64(a.lo, b.lo)
	lh := mul64(a.lo, b.hi)
	hl := mul64(a.hi, b.lo)
	hh := mul64(a.hi, b.hi)
	var p huge
	var c uint64
	p[0] = ll.lo
	p[1], c = bits.Add64(ll.hi, lh.lo, 0)
	p[2], c = bits.Add64(lh.hi, hh.lo, c)
	p[3] = hh.hi + c
	p[1], c = bits.Add64(p[1], hl.lo, 0)
	p[2], c = bits.Add64(p[2], hl.hi, c)
	p[3] += c
	return p
}

func mul64(a, b uint64) wide {
	hi, lo := bits.Mul64(a, b)
	return wide{hi, lo}
}

// huge is an integer of 256 bits, least limb first.
type huge [4]uint64

func (a *huge) add(b huge) {
	var c uint64
	a[0], c = bits.Add64(a[0], b[0], 0)
	a[1], c = bits.Add64(a[1], b[1], c)
	a[2], c = bits.Add64(a[2], b[2], c)
	a[3], _ = bits.Add64(a[3], b[3], c)
}

func (a *huge) sub(b huge) {
	var c uint64
	a[0], c = bits.Sub64(a[0], b[0], 0)
	a[1], c = bits.Sub64(a[1], b[1], c)
	a[2], c = bits.Sub64(a[2], b[2], c)
	a[3], _ = bits.Sub64(a[3], b[3], c)
}

func (a *huge) addWide(b wide) { a.add(huge{b.lo, b.hi}) }

func (a huge) big() *big.Int {
	n := wide{a[3], a[2]}.big()
	return n.Lsh(n, 128).Or(n, wide{a[1], a[0]}.big())
}
