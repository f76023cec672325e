package timelock

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"kleroterion/randomness/beacon"
)

const (
	versionLine = "age-encryption.org/v1\n"
	stanzaStart = "-> tlock "
	macStart    = "--- "

	lineText    = 64 // characters of a full line of base64
	hashDigits  = 64
	roundDigits = 16                      // of 2^53 - 1
	bodyText    = (bodySize*8 + 5) / 6    // characters of base64 without padding
	bodyLines   = bodyText/lineText + 1   // the last one is never full
	macText     = (sha256.Size*8 + 5) / 6 // likewise
)

// Header is what a file says of itself before its round.
type Header struct {
	Chain     beacon.Hash
	Round     uint64
	Plaintext int // bytes
}

// Inspect checks all of a file that can be checked before its round: that it has its one form, and
// that its point is one that sealing could give. Every error is a [*Refusal]. A file that passes can
// still turn out to hold nothing.
func Inspect(file []byte) (Header, error) {
	f, err := parse(file)
	if err != nil {
		return Header{}, err
	}
	p, fault := decodePoint(f.body.u())
	if fault != nil {
		return Header{}, fault
	}
	if !p.IsInSubGroup() {
		return Header{}, refuse(RulePoint, "the point is on the curve but not in the prime-order subgroup")
	}
	return Header{Chain: f.chain, Round: f.round, Plaintext: len(f.payload) - tagSize}, nil
}

// parts are the parts of a file of the right form; slices are of the file itself.
type parts struct {
	round   uint64
	chain   beacon.Hash
	body    body
	header  []byte // what the MAC covers
	mac     [sha256.Size]byte
	nonce   []byte
	payload []byte
}

func parse(file []byte) (*parts, error) {
	if least, most := SealedSize(1, 0), SealedSize(beacon.MaxRound, MaxPlaintext); len(file) < least || len(file) > most {
		return nil, refuse(RuleSize, "%d bytes, a file has %d to %d", len(file), least, most)
	}
	rest, ok := bytes.CutPrefix(file, []byte(versionLine))
	if !ok {
		return nil, refuse(RuleVersion, "the first line is not %q", versionLine)
	}
	f := &parts{}
	for _, step := range []func([]byte) ([]byte, *Refusal){f.cutStanza, f.cutBody, f.cutMAC} {
		var fault *Refusal
		if rest, fault = step(rest); fault != nil {
			return nil, fault
		}
	}
	if n := len(rest) - nonceSize - tagSize; n < 0 || n > MaxPlaintext {
		return nil, refuse(RuleSize, "%d bytes after the header, want %d to %d", len(rest), nonceSize+tagSize, nonceSize+tagSize+MaxPlaintext)
	}
	f.nonce, f.payload = rest[:nonceSize], rest[nonceSize:]
	f.header = file[:len(file)-len(rest)-macText-len(" \n")]
	return f, nil
}

// cutStanza reads the line that names the round and the chain.
func (f *parts) cutStanza(b []byte) ([]byte, *Refusal) {
	b, ok := bytes.CutPrefix(b, []byte(stanzaStart))
	if !ok {
		return nil, refuse(RuleStanza, "the second line does not start with %q", stanzaStart)
	}
	line, _, ok := bytes.Cut(b[:min(len(b), roundDigits+1+hashDigits+1)], []byte("\n"))
	if !ok {
		return nil, refuse(RuleStanza, "the second line is too long for a round and a chain hash")
	}
	round, hash, ok := bytes.Cut(line, []byte(" "))
	if !ok {
		return nil, refuse(RuleStanza, "%q, want a round, a space and a chain hash", line)
	}
	n, err := strconv.ParseUint(string(round), 10, 64)
	if err != nil || n < 1 || n > beacon.MaxRound || string(round) != strconv.FormatUint(n, 10) {
		return nil, refuse(RuleRound, "round %q, want 1 to 2^53-1 in plain decimal", round)
	}
	f.round = n
	if f.chain, err = beacon.ParseHash(string(hash)); err != nil {
		return nil, refuseFor(RuleChain, err)
	}
	return b[len(line)+1:], nil
}

// cutBody reads the lines of base64 under the stanza.
func (f *parts) cutBody(b []byte) ([]byte, *Refusal) {
	text := make([]byte, 0, bodyText)
	for i := range bodyLines {
		want := min(lineText, bodyText-i*lineText)
		if len(b) <= want || b[want] != '\n' {
			return nil, refuse(RuleStanza, "line %d of the body has not %d characters", i+1, want)
		}
		text = append(text, b[:want]...)
		b = b[want+1:]
	}
	if !decodeText(f.body[:], text) {
		return nil, refuse(RuleStanza, "the body is not canonical base64 without padding")
	}
	return b, nil
}

func (f *parts) cutMAC(b []byte) ([]byte, *Refusal) {
	if bytes.HasPrefix(b, []byte("-> ")) {
		return nil, refuse(RuleStanza, "more than one stanza: somebody else could open the file as well")
	}
	b, ok := bytes.CutPrefix(b, []byte(macStart))
	if !ok || len(b) <= macText || b[macText] != '\n' {
		return nil, refuse(RuleMAC, "the line after the stanza is not %q and %d characters", macStart, macText)
	}
	if !decodeText(f.mac[:], b[:macText]) {
		return nil, refuse(RuleMAC, "the MAC is not canonical base64 without padding")
	}
	return b[macText+1:], nil
}

// decodeText fills out from text. The library skips line ends inside the text, so that the number of
// bytes is compared too.
func decodeText(out, text []byte) bool {
	n, err := base64.RawStdEncoding.Strict().Decode(out, text)
	return err == nil && n == len(out)
}
