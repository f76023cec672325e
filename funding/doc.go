// Package funding shares a matching pool among projects by quadratic funding, in exact integers
// (docs/spec/matching.md, kqf/1).
//
// Most users need two calls. [Match] turns parameters, contributions and personal weights into the
// [Result], the same on every machine, whatever the order of the rows and however a donor splits a
// gift. [Result.Canonical] writes it as the bytes that are published. A caller with more rows than it
// wants to hold as texts fills a [Round] row by row instead.
//
// [Estimate] keeps a round that is still open up to date and says what one more gift would change,
// to the unit that Match would pay. [Effect] and [Sheet] explain an amount. [PayoutCSV],
// [Distribute] and [SafeBatch] write what payers read.
//
// Three rules are known: plain quadratic funding, pairwise bounded, and connection-oriented cluster
// match. No number passes through floating point; the pool is spent to the unit, or what is left is
// said.
//
// The package refuses amounts that are not plain digits, ids that two programs could read
// differently, and parameters that contradict themselves. It does not know who may give or receive,
// what a foreign currency is worth, or when a round is open: callers do.
package funding
