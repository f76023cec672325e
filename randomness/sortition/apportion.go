package sortition

import (
	"cmp"
	"math/big"
	"slices"
)

// Apportion divides seats among strata in proportion to their people, by largest remainder (Hamilton)
// with exact integers: first the whole part of seats·people/total each, then one more to those with
// the largest remainders; equal remainders go to the stratum listed first. It returns one number a
// stratum, summing to seats, or nil when there are no people.
func Apportion(people []int64, seats int64) []int64 {
	total := new(big.Int)
	for _, n := range people {
		total.Add(total, big.NewInt(n))
	}
	if total.Sign() <= 0 {
		return nil
	}
	share := make([]int64, len(people))
	rest := make([]*big.Int, len(people))
	left := seats
	for i, n := range people {
		whole, r := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(n), big.NewInt(seats)), total, new(big.Int))
		share[i], rest[i] = whole.Int64(), r
		left -= share[i]
	}
	order := make([]int, len(people))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(rest[b].Cmp(rest[a]), cmp.Compare(a, b)) })
	for _, i := range order[:left] {
		share[i]++
	}
	return share
}
