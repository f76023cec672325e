// Package lp solves linear programmes with few rows and many columns, all of them boxed: minimise
// cost·x where lower <= x <= upper and rowLower <= A·x <= rowUpper. Quota problems are of this kind: a
// column for each type of person, a row for each quota.
//
// [New] builds a [Simplex] and [Simplex.Solve] runs it: the answer is a point ([Simplex.X]) or the
// proof that there is none ([Simplex.Ray]: one multiplier a row, checked without trusting this
// package). [Simplex.Integer] searches for the best point whose columns are whole numbers.
//
// The method is the bounded dual simplex with a bound-flipping ratio test, steepest edge and a dense
// explicit inverse, of the rows that bind and the columns of the basis alone (kernel.go). Costs, bounds and rows may change between solves; each starts
// from the last basis. It refuses infinite bounds.
//
// Results are the same bits on every machine: products are rounded before they are added (no fused
// multiply-add), no function of package math with a processor's own version is used, and work is
// counted in elementary steps, never in time. Floating point makes a result a proposal: whoever needs
// certainty checks it in integers ([Simplex.ExactRay] gives multipliers for that).
package lp
