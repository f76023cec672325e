package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"

	"kleroterion/service/identity"
)

// device is an authenticator with one passkey and the browser in front of it.
type device struct {
	private *ecdsa.PrivateKey
	key     identity.Key
	origin  string
}

func newDevice(tb testing.TB, rp string) *device {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	public, err := private.PublicKey.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return &device{private: private, key: identity.Key{Alg: identity.WebAuthn, Public: public, RP: rp}, origin: "https://" + rp}
}

func challenge(thing identity.Thing, object []byte) string {
	h := sha256.Sum256(identity.Message(thing, object))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// clientData is what a browser writes, in its order.
func (d *device) clientData(thing identity.Thing, object []byte) string {
	return fmt.Sprintf(`{"type":"webauthn.get","challenge":%q,"origin":%q,"crossOrigin":false}`, challenge(thing, object), d.origin)
}

// authData has the RP's hash, the flags user present and user verified, and the counter.
func (d *device) authData() []byte {
	h := sha256.Sum256([]byte(d.key.RP))
	return append(h[:], 0x05, 0, 0, 0, 7)
}

// assert signs whatever it is given, as an authenticator does that trusts its browser.
func (d *device) assert(tb testing.TB, authData []byte, client string) identity.Signature {
	tb.Helper()
	c := sha256.Sum256([]byte(client))
	digest := sha256.Sum256(append(append([]byte{}, authData...), c[:]...))
	der, err := ecdsa.SignASN1(rand.Reader, d.private, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return identity.Signature{AuthenticatorData: authData, ClientData: []byte(client), Signature: der}
}

func (d *device) sign(tb testing.TB, thing identity.Thing, object []byte) identity.Signature {
	tb.Helper()
	return d.assert(tb, d.authData(), d.clientData(thing, object))
}
