package poll

import "kleroterion/randomness/beacon"

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
