package api

import (
	"encoding/hex"
	"fmt"

	"kleroterion/service/identity"
)

// PublicKey is a person's or attester's own key (docs/spec/identity.md). It is no API key.
type PublicKey struct {
	Alg    string `json:"alg" validate:"oneof=ed25519 webauthn"`
	Public string `json:"public" validate:"hexdata,max=130" description:"ed25519: 64 hex digits; webauthn: the uncompressed point of P-256, 130 hex digits"`
	RP     string `json:"rp,omitempty" validate:"max=253" description:"of webauthn, and only there: the domain that the passkey belongs to"`
}

// Signature has the members of its key's alg and no others (docs/spec/identity.md).
type Signature struct {
	Signature         string `json:"signature" validate:"hexdata,max=2048" description:"ed25519: 128 hex digits; webauthn: DER in hex"`
	AuthenticatorData string `json:"authenticator_data,omitempty" validate:"omitempty,hexdata,max=2048" description:"of webauthn"`
	ClientData        string `json:"client_data,omitempty" validate:"omitempty,hexdata,max=2048" description:"of webauthn: the JSON as the browser made it, in hex"`
}

// key is the key as the service takes it.
func (k *PublicKey) key() (*identity.Key, error) {
	if k == nil {
		return nil, nil
	}
	public, err := unhex(k.Public)
	return &identity.Key{Alg: identity.Alg(k.Alg), Public: public, RP: k.RP}, err
}

// signature is the signature as the service takes it.
func (s *Signature) signature() (*identity.Signature, error) {
	if s == nil {
		return nil, nil
	}
	var out identity.Signature
	var err error
	if out.Signature, err = unhex(s.Signature); err != nil {
		return nil, err
	}
	if out.AuthenticatorData, err = unhex(s.AuthenticatorData); err != nil {
		return nil, err
	}
	out.ClientData, err = unhex(s.ClientData)
	return &out, err
}

// unhex reads what validation let pass.
func unhex(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("hex of %d characters passed validation: %w", len(text), err)
	}
	return b, nil
}
