package register

import (
	"slices"
	"strings"
)

// assemble joins the blocks' columns, in which cells have the numbers of their parsers.
func assemble(blocks []*parsed, s *splitter) (*Register, error) {
	r := &Register{bytes: s.bytes, digest: [32]byte(s.digest.Sum(nil))}
	renumber, err := r.joinCells(blocks)
	if err != nil {
		return nil, err
	}
	r.joinColumns(blocks, int(s.lines), renumber)
	var pages [][32]byte
	for _, b := range blocks {
		pages = append(pages, b.pages...)
	}
	r.prover, err = NewProver(pages, s.lines)
	return r, err
}

// joinCells sorts the cells of all parsers by their canonical bytes, and returns the new number of
// each parser's cells.
func (r *Register) joinCells(blocks []*parsed) (map[*parser][]uint32, error) {
	features := map[string]map[string]string{}
	renumber := map[*parser][]uint32{}
	for _, b := range blocks {
		if renumber[b.parser] != nil {
			continue
		}
		renumber[b.parser] = make([]uint32, len(b.parser.keys))
		for i, key := range b.parser.keys {
			features[key] = b.parser.cells[i]
			r.keys = append(r.keys, key)
		}
	}
	slices.SortFunc(r.keys, strings.Compare)
	r.keys = slices.Compact(r.keys)
	if len(r.keys) > MaxCells {
		return nil, tooManyCells()
	}
	number := map[string]uint32{}
	for i, key := range r.keys {
		number[key] = uint32(i)
		r.cells = append(r.cells, Cell{Features: features[key]})
	}
	for p, to := range renumber {
		for i, key := range p.keys {
			to[i] = number[key]
		}
	}
	return renumber, nil
}

// joinColumns copies block by block and lets go of each block's columns on the way.
func (r *Register) joinColumns(blocks []*parsed, size int, renumber map[*parser][]uint32) {
	r.ids = make([][32]byte, size)
	r.cell = make([]uint32, size)
	for n, b := range blocks {
		at := n * blockLines
		copy(r.ids[at:], b.ids)
		to := renumber[b.parser]
		for i, cell := range b.cell {
			r.cell[at+i] = to[cell]
			r.cells[to[cell]].Count++
		}
		r.joinOptional(b, at, size)
		b.ids, b.cell, b.households, b.seals = nil, nil, nil, nil
	}
}

// joinOptional copies the columns that a register need not have. Blocks begin at multiples of 64,
// so bitmaps are joined word by word.
func (r *Register) joinOptional(b *parsed, at, size int) {
	if b.households != nil {
		if r.households == nil {
			r.households, r.housed = make([]uint64, size), make(bitmap, (size+63)/64)
		}
		copy(r.households[at:], b.households)
		copy(r.housed[at/64:], b.housed)
	}
	if b.seals != nil {
		if r.seals == nil {
			r.seals, r.sealed = make([][32]byte, size), make(bitmap, (size+63)/64)
		}
		copy(r.seals[at:], b.seals)
		copy(r.sealed[at/64:], b.sealed)
	}
}
