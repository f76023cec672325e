// Package quota states what a fair panel must look like and whether this pool can fill it
// (docs/spec/panels.md).
//
// A [Quota] says how many seats go to people with one value of one feature; a [Person] has one value
// of every feature. [Read] takes both from the CSV files of other tools, [New] from memory; either
// checks everything in one pass and gathers people whom no quota tells apart into types. The
// [Problem] that comes out does not grow with the number of people, and is the same, byte for byte,
// in whatever order they come.
//
// [CrossCheck] names every quota that fails alone, [Feasible] decides whether all can be met together,
// [Unseatable] who can never be chosen, and [Nearest] what to change. Floating point only proposes:
// every panel is counted and every [Conflict] proved in whole numbers, and anyone can check the
// proof. Where a search ends at its limit the answer is [ErrUndecided], never a guess.
//
// The package refuses quotas and people that do not fit together, and says of each what is wrong
// and how to mend it ([Issues]). It has no randomness and no clock. Its messages quote the pool, so
// they are for the organiser and never for a log.
package quota
