package panels

import "math"

// random is SplitMix64 (Steele, Lea and Flood 2014) from a fixed seed. It varies the order of a search
// that got stuck and decides nothing about anybody's probability.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is a number from 0 to below 1.
func (r *random) unit() float64 { return float64(float64(r.next()>>11) / (1 << 53)) }

// logarithm is close to log2: exact at powers of two, linear between them, the same bits everywhere.
func logarithm(v float64) float64 {
	f, e := math.Frexp(v)
	return float64(e-2) + float64(2*f)
}

// odds grows from about -20 to 20 as f goes from 0 to 1: how much a type wants the next seat.
func odds(f float64) float64 {
	const edge = 1e-6
	f = min(max(f, edge), 1-edge)
	return logarithm(f) - logarithm(1-f)
}
