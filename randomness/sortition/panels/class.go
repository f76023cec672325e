package panels

import (
	"slices"

	"kleroterion/randomness/sortition/quota"
)

// class seats the types of households that have several: a panel may use a household once, and over
// the lottery a type must use every household equally often, or once more.
//
// Seats are the edges of a bipartite graph between panels and types, households the colours. A type's
// edges, in the order of the panels, are cut into runs as long as there are households; with a node for
// each panel and each run, no node has more edges than there are colours, so a proper colouring exists
// (König 1916): no household twice on a panel, none twice in a run. Each edge takes the lowest colour
// free at both ends; failing that, the lowest free at its panel, after the path of that colour and the
// lowest free at its run has swapped the two.
type class struct {
	houses int
	types  []int
	panel  [][]int32 // by panel and colour: the edge, or -1
	run    [][]int32 // by run and colour
	edges  []edge
	served []int // by type: seats given so far, all panels
	used   [][]int
	at     int // next edge to hand out
}

type edge struct{ panel, run, kind, colour int }

type classes []*class

// newClasses colours every class with more than one type, nil for the others.
func newClasses(p *quota.Problem, lottery []Panel) classes {
	out := make(classes, len(p.Classes))
	for i, c := range p.Classes {
		if len(c.Types) > 1 {
			out[i] = newClass(c, lottery)
		}
	}
	return out
}

func (cs classes) of(p *quota.Problem, t int) *class {
	if c := p.Types[t].Class; c >= 0 {
		return cs[c]
	}
	return nil
}

func newClass(qc quota.Class, lottery []Panel) *class {
	c := &class{houses: len(qc.Households), types: qc.Types, served: make([]int, len(qc.Types)), used: make([][]int, len(qc.Types))}
	open := make([]int, len(qc.Types)) // the run that takes the type's next edge
	for k := range c.used {
		c.used[k] = make([]int, c.houses)
	}
	number := 0
	for _, p := range lottery {
		for range p.Copies {
			c.panel = append(c.panel, c.blank())
			for _, s := range p.Seats {
				k := slices.Index(qc.Types, s.Type)
				if k < 0 {
					continue
				}
				for range s.Count {
					if c.served[k]%c.houses == 0 {
						open[k] = len(c.run)
						c.run = append(c.run, c.blank())
					}
					c.served[k]++
					c.colour(edge{panel: number, run: open[k], kind: k})
				}
			}
			number++
		}
	}
	return c
}

func (c *class) blank() []int32 {
	out := make([]int32, c.houses)
	for i := range out {
		out[i] = -1
	}
	return out
}

// colour gives e a colour. A panel with more seats than households has none free: its edge stays
// without one, and take finds nobody.
func (c *class) colour(e edge) {
	a := slices.Index(c.panel[e.panel], -1)
	b := slices.Index(c.run[e.run], -1)
	if a < 0 || b < 0 {
		e.colour = -1
		c.edges = append(c.edges, e)
		return
	}
	for k := range c.houses {
		if c.panel[e.panel][k] < 0 && c.run[e.run][k] < 0 {
			a, b = k, k
			break
		}
	}
	if a != b {
		c.swap(e.run, a, b)
	}
	e.colour = a
	id := int32(len(c.edges))
	c.edges = append(c.edges, e)
	c.panel[e.panel][a], c.run[e.run][a] = id, id
}

// swap exchanges colours a and b on the path from run, which has a used and b free. The path cannot
// end at the panel that needs a: it would have to arrive there by a, which is free there.
func (c *class) swap(run, a, b int) {
	var path []int32
	for atRun, colour, id := true, a, c.run[run][a]; id >= 0; {
		path = append(path, id)
		colour = a + b - colour
		if atRun {
			id = c.panel[c.edges[id].panel][colour]
		} else {
			id = c.run[c.edges[id].run][colour]
		}
		atRun = !atRun
	}
	for _, id := range path {
		e := c.edges[id]
		c.panel[e.panel][e.colour], c.run[e.run][e.colour] = -1, -1
	}
	for _, id := range path {
		e := &c.edges[id]
		e.colour = a + b - e.colour
		c.panel[e.panel][e.colour], c.run[e.run][e.colour] = id, id
	}
}

// take hands out the next seats of a type, in the order in which newClass met them. Where a household
// has several members of the type, they take its seats in turn.
func (c *class) take(p *quota.Problem, s Seats) []string {
	households := p.Classes[p.Types[s.Type].Class].Households
	var ids []string
	for range s.Count {
		e := c.edges[c.at]
		c.at++
		if e.colour < 0 {
			continue
		}
		members := households[e.colour].Members[e.kind]
		ids = append(ids, members[c.used[e.kind][e.colour]%len(members)])
		c.used[e.kind][e.colour]++
	}
	return ids
}
