package funding

import "math/bits"

// Exact floor square roots by halves (Zimmermann, "Karatsuba Square Root", INRIA RR-3805): the root
// and remainder of the upper half of the digits give, with one division, the root of the whole.

// rootBits is the number of binary places of the roots of a and so half of those of W.
const rootBits = 32

// root returns ⌊√(a · 2^64)⌋. With a below 2^127 it is below 2^96.
func root(a wide) wide {
	if a.hi != 0 {
		return sqrtHuge(huge{0, a.lo, a.hi})
	}
	return wide{lo: sqrtWide(wide{hi: a.lo})}
}

// byteRoots[b-64] is ⌊√(b · 2^8)⌋, for a first byte b of 64 to 255.
var byteRoots = rootsOfBytes()

func rootsOfBytes() (roots [192]uint8) {
	for i := range roots {
		n, s := uint32(i+64)<<8, uint32(0)
		for (s+1)*(s+1) <= n {
			s++
		}
		roots[i] = uint8(s)
	}
	return roots
}

// sqrt16 returns the root s and remainder r ≤ 2s of n, 2^14 ≤ n < 2^16: that of its first byte, or one
// more.
func sqrt16(n uint32) (s, r uint32) {
	s = uint32(byteRoots[n>>8-64])
	if r = n - s*s; r > 2*s {
		r -= 2*s + 1
		s++
	}
	return s, r
}

// sqrt32 returns the root s and remainder r ≤ 2s of n ≥ 2^30.
func sqrt32(n uint32) (s, r uint32) {
	s16, r16 := sqrt16(n >> 16)
	top := r16<<8 | n>>8&0xff
	q := top / (2 * s16)
	u := top - q*2*s16
	s = s16<<8 + q
	whole := int32(u<<8|n&0xff) - int32(q*q)
	for ; whole < 0; s-- {
		whole += int32(2*s - 1)
	}
	return s, uint32(whole)
}

// sqrt64 returns the root s and remainder r ≤ 2s of n ≥ 2^62.
func sqrt64(n uint64) (s, r uint64) {
	s32, r32 := sqrt32(uint32(n >> 32))
	top := uint64(r32)<<16 | n>>16&0xffff
	q := top / (2 * uint64(s32))
	u := top - q*2*uint64(s32)
	s = uint64(s32)<<16 + q
	whole := int64(u<<16|n&0xffff) - int64(q*q)
	for ; whole < 0; s-- {
		whole += int64(2*s - 1)
	}
	return s, uint64(whole)
}

// sqrt128 returns the root s and remainder r ≤ 2s (65 bits) of n ≥ 2^126.
func sqrt128(n wide) (s uint64, r wide) {
	s1, r1 := sqrt64(n.hi)
	// (r1 · 2^32 + next digit) / 2 s1, where r1 ≤ 2 s1 < 2^33: r1 · 2^32 has up to 65 bits.
	q, u := bits.Div64(r1>>32, r1<<32|n.lo>>32, 2*s1)
	rest := wide{u >> 32, u<<32 | n.lo&0xffffffff}
	// q may be 2^32, and then s1 · 2^32 + q be 2^64: a root has 64 bits, so take the excess off first.
	sw := wide{lo: s1}.left(32).plus(wide{lo: q})
	qq := mul64(q, q)
	negative := rest.less(qq)
	rest = rest.minus(qq)
	for negative {
		step := sw.plus(sw).minus(wide{lo: 1})
		sum := rest.plus(step)
		negative = !sum.less(rest) // no wrap past 0 yet
		rest, sw = sum, sw.minus(wide{lo: 1})
	}
	return sw.lo, rest
}

// sqrtWide returns ⌊√n⌋.
func sqrtWide(n wide) uint64 {
	if n.isZero() {
		return 0
	}
	shift := uint(128-n.len()) &^ 1
	s, _ := sqrt128(n.left(shift))
	return s >> (shift / 2)
}

// sqrtHuge returns ⌊√n⌋.
func sqrtHuge(n huge) wide {
	high := wide{n[3], n[2]}
	if high.isZero() {
		return wide{lo: sqrtWide(wide{n[1], n[0]})}
	}
	shift := uint(128-high.len()) &^ 1
	n = n.left(shift)
	return sqrt256(n).right(shift / 2)
}

// sqrt256 returns the root of n ≥ 2^254.
func sqrt256(n huge) wide {
	s1, r1 := sqrt128(wide{n[3], n[2]})
	q, u := divTwice(r1, n[1], s1)
	s := wide{hi: s1}.plus(q)
	rest := huge{n[0], u.lo, u.hi}
	qq := mulWide(q, q)
	if lessHuge(rest, qq) { // the divisor is normalised, so q is one too large at most
		s = s.minus(wide{lo: 1})
	}
	return s
}

// divTwice divides r · 2^64 + d by 2s, for s ≥ 2^63 and r ≤ 2s. Both sides are halved first, so that
// the divisor has 64 bits.
func divTwice(r wide, d, s uint64) (q, u wide) {
	half := r.right(1).lo // ⌊r / 2⌋ ≤ s
	low := r.lo<<63 | d>>1
	var extra uint64
	if half >= s { // the quotient has 65 bits
		half, extra = half-s, 1
	}
	ql, rem := bits.Div64(half, low, s)
	return wide{extra, ql}, wide{rem >> 63, rem<<1 | d&1}
}

func lessHuge(a, b huge) bool {
	for i := 3; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// left shifts by n < 128 bits; nothing is lost where the caller has counted the leading zeros.
func (a huge) left(n uint) huge {
	if n >= 64 {
		a, n = huge{0, a[0], a[1], a[2]}, n-64
	}
	return huge{a[0] << n, a[1]<<n | a[0]>>(64-n), a[2]<<n | a[1]>>(64-n), a[3]<<n | a[2]>>(64-n)}
}
