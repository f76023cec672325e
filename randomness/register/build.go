package register

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
)

// FromEntries builds a register from entries in any order.
func FromEntries(entries []Entry) (*Register, error) {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(entries[a].ID[:], entries[b].ID[:]) })
	return ReadPages(func(yield func([]byte, error) bool) {
		for _, i := range order {
			line, err := entries[i].Line()
			if err != nil {
				err = fmt.Errorf("entry %d: %w", i, err)
			}
			if !yield(append(line, '\n'), err) {
				return
			}
		}
	})
}

// ReadPages is [Read] over runs of whole lines, each line with its line end, in the order of the
// file: the pages of a store. The first error of the sequence ends it and is wrapped.
func ReadPages(pages iter.Seq2[[]byte, error]) (*Register, error) {
	next, stop := iter.Pull2(pages)
	defer stop()
	return Read(&pageReader{next: next})
}

type pageReader struct {
	next func() ([]byte, error, bool)
	rest []byte
}

func (p *pageReader) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		page, err, ok := p.next()
		if !ok {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		p.rest = page
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
