package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"kleroterion/randomness/beacon"
)

const batch = 256 // beacons verified together

// rounds verifies many beacons in batches, chain by chain, and remembers the first that fails.
type rounds struct {
	chains  beacon.Chains
	fetch   func(beacon.Hash) ([]byte, error) // the published description of an unknown chain
	waiting map[beacon.Hash]*waiting
	count   int64
	faults  map[int]fault // by check
}

// waiting are beacons of one chain that are not verified yet.
type waiting struct {
	chain   *beacon.Chain
	beacons []beacon.Beacon
	claims  []claim
	last    beacon.Beacon // the newest taken, to pass over repetitions
}

// claim says which check a beacon belongs to, and where it stands.
type claim struct {
	check int
	entry int64
	what  string
}

// fault is the first finding of a check, and how many there are.
type fault struct {
	text  string
	count int64
}

func newRounds(chains beacon.Chains, fetch func(beacon.Hash) ([]byte, error)) *rounds {
	return &rounds{chains: chains, fetch: fetch, waiting: map[beacon.Hash]*waiting{}, faults: map[int]fault{}}
}

// chainReader reads chains/<hash>.json, which a log publishes for its dev chains.
func chainReader(ctx context.Context, src Source) func(beacon.Hash) ([]byte, error) {
	return func(h beacon.Hash) ([]byte, error) { return src.Read(ctx, "chains/"+h.String()+".json") }
}

// chain finds a chain among the known ones, else as a dev chain that the log describes.
func (r *rounds) chain(h beacon.Hash) (*beacon.Chain, error) {
	if w := r.waiting[h]; w != nil {
		return w.chain, nil
	}
	c, ok := r.chains.Lookup(h)
	if !ok {
		info, err := r.fetch(h)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("chain %s is neither known nor described by the log", h)
		}
		if err != nil {
			return nil, unreadable{fmt.Errorf("reading the description of chain %s: %w", h, err)}
		}
		if c, err = beacon.ParseInfo(info); err != nil || c.Hash != h {
			return nil, fmt.Errorf("the log's description of chain %s is not of that chain", h)
		}
	}
	r.waiting[h] = &waiting{chain: c}
	return c, nil
}

// add takes a beacon of a chain that chain has returned.
func (r *rounds) add(h beacon.Hash, b beacon.Beacon, c claim) {
	w := r.waiting[h]
	r.count++
	if w.last.Round == b.Round && bytes.Equal(w.last.Signature, b.Signature) && bytes.Equal(w.last.Previous, b.Previous) {
		return // in the batch already, or verified; where it fails, its first claim is named
	}
	w.last = b
	w.beacons, w.claims = append(w.beacons, b), append(w.claims, c)
	if len(w.beacons) >= batch {
		r.verify(w)
	}
}

// finish verifies what is left.
func (r *rounds) finish() {
	for _, w := range r.waiting {
		r.verify(w)
	}
}

// verify names every bad beacon of the batch: one that fails is taken out, the rest is tried again.
func (r *rounds) verify(w *waiting) {
	for len(w.beacons) > 0 {
		err := beacon.VerifyBatch(w.chain, w.beacons)
		if err == nil {
			break
		}
		var bad *beacon.Refusal
		i := 0
		if errors.As(err, &bad) {
			i = bad.Index
		}
		c := w.claims[i]
		r.fail(c.check, fmt.Sprintf("entry %d: %s: %v", c.entry, c.what, err))
		w.beacons, w.claims = w.beacons[i+1:], w.claims[i+1:]
	}
	w.beacons, w.claims = w.beacons[:0], w.claims[:0]
}

func (r *rounds) fail(check int, text string) {
	f := r.faults[check]
	if f.count == 0 {
		f.text = text
	}
	f.count++
	r.faults[check] = f
}
