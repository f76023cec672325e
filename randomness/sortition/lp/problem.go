package lp

import (
	"fmt"
	"math"
)

// Bounds is a closed range; both ends are finite.
type Bounds struct{ Lower, Upper float64 }

// Entry is one coefficient of a column or, in [Simplex.AddRows], of a row: At is then the column.
type Entry struct {
	At    int
	Value float64
}

// Column is one variable: its cost, its range and its coefficients, at most one a row.
type Column struct {
	Cost    float64
	Bounds  Bounds
	Entries []Entry
}

// Problem is the whole programme: minimise the sum of cost times column such that the sum of each row
// is within its bounds.
type Problem struct {
	Rows    []Bounds
	Columns []Column
}

func (p Problem) check() error {
	for i, b := range p.Rows {
		if err := b.check(); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	for j, c := range p.Columns {
		if err := c.Bounds.check(); err != nil {
			return fmt.Errorf("column %d: %w", j, err)
		}
		for _, e := range c.Entries {
			if e.At < 0 || e.At >= len(p.Rows) || !finite(e.Value) {
				return fmt.Errorf("column %d: entry %g in row %d of %d", j, e.Value, e.At, len(p.Rows))
			}
		}
	}
	return nil
}

func (b Bounds) check() error {
	if !finite(b.Lower) || !finite(b.Upper) || b.Lower > b.Upper {
		return fmt.Errorf("bounds %g to %g: both must be finite, the lower no more than the upper", b.Lower, b.Upper)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
