package sortition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/sortition"
)

func TestApportionWorkedExamples(t *testing.T) {
	for name, c := range map[string]struct {
		people []int64
		seats  int64
		want   []int64
	}{
		"exact":                   {[]int64{30, 20, 10}, 6, []int64{3, 2, 1}},
		"largest remainder wins":  {[]int64{53, 24, 23}, 10, []int64{5, 3, 2}},
		"a tie goes to the first": {[]int64{1, 1}, 1, []int64{1, 0}},
		"nobody":                  {[]int64{0, 0}, 3, nil},
		"no seats":                {[]int64{5, 5}, 0, []int64{0, 0}},
		"large numbers":           {[]int64{1 << 62, 1 << 61}, 3, []int64{2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, sortition.Apportion(c.people, c.seats)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Quota rule: nobody is off the exact share by a whole seat, and the sum is the number of seats.
func TestApportionKeepsQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SliceOfN(rapid.Int64Range(0, 1e6), 1, 20).Draw(t, "people")
		people[0]++
		seats := rapid.Int64Range(0, 1000).Draw(t, "seats")
		total, sum := int64(0), int64(0)
		for _, n := range people {
			total += n
		}
		for i, s := range sortition.Apportion(people, seats) {
			sum += s
			if exact := seats * people[i]; s*total <= exact-total || s*total >= exact+total {
				t.Fatalf("stratum %d of %d people gets %d of %d seats", i, people[i], s, seats)
			}
		}
		if sum != seats {
			t.Fatalf("%d seats given, want %d", sum, seats)
		}
	})
}
