package beacon

import "fmt"

// item is one beacon on its way through the steps of docs/spec/beacon.md.
type item struct {
	sig, digest []byte
	round       *fault // of step 1
	previous    *fault // of step 6; the digest is then not used
}

// checker holds one decoded public key. It is safe for concurrent use.
type checker interface {
	one(it item) *fault
	// batch returns the index of the first bad item and its fault, or nil.
	batch(items []item, by []coefficient) (int, *fault)
}

// coefficient is a 128-bit integer, big-endian.
type coefficient [16]byte

// curve is one arrangement of the two groups around a public key; P is a point of the signature's
// group.
type curve[P any] interface {
	decode(sig []byte) (P, *fault)
	hash(digest []byte) (P, error)
	holds(sig, msg P) (bool, error) // e(sig, generator) == e(msg, key), in the order of the scheme
	sum(points []P, by []coefficient) (P, error)
}

// newChecker decodes a public key under the same strict rules as a signature.
func newChecker(s Scheme, key []byte) (checker, error) {
	l, err := s.Layout()
	if err != nil {
		return nil, err
	}
	if len(key) != l.PublicKey {
		return nil, fmt.Errorf("%d bytes, scheme %s wants %d", len(key), s, l.PublicKey)
	}
	switch s {
	case SchemeBN254:
		return newBN254(key)
	case SchemeChained, SchemeUnchained:
		return newSignatureG2(key, l.DST)
	default:
		return newSignatureG1(key, l.DST)
	}
}

// keyOn runs the steps of the specification on a curve.
type keyOn[P any] struct{ curve[P] }

// point does the steps that need no pairing, 1 to 6, in the order of the specification.
func (k keyOn[P]) point(it item) (p P, f *fault) {
	if it.round != nil {
		return p, it.round
	}
	if p, f = k.decode(it.sig); f != nil {
		return p, f
	}
	return p, it.previous
}

func (k keyOn[P]) one(it item) *fault {
	p, f := k.point(it)
	if f != nil {
		return f
	}
	msg, err := k.hash(it.digest)
	if err != nil {
		return verdict(false, err)
	}
	return verdict(k.holds(p, msg))
}

func verdict(ok bool, err error) *fault {
	switch {
	case err != nil:
		return faultf(RulePairing, "pairing: %v", err)
	case !ok:
		return faultf(RulePairing, "no signature of this round by the key of this chain")
	}
	return nil
}

// batch checks the equations of all items before the first one without a point, so that the index
// it returns is the first in the order of the input.
func (k keyOn[P]) batch(items []item, by []coefficient) (int, *fault) {
	b := summed[P]{curve: k.curve, by: by}
	var pointless *fault
	for _, it := range items {
		p, f := k.point(it)
		if f != nil {
			pointless = f
			break
		}
		msg, err := k.hash(it.digest)
		if err != nil {
			return len(b.sigs), verdict(false, err)
		}
		b.sigs, b.msgs = append(b.sigs, p), append(b.msgs, msg)
	}
	at, err := b.firstBad()
	if at == len(b.sigs) && err == nil {
		return at, pointless
	}
	return at, verdict(false, err)
}

// summed holds the decoded points of a batch.
type summed[P any] struct {
	curve[P]
	sigs, msgs []P
	by         []coefficient
}

// firstBad returns the index of the first bad pair, or their number. It halves the range: when a
// range fails and its left half holds, the right half must fail, because the left factor of the
// product is one.
func (b summed[P]) firstBad() (int, error) {
	lo, hi := 0, len(b.sigs)
	if ok, err := b.between(lo, hi); ok || err != nil {
		return hi, err
	}
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		ok, err := b.between(lo, mid)
		if err != nil {
			return lo, err
		}
		if ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// between checks the pairs lo to hi-1 with two pairings: the key is the same for all.
func (b summed[P]) between(lo, hi int) (bool, error) {
	if lo == hi {
		return true, nil
	}
	sig, err := b.sum(b.sigs[lo:hi], b.by[lo:hi])
	if err != nil {
		return false, err
	}
	msg, err := b.sum(b.msgs[lo:hi], b.by[lo:hi])
	if err != nil {
		return false, err
	}
	return b.holds(sig, msg)
}
