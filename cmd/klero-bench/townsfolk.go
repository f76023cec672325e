package main

import (
	"fmt"
	"strconv"

	"kleroterion/randomness/sortition/quota"
)

// invented is a pool that does not exist, of the shape that real ones have: some groups volunteer more
// than others, features hang together, and each quota is the group's share of the seats, rounded down
// and up and widened by slack. The same numbers give the same pool everywhere.
type invented struct {
	seed     uint64
	people   int
	seats    int64
	features int
	values   int // of a feature, 2 at least
	slack    int64
}

// spread is a feature: by value its share of the population, how readily people volunteer, and how much
// each of the five moods of a person weighs for it.
type spread struct {
	share, zeal []uint64
	mood        [][5]uint64
}

// dice is SplitMix64, http://xoshiro.di.unimi.it/splitmix64.c: good enough to invent people.
type dice uint64

func (d *dice) roll(n uint64) uint64 {
	*d += 0x9E3779B97F4A7C15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return (z ^ z>>31) % n
}

func (in invented) spreads(d *dice) []spread {
	out := make([]spread, in.features)
	for f := range out {
		n := 2
		if f > 0 {
			n += int(d.roll(uint64(in.values - 1)))
		}
		for range n {
			out[f].share = append(out[f].share, 250+d.roll(1000)+d.roll(1000))
			out[f].zeal = append(out[f].zeal, 100+d.roll(300))
			var mood [5]uint64
			low, high := 60+d.roll(80), 60+d.roll(80)
			for z := range uint64(5) {
				mood[z] = (low*(4-z) + high*z) / 4
			}
			out[f].mood = append(out[f].mood, mood)
		}
	}
	return out
}

// person draws one value for each feature; eager people come from the pool, others from the population.
func person(d *dice, features []spread, eager bool) []int {
	z := d.roll(5)
	out := make([]int, len(features))
	for f, s := range features {
		weights, sum := make([]uint64, len(s.share)), uint64(0)
		for v := range weights {
			weights[v] = s.share[v] * s.mood[v][z]
			if eager {
				weights[v] *= s.zeal[v]
			}
			sum += weights[v]
		}
		at := d.roll(sum)
		for at >= weights[out[f]] {
			at -= weights[out[f]]
			out[f]++
		}
	}
	return out
}

// make draws the population, which gives the quotas, and the pool.
func (in invented) make() ([]quota.Quota, []quota.Person) {
	const population = 20_000
	d := dice(in.seed)
	features := in.spreads(&d)
	lives, pooled := counts(features), counts(features)
	for range population {
		lives.add(person(&d, features, false))
	}
	people := make([]quota.Person, in.people)
	for i := range people {
		values := person(&d, features, true)
		pooled.add(values)
		people[i] = quota.Person{ID: strconv.Itoa(i + 1)}
		for _, v := range values {
			people[i].Values = append(people[i].Values, fmt.Sprint("v", v))
		}
	}
	var quotas []quota.Quota
	for f := range features {
		for v, n := range lives[f] {
			low := in.seats * n / population
			high := (in.seats*n + population - 1) / population
			quotas = append(quotas, quota.Quota{Feature: fmt.Sprint("f", f), Value: fmt.Sprint("v", v),
				Min: min(max(low-in.slack, 0), pooled[f][v]), Max: high + in.slack})
		}
	}
	return quotas, people
}

// tally counts people by feature and value.
type tally [][]int64

func counts(features []spread) tally {
	out := make(tally, len(features))
	for f, s := range features {
		out[f] = make([]int64, len(s.share))
	}
	return out
}

func (t tally) add(values []int) {
	for f, v := range values {
		t[f][v]++
	}
}
