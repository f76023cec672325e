package identity

import (
	"crypto/ed25519"

	"kleroterion/randomness/canonical"
)

// Thing says what is signed.
type Thing string

// The things of identity.md.
const (
	ThingStatement Thing = "statement" // a Statement about a member
	ThingBallot    Thing = "ballot"    // poll.md
	ThingReceipt   Thing = "receipt"   // poll.md, by the log's key
	ThingSeat      Thing = "seat"      // seat.md: the sender of a key holds it
	ThingProject   Thing = "project"   // round.md: what its owner does with a project
	ThingGift      Thing = "gift"      // round.md, by the donor or by a payment connector
)

// Message returns the bytes that a key signs: "kleroterion/<thing>/v1\n" ‖ object.
func Message(thing Thing, object []byte) []byte {
	m := make([]byte, 0, len("kleroterion//v1\n")+len(thing)+len(object))
	m = append(m, "kleroterion/"...)
	m = append(m, thing...)
	m = append(m, "/v1\n"...)
	return append(m, object...)
}

// Signature has the members of its key's kind and no others: Signature alone for Ed25519, all three
// for WebAuthn.
type Signature struct {
	AuthenticatorData canonical.Hex `json:"authenticator_data,omitempty"`
	ClientData        canonical.Hex `json:"client_data,omitempty"` // JSON as the browser made it
	Signature         canonical.Hex `json:"signature,omitempty"`   // Ed25519: 64 bytes; WebAuthn: DER
}

// Sign signs object as a message of this thing with an Ed25519 key.
func Sign(private ed25519.PrivateKey, thing Thing, object []byte) Signature {
	return Signature{Signature: ed25519.Sign(private, Message(thing, object))}
}
