package register

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// parsed holds the columns of one block. Cells are numbered by the parser that read them.
type parsed struct {
	parser     *parser
	ids        [][32]byte
	cell       []uint32
	households []uint64
	housed     bitmap
	seals      [][32]byte
	sealed     bitmap
	pages      [][32]byte
	refusal    *Refusal
}

// parser reads blocks and remembers the cells it has met.
type parser struct {
	known map[string]uint32
	keys  []string
	cells []map[string]string
	leaf  []byte // scratch
}

func newParser() *parser { return &parser{known: map[string]uint32{}, leaf: make([]byte, 1, 512)} }

func (p *parser) parse(b *block) {
	out := &b.parsed
	out.parser = p
	out.ids = make([][32]byte, 0, blockLines)
	out.cell = make([]uint32, 0, blockLines)
	leaves := make([][32]byte, 0, PageSize)
	for text := b.text; len(text) > 0; {
		n := bytes.IndexByte(text, '\n')
		if r := p.line(out, text[:n]); r != nil {
			if r.Rule != RuleCells { // which line has the cell too many depends on who read the others
				r.Line = b.first + int64(len(out.ids)) + 1
			}
			out.refusal = r
			return
		}
		p.leaf = append(p.leaf[:1], text[:n]...)
		leaves = append(leaves, sha256.Sum256(p.leaf))
		text = text[n+1:]
		if len(leaves) == PageSize || len(text) == 0 {
			out.pages = append(out.pages, rootOf(leaves))
			leaves = leaves[:0]
		}
	}
}

func (p *parser) line(out *parsed, line []byte) *Refusal {
	if len(line) == 0 {
		return &Refusal{Rule: RuleBlankLine, Detail: "the line is empty"}
	}
	var raw rawLine
	if r := raw.parse(line); r != nil {
		return r
	}
	cell, r := p.cell(line, raw.features)
	if r != nil {
		return r
	}
	if n := len(out.ids); n > 0 {
		if r := checkOrder(out.ids[n-1], raw.id); r != nil {
			return r
		}
	}
	out.add(&raw, cell)
	return nil
}

// cell interns the features. Bytes met before were checked then: the form is canonical, so equal
// features are equal bytes.
func (p *parser) cell(line, text []byte) (uint32, *Refusal) {
	if cell, ok := p.known[string(text)]; ok {
		return cell, nil
	}
	features, err := parseFeatures(text)
	if err != nil {
		return 0, refuseForm(line, err)
	}
	if len(p.cells) == MaxCells {
		return 0, tooManyCells()
	}
	key, cell := string(text), uint32(len(p.cells))
	p.known[key] = cell
	p.keys, p.cells = append(p.keys, key), append(p.cells, features)
	return cell, nil
}

func tooManyCells() *Refusal {
	return &Refusal{Rule: RuleCells, Detail: fmt.Sprintf("more than %d different combinations of features", MaxCells)}
}

func checkOrder(before, id [32]byte) *Refusal {
	switch c := bytes.Compare(before[:], id[:]); {
	case c == 0:
		return &Refusal{Rule: RuleDuplicateID, Detail: fmt.Sprintf("id %x is that of the line before", id)}
	case c > 0:
		return &Refusal{Rule: RuleOrder, Detail: fmt.Sprintf("id %x stands after %x: lines are sorted by id", id, before)}
	}
	return nil
}

func (out *parsed) add(raw *rawLine, cell uint32) {
	n := len(out.ids)
	out.ids, out.cell = append(out.ids, raw.id), append(out.cell, cell)
	if raw.hasHousehold {
		if out.households == nil {
			out.households, out.housed = make([]uint64, blockLines), make(bitmap, blockLines/64)
		}
		out.households[n] = raw.household
		out.housed.set(n)
	}
	if raw.hasSealed {
		if out.seals == nil {
			out.seals, out.sealed = make([][32]byte, blockLines), make(bitmap, blockLines/64)
		}
		out.seals[n] = raw.sealed
		out.sealed.set(n)
	}
}
