package service

import "kleroterion/randomness/beacon"

// RegisterState is where a register stands.
type RegisterState string

// draft → importing → imported → freezing → frozen; a failed import or freeze goes back one.
const (
	RegisterDraft     RegisterState = "draft"
	RegisterImporting RegisterState = "importing"
	RegisterImported  RegisterState = "imported"
	RegisterFreezing  RegisterState = "freezing"
	RegisterFrozen    RegisterState = "frozen"
)

// Register is one list of people, private until frozen (docs/spec/register.md).
type Register struct {
	ID         string
	City       string
	Name       string // last segment of its subject in the log
	State      RegisterState
	Mapping    []byte // canonical JSON of register.Mapping; empty: guessed from the header
	Key        [32]byte
	Rows       int64
	Report     []byte // JSON of the last import's report: counts and cells, no personal data
	K          int64  // smallest cell that may be published
	SmallCells string // "none" or "published", set at freezing
	Root       beacon.Hash
	File       beacon.Hash // SHA-256 of the public file
	Bytes      int64
	Features   []string
	Households bool
	Sealed     bool
	Erased     int64
	CreatedAt  int64
	FrozenAt   int64
	Version    int64
}

// NewRegister is a request for a register. Mapping is the JSON of register.Mapping, K the smallest
// cell to publish (0: 5).
type NewRegister struct {
	City    string
	Name    string
	Mapping []byte
	K       int64
}

const defaultK = 5

// Resident is one person's private row and the public line made from it.
type Resident struct {
	RegisterID string
	Row        int64 // row in the imported file; the header is row 1
	ID         [32]byte
	Record     []byte // canonical private record; nil once erased
	Salt       []byte // 32 bytes; nil once erased
	Line       []byte // canonical public entry
}

// Page is up to 256 consecutive lines of a frozen register's public file and the tree hash over them.
type Page struct {
	N    int64 // from 0
	Hash [32]byte
	Data []byte // lines, each ended by \n
}
