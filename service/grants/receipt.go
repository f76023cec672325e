package grants

import (
	"encoding/hex"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Receipt is the promise that a gift is recorded, signed by the log's key as a receipt message. It
// says nothing of the amount or the project.
type Receipt struct {
	At    int64       `json:"at"`
	Gift  beacon.Hash `json:"gift"`  // SHA-256 of the record's body
	Index int64       `json:"index"` // in the log
	Leaf  beacon.Hash `json:"leaf"`
	Log   string      `json:"log"` // origin
	N     int64       `json:"n"`   // in the round's subject
	Round beacon.Hash `json:"round"`
	V     int64       `json:"v"`
}

// Canonical returns the bytes that are signed. Log has to be valid UTF-8.
func (r Receipt) Canonical() []byte {
	b := make([]byte, 0, 400+len(r.Log))
	b = strconv.AppendInt(append(b, `{"at":`...), r.At, 10)
	b = hex.AppendEncode(append(b, `,"gift":"`...), r.Gift[:])
	b = strconv.AppendInt(append(b, `","index":`...), r.Index, 10)
	b = hex.AppendEncode(append(b, `,"leaf":"`...), r.Leaf[:])
	b = canonical.AppendString(append(b, `","log":`...), r.Log)
	b = strconv.AppendInt(append(b, `,"n":`...), r.N, 10)
	b = hex.AppendEncode(append(b, `,"round":"`...), r.Round[:])
	b = strconv.AppendInt(append(b, `","v":`...), r.V, 10)
	return append(b, '}')
}
