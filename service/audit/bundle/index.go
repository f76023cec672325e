package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
)

const (
	mediaType   = "application/vnd.kleroterion.bundle.v1+json"
	maxIndex    = 8 << 20
	maxEntries  = 10_000 // four digits
	maxProgram  = 100
	maxFileSize = 1<<32 - 1
)

// The kinds of bundles.
const (
	KindDraw  = "draw"
	KindPoll  = "poll"
	KindRound = "round"
)

// Index is bundle.json: what the bundle is about, and every other file in it.
type Index struct {
	CreatedBy string `json:"created_by"` // program and version, for people
	Files     []File `json:"files"`      // by path
	Kind      string `json:"kind"`
	MediaType string `json:"media_type"`
	Rehearsal bool   `json:"rehearsal,omitempty"`
	Subject   string `json:"subject"`
	V         int64  `json:"v"`
}

// File is one file of the bundle as bundle.json lists it.
type File struct {
	Bytes  int64      `json:"bytes"`
	Path   string     `json:"path"`
	SHA256 audit.Hash `json:"sha256"`
}

func parseIndex(b []byte) (Index, error) {
	var x Index
	if err := canonical.Unmarshal(b, &x); err != nil {
		return Index{}, fmt.Errorf("%s: %w", pathIndex, err)
	}
	if err := x.check(); err != nil {
		return Index{}, fmt.Errorf("%s: %w", pathIndex, err)
	}
	return x, nil
}

func (x Index) check() error {
	switch {
	case x.MediaType != mediaType || x.V != 1 || !slices.Contains([]string{KindDraw, KindPoll, KindRound}, x.Kind):
		return fmt.Errorf("media type %.60q, version %d, kind %.20q: this program reads %s, 1, %s, %s or %s", x.MediaType, x.V, x.Kind, mediaType, KindDraw, KindPoll, KindRound)
	case len(x.CreatedBy) == 0 || len(x.CreatedBy) > maxProgram || strings.ContainsFunc(x.CreatedBy, unicode.IsControl):
		return fmt.Errorf("created_by is empty, longer than %d bytes or has a control character", maxProgram)
	}
	if err := audit.CheckSubject(x.Subject); err != nil {
		return err
	}
	for i, f := range x.Files {
		if f.Bytes < 0 || f.Bytes > maxFileSize {
			return fmt.Errorf("file %s has %d bytes, want 0 to 2^32-1", f.Path, f.Bytes)
		}
		if i > 0 && x.Files[i-1].Path >= f.Path {
			return fmt.Errorf("file %q does not stand after %q", f.Path, x.Files[i-1].Path)
		}
	}
	return x.checkTree()
}

// checkTree holds the fixed tree of the kind: known names, numbers without a gap, a policy.
func (x Index) checkTree() error {
	var found [places]int
	for _, f := range x.Files {
		place, ok := placeOf(f.Path)
		if !ok {
			return fmt.Errorf("the path %.100q is not of a bundle", f.Path)
		}
		if form := numberedPath(place); form != nil && f.Path != form(found[place]) {
			return fmt.Errorf("the path %q leaves a gap in the numbers before it", f.Path)
		}
		found[place]++
	}
	if found[placePolicy] != 1 {
		return errors.New("no policy.txt")
	}
	switch x.Kind {
	case KindPoll:
		return checkPollTree(found)
	case KindRound:
		return checkRoundTree(found)
	}
	return checkDrawTree(found)
}

// numberedPath is the form of the names of a folder whose files are numbered, else nil.
func numberedPath(p place) func(int) string {
	switch p {
	case placeRecord:
		return RecordPath
	case placeProof:
		return ProofPath
	case placeThread:
		return ThreadPath
	}
	return nil
}

func checkDrawTree(found [places]int) error {
	switch records, proofs := found[placeRecord], found[placeProof]; {
	case records == 0 || records != proofs:
		return fmt.Errorf("%d records and %d proofs: want one proof for each, and at least one", records, proofs)
	case found[placeThread] > 0 || found[placeDraw] > 0 || found[placePoll] > 0:
		return errors.New("threads and nested bundles belong to a poll or a round, this is a draw")
	}
	return nil
}

// checkPollTree wants the threads of community, members and poll, and one more with a jury.
func checkPollTree(found [places]int) error {
	switch threads, proofs := found[placeThread], found[placeProof]; {
	case threads != 3 && threads != 4 || threads != proofs:
		return fmt.Errorf("%d threads and %d proofs: a poll has 3 threads, with a jury 4, and a proof for each", threads, proofs)
	case found[placeDraw] > 1:
		return fmt.Errorf("%d bundles of draws: a poll has one jury at most", found[placeDraw])
	case found[placePoll] > 0:
		return errors.New("bundles of polls belong to a round, this is a poll")
	case found[placeRecord] > 0:
		return errors.New("single records belong to a draw, this is a poll")
	}
	return nil
}

// checkRoundTree wants the threads of community, members and round. The draw that gave a jury its seats
// is in the bundle of the jury's poll.
func checkRoundTree(found [places]int) error {
	switch threads, proofs := found[placeThread], found[placeProof]; {
	case threads != 3 || threads != proofs:
		return fmt.Errorf("%d threads and %d proofs: a round has 3 threads, and a proof for each", threads, proofs)
	case found[placePoll] > 1:
		return fmt.Errorf("%d bundles of polls: a round has one jury at most", found[placePoll])
	case found[placeDraw] > 0:
		return errors.New("bundles of draws belong to a poll, this is a round")
	case found[placeRecord] > 0:
		return errors.New("single records belong to a draw, this is a round")
	}
	return nil
}

// Records is the number of records of a draw's bundle, and of its proofs.
func (x Index) Records() int { return x.count(placeRecord) }

// Threads is the number of threads of a poll's or round's bundle, and of its proofs.
func (x Index) Threads() int { return x.count(placeThread) }

func (x Index) count(want place) int {
	n := 0
	for _, f := range x.Files {
		if place, _ := placeOf(f.Path); place == want {
			n++
		}
	}
	return n
}

// Find returns the listed file with this path.
func (x Index) Find(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(x.Files, path, func(f File, path string) int { return cmp.Compare(f.Path, path) })
	if !ok {
		return File{}, false
	}
	return x.Files[i], true
}
