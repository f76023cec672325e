package identity

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const (
	maxAssertion  = 1024 // bytes of each member
	leastAuthData = 37   // hash of the RP id, flags, counter
	userPresent   = 0x01
)

// verifyWebAuthn checks an assertion (W3C Web Authentication Level 2, 7.2, steps 11 to 20) whose
// challenge is SHA-256(message). The counter is not looked at: passkeys that sync leave it at 0.
func (k Key) verifyWebAuthn(message []byte, s Signature) error {
	public, err := k.p256()
	if err != nil {
		return err
	}
	if err := s.checkSizes(); err != nil {
		return err
	}
	if err := k.checkAuthenticator(s.AuthenticatorData); err != nil {
		return err
	}
	if err := k.checkClient(s.ClientData, message); err != nil {
		return err
	}
	client := sha256.Sum256(s.ClientData)
	signed := sha256.New()
	signed.Write(s.AuthenticatorData)
	signed.Write(client[:])
	// VerifyASN1 reads strict DER: shortest lengths and integers, nothing after them, 0 < r, s < order.
	if !ecdsa.VerifyASN1(public, signed.Sum(nil), s.Signature) {
		return refuse(RuleSignature, "signature is not of key %s over this assertion, or not strict DER", k.Public)
	}
	return nil
}

func (s Signature) checkSizes() error {
	for _, m := range []struct {
		name  string
		value []byte
	}{{"authenticator_data", s.AuthenticatorData}, {"client_data", s.ClientData}, {"signature", s.Signature}} {
		if len(m.value) == 0 || len(m.value) > maxAssertion {
			return refuse(RuleSignature, "%s of a webauthn signature has %d bytes, want 1 to %d", m.name, len(m.value), maxAssertion)
		}
	}
	return nil
}

func (k Key) checkAuthenticator(data []byte) error {
	if len(data) < leastAuthData {
		return refuse(RuleSignature, "authenticator_data has %d bytes, want %d at least", len(data), leastAuthData)
	}
	if [32]byte(data) != sha256.Sum256([]byte(k.RP)) {
		return refuse(RuleSignature, "authenticator_data is for another site than %s", k.RP)
	}
	if data[32]&userPresent == 0 {
		return refuse(RuleSignature, "authenticator_data has not the flag user present")
	}
	return nil
}

func (k Key) checkClient(data, message []byte) error {
	c, err := parseClientData(data)
	if err != nil {
		return refuse(RuleSignature, "client_data: %v", err)
	}
	hash := sha256.Sum256(message)
	want := base64.RawURLEncoding.EncodeToString(hash[:])
	switch {
	case c.kind != "webauthn.get":
		return refuse(RuleSignature, "client_data: type is %.40q, want webauthn.get", c.kind)
	case c.challenge != want:
		return refuse(RuleSignature, "client_data: challenge is %.60q, want %s for this message", c.challenge, want)
	case !k.ownOrigin(c.origin):
		return refuse(RuleSignature, "client_data: origin %.80q is not an https origin of %s", c.origin, k.RP)
	case c.crossOrigin:
		return refuse(RuleSignature, "client_data: crossOrigin is true: it was signed inside another site's page")
	}
	return nil
}

// ownOrigin accepts https origins of the RP's domain and those below it, with any port, and http for
// localhost, which browsers hold to be secure.
func (k Key) ownOrigin(origin string) bool {
	rest, secure := strings.CutPrefix(origin, "https://")
	if !secure {
		var plain bool
		if rest, plain = strings.CutPrefix(origin, "http://"); !plain || k.RP != "localhost" {
			return false
		}
	}
	host, port, has := strings.Cut(rest, ":")
	if has && !isPort(port) || !domainForm.MatchString(host) {
		return false
	}
	return host == k.RP || secure && strings.HasSuffix(host, "."+k.RP)
}

func isPort(s string) bool {
	return s != "" && len(s) <= 5 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}
