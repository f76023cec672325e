package voting

import (
	"slices"

	"kleroterion/randomness/canonical"
)

type kind uint8

const (
	none kind = iota // no choice: what an invalid ballot has
	yes
	no
	abstain
	blank
	approve
	scores
	ranking
	votes
	delegate
)

// Choice is what one voter wrote, read by [ParseChoice] under the rules of one poll. The zero value
// is no choice at all. It is immutable.
type Choice struct {
	kind     kind
	marks    []mark   // by option for approve, scores, votes; by group, then option, for ranking
	options  []string // the options of the rules, which marks refer to
	delegate string
}

// mark gives an option its score, its votes or the number of its group (from 1, best first).
type mark struct {
	option int32
	value  int32
}

// document is every form that a choice can have; exactly one member is present.
type document struct {
	Approve  *[]string        `json:"approve,omitempty"`
	Blank    bool             `json:"blank,omitempty"`
	Delegate string           `json:"delegate,omitempty"`
	Ranking  [][]string       `json:"ranking,omitempty"`
	Scores   map[string]int64 `json:"scores,omitempty"`
	Vote     string           `json:"vote,omitempty"`
	Votes    map[string]int64 `json:"votes,omitempty"`
}

// Canonical returns the bytes from which the choice was read.
func (c Choice) Canonical() ([]byte, error) {
	var d document
	switch c.kind {
	case none:
		return nil, refuse("choice_form", "there is no choice to write")
	case yes, no, abstain:
		d.Vote = [...]string{yes: "yes", no: "no", abstain: "abstain"}[c.kind]
	case blank:
		d.Blank = true
	case approve:
		list := c.names(c.marks)
		d.Approve = &list
	case scores:
		d.Scores = c.table()
	case votes:
		d.Votes = c.table()
	case ranking:
		for group := range c.groups() {
			d.Ranking = append(d.Ranking, c.names(group))
		}
	case delegate:
		d.Delegate = c.delegate
	}
	return canonical.Marshal(d)
}

// Delegate returns the voter to whom the choice is left, if it is.
func (c Choice) Delegate() (voter string, ok bool) { return c.delegate, c.kind == delegate }

// decisive reports whether the choice says something about the question.
func (c *Choice) decisive() bool {
	return c.kind != abstain && c.kind != blank && (c.kind != approve || len(c.marks) > 0)
}

func (c *Choice) names(marks []mark) []string {
	list := make([]string, len(marks))
	for i, m := range marks {
		list[i] = c.options[m.option]
	}
	return list
}

func (c *Choice) table() map[string]int64 {
	t := make(map[string]int64, len(c.marks))
	for _, m := range c.marks {
		t[c.options[m.option]] = int64(m.value)
	}
	return t
}

// groups yields the groups of a ranking, best first.
func (c *Choice) groups() func(yield func([]mark) bool) {
	return func(yield func([]mark) bool) {
		for rest := c.marks; len(rest) > 0; {
			n := slices.IndexFunc(rest, func(m mark) bool { return m.value != rest[0].value })
			if n < 0 {
				n = len(rest)
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}
