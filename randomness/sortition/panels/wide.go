package panels

import (
	"math/big"
	"math/bits"
)

// wide is a signed sum of products, 128 bits. Products of two numbers below 2^62, a million of them,
// fit.
type wide struct {
	hi int64
	lo uint64
}

// add adds a·b.
func (w *wide) add(a, b int64) {
	neg := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if neg {
		var borrow uint64
		w.lo, borrow = bits.Sub64(w.lo, lo, 0)
		w.hi -= int64(hi + borrow)
		return
	}
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, lo, 0)
	w.hi += int64(hi + carry)
}

func (w wide) sign() int {
	switch {
	case w.hi < 0:
		return -1
	case w.hi == 0 && w.lo == 0:
		return 0
	}
	return 1
}

func (w wide) big() *big.Int {
	v := new(big.Int).Lsh(big.NewInt(w.hi), 64)
	return v.Add(v, new(big.Int).SetUint64(w.lo))
}

func (w wide) rat() *big.Rat { return new(big.Rat).SetInt(w.big()) }
