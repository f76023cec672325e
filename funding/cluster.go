package funding

import (
	"math/big"
	"math/bits"
	"sync"
)

const (
	// clusterBits is the number of binary places of cocm's ratios and of its raw matches.
	clusterBits = 48
	clusterOne  = uint64(1) << clusterBits

	// clusterCache is how many distances are kept at most (256 MiB); beyond, they are computed again
	// for every project.
	clusterCache = 32 << 20
)

// clusters is what the rule cocm (matching.md) computes before it comes to single projects. The names
// r, u, J, k, v and B are those of the specification.
type clusters struct {
	*ledger
	r     []uint64   // by gift
	j     [][]uint64 // j[h][g]
	v     [][]uint64 // by donor; nil where it is not kept
	lists [][]member
}

// member is one donor of a project: number, and gift.
type member struct{ donor, gift uint32 }

// cluster returns W of every project; room is how many distances may be kept.
func cluster(l *ledger, workers, room int) []*big.Int {
	columns := l.columns()
	c := &clusters{ledger: l, r: make([]uint64, len(l.gifts)), v: make([][]uint64, len(l.donors)), lists: make([][]member, len(l.projects))}
	for d := range l.donors {
		var total wide // below 10^38: the ledger has checked
		for _, g := range l.of(d) {
			total = total.plus(g.a)
		}
		for k := l.start[d]; k < l.start[d+1]; k++ {
			g := l.gifts[k]
			c.r[k] = part(g.a, total)
			c.lists[g.project] = append(c.lists[g.project], member{uint32(d), k})
		}
	}
	c.links(columns)
	c.keep(workers, room)
	return c.all(columns, workers)
}

// part returns ⌊a · 2^48 / total⌋ for 0 < a ≤ total.
func part(a, total wide) uint64 {
	if total.hi == 0 {
		q, _ := bits.Div64(a.lo>>(64-clusterBits), a.lo<<clusterBits, total.lo)
		return q
	}
	n := a.big()
	return n.Lsh(n, clusterBits).Quo(n, total.big()).Uint64()
}

// links fills J. Its sums stay below 2^97: u sums to 2^48 at most over the donors of one project.
func (c *clusters) links(columns []column) {
	m := len(c.projects)
	c.j = make([][]uint64, m)
	sums := make([]wide, m)
	for h := range c.j {
		clear(sums)
		for _, x := range c.lists[h] {
			u := part(c.gifts[x.gift].a, columns[h].weighted)
			for k := c.start[x.donor]; k < c.start[x.donor+1]; k++ {
				g := c.gifts[k].project
				sums[g] = sums[g].plus(mul64(u, c.r[k]))
			}
		}
		c.j[h] = make([]uint64, m)
		for g, s := range sums {
			c.j[h][g] = s.right(clusterBits).lo
		}
	}
}

// distances fills v, how far donor d stands from each project; sums is scratch of the same length.
func (c *clusters) distances(d int, v []uint64, sums []wide) {
	clear(sums)
	for k := c.start[d]; k < c.start[d+1]; k++ {
		r, row := c.r[k], c.j[c.gifts[k].project]
		for g, j := range row {
			sums[g] = sums[g].plus(mul64(r, j))
		}
	}
	for g, s := range sums {
		v[g] = clusterOne - min(clusterOne, s.right(clusterBits).lo)
	}
	for _, g := range c.of(d) {
		v[g.project] = 0
	}
}

// keep computes the distances of all donors who need them, where there is room.
func (c *clusters) keep(workers, room int) {
	m := len(c.projects)
	if m*len(c.donors) > room {
		return
	}
	parallel(workers, func(w int) {
		sums := make([]wide, m)
		for d := w; d < len(c.donors); d += workers {
			if len(c.of(d)) > 1 {
				c.v[d] = make([]uint64, m)
				c.distances(d, c.v[d], sums)
			}
		}
	})
}

func parallel(workers int, work func(w int)) {
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { work(w) })
	}
	group.Wait()
}

