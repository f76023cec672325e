package checkpoint

import (
	"cmp"
	"fmt"
	"slices"
)

// Witnessed says who vouches for a checkpoint, after every signature was verified.
type Witnessed struct {
	Log          Key           // the log's key
	Cosignatures []Cosignature // of the policy's witnesses, by time, then name
	Complete     int64         // Unix seconds at which the quorum was complete; 0 when none is asked for
}

// Cosignature is a witness's statement: at Time the log had, consistently, this root.
type Cosignature struct {
	Witness string // its name in the policy
	Time    int64  // Unix seconds
}

// Open verifies a signed checkpoint under a policy: the signature of the log that the origin names,
// and cosignatures that fill the quorum. Signatures of keys that the policy does not know are
// ignored; one bad signature of a known key refuses the whole note.
func Open(noteBytes []byte, pol Policy) (Checkpoint, Witnessed, error) {
	n, err := splitNote(noteBytes)
	if err != nil {
		return Checkpoint{}, Witnessed{}, err
	}
	c, err := Parse(n.text)
	if err != nil {
		return Checkpoint{}, Witnessed{}, err
	}
	w, err := pol.verify(c, n)
	if err != nil {
		return Checkpoint{}, Witnessed{}, fmt.Errorf("checkpoint of %s: %w", c.Origin, err)
	}
	return c, w, nil
}

func (p Policy) verify(c Checkpoint, n signedNote) (Witnessed, error) {
	var w Witnessed
	for _, s := range n.sigs {
		if err := p.verifyOne(c, n.text, s, &w); err != nil {
			return Witnessed{}, err
		}
	}
	if w.Log.Name == "" {
		return Witnessed{}, fmt.Errorf("not signed by a log of the policy (%s)", p.logNames())
	}
	slices.SortFunc(w.Cosignatures, func(a, b Cosignature) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Witness, b.Witness))
	})
	var err error
	w.Complete, err = p.complete(w.Cosignatures)
	return w, err
}

// verifyOne adds a signature to w when its key is in the policy. A log's key counts for its own
// origin only.
func (p Policy) verifyOne(c Checkpoint, text string, s signature, w *Witnessed) error {
	for _, l := range p.logs {
		if l.Key.matches(s) && l.Key.Name == c.Origin {
			w.Log = l.Key
			return l.Key.verifyLog(text, s.sig)
		}
	}
	for _, x := range p.witnesses {
		if x.Key.matches(s) {
			at, err := x.Key.verifyWitness(text, s.sig)
			w.Cosignatures = append(w.Cosignatures, Cosignature{Witness: x.Name, Time: at})
			return err
		}
	}
	return nil
}

// complete returns the earliest time at which the witnesses that had signed by then fill the quorum.
func (p Policy) complete(sigs []Cosignature) (int64, error) {
	if p.quorum == none {
		return 0, nil
	}
	have := map[string]bool{}
	for _, s := range sigs {
		have[s.Witness] = true
		if p.filled(p.quorum, have) {
			return s.Time, nil
		}
	}
	return 0, fmt.Errorf("the quorum %q is not filled: %d of %d witnesses cosigned", p.quorum, len(sigs), len(p.witnesses))
}
