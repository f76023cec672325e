// Package tlog grows the public log (docs/spec/record.md) inside a transaction of its caller and
// reads proofs out of it. The rows are the truth: each record with its place, and the hashes of the
// Merkle tree in the order of golang.org/x/mod/sumdb/tlog.
//
// Writers need [New], [Log.Append] and [Log.Flush]: an append locks the head of the log, takes n and prev
// from the subject's last record and makes the record; a flush writes what was appended with its hashes
// and moves the head, so that a domain row and its record commit together or not at all. Readers need [InclusionPath], [ConsistencyPath] and
// [TreeHash], at any size up to the head's.
//
// # Invariants
//
//   - seq counts from 0 without a gap; n counts from 1 within a subject.
//   - The head's root is the tree hash over all records, and every append checks that of the one before.
//   - A hash, once written, is never changed: a proof stays true for ever.
//
// The package refuses a head that does not fit the stored hashes: then the database was damaged or
// edited, and nothing must be built upon it.
package tlog
