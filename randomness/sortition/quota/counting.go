package quota

import (
	"fmt"
	"strings"
)

// counting adds who is too few, where the proof counts heads: every bound once, and no one of these
// people more than once.
func (w wording) counting() string {
	if len(w.Proof) > 1 || w.Type != nobody {
		return ""
	}
	y := make([]int64, len(w.p.Rows))
	for _, m := range w.Proof[0].Multipliers {
		y[m.Row] = m.Times
	}
	who := w.scarce(y)
	if who == "" {
		return ""
	}
	need, have := int64(0), int64(0)
	for r, v := range y {
		need -= max(v*w.p.Rows[r].Min, v*w.p.Rows[r].Max)
	}
	for _, t := range w.p.Types {
		g := int64(0)
		for _, r := range t.Rows {
			g -= y[r]
		}
		if g > 1 {
			return ""
		}
		have += max(g, 0) * t.Cap
	}
	return fmt.Sprintf("; they leave %s to people %s, of whom the pool has %d", counted(need, "seat", "seats"), who, have)
}

// scarce names the people whom the multipliers count, for the three patterns that are easy to say.
func (w wording) scarce(y []int64) string {
	var least, most []string
	for r, v := range y {
		row := w.p.Rows[r]
		switch {
		case row.Kind == OfHouseholds && v != 0, row.Kind == OfQuota && (v > 1 || v < -1):
			return ""
		case row.Kind == OfQuota && v < 0:
			least = append(least, w.p.nameOf(r))
		case row.Kind == OfQuota && v > 0:
			most = append(most, w.p.nameOf(r))
		}
	}
	n := int64(len(least))
	switch {
	case n == 1 && y[0] == 0 && len(most) > 0:
		return "with " + least[0] + " and without " + strings.Join(most, ", ")
	case n == 0 && y[0] == -1:
		return "without " + strings.Join(most, ", ")
	case n > 1 && y[0] == n-1 && len(most) == 0:
		return "with all of " + strings.Join(least, ", ")
	}
	return ""
}
