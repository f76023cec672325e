package register

import (
	"fmt"
)

// Check is one person's own check, "your line in the list": that the proof holds, and that its
// entry is the commitment to this record under this salt. It returns the entry, which shows the
// features and the household under which the person takes part. That the list is the one of a
// draw is for [Proof.In].
func Check(record Record, salt [32]byte, proof Proof) (Entry, error) {
	entry, err := proof.Verify()
	if err != nil {
		return Entry{}, err
	}
	b, err := record.Canonical()
	if err != nil {
		return Entry{}, err
	}
	if id := ID(salt, b); id != entry.ID {
		return Entry{}, &Refusal{Rule: RuleProofID, Detail: fmt.Sprintf(
			"record and salt give the id %x, the entry has %x: either a character of the record or salt differs from the letter, or the entry is another person's", id, entry.ID)}
	}
	return entry, nil
}
