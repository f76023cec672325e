package charter

import "sort"

// admissions holds the times of admission in their order and which of them still count, as a Fenwick
// tree: adding one, changing one and counting those up to a time cost O(log n).
type admissions struct {
	times []int64 // Unix seconds, never falling
	sums  []int32 // sums[i] counts the slots (i+1)&i to i
}

// add appends a counted admission and returns its slot. at is not before the last.
func (a *admissions) add(at int64) int32 {
	slot := len(a.times)
	a.times = append(a.times, at)
	a.sums = append(a.sums, int32(1+a.first(slot)-a.first((slot+1)&slot)))
	return int32(slot)
}

// change adds by, 1 or -1, to a slot.
func (a *admissions) change(slot, by int32) {
	for i := int(slot); i < len(a.sums); i |= i + 1 {
		a.sums[i] += by
	}
}

// first counts in the first n slots.
func (a *admissions) first(n int) int64 {
	sum := int64(0)
	for ; n > 0; n &= n - 1 {
		sum += int64(a.sums[n-1])
	}
	return sum
}

// upTo counts the admissions at or before t.
func (a *admissions) upTo(t int64) int64 { return a.first(a.after(t)) }

// after returns the first slot of an admission after t, or the number of slots.
func (a *admissions) after(t int64) int {
	return sort.Search(len(a.times), func(i int) bool { return a.times[i] > t })
}

// next returns the time of the first admission after t.
func (a *admissions) next(t int64) (int64, bool) {
	i := a.after(t)
	if i == len(a.times) {
		return 0, false
	}
	return a.times[i], true
}
