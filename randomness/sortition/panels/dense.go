package panels

import "math"

// solveDense solves n equations given as rows of n coefficients and the right side, by elimination with
// partial pivoting; nil when they have no single solution. It uses a up.
func solveDense(a []float64, n int) []float64 {
	w := n + 1
	for c := range n {
		best := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r*w+c]) > math.Abs(a[best*w+c]) {
				best = r
			}
		}
		if math.Abs(a[best*w+c]) < 1e-300 {
			return nil
		}
		if best != c {
			for k := range w {
				a[best*w+k], a[c*w+k] = a[c*w+k], a[best*w+k]
			}
		}
		for r := c + 1; r < n; r++ {
			if f := a[r*w+c] / a[c*w+c]; f != 0 {
				for k := c; k < w; k++ {
					a[r*w+k] -= float64(f * a[c*w+k])
				}
			}
		}
	}
	x := make([]float64, n)
	for r := n - 1; r >= 0; r-- {
		v := a[r*w+n]
		for k := r + 1; k < n; k++ {
			v -= float64(a[r*w+k] * x[k])
		}
		x[r] = v / a[r*w+r]
	}
	return x
}

// ln is the natural logarithm, the same bits everywhere: the exponent, and for the fraction the series
// of the inverse hyperbolic tangent, which ends below the last digit.
func ln(v float64) float64 {
	f, e := math.Frexp(v)
	if f < 0.7071067811865476 {
		f *= 2
		e--
	}
	s := (f - 1) / (f + 1)
	square := float64(s * s)
	sum := 0.0
	for k := 25; k >= 1; k -= 2 {
		sum = float64(sum*square) + 1/float64(k)
	}
	return float64(2*float64(s*sum)) + float64(float64(e)*0.6931471805599453)
}
