package main

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"kleroterion/funding"
)

// giftSource gives the same numbers in every run: which donor gives what to which project is the same in every run. Projects
// are chosen as people do, the first ones much more often.
type giftSource struct{ state uint64 }

func (g *giftSource) next() uint64 {
	g.state += 0x9e3779b97f4a7c15
	z := (g.state ^ g.state>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// gifts makes n contributions by n/6 donors to n/500 projects (20 at least), 1 to 20,000 minor units each.
func gifts(n int) []funding.Contribution {
	source := &giftSource{state: 2027}
	donors, projects := uint64(max(n/6, 3)), uint64(max(n/500, 20))
	list := make([]funding.Contribution, n)
	for i := range list {
		a, b := source.next()%projects, source.next()%projects
		var id [16]byte
		binary.BigEndian.PutUint64(id[:], source.next()%donors)
		list[i] = funding.Contribution{Donor: fmt.Sprintf("%x", id), Project: fmt.Sprintf("project-%05d", min(a, b)),
			Amount: funding.Units(1 + source.next()%20_000)}
	}
	return list
}

// pass is what no way to match them can leave out: each gift is looked up by donor and project and
// summed, and one integer root is taken for each sum.
func pass(list []funding.Contribution) int {
	sums := make(map[[2]string]*big.Int, len(list))
	for _, c := range list {
		key := [2]string{c.Donor, c.Project}
		if sums[key] == nil {
			sums[key] = new(big.Int)
		}
		sums[key].Add(sums[key], c.Amount.Big())
	}
	root := new(big.Int)
	for _, sum := range sums {
		root.Sqrt(sum.Lsh(sum, 64))
	}
	return len(sums)
}
