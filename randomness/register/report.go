package register

import (
	"maps"
	"slices"
)

// Report is what a registrar sees of an import. Problems quote personal data; the rest does not.
type Report struct {
	OK            bool             `json:"ok"`         // no problem, and every row was read
	Rows          int64            `json:"rows"`       // people
	Sound         int64            `json:"sound"`      // rows without a problem of their own
	BlankRows     int64            `json:"blank_rows"` // passed over
	Problems      []Problem        `json:"problems"`   // the first of each rule, by row
	ProblemCounts map[string]int64 `json:"problem_counts"`
	Duplicates    int64            `json:"duplicates"` // rows of a person who stands in an earlier row
	Mapping       Mapping          `json:"mapping"`
	LeftOut       []string         `json:"left_out"` // columns of which nothing is read or stored
	Cells         []Cell           `json:"cells"`
	K             int              `json:"k"`
	SmallCells    []Cell           `json:"small_cells"` // of fewer than k people
	Households    Households       `json:"households"`
}

// Households counts equal addresses.
type Households struct {
	Count   int64 `json:"count"`
	Largest int64 `json:"largest"` // people in the largest
	Sharing int64 `json:"sharing"` // people who are not alone in theirs
	Without int64 `json:"without"` // people without an address
}

// Report sums up the import; call it after Next has returned io.EOF. Cells of fewer than k people
// are small: the specification's default is 5.
func (im *Importer) Report(k int) Report {
	cells := im.cells.sorted()
	return Report{
		OK: im.OK() && im.done, Rows: im.rows, Sound: im.sound, BlankRows: im.blank,
		Problems: im.problems.sorted(), ProblemCounts: maps.Clone(im.problems.counts),
		Duplicates: im.problems.counts[RuleDuplicatePerson],
		Mapping:    im.mapping, LeftOut: append([]string{}, im.left...),
		Cells: cells, K: k, SmallCells: SmallCells(cells, k),
		Households: im.households(),
	}
}

// Problems are the problems found so far, the first of each rule, by row.
func (im *Importer) Problems() []Problem { return im.problems.sorted() }

func (im *Importer) households() Households {
	h := Households{Without: im.rows - im.housed}
	im.homes.groups(func(rows []fingerprint) {
		n := int64(len(rows))
		h.Count++
		h.Largest = max(h.Largest, n)
		if n > 1 {
			h.Sharing += n
		}
	})
	return h
}

// SmallCells are the cells of fewer than k people, in the order given. A register that has any is
// frozen only when the city says that they may be published.
func SmallCells(cells []Cell, k int) []Cell {
	small := []Cell{}
	for _, c := range cells {
		if c.Count < k {
			small = append(small, c)
		}
	}
	return small
}

// sorted returns the cells by their values, in the order of the mapping's features.
func (c *combinations) sorted() []Cell {
	cells := make([]Cell, 0, len(c.known))
	for _, key := range slices.Sorted(maps.Keys(c.known)) {
		cells = append(cells, *c.known[key])
	}
	return cells
}
