// Package report says in numbers, words and one picture what a lottery over panels does: for the official
// who answers for it and for the people who are in the pool.
//
// [Build] makes the [Report] of a problem and its result, and verifies the result first: a report never
// says of a lottery what its certificate does not prove. [Report.WriteJSON], [Report.WriteCSV] and
// [Report.WriteHTML] write it; the page needs no script and no network, and prints.
//
// A report has no ids, and names no combination of values that fewer than 5 people share, so that it can
// be published. The same input gives the same bytes. There is no floating point: percentages are
// rounded from fractions at the last moment.
package report
