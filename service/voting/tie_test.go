package voting_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"kleroterion/service/voting"
)

// The bytes under the hash, written out by hand.
func TestTieKeyBytes(t *testing.T) {
	text := "\x00\x00\x00\x17kleroterion/tiebreak/v1" + "\x00\x00\x00\x20" + string(make([]byte, 32)) + "\x00\x00\x00\x03sig" + "\x00\x00\x00\x06garden"
	want := sha256.Sum256([]byte(text))
	signature := []byte("sig")
	keys := voting.NewTieKeys([32]byte{}, signature)
	signature[0] = 'x'
	if got := keys("garden"); got != want {
		t.Errorf("got %s, want %s", hex.EncodeToString(got[:]), hex.EncodeToString(want[:]))
	}
}
