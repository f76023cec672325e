// Package identity holds keys, what they sign, and the statements that bind a key to a member
// (docs/spec/identity.md).
//
// Most callers need two calls. [Key.Verify] checks a signature over an object of a stated kind, made
// by an Ed25519 key or by a passkey (WebAuthn), without asking anybody. [CheckAttestations] checks
// that k of the charter's attesters signed a [Statement]; [CheckOwn] that the member did.
//
// Everything signed begins with a line that says what it is ([Message]), so that no signature stands
// for two things. A key is bound to a person and is never the person: the member's id outlives it.
//
// The package refuses, as *[Refusal]: points that are not on their curve, of small order or written in
// a second way; signatures with a member missing or too many; a passkey's answer for another site,
// another challenge or from inside a foreign frame; attestations that are too few, out of order, twice
// or by a stranger. It keeps no state: whether a statement fits the member's history is the charter's.
package identity
