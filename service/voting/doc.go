// Package voting counts polls exactly, by the rules K-TALLY/1 (docs/spec/tally.md).
//
// [ParseChoice] reads what one voter wrote; [Tally] turns the last ballot of every voter into the
// [Result], with every number that a reader needs to count again by hand: six methods, up to three
// chambers whose rates are combined by fixed shares, quorums, thin juries, delegation and ties.
//
// All arithmetic is in integers and fractions. The result depends neither on the order of the
// ballots nor on the order of the options, and no chance enters it but the hash of a public round
// that breaks ties between options ([NewTieKeys]). An exact tie between yes and no keeps the status quo.
//
// The package refuses rules that contradict themselves, choices that are not in their one canonical
// form, and lists of ballots that cannot be one poll's (a voter twice, more voters than electors). It
// does not know who may vote, whether a signature holds or when a poll is open: callers do.
package voting
