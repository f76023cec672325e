// Package timelock seals bytes until a named drand round and opens them after it, without any input
// or output (docs/spec/timelock.md). The files are those of drand's own tools tle and tlock-js.
//
// Most users need two calls. [Seal] makes a file that nobody can open before the round, and [Open]
// opens it with the beacon of that round:
//
//	file, err := timelock.Seal(chain, round, plaintext, rand.Reader)
//	plaintext, err := timelock.Open(chain, b, file)
//
// [Inspect] checks all that can be checked before the round: intake needs it. [NewOpener] verifies a
// beacon once and then opens many files, as a tally does, from any number of goroutines; [NewSealer]
// is its counterpart.
//
// What it refuses, each with a [Refusal] that names the rule: chains whose signatures are not on G1 of
// BLS12-381, sealing to a retired chain, files with any other recipient than the round, any second
// encoding of the same file, points outside the group, and whatever was changed after sealing. A file
// that can be opened gives the same plaintext to everyone.
//
// A sealed file is not secret after its round, has no author, and can be copied by whoever sees it:
// what is sealed must name its author and purpose.
package timelock
