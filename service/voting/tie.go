package voting

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// TieKeys gives each option the key that decides ties; the smaller wins or is kept.
type TieKeys func(option string) [32]byte

// NewTieKeys returns the keys of K-TALLY/1 rule 10 for the poll with this hash and the signature of
// its closing round, which nobody knows while ballots are taken.
func NewTieKeys(poll [32]byte, signature []byte) TieKeys {
	signature = bytes.Clone(signature)
	return func(option string) [32]byte {
		var text []byte
		for _, part := range [][]byte{[]byte("kleroterion/tiebreak/v1"), poll[:], signature, []byte(option)} {
			text = binary.BigEndian.AppendUint32(text, uint32(len(part)))
			text = append(text, part...)
		}
		return sha256.Sum256(text)
	}
}

// rank orders tied options, given by index, by their keys.
func (t *tally) rank(tied []int) []TieKey {
	keys := make([]TieKey, len(tied))
	for i, o := range tied {
		id := t.rules.Options[o]
		keys[i] = TieKey{Option: id, Key: t.keys(id)}
	}
	slices.SortFunc(keys, func(a, b TieKey) int {
		return cmp.Or(bytes.Compare(a.Key[:], b.Key[:]), cmp.Compare(a.Option, b.Option))
	})
	return keys
}
