// Package canonical reads and writes the one encoding that kleroterion hashes and signs: an I-JSON
// subset in RFC 8785 form (docs/spec/canonical.md).
//
// Most callers need two calls. [Marshal] turns a Go value into canonical bytes. [Unmarshal] is its
// strict inverse: it accepts only bytes that Marshal would have written for the same value, so a
// document has exactly one accepted form and its hash is its identity.
//
// [Transform] is for the edge alone: it reads a document that a person wrote (any white space, any
// key order) and returns the canonical form, refusing what the subset lacks.
//
// The package never repairs: duplicate keys, null, fractions, exponents, integers beyond 2^53-1 and
// invalid UTF-8 are errors.
package canonical
