package poll

import (
	"bytes"
	"encoding/hex"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// Most ballots of a poll have one and the same layout: signed by an Ed25519 key, a short choice or
// sealed bytes; and so have most lines of a roll. Reading these by their fixed parts costs a twentieth of the strict reading, which
// parses and writes again. Whatever does not fit exactly goes to the strict reading, so this decides
// nothing but the speed; a fuzz test holds the two against each other.

// ParseCast reads the body of a ballot.cast record strictly. What it holds may point into body.
func ParseCast(body []byte) (Cast, error) {
	if c, ok := leanCast(body); ok {
		return c, nil
	}
	return parseCastStrictly(body)
}

func parseCastStrictly(body []byte) (Cast, error) {
	var c Cast
	if err := canonical.Unmarshal(body, &c); err != nil {
		return Cast{}, refuse(RuleBallot, "%v", err)
	}
	return c, nil
}

// CanonicalBody returns the canonical bytes. Ballot is taken as it is: who reads the body strictly finds out
// whether that was canonical.
func (c Cast) CanonicalBody() ([]byte, error) {
	s := c.Signature
	if len(s.AuthenticatorData) > 0 || len(s.ClientData) > 0 || len(s.Signature) != hexSignature/2 || len(c.Ballot) == 0 {
		return canonical.Marshal(c)
	}
	b := make([]byte, 0, len(castHead)+len(c.Ballot)+len(castSignature)+hexSignature+len(castTail))
	b = append(append(append(b, castHead...), c.Ballot...), castSignature...)
	return append(hex.AppendEncode(b, s.Signature), castTail...), nil
}

// ParseKey reads the key of a line of a roll as a database keeps it, strictly.
func ParseKey(b []byte) (*identity.Key, error) {
	if k, ok := leanKey(b); ok {
		return k, nil
	}
	k := new(identity.Key)
	return k, canonical.Unmarshal(b, k)
}

// leanKey reads an Ed25519 key.
func leanKey(b []byte) (*identity.Key, bool) {
	const head, tail = `{"alg":"ed25519","public":"`, `"}`
	if len(b) != len(head)+hexHash+len(tail) || string(b[:len(head)]) != head || string(b[len(head)+hexHash:]) != tail || !lowerHex(b[len(head):len(head)+hexHash]) {
		return nil, false
	}
	public := make(canonical.Hex, hexHash/2)
	_, err := hex.Decode(public, b[len(head):len(head)+hexHash])
	return &identity.Key{Alg: identity.Ed25519, Public: public}, err == nil
}

const (
	castHead      = `{"ballot":`
	castSignature = `,"signature":{"signature":"`
	castTail      = `"}}`
	hexSignature  = 128
)

// leanCast takes a body that ends in an Ed25519 signature, around a ballot that leanBallot takes.
func leanCast(body []byte) (Cast, bool) {
	rest, ok := bytes.CutPrefix(body, []byte(castHead))
	split := len(rest) - len(castSignature) - hexSignature - len(castTail)
	if !ok || split < 0 {
		return Cast{}, false
	}
	ballot, rest := rest[:split], rest[split:]
	digits := rest[len(castSignature) : len(castSignature)+hexSignature]
	if string(rest[:len(castSignature)]) != castSignature || string(rest[len(rest)-len(castTail):]) != castTail || !lowerHex(digits) {
		return Cast{}, false
	}
	if _, ok := leanBallot(ballot); !ok {
		return Cast{}, false
	}
	signature := make(canonical.Hex, hexSignature/2)
	_, err := hex.Decode(signature, digits)
	return Cast{Ballot: ballot, Signature: identity.Signature{Signature: signature}}, err == nil
}

const (
	lineKey   = `{"key":{"alg":"ed25519","public":"`
	lineVoter = `"},"voter":"`
)

// leanLine reads a line of a roll with an Ed25519 key.
func leanLine(b []byte) (Line, bool) {
	const voterAt = len(lineKey) + hexHash + len(lineVoter)
	rest, ok := bytes.CutPrefix(b, []byte(lineKey))
	if !ok || len(b) <= voterAt+len(ballotTail) || string(rest[hexHash:hexHash+len(lineVoter)]) != lineVoter {
		return Line{}, false
	}
	voter, ok := bytes.CutSuffix(b[voterAt:], []byte(ballotTail))
	if !ok || !plain(voter) || !lowerHex(rest[:hexHash]) {
		return Line{}, false
	}
	public := make(canonical.Hex, hexHash/2)
	_, err := hex.Decode(public, rest[:hexHash])
	return Line{Key: &identity.Key{Alg: identity.Ed25519, Public: public}, Voter: string(voter)}, err == nil
}

const (
	ballotChoice = `{"choice":`
	ballotSealed = `,"sealed":"`
	ballotPoll   = `"poll":"`
	ballotVoter  = `,"v":1,"voter":"`
	ballotTail   = `"}`
	hexHash      = 64
)

// leanBallot reads a ballot from its end: the voter, then v, then what the mode has.
func leanBallot(b []byte) (Ballot, bool) {
	at := bytes.LastIndex(b, []byte(ballotVoter))
	if at < 0 || !bytes.HasSuffix(b, []byte(ballotTail)) {
		return Ballot{}, false
	}
	voter, ok := bytes.CutSuffix(b[at+len(ballotVoter):], []byte(ballotTail))
	if !ok || len(voter) == 0 || !plain(voter) {
		return Ballot{}, false
	}
	out := Ballot{V: 1, Voter: string(voter)}
	if rest, ok := bytes.CutPrefix(b[:at], []byte(ballotChoice)); ok {
		return out, leanOpen(rest, &out)
	}
	return out, leanSealed(b[:at], &out)
}

// leanOpen reads <choice>,"poll":"<hash>". The choice is one of the three that have one form only.
func leanOpen(b []byte, out *Ballot) bool {
	split := len(b) - len(ballotPoll) - 1 - hexHash - 1
	if split < 0 || b[split] != ',' || !leanHash(b[split+1:], out) {
		return false
	}
	switch string(b[:split]) {
	case `{"vote":"yes"}`, `{"vote":"no"}`, `{"vote":"abstain"}`:
		out.Choice = b[:split:split]
		return true
	}
	return false
}

// leanSealed reads {"poll":"<hash>","sealed":"<base64>".
func leanSealed(b []byte, out *Ballot) bool {
	const head = 1 + len(ballotPoll) + hexHash + 1
	if len(b) <= head+len(ballotSealed) || b[0] != '{' || !leanHash(b[1:head], out) {
		return false
	}
	sealed, ok := bytes.CutPrefix(b[head:], []byte(ballotSealed))
	if !ok || len(sealed) < 2 || sealed[len(sealed)-1] != '"' || !plain(sealed[:len(sealed)-1]) {
		return false
	}
	out.Sealed = string(sealed[:len(sealed)-1])
	return true
}

// leanHash reads "poll":"<hash>", and nothing after it.
func leanHash(b []byte, out *Ballot) bool {
	if len(b) != len(ballotPoll)+hexHash+1 || string(b[:len(ballotPoll)]) != ballotPoll || b[len(b)-1] != '"' {
		return false
	}
	digits := b[len(ballotPoll) : len(b)-1]
	_, err := hex.Decode(out.Poll[:], digits)
	return err == nil && lowerHex(digits)
}

func lowerHex(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// plain reports letters, digits and the signs of base64: text that has one form in JSON.
func plain(b []byte) bool {
	for _, c := range b {
		if (c < '/' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '+' && c != '=' {
			return false
		}
	}
	return true
}
