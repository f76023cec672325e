package checkpoint

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// The signature types of https://c2sp.org/signed-note that we accept.
const (
	typeLog     = 0x01 // Ed25519 over the note text
	typeWitness = 0x04 // Ed25519 over time and note text, cosignature/v1
)

// Key is a public key as it stands in a policy: name+id+base64(type ‖ key).
type Key struct {
	Name   string
	ID     uint32 // first 4 bytes of SHA-256(name ‖ "\n" ‖ type ‖ key)
	kind   byte
	public [ed25519.PublicKeySize]byte
}

// String returns the verifier key ("vkey").
func (k Key) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.Name, k.ID, encode64(append([]byte{k.kind}, k.public[:]...)))
}

// parseKey reads a vkey of the wanted type. https://c2sp.org/signed-note#verifier-keys
func parseKey(vkey string, kind byte) (Key, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return Key{}, fmt.Errorf("key %.60q is not name+id+base64", vkey)
	}
	if err := checkName(parts[0]); err != nil {
		return Key{}, fmt.Errorf("key: %w", err)
	}
	raw, err := decode64(parts[2])
	if err != nil {
		return Key{}, fmt.Errorf("key of %s: %w", parts[0], err)
	}
	if len(raw) != 1+ed25519.PublicKeySize || raw[0] != kind {
		return Key{}, fmt.Errorf("key of %s: want type %#02x and %d bytes (Ed25519)", parts[0], kind, ed25519.PublicKeySize)
	}
	k := Key{Name: parts[0], ID: keyID(parts[0], raw), kind: kind, public: [32]byte(raw[1:])}
	if k.String() != vkey {
		return Key{}, fmt.Errorf("key of %s: the id is %.20q, name and key give %08x", k.Name, parts[1], k.ID)
	}
	return k, nil
}

func keyID(name string, typed []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(sum[:])
}

func (k Key) matches(s signature) bool { return k.Name == s.name && k.ID == s.id }

// verifyLog checks a log's signature over a note text.
func (k Key) verifyLog(text string, sig []byte) error {
	if len(sig) != ed25519.SignatureSize || !ed25519.Verify(k.public[:], []byte(text), sig) {
		return fmt.Errorf("signature of %s+%08x does not verify", k.Name, k.ID)
	}
	return nil
}

// verifyWitness checks a cosignature/v1 and returns its time in Unix seconds.
// https://c2sp.org/tlog-cosignature@v1.0.1
func (k Key) verifyWitness(text string, sig []byte) (int64, error) {
	if len(sig) != 8+ed25519.SignatureSize {
		return 0, fmt.Errorf("cosignature of %s+%08x has %d bytes, want 72", k.Name, k.ID, len(sig))
	}
	at := binary.BigEndian.Uint64(sig)
	if at == 0 || at > maxInt {
		return 0, fmt.Errorf("cosignature of %s+%08x: time %d is outside 1 to 2^53-1", k.Name, k.ID, at)
	}
	if !ed25519.Verify(k.public[:], cosigned(text, int64(at)), sig[8:]) {
		return 0, fmt.Errorf("cosignature of %s+%08x does not verify", k.Name, k.ID)
	}
	return int64(at), nil
}

// cosigned is the message that a witness signs.
func cosigned(text string, at int64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}
