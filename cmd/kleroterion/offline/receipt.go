package offline

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// ReceiptCheck names a receipt, the log's key, and the poll's bundle when it is at hand.
type ReceiptCheck struct {
	Receipt string
	VKey    string // the log's verifier key
	Bundle  string // file, or empty
}

// receiptFile is a receipt as POST /v1/polls/{poll}/ballots answers it.
type receiptFile struct {
	Index     int64         `json:"index,omitempty"`
	N         int64         `json:"n,omitempty"`
	Receipt   poll.Receipt  `json:"receipt"`
	Signature canonical.Hex `json:"signature"`
}

// CheckReceipt verifies the log's signature over a promise, and with a bundle that it was kept. That
// the bundle itself is true is another question: kleroterion verify answers it.
func CheckReceipt(w io.Writer, in ReceiptCheck, asJSON bool) error {
	r, err := in.verified()
	if err != nil {
		return err
	}
	if in.Bundle != "" {
		if err := r.kept(in.Bundle); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(w, map[string]any{"in_bundle": in.Bundle != "", "ok": true, "receipt": r})
	}
	fmt.Fprintf(w, "%s promised on %s that record %d of poll %s, number %d of the log, is the ballot %s\n", r.Log, utc(r.At), r.N, r.Poll, r.Index, r.Ballot)
	if in.Bundle == "" {
		_, err = fmt.Fprintln(w, "give --bundle FILE to see whether it was kept")
		return err
	}
	_, err = fmt.Fprintf(w, "the promise was kept: the ballot is in %s; kleroterion verify checks the bundle itself\n", in.Bundle)
	return err
}

// promise is a receipt whose signature holds.
type promise struct{ poll.Receipt }

func (in ReceiptCheck) verified() (promise, error) {
	var f receiptFile
	if err := readObject(in.Receipt, "keep the answer to the ballot as it came", &f); err != nil {
		return promise{}, err
	}
	verifier, err := note.NewVerifier(in.VKey)
	if err != nil {
		return promise{}, unusablef("the log publishes it in the file vkey, beside its checkpoint", "the log's key %.80q: %w", in.VKey, err)
	}
	text, err := canonical.Marshal(f.Receipt)
	if err != nil {
		return promise{}, Unusable(err, "")
	}
	switch {
	case f.Receipt.V != 1:
		return promise{}, unusablef("use a newer program", "%s: version %d of a receipt is not understood", in.Receipt, f.Receipt.V)
	case f.Receipt.Log != verifier.Name():
		return promise{}, fmt.Errorf("%w: the receipt is of log %.80q, the key of %q", ErrFalse, f.Receipt.Log, verifier.Name())
	case !verifier.Verify(identity.Message(identity.ThingReceipt, text), f.Signature):
		return promise{}, fmt.Errorf("%w: the signature is not of key %s over this receipt", ErrFalse, in.VKey)
	case f.N != 0 && f.N != f.Receipt.N || f.Index != 0 && f.Index != f.Receipt.Index:
		return promise{}, fmt.Errorf("%w: beside the signed receipt stand other numbers than in it", ErrFalse)
	}
	return promise{f.Receipt}, nil
}

// kept looks for the record in the poll's thread of a bundle.
func (r promise) kept(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return Unusable(err, "")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Unusable(err, "")
	}
	const hint = "fetch the file again, whole and as it is"
	b, err := bundle.Open(f, info.Size())
	if err != nil {
		return unusablef(hint, "%s: %w", file, err)
	}
	if b.Index.Kind != bundle.KindPoll {
		return unusablef("give the bundle of the poll", "%s is the bundle of a %s", file, b.Index.Kind)
	}
	thread, err := b.Reader(bundle.ThreadPath(b.Index.Threads() - 1))
	if err != nil {
		return unusablef(hint, "%s: %w", file, err)
	}
	err = r.find(thread)
	if err != nil && !errors.Is(err, ErrFalse) {
		return unusablef(hint, "%s: %w", file, err)
	}
	return err
}

// find reads the poll's records up to the promised one. The first says which poll it is.
func (r promise) find(thread io.Reader) error {
	lines := bufio.NewScanner(thread)
	lines.Buffer(nil, audit.MaxRecord+2)
	for n := int64(1); lines.Scan(); n++ {
		if n != 1 && n != r.N {
			continue
		}
		record, err := audit.Decode(lines.Bytes())
		if err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		if n == 1 {
			if err := r.ofPoll(record); err != nil {
				return err
			}
		}
		if n == r.N {
			return r.is(record, lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the bundle has no record %d: the promise was not kept", ErrFalse, r.N)
}

func (r promise) ofPoll(first audit.Record) error {
	body, err := first.Decoded()
	if err != nil {
		return err
	}
	opened, ok := body.(audit.PollOpen)
	if !ok || opened.Hash != r.Poll {
		return fmt.Errorf("%w: the bundle is of another poll than the receipt's %s", ErrFalse, r.Poll)
	}
	return nil
}

func (r promise) is(record audit.Record, line []byte) error {
	body := sha256.Sum256(record.Body)
	if record.Kind != audit.KindBallotCast || !bytes.Equal(body[:], r.Ballot[:]) || audit.LeafHash(line) != r.Leaf {
		return fmt.Errorf("%w: record %d is another one than was promised: the promise was not kept", ErrFalse, r.N)
	}
	return nil
}
