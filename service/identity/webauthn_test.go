package identity_test

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/service/identity"
)

const thing = identity.ThingBallot

func TestAssertionsOfAPasskeyVerify(t *testing.T) {
	d := newDevice(t, "town.example")
	for name, change := range map[string]func(*device, []byte, string) ([]byte, string){
		"as browsers make it": func(_ *device, a []byte, c string) ([]byte, string) { return a, c },
		"from a subdomain": func(_ *device, a []byte, c string) ([]byte, string) {
			return a, strings.Replace(c, "//town", "//vote.town", 1)
		},
		"from another port": func(_ *device, a []byte, c string) ([]byte, string) {
			return a, strings.Replace(c, "town.example", "town.example:8443", 1)
		},
		"user not verified": func(_ *device, a []byte, c string) ([]byte, string) { a[32] = 1; return a, c },
		"counter of a synced passkey": func(_ *device, a []byte, c string) ([]byte, string) {
			copy(a[33:], []byte{0, 0, 0, 0})
			return a, c
		},
		"with extensions": func(_ *device, a []byte, c string) ([]byte, string) {
			a[32] |= 0x80
			return append(a, 0xa0), c
		},
		"other members and order": func(_ *device, a []byte, _ string) ([]byte, string) {
			return a, ` { "other" : {"type":"x","type":[1,null]} , "origin":"https://town.example","challenge":"` + challenge(thing, object) + `", "type":"webauthn\u002eget"} `
		},
	} {
		t.Run(name, func(t *testing.T) {
			authData, client := change(d, d.authData(), d.clientData(thing, object))
			if err := d.key.Verify(thing, object, d.assert(t, authData, client)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAssertionsOnLocalhostVerify(t *testing.T) {
	d := newDevice(t, "localhost")
	for _, d.origin = range []string{"http://localhost", "http://localhost:8080", "https://localhost", "https://a.localhost"} {
		if err := d.key.Verify(thing, object, d.sign(t, thing, object)); err != nil {
			t.Errorf("%s: %v", d.origin, err)
		}
	}
}

func TestOtherOriginsThanLocalhostAreRefused(t *testing.T) {
	d := newDevice(t, "localhost")
	for _, d.origin = range []string{
		"http://a.localhost", "http://localhost.evil", "http://127.0.0.1", "http://[::1]", "http://localhost:", "http://localhost:123456",
		"http://localhost/", "https://notlocalhost", "localhost", "",
	} {
		if err := d.key.Verify(thing, object, d.sign(t, thing, object)); rule(err) != identity.RuleSignature {
			t.Errorf("%q: %v", d.origin, err)
		}
	}
}

// Each is signed by the right key, so that nothing but the named fault can be the reason.
func TestAssertionsOfAnotherPageAreRefused(t *testing.T) {
	d := newDevice(t, "town.example")
	replace := func(old, new string) func(a []byte, c string) ([]byte, string) {
		return func(a []byte, c string) ([]byte, string) {
			if !strings.Contains(c, old) {
				t.Fatalf("%q is not in %s", old, c)
			}
			return a, strings.Replace(c, old, new, 1)
		}
	}
	ch := challenge(thing, object)
	for name, change := range map[string]func(a []byte, c string) ([]byte, string){
		"a registration":          replace("webauthn.get", "webauthn.create"),
		"a payment":               replace("webauthn.get", "payment.get"),
		"no type":                 replace(`"type":"webauthn.get",`, ``),
		"type is no string":       replace(`"webauthn.get"`, `["webauthn.get"]`),
		"type in capitals":        replace(`"type"`, `"Type"`),
		"type twice":              replace(`"type":`, `"type":"webauthn.create","type":`),
		"type twice, escaped":     replace(`"type":`, `"typ\u0065":"webauthn.create","type":`),
		"another challenge":       replace(ch, challenge(thing, nil)),
		"another thing":           replace(ch, challenge(identity.ThingReceipt, object)),
		"challenge with padding":  replace(ch, ch+"="),
		"challenge is null":       replace(`"`+ch+`"`, `null`),
		"challenge twice":         replace(`"challenge":`, `"challenge":"x","challenge":`),
		"no challenge":            replace(`"challenge":"`+ch+`",`, ``),
		"another site":            replace("town.example", "evil.example"),
		"a site that ends alike":  replace("town.example", "mytown.example"),
		"a site that begins so":   replace("town.example", "town.example.evil"),
		"the domain above":        replace("town.example", "example"),
		"plain http":              replace("https:", "http:"),
		"http localhost":          replace("https://town.example", "http://localhost"),
		"another scheme":          replace("https:", "wss:"),
		"an app's origin":         replace("https://town.example", "android:apk-key-hash:abc"),
		"origin with user":        replace("//town", "//me@town"),
		"origin with path":        replace("town.example", "town.example/"),
		"origin in capitals":      replace("town.example", "TOWN.example"),
		"origin without port":     replace("town.example", "town.example:"),
		"origin with odd port":    replace("town.example", "town.example:8443@evil"),
		"origin with port 0443":   replace("town.example", "town.example:0443"),
		"subdomain without name":  replace("town.example", ".town.example"),
		"origin twice":            replace(`"origin":`, `"origin":"https://evil.example","origin":`),
		"another site's frame":    replace(`"crossOrigin":false`, `"crossOrigin":true`),
		"crossOrigin is a string": replace(`"crossOrigin":false`, `"crossOrigin":"true"`),
		"crossOrigin is null":     replace(`"crossOrigin":false`, `"crossOrigin":null`),
		"crossOrigin twice":       replace(`"crossOrigin":false`, `"crossOrigin":true,"crossOrigin":false`),
		"an array":                func(a []byte, c string) ([]byte, string) { return a, "[" + c + "]" },
		"two objects":             func(a []byte, c string) ([]byte, string) { return a, c + "{}" },
		"an object cut off":       func(a []byte, c string) ([]byte, string) { return a, c[:len(c)-1] },
		"a trailing comma":        replace(`false}`, `false,}`),
		"a byte order mark":       func(a []byte, c string) ([]byte, string) { return a, "\ufeff" + c },
		"not UTF-8":               replace(`{`, "{\"x\":\"\xff\","),
		"no client data":          func(a []byte, _ string) ([]byte, string) { return a, "" },
		"1,025 bytes":             func(a []byte, c string) ([]byte, string) { return a, c + strings.Repeat(" ", 1025-len(c)) },
		"another RP's hash":       func(a []byte, c string) ([]byte, string) { a[0] ^= 1; return a, c },
		"user not present":        func(a []byte, c string) ([]byte, string) { a[32] = 0x04; return a, c },
		"authenticator cut off":   func(a []byte, c string) ([]byte, string) { return a[:36], c },
		"no authenticator data":   func(_ []byte, c string) ([]byte, string) { return nil, c },
		"long authenticator data": func(a []byte, c string) ([]byte, string) { return append(a, make([]byte, 988)...), c },
	} {
		t.Run(name, func(t *testing.T) {
			authData, client := change(d.authData(), d.clientData(thing, object))
			if err := d.key.Verify(thing, object, d.assert(t, authData, client)); rule(err) != identity.RuleSignature {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestECDSASignaturesThatAreRefused(t *testing.T) {
	d := newDevice(t, "town.example")
	good := d.sign(t, thing, object)
	r, s := integers(t, good.Signature)
	order := elliptic.P256().Params().N
	beyond := new(big.Int).Add(new(big.Int).SetBytes(s), order).Bytes()
	if beyond[0] >= 0x80 {
		beyond = append([]byte{0}, beyond...)
	}
	if !bytes.Equal(derOf(0x30, r, s), good.Signature) {
		t.Fatal("the parts do not make the whole")
	}
	long := append([]byte{0x30, 0x81, good.Signature[1]}, good.Signature[2:]...)
	for name, der := range map[string][]byte{
		"empty":                 {},
		"something after it":    append(bytes.Clone(good.Signature), 0),
		"cut off":               good.Signature[:len(good.Signature)-1],
		"length in long form":   long,
		"length indefinite":     append(append([]byte{0x30, 0x80}, good.Signature[2:]...), 0, 0),
		"r with a leading zero": derOf(0x30, append([]byte{0}, r...), s),
		"s with a leading zero": derOf(0x30, r, append([]byte{0}, s...)),
		"r is 0":                derOf(0x30, []byte{0}, s),
		"s is 0":                derOf(0x30, r, []byte{0}),
		"s is the order":        derOf(0x30, r, append([]byte{0}, order.Bytes()...)),
		"s beyond the order":    derOf(0x30, r, beyond),
		"r is negative":         derOf(0x30, append([]byte{0xff}, bytes.TrimLeft(r, "\x00")...), s),
		"r without bytes":       derOf(0x30, nil, s),
		"a set":                 derOf(0x31, r, s),
		"r and s exchanged":     derOf(0x30, s, r),
		"raw r and s":           append(bytes.TrimLeft(r, "\x00"), bytes.TrimLeft(s, "\x00")...),
		"three integers":        append([]byte{0x30, good.Signature[1] + 3}, append(bytes.Clone(good.Signature[2:]), 2, 1, 1)...),
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Signature = der
			if err := d.key.Verify(thing, object, bad); rule(err) != identity.RuleSignature {
				t.Errorf("got %v", err)
			}
		})
	}
	other := newDevice(t, "town.example").key
	if err := other.Verify(thing, object, good); rule(err) != identity.RuleSignature {
		t.Errorf("another key of the site: %v", err)
	}
}

// Whatever byte of an assertion is changed, it is no longer one.
func TestEveryByteOfAnAssertionCounts(t *testing.T) {
	d := newDevice(t, "town.example")
	good := d.sign(t, thing, object)
	rapid.Check(t, func(t *rapid.T) {
		bad := identity.Signature{
			AuthenticatorData: bytes.Clone(good.AuthenticatorData), ClientData: bytes.Clone(good.ClientData), Signature: bytes.Clone(good.Signature),
		}
		part := rapid.SampledFrom([][]byte{bad.AuthenticatorData, bad.ClientData, bad.Signature}).Draw(t, "part")
		part[rapid.IntRange(0, len(part)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if err := d.key.Verify(thing, object, bad); rule(err) != identity.RuleSignature {
			t.Fatalf("got %v", err)
		}
	})
}

// Client data is the one thing here that is read with a library's lenient reader: whatever it is
// given, what verifies says all of what is required.
func FuzzClientData(f *testing.F) {
	d := newDevice(f, "town.example")
	f.Add(d.clientData(thing, object))
	f.Add(`{"type":"webauthn.get"}`)
	f.Add(`{"type":"webauthn.get","type":"webauthn.get"}`)
	f.Add(`{}x`)
	want := challenge(thing, object)
	f.Fuzz(func(t *testing.T, client string) {
		s := d.assert(t, d.authData(), client)
		if d.key.Verify(thing, object, s) != nil {
			return
		}
		plain := strings.NewReplacer(`\u002e`, ".", `\/`, "/").Replace(client)
		if strings.Contains(client, `\`) {
			return // an escape may spell any of them
		}
		for _, part := range []string{"webauthn.get", want, "town.example"} {
			if !strings.Contains(plain, part) {
				t.Fatalf("%q verifies without %s", client, part)
			}
		}
	})
}
