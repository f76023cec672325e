package checkpoint

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/service/audit"
)

const (
	maxNote       = 128 << 10 // bytes: sixteen ML-DSA-44 cosignatures fit
	maxSignatures = 64
	sigPrefix     = "— "
)

// signedNote is a note taken apart, nothing in it verified.
type signedNote struct {
	text string // with its final newline
	sigs []signature
}

// signature is one line of a note: whose key it claims, and what that key would have signed.
type signature struct {
	name string
	id   uint32
	sig  []byte
}

// splitNote takes a signed note apart (https://c2sp.org/signed-note@v1.0.0). Each signature line has
// one accepted form, and no key signs twice.
func splitNote(b []byte) (signedNote, error) {
	if len(b) > maxNote {
		return signedNote{}, fmt.Errorf("signed note: %d bytes, at most %d are allowed", len(b), maxNote)
	}
	if !utf8.Valid(b) || bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\n' }) {
		return signedNote{}, errors.New("signed note: invalid UTF-8 or a control character")
	}
	at := bytes.LastIndex(b, []byte("\n\n"))
	if at < 0 || !bytes.HasSuffix(b, []byte("\n")) || at+2 == len(b) {
		return signedNote{}, errors.New("signed note: want the text, an empty line, and signature lines ended by a newline")
	}
	n := signedNote{text: string(b[:at+1])}
	for line := range strings.SplitSeq(string(b[at+2:len(b)-1]), "\n") {
		s, err := parseSignature(line)
		if err != nil {
			return signedNote{}, fmt.Errorf("signed note: signature %d: %w", len(n.sigs)+1, err)
		}
		if n.has(s) {
			return signedNote{}, fmt.Errorf("signed note: two signatures of key %s+%08x", s.name, s.id)
		}
		if n.sigs = append(n.sigs, s); len(n.sigs) > maxSignatures {
			return signedNote{}, fmt.Errorf("signed note: more than %d signatures", maxSignatures)
		}
	}
	return n, nil
}

func (n signedNote) has(s signature) bool {
	for _, have := range n.sigs {
		if have.name == s.name && have.id == s.id {
			return true
		}
	}
	return false
}

func parseSignature(line string) (signature, error) {
	rest, ok := strings.CutPrefix(line, sigPrefix)
	name, text, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 {
		return signature{}, errors.New("want an em dash, the key's name and base64, with one space between")
	}
	if err := checkName(name); err != nil {
		return signature{}, err
	}
	raw, err := decode64(text)
	if err != nil {
		return signature{}, err
	}
	if len(raw) < 5 {
		return signature{}, fmt.Errorf("%d bytes, want a key id of 4 and a signature", len(raw))
	}
	return signature{name: name, id: binary.BigEndian.Uint32(raw), sig: raw[4:]}, nil
}

// checkName holds the rule for names of keys, and so of origins.
func checkName(name string) error {
	if name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, notName) {
		return fmt.Errorf("name %.60q is empty, not UTF-8, or has a space, a plus or a control character", name)
	}
	return nil
}

func notName(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+' }

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// decode64 accepts the one base64 text of its bytes: padded, no line breaks, no stray bits.
func decode64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || encode64(b) != s {
		return nil, fmt.Errorf("%.60q is not canonical base64", s)
	}
	return b, nil
}

func parseHash(s string) (audit.Hash, error) {
	b, err := decode64(s)
	if err != nil {
		return audit.Hash{}, err
	}
	if len(b) != len(audit.Hash{}) {
		return audit.Hash{}, fmt.Errorf("%d bytes, want 32", len(b))
	}
	return audit.Hash(b), nil
}
