package register

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules of an import, in the order of the table in docs/spec/register.md.
const (
	RuleEncoding        Rule = "encoding"
	RuleHeader          Rule = "header"
	RuleMissingColumn   Rule = "missing_column"
	RuleColumnCount     Rule = "column_count"
	RuleQuote           Rule = "quote"
	RuleBlankPerson     Rule = "blank_person"
	RuleDuplicatePerson Rule = "duplicate_person"
	RuleBlankValue      Rule = "blank_value"
	RuleUnknownValue    Rule = "unknown_value"
	RuleNotANumber      Rule = "not_a_number"
	RuleOutsideBands    Rule = "outside_bands"
	RuleSlash           Rule = "slash"
	RuleControl         Rule = "control"
	RuleTooLong         Rule = "too_long"
	RuleTooManyCells    Rule = "too_many_cells"
	RuleTooManyRows     Rule = "too_many_rows"
	RuleNoRows          Rule = "no_rows"
)

// Problem is one error of an import. It quotes personal data: it is for the registrar's eyes, and
// never for a log.
type Problem struct {
	Row     int64  `json:"row"`              // as a spreadsheet shows it: the header is row 1
	Column  string `json:"column,omitempty"` // header name
	Value   string `json:"value,omitempty"`  // what the cell holds, cut short
	Rule    string `json:"rule"`
	Message string `json:"message"` // what is wrong and what to do
}

// problems keeps the first few of each rule, so that one common error does not hide the others, and
// counts all.
type problems struct {
	show   int
	list   []Problem
	counts map[string]int64
	total  int64
}

func (ps *problems) add(p Problem) {
	ps.counts[p.Rule]++
	ps.total++
	if ps.counts[p.Rule] > int64(ps.show) {
		return
	}
	p.Value = excerpt(p.Value)
	ps.list = append(ps.list, p)
}

// sorted returns the list by row, problems of one row in the order in which they were found.
func (ps *problems) sorted() []Problem {
	list := append([]Problem{}, ps.list...)
	slices.SortStableFunc(list, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
	return list
}

// excerpt makes a cell fit for display: valid, on one line, short.
func excerpt(s string) string {
	const most = 80
	cut := len(s) > most
	if cut {
		s = s[:most]
		for i := 0; i < utf8.UTFMax && !utf8.ValidString(s); i++ {
			s = s[:len(s)-1]
		}
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, s)
	if cut {
		s += "…"
	}
	return s
}
