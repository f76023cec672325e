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
	kindDraw    = "draw"
	maxIndex    = 8 << 20
	maxEntries  = 10_000 // four digits
	maxProgram  = 100
	maxFileSize = 1<<32 - 1
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
	case x.MediaType != mediaType || x.V != 1 || x.Kind != kindDraw:
		return fmt.Errorf("media type %.60q, version %d, kind %.20q: this program reads %s, 1, %s", x.MediaType, x.V, x.Kind, mediaType, kindDraw)
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

// checkTree holds the fixed tree: known names, as many proofs as records, a policy.
func (x Index) checkTree() error {
	var records, proofs, policies int
	for _, f := range x.Files {
		switch place, ok := placeOf(f.Path); {
		case !ok:
			return fmt.Errorf("the path %.100q is not of a bundle", f.Path)
		case place == placeRecord && f.Path == RecordPath(records):
			records++
		case place == placeProof && f.Path == ProofPath(proofs):
			proofs++
		case place == placeRecord || place == placeProof:
			return fmt.Errorf("the path %q leaves a gap in the numbers before it", f.Path)
		case place == placePolicy:
			policies++
		}
	}
	if records == 0 || records != proofs {
		return fmt.Errorf("%d records and %d proofs: want one proof for each, and at least one", records, proofs)
	}
	if policies != 1 {
		return errors.New("no policy.txt")
	}
	return nil
}

// Records is the number of records, and of proofs.
func (x Index) Records() int {
	n := 0
	for _, f := range x.Files {
		if place, _ := placeOf(f.Path); place == placeRecord {
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
