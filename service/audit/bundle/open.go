package bundle

import (
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

// ErrDamaged reports a file whose content does not have the CRC-32 of its zip header.
var ErrDamaged = errors.New("the content does not have the CRC-32 of its zip header: the file is damaged")

// Bundle is an opened bundle. Its layout and index are checked, its files are not. It is safe for
// concurrent use when the io.ReaderAt under it is.
type Bundle struct {
	Index Index
	r     io.ReaderAt
	files map[string]entry
}

// Open reads the layout and bundle.json of a bundle of size bytes. An error means that the file is
// not a bundle: cut off, added to, packed by other means, or not listing exactly what it holds.
func Open(r io.ReaderAt, size int64) (*Bundle, error) {
	list, err := unzip(r, size)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	b := &Bundle{r: r, files: make(map[string]entry, len(list))}
	for _, e := range list {
		b.files[e.name] = e
	}
	raw, err := b.ReadFile(pathIndex, maxIndex)
	if err != nil {
		return nil, err
	}
	if b.Index, err = parseIndex(raw); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if err := b.Index.lists(list); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return b, nil
}

// lists reports whether the index names exactly the entries but itself; both are sorted.
func (x Index) lists(list []entry) error {
	list = slices.DeleteFunc(slices.Clone(list), func(e entry) bool { return e.name == pathIndex })
	for i := range max(len(list), len(x.Files)) {
		switch {
		case i >= len(list) || i < len(x.Files) && x.Files[i].Path < list[i].name:
			return fmt.Errorf("%q is listed in %s and missing", x.Files[i].Path, pathIndex)
		case i >= len(x.Files) || x.Files[i].Path > list[i].name:
			return fmt.Errorf("%q is not listed in %s", list[i].name, pathIndex)
		}
	}
	return nil
}

// ReadFile returns the content of a file of at most limit bytes. With ErrDamaged it comes all the
// same, so that a verifier can say what it holds.
func (b *Bundle) ReadFile(path string, limit int64) ([]byte, error) {
	e, ok := b.files[path]
	if !ok {
		return nil, fmt.Errorf("bundle: no file %s", path)
	}
	if e.size > limit {
		return nil, fmt.Errorf("bundle: %s has %d bytes, at most %d are allowed", path, e.size, limit)
	}
	return io.ReadAll(b.stream(e))
}

// Reader streams the content of a file. At its end it reports a content that does not have the
// CRC-32 of its zip header.
func (b *Bundle) Reader(path string) (io.Reader, error) {
	e, ok := b.files[path]
	if !ok {
		return nil, fmt.Errorf("bundle: no file %s", path)
	}
	return b.stream(e), nil
}

// Nested opens a bundle that is a file of this one.
func (b *Bundle) Nested(path string) (*Bundle, error) {
	e, ok := b.files[path]
	if !ok {
		return nil, fmt.Errorf("bundle: no file %s", path)
	}
	nested, err := Open(io.NewSectionReader(b.r, e.dataAt(), e.size), e.size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nested, nil
}

func (b *Bundle) stream(e entry) io.Reader {
	return &content{entry: e, r: io.NewSectionReader(b.r, e.dataAt(), e.size), sum: crc32.NewIEEE()}
}

// content checks the CRC of what passes through it.
type content struct {
	entry
	r   io.Reader
	sum hash.Hash32
	n   int64
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	switch {
	case err != nil && err != io.EOF:
		return n, fmt.Errorf("bundle: reading %s: %w", c.name, err)
	case err == io.EOF && c.n < c.size:
		return n, fmt.Errorf("bundle: %s ends early: %w", c.name, io.ErrUnexpectedEOF)
	case err == io.EOF && c.sum.Sum32() != c.crc:
		return n, fmt.Errorf("bundle: %s: %w", c.name, ErrDamaged)
	}
	return n, err
}
