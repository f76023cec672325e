package grants

import (
	"bytes"
	"encoding/hex"
	"strconv"

	"kleroterion/randomness/canonical"
)

// Most gifts of a round have one and the same layout, signed by an Ed25519 key. Reading these by their
// fixed parts costs a twentieth of the strict reading, which parses and writes again. Whatever does not fit
// exactly goes to the strict reading, so this decides nothing but the speed; a fuzz test holds the two
// against each other.

// ParseGiftAdd reads the body of a gift.add record strictly. What it holds may point into body.
func ParseGiftAdd(body []byte) (GiftAdd, error) {
	if g, ok := leanGiftAdd(body); ok {
		return g, nil
	}
	return parseGiftAddStrictly(body)
}

func parseGiftAddStrictly(body []byte) (GiftAdd, error) {
	var g GiftAdd
	if err := canonical.Unmarshal(body, &g); err != nil {
		return GiftAdd{}, refuse(RuleGift, "%v", err)
	}
	return g, nil
}

const (
	addHead      = `{"at":`
	addConnector = `,"connector":"`
	addGift      = `,"gift":`
	addPaid      = `,"paid":`
	addSignature = `,"signature":{"signature":"`
	addTail      = `"}}`
	hexSignature = 128
)

// CanonicalBody returns the canonical bytes. Gift or Paid is taken as it is: who reads the body strictly
// finds out whether that was canonical.
func (g GiftAdd) CanonicalBody() ([]byte, error) {
	s := g.Signature
	if len(s.AuthenticatorData) > 0 || len(s.ClientData) > 0 || len(s.Signature) != hexSignature/2 || len(g.Gift) > 0 == (len(g.Paid) > 0) {
		return canonical.Marshal(g)
	}
	b := make([]byte, 0, len(g.Gift)+len(g.Paid)+len(g.Connector)+256)
	b = strconv.AppendInt(append(b, addHead...), g.At, 10)
	if g.Connector != "" {
		b = canonical.AppendString(append(b, addConnector[:len(addConnector)-1]...), g.Connector)
	}
	if len(g.Gift) > 0 {
		b = append(append(b, addGift...), g.Gift...)
	} else {
		b = append(append(b, addPaid...), g.Paid...)
	}
	b = hex.AppendEncode(append(b, addSignature...), s.Signature)
	return append(b, addTail...), nil
}

// leanGiftAdd takes a body that ends in an Ed25519 signature, around a gift or payment that is lean too.
func leanGiftAdd(body []byte) (GiftAdd, bool) {
	split := len(body) - len(addTail) - hexSignature - len(addSignature)
	if split < 0 {
		return GiftAdd{}, false
	}
	end := leanText{rest: body[split:]}
	var g GiftAdd
	ok := end.skip(addSignature) && end.hex((*[]byte)(&g.Signature.Signature), hexSignature) && end.skip(addTail)
	l := leanText{rest: body[:split]}
	if !ok || !l.skip(addHead) || !l.number(&g.At) {
		return GiftAdd{}, false
	}
	if l.skip(addGift) {
		g.Gift = l.rest
		_, ok = leanGift(l.rest)
		return g, ok
	}
	if !l.skip(addConnector) || !l.text(&g.Connector) || !l.skip(addPaid) {
		return GiftAdd{}, false
	}
	g.Paid = l.rest
	_, ok = leanPaid(l.rest)
	return g, ok
}

// leanGift reads a gift to an open round or a sealed one.
func leanGift(b []byte) (Gift, bool) {
	l, x := leanText{rest: b}, Gift{V: 1}
	open := l.skip(`{"amount":"`)
	if open && !(l.text(&x.Amount) && l.skip(`,"donor":"`)) || !open && !l.skip(`{"donor":"`) {
		return Gift{}, false
	}
	if !l.text(&x.Donor) || !l.skip(`,"nonce":"`) || !l.text(&x.Nonce) {
		return Gift{}, false
	}
	if open && !(l.skip(`,"project":"`) && l.text(&x.Project)) || !l.skip(`,"round":"`) || !l.hash(x.Round[:]) {
		return Gift{}, false
	}
	if !open && !(l.skip(`,"sealed":"`) && l.text(&x.Sealed)) {
		return Gift{}, false
	}
	return x, l.skip(`,"v":1}`) && len(l.rest) == 0
}

func leanPaid(b []byte) (Paid, bool) {
	l, x := leanText{rest: b}, Paid{V: 1}
	ok := l.skip(`{"amount":"`) && l.text(&x.Amount) && l.skip(`,"donor":"`) && l.text(&x.Donor) &&
		l.skip(`,"project":"`) && l.text(&x.Project) && l.skip(`,"reference":"`) && l.text(&x.Reference) &&
		l.skip(`,"round":"`) && l.hash(x.Round[:]) && l.skip(`,"v":1}`) && len(l.rest) == 0
	return x, ok
}

// leanText walks over bytes whose layout is known.
type leanText struct{ rest []byte }

// skip passes over fixed bytes where they come next.
func (l *leanText) skip(fixed string) bool {
	if len(l.rest) < len(fixed) || string(l.rest[:len(fixed)]) != fixed {
		return false
	}
	l.rest = l.rest[len(fixed):]
	return true
}

// text reads to the closing quote what has one form in JSON: visible ASCII and spaces, without a
// backslash. Nothing is not read: an empty member may be one to leave out.
func (l *leanText) text(s *string) bool {
	end := bytes.IndexByte(l.rest, '"')
	if end < 1 {
		return false
	}
	for _, c := range l.rest[:end] {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	*s, l.rest = string(l.rest[:end]), l.rest[end+1:]
	return true
}

// number reads digits that every reader takes for the same whole number.
func (l *leanText) number(n *int64) bool {
	const most = 15 // digits: below 2^53
	end := 0
	for end < min(len(l.rest), most+1) && l.rest[end] >= '0' && l.rest[end] <= '9' {
		end++
	}
	if end < 1 || end > most || l.rest[0] == '0' {
		return false
	}
	v, err := strconv.ParseInt(string(l.rest[:end]), 10, 64)
	*n, l.rest = v, l.rest[end:]
	return err == nil
}

// hash reads 64 digits and the closing quote.
func (l *leanText) hash(to []byte) bool {
	var b []byte
	ok := l.hex(&b, 2*len(to)) && l.skip(`"`)
	copy(to, b)
	return ok
}

// hex reads so many lower-case digits.
func (l *leanText) hex(to *[]byte, digits int) bool {
	if len(l.rest) < digits {
		return false
	}
	for _, c := range l.rest[:digits] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	b, err := hex.DecodeString(string(l.rest[:digits]))
	*to, l.rest = b, l.rest[digits:]
	return err == nil
}
