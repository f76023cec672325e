// Package bundle packs everything an auditor needs about one subject into one file, and takes it
// apart again (docs/spec/bundle.md).
//
// A service calls [Write] with the [Contents] of a draw, [WritePoll] with the [PollContents] of a poll or
// [WriteRound] with the [RoundContents] of a funding round: the same contents give the same bytes, and a
// register or thread of any size streams through. A verifier calls [Open] and reads files by path; package verify says what they prove.
//
// # Invariants
//
//   - The file is a zip of stored entries in one layout: sorted names, no times, no flags, no extra
//     fields, no comments, nothing before, between or after. Whatever Open accepts, Write could have
//     written.
//   - bundle.json lists every other file with size and SHA-256, and nothing else is in the zip.
//   - Names are those of the fixed tree of the kind; records, threads and proofs are numbered from 0000
//     without a gap.
//
// Open refuses everything else as unreadable. It does not look at digests: that is the first check of
// package verify, so that an altered file is named. The package does no I/O of its own.
package bundle
