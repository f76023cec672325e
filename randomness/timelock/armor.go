package timelock

import (
	"bytes"
	"encoding/base64"
	"slices"

	"kleroterion/randomness/beacon"
)

const (
	armorFirst = "-----BEGIN AGE ENCRYPTED FILE-----\n"
	armorLast  = "-----END AGE ENCRYPTED FILE-----\n"
)

// Armor returns the text form of a file, for terminals and mail.
func Armor(file []byte) []byte {
	text := make([]byte, base64.StdEncoding.EncodedLen(len(file)))
	base64.StdEncoding.Encode(text, file)
	out := []byte(armorFirst)
	for line := range slices.Chunk(text, lineText) {
		out = append(append(out, line...), '\n')
	}
	return append(out, armorLast...)
}

// Dearmor is the inverse of [Armor] and accepts nothing that Armor does not give. It does not look at
// the file itself. Every error is a [*Refusal].
func Dearmor(text []byte) ([]byte, error) {
	if most := len(Armor(make([]byte, SealedSize(beacon.MaxRound, MaxPlaintext)))); len(text) > most {
		return nil, refuse(RuleArmor, "%d bytes of text, at most %d", len(text), most)
	}
	inner, first := bytes.CutPrefix(text, []byte(armorFirst))
	inner, last := bytes.CutSuffix(inner, []byte(armorLast))
	if !first || !last {
		return nil, refuse(RuleArmor, "the text does not start with the line %q and end with the line %q", armorFirst, armorLast)
	}
	file := make([]byte, base64.StdEncoding.DecodedLen(len(inner)))
	n, err := base64.StdEncoding.Strict().Decode(file, inner) // skips line ends, wherever they are
	if err != nil {
		return nil, refuseFor(RuleArmor, err)
	}
	if file = file[:n]; !bytes.Equal(Armor(file), text) {
		return nil, refuse(RuleArmor, "the lines between the first and the last are not 64 characters each, ended by LF")
	}
	return file, nil
}
