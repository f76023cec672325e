package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"regexp"

	"kleroterion/randomness/canonical"
)

// Alg is the kind of a key.
type Alg string

// The kinds of keys.
const (
	Ed25519  Alg = "ed25519"  // RFC 8032; for programs
	WebAuthn Alg = "webauthn" // a passkey: ECDSA on P-256 inside an assertion; for browsers
)

const maxDomain = 253

var domainForm = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`)

// Key is a public key in its one form. Call [Key.Check] on every key that comes from outside.
type Key struct {
	Alg    Alg           `json:"alg"`
	Public canonical.Hex `json:"public"`       // Ed25519: 32 bytes; WebAuthn: 65, the uncompressed point
	RP     string        `json:"rp,omitempty"` // WebAuthn alone: the domain the passkey belongs to
}

// Ed25519Key returns the Key of an Ed25519 public key of 32 bytes.
func Ed25519Key(public ed25519.PublicKey) Key {
	return Key{Alg: Ed25519, Public: bytes.Clone(public)}
}

// Equal reports whether two keys are the same.
func (k Key) Equal(other Key) bool {
	return k.Alg == other.Alg && k.RP == other.RP && bytes.Equal(k.Public, other.Public)
}

// Check refuses (key_form) a key that is not in its one form or not a point one can safely verify with.
func (k Key) Check() error {
	switch k.Alg {
	case Ed25519:
		if err := k.checkEd25519(); err != nil {
			return err
		}
		if !onEdwards25519(k.Public) {
			return refuse(RuleKeyForm, "ed25519 key %s is not a point of the curve", k.Public)
		}
		return nil
	case WebAuthn:
		_, err := k.p256()
		return err
	}
	return refuse(RuleKeyForm, "alg is %.20q, want ed25519 or webauthn", k.Alg)
}

// checkEd25519 leaves out whether the point is on the curve: Check asks that once, and verification
// fails for one that is not.
func (k Key) checkEd25519() error {
	switch {
	case len(k.Public) != ed25519.PublicKeySize:
		return refuse(RuleKeyForm, "ed25519 key has %d bytes, want %d", len(k.Public), ed25519.PublicKeySize)
	case k.RP != "":
		return refuse(RuleKeyForm, "ed25519 key has rp %.40q: leave it out", k.RP)
	case !canonicalEdwards25519(k.Public):
		return refuse(RuleKeyForm, "ed25519 key %s is not the canonical encoding of its point", k.Public)
	case smallOrder(k.Public):
		return refuse(RuleKeyForm, "ed25519 key %s is of small order: anybody can sign for it", k.Public)
	}
	return nil
}

func (k Key) p256() (*ecdsa.PublicKey, error) {
	if len(k.RP) > maxDomain || !domainForm.MatchString(k.RP) {
		return nil, refuse(RuleKeyForm, "rp %.40q is not a lower-case domain of at most %d bytes", k.RP, maxDomain)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), k.Public)
	if err != nil {
		return nil, refuse(RuleKeyForm, "webauthn key is not an uncompressed point of P-256 (65 bytes from 04): %v", err)
	}
	return public, nil
}

// Verify checks that s is k's signature over object as a message of this thing. object is the
// canonical bytes of what is signed. The refusal is key_form when k is unusable, else signature.
func (k Key) Verify(thing Thing, object []byte, s Signature) error {
	switch k.Alg {
	case Ed25519:
		return k.verifyEd25519(Message(thing, object), s)
	case WebAuthn:
		return k.verifyWebAuthn(Message(thing, object), s)
	}
	return refuse(RuleKeyForm, "alg is %.20q, want ed25519 or webauthn", k.Alg)
}

func (k Key) verifyEd25519(message []byte, s Signature) error {
	if err := k.checkEd25519(); err != nil {
		return err
	}
	if len(s.AuthenticatorData) > 0 || len(s.ClientData) > 0 {
		return refuse(RuleSignature, "signature of an ed25519 key has authenticator_data or client_data: leave them out")
	}
	if len(s.Signature) != ed25519.SignatureSize {
		return refuse(RuleSignature, "signature has %d bytes, want %d", len(s.Signature), ed25519.SignatureSize)
	}
	if !ed25519.Verify(ed25519.PublicKey(k.Public), message, s.Signature) {
		return refuse(RuleSignature, "signature is not of key %s over this message", k.Public)
	}
	return nil
}
