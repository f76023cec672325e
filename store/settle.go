package store

import (
	"strings"
)

// What a transaction appends to the log, and the gifts and ballots that it keeps, are promised first and
// written together: a batch of them costs a few statements with many rows. Nobody sees the difference,
// because every other statement of the transaction comes after all that was promised before it.

// before is called before each statement of this transaction. One that is no SELECT may change rows that
// the desk knows.
func (t *tx) before(statement string) error {
	if t.settling {
		return nil
	}
	err := t.settle()
	if !strings.HasPrefix(statement, "SELECT") {
		t.desk.forget()
	}
	return err
}

// settle writes what was promised. Where that fails, nothing of the transaction may be kept; where the
// process dies, nothing is, because the commit comes later.
func (t *tx) settle() error {
	if t.settling {
		return nil
	}
	t.settling = true
	defer func() { t.settling = false }()
	if t.log != nil {
		if err := t.log.Flush(); err != nil {
			return t.broken("append to the log", err)
		}
	}
	if err := t.writeGifts(); err != nil {
		return t.broken("gifts", err)
	}
	return t.broken("ballots", t.writeCasts())
}
