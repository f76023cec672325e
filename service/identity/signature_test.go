package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/asn1"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"kleroterion/service/identity"
)

var object = []byte(`{"poll":"canal","v":1}`)

func TestMessageBeginsWithWhatItIs(t *testing.T) {
	if got, want := string(identity.Message(identity.ThingSeat, []byte("{}"))), "kleroterion/seat/v1\n{}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEd25519SignaturesVerify(t *testing.T) {
	s := identity.Sign(privateOf(1), identity.ThingBallot, object)
	if err := keyOf(1).Verify(identity.ThingBallot, object, s); err != nil {
		t.Error(err)
	}
	if !ed25519.Verify(ed25519.PublicKey(keyOf(1).Public), append([]byte("kleroterion/ballot/v1\n"), object...), s.Signature) {
		t.Error("the library does not verify what was signed")
	}
}

// order is the order of the base point (RFC 8032, 5.1): S + order is the same point in a second form.
func malleable(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	little := bytes.Clone(signature[32:])
	for i, j := 0, 31; i < j; i, j = i+1, j-1 {
		little[i], little[j] = little[j], little[i]
	}
	s := new(big.Int).SetBytes(little)
	s.Add(s, order).FillBytes(little)
	for i, j := 0, 31; i < j; i, j = i+1, j-1 {
		little[i], little[j] = little[j], little[i]
	}
	return append(bytes.Clone(signature[:32]), little...)
}

func TestEd25519SignaturesThatAreRefused(t *testing.T) {
	good := identity.Sign(privateOf(1), identity.ThingBallot, object)
	flipped := bytes.Clone(good.Signature)
	flipped[10] ^= 1
	for name, c := range map[string]struct {
		key       identity.Key
		thing     identity.Thing
		object    []byte
		signature identity.Signature
	}{
		"another key":          {keyOf(2), identity.ThingBallot, object, good},
		"another thing":        {keyOf(1), identity.ThingReceipt, object, good},
		"another object":       {keyOf(1), identity.ThingBallot, []byte(`{"poll":"canal","v":2}`), good},
		"no object":            {keyOf(1), identity.ThingBallot, nil, good},
		"a bit flipped":        {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: flipped}},
		"a byte short":         {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: good.Signature[:63]}},
		"a byte long":          {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: append(bytes.Clone(good.Signature), 0)}},
		"none":                 {keyOf(1), identity.ThingBallot, object, identity.Signature{}},
		"S beyond the order":   {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: malleable(good.Signature)}},
		"with client data":     {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: good.Signature, ClientData: []byte("{}")}},
		"with authenticator":   {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: good.Signature, AuthenticatorData: []byte{0}}},
		"of the bare object":   {keyOf(1), identity.ThingBallot, object, identity.Signature{Signature: ed25519.Sign(privateOf(1), object)}},
		"of a passkey's alone": {newDevice(t, "town.example").key, identity.ThingBallot, object, good},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.key.Verify(c.thing, c.object, c.signature); rule(err) != identity.RuleSignature {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSignaturesHaveOnlyTheirMembers(t *testing.T) {
	b, err := json.Marshal(identity.Sign(privateOf(1), identity.ThingBallot, object))
	if err != nil || strings.Count(string(b), ":") != 1 {
		t.Errorf("got %s, %v", b, err)
	}
}

// derOf writes an ECDSA signature's two integers as they are given, in the forms that strict DER lacks too.
func derOf(sequence byte, r, s []byte) []byte {
	body := append([]byte{2, byte(len(r))}, r...)
	body = append(append(body, 2, byte(len(s))), s...)
	return append([]byte{sequence, byte(len(body))}, body...)
}

func integers(tb testing.TB, der []byte) (r, s []byte) {
	tb.Helper()
	var v struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 {
		tb.Fatal(err, rest)
	}
	pad := func(i *big.Int) []byte {
		if b := i.Bytes(); b[0] < 0x80 {
			return b
		}
		return append([]byte{0}, i.Bytes()...)
	}
	return pad(v.R), pad(v.S)
}
