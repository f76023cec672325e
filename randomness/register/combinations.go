package register

// combinations interns sets of features and counts them, at most MaxCells of them. Of one file all
// sets have the same names, so a set is known by its values.
type combinations struct {
	known  map[string]*Cell
	key    []byte // of the set being read: values do not have control characters
	names  []string
	values []string
}

func newCombinations() combinations { return combinations{known: map[string]*Cell{}} }

func (c *combinations) begin() { c.key, c.names, c.values = c.key[:0], c.names[:0], c.values[:0] }

func (c *combinations) value(name, value string) {
	c.key = append(append(c.key, value...), 0)
	c.names, c.values = append(c.names, name), append(c.values, value)
}

// end returns the set, shared by all rows that have it. It is false for a set beyond the limit.
func (c *combinations) end() (map[string]string, bool) {
	if cell := c.known[string(c.key)]; cell != nil {
		cell.Count++
		return cell.Features, true
	}
	features := make(map[string]string, len(c.names))
	for i, name := range c.names {
		features[name] = c.values[i]
	}
	if len(c.known) == MaxCells {
		return features, false
	}
	c.known[string(c.key)] = &Cell{features, 1}
	return features, true
}
