package offline

import (
	"io"

	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

// Holding says which key goes with which seat.
type Holding struct {
	Key     string // file of the person's key
	Act     string // accept, or key for another one later
	Subject string // of the seats, as the invitation shows it
	Seat    int64
	ID      string // register id of the person: 64 hex
}

// SeatKey writes key and proof as an answer to an invitation wants them: the key signs for the seat, so
// that nobody can give a key that is not theirs.
func SeatKey(w io.Writer, in Holding) error {
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	proof := seating.KeyProof{Act: seating.Act(in.Act), ID: in.ID, Key: publicOf(private), Seat: in.Seat, Subject: in.Subject, V: 1}
	text, err := proof.Canonical()
	if err != nil {
		return unusablef("the invitation shows subject, seat and id", "%w", err)
	}
	return writeJSON(w, map[string]any{"key": proof.Key, "proof": identity.Sign(private, identity.ThingSeat, text)})
}
