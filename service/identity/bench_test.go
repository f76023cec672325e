package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"kleroterion/service/identity"
)

// benchObject has the size of a sealed ballot, the thing that is verified most.
var benchObject = bytes.Repeat([]byte("b"), 1200)

func benchKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

func BenchmarkBareEd25519(b *testing.B) {
	private := benchKey()
	public := private.Public().(ed25519.PublicKey)
	message := identity.Message(identity.ThingBallot, benchObject)
	signature := ed25519.Sign(private, message)
	for b.Loop() {
		if !ed25519.Verify(public, message, signature) {
			b.Fatal("refused")
		}
	}
}

func BenchmarkKeyVerifyEd25519(b *testing.B) {
	private := benchKey()
	key := identity.Ed25519Key(private.Public().(ed25519.PublicKey))
	signature := identity.Sign(private, identity.ThingBallot, benchObject)
	for b.Loop() {
		if err := key.Verify(identity.ThingBallot, benchObject, signature); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyCheckEd25519(b *testing.B) {
	key := identity.Ed25519Key(benchKey().Public().(ed25519.PublicKey))
	for b.Loop() {
		if err := key.Check(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyVerifyWebAuthn(b *testing.B) {
	d := newDevice(b, "town.example")
	signature := d.sign(b, identity.ThingBallot, benchObject)
	for b.Loop() {
		if err := d.key.Verify(identity.ThingBallot, benchObject, signature); err != nil {
			b.Fatal(err)
		}
	}
}
