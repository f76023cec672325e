// Command klero-bench measures every figure that kleroterion claims, each beside its limit, and
// prints one table:
//
//	go run ./cmd/klero-bench [--quick] [--json] [--only NAME]... [--dir DIR]
//
// A limit is the least that any program would have to do for the same outcome: the bare pairing, the
// bare HMACs, the bare insert. It is measured in the same run, in turns with our own code, so that a
// busy machine slows both; figure and limit are medians. A ratio of 1 is the limit itself. Rows with
// a promise say whether it is kept; promises about a whole size are judged at that size only.
//
// The exit code is 0 when every promise that was judged is kept, 1 when one is broken, and 2 when
// something could not be measured.
package main