// all returns W of every project.
func (c *clusters) all(columns []column, workers int) []*big.Int {
	m := len(c.projects)
	raw := make([]*big.Int, m)
	parallel(workers, func(w int) {
		b := make([]wide, m*m)
		s := scratch{make([]uint64, m), make([]wide, m)}
		for p := w; p < m; p += workers {
			if columns[p].weighted.len() <= 127-clusterBits {
				raw[p] = c.raw(p, b, s)
			} else {
				raw[p] = c.rawLarge(p, s)
			}
		}
	})
	return raw
}

type scratch struct {
	v    []uint64
	sums []wide
}

func (c *clusters) away(donor uint32, s scratch) []uint64 {
	if v := c.v[donor]; v != nil {
		return v
	}
	c.distances(int(donor), s.v, s.sums)
	return s.v
}

// raw returns W of project p, whose weighted sum is below 2^79: then B is below 2^127. b[h·m+g] is
// B(g,h), so that the inner loop walks along g.
func (c *clusters) raw(p int, b []wide, s scratch) *big.Int {
	clear(b)
	m := len(c.projects)
	for _, x := range c.lists[p] {
		from, to := c.start[x.donor], c.start[x.donor+1]
		if to-from < 2 { // gives to p alone: adds nothing
			continue
		}
		v, a := c.away(x.donor, s), c.gifts[x.gift].a
		for k := from; k < to; k++ {
			if h := int(c.gifts[k].project); h != p {
				addScaled(b[h*m:(h+1)*m], v, a.times(c.r[k]))
			}
		}
	}
	return rootsOfProducts(b, m)
}

// addScaled adds ⌊t · v / 2^48⌋ to b, place by place. t is below 2^127.
func addScaled(b []wide, v []uint64, t wide) {
	whole, low := t.right(clusterBits), (t.lo&(clusterOne-1))<<8
	b = b[:len(v)]
	for g, x := range v {
		if x == 0 {
			continue
		}
		hi, lo := bits.Mul64(whole.lo, x)
		rest, _ := bits.Mul64(low, x<<8) // low · x / 2^48: both are shifted by 8, and 64 places fall
		hi += whole.hi * x
		lo, carry := bits.Add64(lo, rest, 0)
		hi += carry
		lo, carry = bits.Add64(lo, b[g].lo, 0)
		b[g] = wide{hi + b[g].hi + carry, lo}
	}
}

// rootsOfProducts returns Σ over g<h of 2 · ⌊√(B(g,h) · B(h,g))⌋.
func rootsOfProducts(b []wide, m int) *big.Int {
	var sum huge
	for h := range m {
		for g := range h {
			x, y := b[h*m+g], b[g*m+h]
			if !x.isZero() && !y.isZero() {
				sum.addWide(sqrtHuge(mulWide(x, y)))
			}
		}
	}
	sum.add(sum)
	return sum.big()
}

// rawLarge is the same as raw for sums of any size.
func (c *clusters) rawLarge(p int, s scratch) *big.Int {
	type cell struct{ g, h int }
	b := map[cell]*big.Int{}
	for _, x := range c.lists[p] {
		v, a := c.away(x.donor, s), c.gifts[x.gift].a.big()
		for k := c.start[x.donor]; k < c.start[x.donor+1]; k++ {
			h := int(c.gifts[k].project)
			if h == p {
				continue
			}
			t := new(big.Int).Mul(a, new(big.Int).SetUint64(c.r[k]))
			for g, away := range v {
				if away == 0 {
					continue
				}
				y := new(big.Int).Mul(t, new(big.Int).SetUint64(away))
				if y.Rsh(y, clusterBits); b[cell{g, h}] != nil {
					y.Add(y, b[cell{g, h}])
				}
				b[cell{g, h}] = y
			}
		}
	}
	sum := new(big.Int)
	for at, x := range b {
		if y := b[cell{at.h, at.g}]; at.g < at.h && y != nil {
			x = new(big.Int).Mul(x, y)
			sum.Add(sum, x.Sqrt(x))
		}
	}
	return sum.Lsh(sum, 1)
}
