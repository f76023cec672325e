// Package beacon knows drand chains and verifies their beacons, without any input or output.
//
// A drand chain is a group of organisations that signs one number after another, each at a known
// time. The outcome of a draw is decided by SHA-256 of the signature bytes, so this package accepts
// exactly one encoding of one signature for a round (docs/spec/beacon.md).
//
// Most users need two calls. [Pinned] gives the chains whose constants are compiled in, and [Verify]
// checks one beacon of the asked round:
//
//	chain, ok := beacon.Pinned().ByName("quicknet")
//	err := beacon.Verify(chain, 1000, b)
//	outcome := b.Randomness()
//
// [VerifyBatch] checks many beacons of one chain at a fraction of the cost and names the first bad
// one. [ParseInfo] reads the description that a relay or an evidence file gives of a chain.
//
// What it refuses, each with a [Refusal] that names the rule: another round than the asked one, a
// wrong length, uncompressed or padded encodings, coordinates not below the field prime, the point at
// infinity, points outside the prime-order subgroup, a previous signature that is missing or
// misplaced, and of course a signature that is not the chain's. A chain is refused when its hash does
// not follow from its constants, when it borrows the hash of a pinned chain, and when it calls itself
// live without being pinned.
package beacon
