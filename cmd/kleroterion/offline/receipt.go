package offline

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// ReceiptCheck names a receipt, the log's key, and the bundle of the poll or round when it is at hand.
type ReceiptCheck struct {
	Receipt string
	VKey    string // the log's verifier key
	Bundle  string // file, or empty
}

// receiptFile is a receipt as POST /v1/polls/{poll}/ballots and /v1/rounds/{round}/gifts answer it.
type receiptFile struct {
	Index     int64           `json:"index,omitempty"`
	N         int64           `json:"n,omitempty"`
	Receipt   json.RawMessage `json:"receipt"`
	Signature canonical.Hex   `json:"signature"`
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
		return writeJSON(w, map[string]any{"in_bundle": in.Bundle != "", "ok": true, "receipt": r.text})
	}
	fmt.Fprintf(w, "%s promised on %s that record %d of %s %s, number %d of the log, is the %s %s\n", r.log, utc(r.at), r.n, r.act, r.of, r.index, r.thing, r.body)
	if in.Bundle == "" {
		_, err = fmt.Fprintln(w, "give --bundle FILE to see whether it was kept")
		return err
	}
	_, err = fmt.Fprintf(w, "the promise was kept: the %s is in %s; kleroterion verify checks the bundle itself\n", r.thing, in.Bundle)
	return err
}

// promise is a receipt of a ballot in a poll, or of a gift in a round.
type promise struct {
	text             json.RawMessage // canonical
	act, thing, log  string
	kind             audit.Kind
	of, body, leaf   beacon.Hash // of the manifest, of the record's body, of the record
	at, index, n, is int64
}

func readPromise(text []byte) (promise, error) {
	var b poll.Receipt
	err := canonical.Unmarshal(text, &b)
	if err == nil {
		return promise{text: text, act: "poll", thing: "ballot", log: b.Log, kind: audit.KindBallotCast, of: b.Poll, body: b.Ballot, leaf: b.Leaf, at: b.At, index: b.Index, n: b.N, is: b.V}, nil
	}
	var g grants.Receipt
	if canonical.Unmarshal(text, &g) == nil {
		return promise{text: text, act: "round", thing: "gift", log: g.Log, kind: audit.KindGiftAdd, of: g.Round, body: g.Gift, leaf: g.Leaf, at: g.At, index: g.Index, n: g.N, is: g.V}, nil
	}
	return promise{}, err
}

func (in ReceiptCheck) verified() (promise, error) {
	const hint = "keep the answer to the ballot or gift as it came"
	var f receiptFile
	if err := readObject(in.Receipt, hint, &f); err != nil {
		return promise{}, err
	}
	verifier, err := note.NewVerifier(in.VKey)
	if err != nil {
		return promise{}, unusablef("the log publishes it in the file vkey, beside its checkpoint", "the log's key %.80q: %w", in.VKey, err)
	}
	r, err := readPromise(f.Receipt)
	if err != nil {
		return promise{}, unusablef(hint, "%s: receipt: %w", in.Receipt, err)
	}
	switch {
	case r.is != 1:
		return promise{}, unusablef("use a newer program", "%s: version %d of a receipt is not understood", in.Receipt, r.is)
	case r.log != verifier.Name():
		return promise{}, fmt.Errorf("%w: the receipt is of log %.80q, the key of %q", ErrFalse, r.log, verifier.Name())
	case !verifier.Verify(identity.Message(identity.ThingReceipt, f.Receipt), f.Signature):
		return promise{}, fmt.Errorf("%w: the signature is not of key %s over this receipt", ErrFalse, in.VKey)
	case f.N != 0 && f.N != r.n || f.Index != 0 && f.Index != r.index:
		return promise{}, fmt.Errorf("%w: beside the signed receipt stand other numbers than in it", ErrFalse)
	}
	return r, nil
}

// kept looks for the record in the last thread of a bundle, which is the poll's or the round's.
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
	if b.Index.Kind != r.act {
		return unusablef("give the bundle of the "+r.act, "%s is the bundle of a %s", file, b.Index.Kind)
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

// find reads the records up to the promised one. The first says which poll or round it is.
func (r promise) find(thread io.Reader) error {
	lines := bufio.NewScanner(thread)
	lines.Buffer(nil, audit.MaxRecord+2)
	for n := int64(1); lines.Scan(); n++ {
		if n != 1 && n != r.n {
			continue
		}
		record, err := audit.Decode(lines.Bytes())
		if err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		if n == 1 {
			if err := r.opened(record); err != nil {
				return err
			}
		}
		if n == r.n {
			return r.matches(record, lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the bundle has no record %d: the promise was not kept", ErrFalse, r.n)
}

func (r promise) opened(first audit.Record) error {
	body, err := first.Decoded()
	if err != nil {
		return err
	}
	var hash beacon.Hash
	switch opened := body.(type) {
	case audit.PollOpen:
		hash = opened.Hash
	case audit.RoundOpen:
		hash = opened.Hash
	}
	if hash != r.of {
		return fmt.Errorf("%w: the bundle is of another %s than the receipt's %s", ErrFalse, r.act, r.of)
	}
	return nil
}

func (r promise) matches(record audit.Record, line []byte) error {
	body := sha256.Sum256(record.Body)
	if record.Kind != r.kind || !bytes.Equal(body[:], r.body[:]) || audit.LeafHash(line) != r.leaf {
		return fmt.Errorf("%w: record %d is another one than was promised: the promise was not kept", ErrFalse, r.n)
	}
	return nil
}
