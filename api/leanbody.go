package api

import (
	"bytes"
	"strings"

	"kleroterion/randomness/canonical"
)

// leanBody is a type of bodies most of which have one layout, which it reads by its fixed parts. What lean
// takes [strict.Decode] takes without a fault, and reads likewise; what it does not take is read strictly.
type leanBody interface{ lean(body []byte) bool }

// lean reads a gift with an Ed25519 signature.
func (in *NewGift) lean(body []byte) (ok bool) {
	in.Gift, in.Signature.Signature, ok = leanSigned(body, `{"gift":`)
	return ok
}

// lean reads a ballot with an Ed25519 signature.
func (in *NewBallot) lean(body []byte) (ok bool) {
	in.Ballot, in.Signature.Signature, ok = leanSigned(body, `{"ballot":`)
	return ok
}

// leanSigned reads head, an object that is canonical, and a signature of hexadecimal digits. With an escape
// of four digits it takes no object: some of these are refused.
func leanSigned(body []byte, head string) (object []byte, signature string, ok bool) {
	const middle, tail = `,"signature":{"signature":"`, `"}}`
	rest, begins := bytes.CutPrefix(body, []byte(head))
	rest, ends := bytes.CutSuffix(rest, []byte(tail))
	at := bytes.LastIndex(rest, []byte(middle))
	if !begins || !ends || at < 1 || rest[0] != '{' {
		return nil, "", false
	}
	object, signature = rest[:at:at], string(rest[at+len(middle):])
	if strings.Trim(signature, "0123456789abcdef") != "" || bytes.Contains(object, []byte(`\u`)) || canonical.Check(object) != nil {
		return nil, "", false
	}
	return object, signature, true
}
