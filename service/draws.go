package service

import "kleroterion/randomness/beacon"

// DrawState is where a draw stands. Scheduled, due, late and halted are told by clock and relays;
// the stored states are open, drawn and void.
type DrawState string

// The stored states.
const (
	DrawOpen  DrawState = "open"
	DrawDrawn DrawState = "drawn"
	DrawVoid  DrawState = "void"
)

// Draw is one manifest on a subject and what became of it (docs/spec/draw.md).
type Draw struct {
	ID         string
	City       string
	Subject    string
	Seq        int64
	State      DrawState
	RegisterID string
	LotteryID  string // of method panels
	Manifest   []byte // canonical
	Commit     beacon.Hash
	Chain      beacon.Hash
	Round      uint64
	DrawTime   int64
	DueAt      int64 // time of the round
	Rehearsal  bool
	Result     []byte // canonical result, empty until drawn
	VoidReason string
	OpenedAt   int64
	ClosedAt   int64
	Version    int64
}

// StoredBeacon is a verified round, kept for ever.
type StoredBeacon struct {
	Chain     beacon.Hash
	Round     uint64
	Signature []byte
	Previous  []byte
	Source    string // relay URL, or "pasted"
	FetchedAt int64
}
