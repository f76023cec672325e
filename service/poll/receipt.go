package poll

import (
	"encoding/hex"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Receipt is the promise that a ballot is recorded, signed by the log's key as a receipt message. It
// says nothing of the choice.
type Receipt struct {
	At     int64       `json:"at"`
	Ballot beacon.Hash `json:"ballot"` // SHA-256 of the record's body
	Index  int64       `json:"index"`  // in the log
	Leaf   beacon.Hash `json:"leaf"`
	Log    string      `json:"log"` // origin
	N      int64       `json:"n"`   // in the poll's subject
	Poll   beacon.Hash `json:"poll"`
	V      int64       `json:"v"`
}

// Canonical returns the bytes that are signed. Log has to be valid UTF-8.
func (r Receipt) Canonical() []byte {
	b := make([]byte, 0, 400+len(r.Log))
	b = strconv.AppendInt(append(b, `{"at":`...), r.At, 10)
	b = hex.AppendEncode(append(b, `,"ballot":"`...), r.Ballot[:])
	b = strconv.AppendInt(append(b, `","index":`...), r.Index, 10)
	b = hex.AppendEncode(append(b, `,"leaf":"`...), r.Leaf[:])
	b = canonical.AppendString(append(b, `","log":`...), r.Log)
	b = strconv.AppendInt(append(b, `,"n":`...), r.N, 10)
	b = hex.AppendEncode(append(b, `,"poll":"`...), r.Poll[:])
	b = strconv.AppendInt(append(b, `","v":`...), r.V, 10)
	return append(b, '}')
}
