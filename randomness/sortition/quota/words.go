package quota

import (
	"fmt"
	"strings"
)

// words says a conflict in plain words. It is about bounds that a proof has found: nothing is decided
// here.
func (c *Conflict) words(p *Problem) string {
	w := wording{c, p}
	text := fmt.Sprintf("no panel of %d is possible: ", p.Size)
	if c.Type != nobody {
		text = fmt.Sprintf("nobody with %s can be chosen (%s): ", w.typeName(c.Type), counted(int64(len(p.Types[c.Type].Members)), "person", "people"))
	}
	text += w.cause()
	if len(p.Classes) > 0 {
		text += ", with one person per household"
	}
	if len(c.Proof) > 1 {
		text += "; with fractions of people it could be done, with whole people it cannot"
	}
	return text
}

type wording struct {
	*Conflict
	p *Problem
}

// cause tries the simple reasons first.
func (w wording) cause() string {
	switch {
	case len(w.Bounds) == 0 && w.p.Size == 0:
		return "it has no seats"
	case len(w.Bounds) == 0:
		return fmt.Sprintf("the pool has %s for %s", counted(w.p.within(0), "person", "people"), counted(w.p.Size, "seat", "seats"))
	case len(w.Bounds) == 1 && w.Type == nobody:
		if why := w.alone(w.Bounds[0]); why != "" {
			return why
		}
	}
	if why := w.sums(); why != "" && w.Type == nobody {
		return why
	}
	list := w.list()
	switch {
	case len(list) == 1:
		return list[0] + w.counting()
	case w.Type != nobody:
		return "these quotas leave no seat: " + strings.Join(list, "; ")
	}
	return "these quotas contradict each other for this pool: " + strings.Join(list, "; ") + w.counting()
}

// list words the bounds, both of one quota as one.
func (w wording) list() []string {
	var list []string
	for i := 0; i < len(w.Bounds); i++ {
		row := w.p.Rows[w.Bounds[i].Row]
		if i+1 == len(w.Bounds) || w.Bounds[i+1].Row != w.Bounds[i].Row {
			list = append(list, w.p.say(w.Bounds[i]))
			continue
		}
		i++
		if row.Min == row.Max {
			list = append(list, row.say("exactly "+counted(row.Min, "seat", "seats")))
			continue
		}
		list = append(list, row.say(fmt.Sprintf("%d to %d seats", row.Min, row.Max)))
	}
	return list
}

// alone explains a minimum that nothing but the size of the panel or of the pool defeats.
func (w wording) alone(b Bound) string {
	row, most := w.p.Rows[b.Row], w.p.within(b.Row)
	switch {
	case b.Side == Least && row.Min > w.p.Size:
		return w.p.say(b) + ", more than the seats"
	case b.Side == Least && row.Min > most:
		return fmt.Sprintf("%s, the pool has %s", w.p.say(b), counted(most, "person", "people"))
	}
	return ""
}

// sums explains minima, or maxima, of one feature that do not go with the size of the panel.
func (w wording) sums() string {
	name, sum, side := w.p.Rows[w.Bounds[0].Row].Feature, int64(0), w.Bounds[0].Side
	for _, b := range w.Bounds {
		row := w.p.Rows[b.Row]
		if row.Feature != name || b.Side != side {
			return ""
		}
		sum += []int64{row.Min, row.Max}[side]
	}
	switch {
	case side == Least && sum > w.p.Size:
		return fmt.Sprintf("the minimums of %s add up to %d, more than the seats", name, sum)
	case side == Most && sum < w.p.Size && w.whole(name):
		return fmt.Sprintf("the maximums of %s add up to %d, less than the seats", name, sum)
	}
	return ""
}

// whole reports whether the bounds have every value of the feature that is in the pool.
func (w wording) whole(name string) bool {
	left := map[int]bool{}
	for _, t := range w.p.Types {
		for _, r := range t.Rows {
			if w.p.Rows[r].Kind == OfQuota && w.p.Rows[r].Feature == name {
				left[r] = true
			}
		}
	}
	for _, b := range w.Bounds {
		delete(left, b.Row)
	}
	return len(left) == 0
}

func (w wording) typeName(typ int) string {
	var names []string
	for f, v := range w.p.Types[typ].Values {
		names = append(names, w.p.nameOf(w.p.Features[f].Rows[v]))
	}
	if len(names) == 0 {
		return "no features"
	}
	return strings.Join(names, ", ")
}

func (p *Problem) nameOf(row int) string {
	return fmt.Sprintf("%s %q", p.Rows[row].Feature, p.Rows[row].Value)
}

// say words a bound.
func (p *Problem) say(b Bound) string {
	row := p.Rows[b.Row]
	switch {
	case b.Side == Least:
		return row.say("at least " + counted(row.Min, "seat", "seats"))
	case row.Max == 0:
		return row.say("no seats")
	}
	return row.say("at most " + counted(row.Max, "seat", "seats"))
}

// say words a number of seats, which come on top of those held already.
func (r Row) say(seats string) string {
	if r.Held > 0 {
		seats += fmt.Sprintf(" besides the %d held already", r.Held)
	}
	return fmt.Sprintf("%s for %s %q", seats, r.Feature, r.Value)
}

func counted(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
