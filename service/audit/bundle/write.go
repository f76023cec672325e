package bundle

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
)

// Contents is what goes into the bundle of a draw.
type Contents struct {
	CreatedBy string // program and version, 1 to 100 bytes
	Subject   string
	Rehearsal bool            // some draw on the subject is a rehearsal
	Entries   []Entry         // records in the order of the log: city, registers, and the subject's whole chain
	Blobs     []Blob          // the file of every register, list of panels and result that the records name, in any order, each once
	Beacons   []beacon.File   // the beacon of every result, in any order
	Chains    []*beacon.Chain // the dev chains of the draws, in any order
	Policy    []byte          // policy.txt
}

// Entry is one record and its proof; all proofs stand under one checkpoint.
type Entry struct {
	Record []byte // canonical bytes, as they are in the log
	Proof  []byte // tlog-proof text
}

// Blob is a file too large to be kept in memory.
type Blob struct {
	audit.Blob
	CRC32 *uint32                       // IEEE, when known; otherwise the content is opened twice
	Open  func() (io.ReadCloser, error) // the content from its beginning
}

// part is a file on its way into the zip.
type part struct {
	entry
	sha256 audit.Hash
	open   func() (io.ReadCloser, error)
}

// Write writes the bundle of a draw. The same contents give the same bytes. When a blob turns out not
// to have its size or digest the error says so, and what was written is to be thrown away.
func Write(w io.Writer, c Contents) error {
	parts, err := c.listed()
	if err != nil {
		return err
	}
	return writeParts(w, Index{CreatedBy: c.CreatedBy, Kind: KindDraw, Rehearsal: c.Rehearsal, Subject: c.Subject}, parts)
}

// writeParts writes the files and the index x of them.
func writeParts(w io.Writer, x Index, parts []part) error {
	parts, err := x.over(parts)
	if err != nil {
		return err
	}
	list := make([]entry, len(parts))
	for i, p := range parts {
		list[i] = p.entry
	}
	if err := placeEntries(list); err != nil {
		return err
	}
	for i, p := range parts {
		if _, err := w.Write(list[i].local()); err != nil {
			return fmt.Errorf("bundle: writing %s: %w", p.name, err)
		}
		if _, err := p.copyTo(w); err != nil {
			return err
		}
	}
	if _, err := w.Write(directory(list)); err != nil {
		return fmt.Errorf("bundle: writing the directory: %w", err)
	}
	return nil
}

// over sorts the files and puts bundle.json, which lists them, in its place among them.
func (x Index) over(parts []part) ([]part, error) {
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	x.MediaType, x.V = mediaType, 1
	for _, p := range parts {
		x.Files = append(x.Files, File{Bytes: p.size, Path: p.name, SHA256: p.sha256})
	}
	if err := x.check(); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	index, err := canonical.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if len(index) > maxIndex {
		return nil, fmt.Errorf("bundle: %s has %d bytes, at most %d are allowed", pathIndex, len(index), maxIndex)
	}
	at, _ := slices.BinarySearchFunc(parts, pathIndex, func(p part, name string) int { return cmp.Compare(p.name, name) })
	return slices.Insert(parts, at, small(pathIndex, index)), nil
}

func (c Contents) listed() ([]part, error) {
	parts := []part{small(PolicyPath, c.Policy)}
	for i, e := range c.Entries {
		parts = append(parts, small(RecordPath(i), e.Record), small(ProofPath(i), e.Proof))
	}
	more, err := shared(c.Beacons, c.Chains, c.Blobs)
	return append(parts, more...), err
}

// shared lists the files that every kind of bundle may have.
func shared(beacons []beacon.File, chains []*beacon.Chain, blobs []Blob) ([]part, error) {
	var parts []part
	for _, b := range beacons {
		text, err := b.Marshal()
		if err != nil {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		parts = append(parts, small(BeaconPath(b.Chain, b.Round), text))
	}
	for _, chain := range chains {
		parts = append(parts, small(ChainPath(chain.Hash), chain.InfoV2()))
	}
	for _, b := range blobs {
		p, err := b.part(BlobPath(b.SHA256))
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func small(name string, data []byte) part {
	return part{
		entry:  entry{name: name, size: int64(len(data)), crc: crc32.ChecksumIEEE(data)},
		sha256: sha256.Sum256(data),
		open:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}

// part finds the CRC of the blob, which stands before its content, by a first pass where it is not
// known.
func (b Blob) part(name string) (part, error) {
	p := part{entry: entry{name: name, size: b.Bytes}, sha256: b.SHA256, open: b.Open}
	if b.CRC32 != nil {
		p.crc = *b.CRC32
		return p, nil
	}
	crc := crc32.NewIEEE()
	if _, err := p.stream(crc); err != nil {
		return part{}, err
	}
	p.crc = crc.Sum32()
	return p, nil
}

// copyTo writes the content, and checks that it is what the index says.
func (p part) copyTo(w io.Writer) (int64, error) {
	sum, crc := sha256.New(), crc32.NewIEEE()
	n, err := p.stream(io.MultiWriter(w, sum, crc))
	if err != nil {
		return n, err
	}
	if audit.Hash(sum.Sum(nil)) != p.sha256 || crc.Sum32() != p.crc {
		return n, fmt.Errorf("bundle: %s: the content has another digest than was announced", p.name)
	}
	return n, nil
}

// stream copies the content and checks its length.
func (p part) stream(w io.Writer) (n int64, err error) {
	r, err := p.open()
	if err != nil {
		return 0, fmt.Errorf("bundle: opening %s: %w", p.name, err)
	}
	defer r.Close()
	n, err = io.Copy(w, io.LimitReader(r, p.size+1))
	if err != nil {
		return n, fmt.Errorf("bundle: copying %s: %w", p.name, err)
	}
	if n != p.size {
		return n, fmt.Errorf("bundle: %s: the content is not %d bytes long, as was announced", p.name, p.size)
	}
	return n, nil
}
