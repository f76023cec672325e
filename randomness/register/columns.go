package register

import (
	"fmt"
	"slices"
	"strings"
)

// columns are a mapping resolved against a header. An index of -1 is a column that is missing.
type columns struct {
	person                 int
	name, address, contact []int
	features               []featureColumn
}

// featureColumn remembers what cells gave, so that a value that was met before costs one look-up.
type featureColumn struct {
	Feature
	index  int
	labels []string          // of the bands
	listed map[string]string // folded value to the value as listed; nil when all are allowed
	known  map[string]string // cell as written to value
}

// maxKnown bounds the memory for a feature with endless spellings.
const maxKnown = 10_000

// resolve finds the mapped columns, reports the missing ones and lists those left out.
func (im *Importer) resolve() {
	used := map[int]bool{}
	find := func(name string) int {
		i := slices.IndexFunc(im.header, func(h string) bool { return fold(h) == fold(name) })
		if i < 0 {
			im.missing(name)
		}
		used[i] = true
		return i
	}
	all := func(names []string) (found []int) {
		for _, name := range names {
			found = append(found, find(name))
		}
		return found
	}
	if !im.done {
		im.columns = columns{person: find(im.mapping.Person), name: all(im.mapping.Name), address: all(im.mapping.Address), contact: all(im.mapping.Contact)}
		for _, f := range im.mapping.Features {
			im.columns.features = append(im.columns.features, newFeatureColumn(f, find(f.Column)))
		}
	}
	for i, name := range im.header {
		if !used[i] && name != "" {
			im.left = append(im.left, name)
		}
	}
}

func (im *Importer) missing(name string) {
	im.problems.add(Problem{Row: 1, Column: name, Rule: RuleMissingColumn, Message: fmt.Sprintf("the header has no column of this name: it has %s", excerpt(strings.Join(im.header, ", ")))})
}

func newFeatureColumn(f Feature, index int) featureColumn {
	c := featureColumn{Feature: f, index: index, labels: bandLabels(f.Bands), known: map[string]string{}}
	if len(f.Values) > 0 {
		c.listed = map[string]string{}
	}
	for _, v := range f.Values {
		c.listed[fold(v)] = v
	}
	return c
}

// value turns a cell into the feature's value; rule is "" when it is allowed.
func (c *featureColumn) value(cell []byte) (value string, rule Rule, message string) {
	if value, ok := c.known[string(cell)]; ok {
		return value, "", ""
	}
	value, rule, message = c.read(clean(string(cell)))
	if rule == "" && len(c.known) < maxKnown {
		c.known[string(cell)] = value
	}
	return value, rule, message
}

func (c *featureColumn) read(text string) (value string, rule Rule, message string) {
	if text == "" {
		return "", RuleBlankValue, "the cell is empty: every person needs a value for each feature, \"unknown\" may be one"
	}
	if rule, message := checkCell(text, MaxFeatureValue); rule != "" {
		return "", rule, message
	}
	if c.labels != nil {
		i, err := bandOf(c.Bands, text)
		switch err {
		case nil:
			text = c.labels[i]
		case errOutsideBands:
			return "", RuleOutsideBands, fmt.Sprintf("the number lies below the first band, %s: leave the person out, or begin the bands lower", c.labels[0])
		default:
			return "", RuleNotANumber, "the feature has bands, so the cell has to be a whole number in digits"
		}
	}
	if c.listed != nil {
		listed, ok := c.listed[fold(text)]
		if !ok {
			return "", RuleUnknownValue, fmt.Sprintf("the mapping lists %s", excerpt(strings.Join(c.Values, ", ")))
		}
		text = listed
	}
	if strings.Contains(text, "/") {
		return "", RuleSlash, "a value may not have a /, which joins values in a draw: write it otherwise"
	}
	return text, "", ""
}
