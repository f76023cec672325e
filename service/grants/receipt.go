package grants

import "kleroterion/randomness/beacon"

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
