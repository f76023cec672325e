// Package randomness turns one public beacon value into labelled, unbiased choices
// (docs/spec/draw.md, rules 3 to 5).
//
// [NewSeed] binds a verified signature to one committed manifest; from the [Seed] come tickets, by
// which people are ordered, and uniform integers. Everything is HMAC-SHA256 under a key that nobody
// has before the round: no language's generator, no modulo bias, and any place in the order can be
// recomputed alone.
//
// The package trusts its input: verify the beacon with package beacon first.
package randomness
