package quota

import (
	"fmt"
	"strings"
)

// Rule names a rule of docs/spec/panels.md that quotas or people break.
type Rule = string

// Rules of quotas and people, whatever they were read from.
const (
	RuleSize           Rule = "size"            // the size of the panel is out of range
	RuleBlankFeature   Rule = "blank_feature"   // a quota without the name of its feature
	RuleBlankValue     Rule = "blank_value"     // a quota or a person without a value
	RuleDuplicateQuota Rule = "duplicate_quota" // two quotas for one value
	RuleRange          Rule = "range"           // a bound below 0 or above MaxCount
	RuleMinAboveMax    Rule = "min_above_max"
	RuleMinFlex        Rule = "min_flex" // min_flex above min
	RuleMaxFlex        Rule = "max_flex" // max_flex below max
	RuleBlankID        Rule = "blank_id"
	RuleDuplicateID    Rule = "duplicate_id"
	RuleValues         Rule = "values"        // a person with more or fewer values than features
	RuleUnknownValue   Rule = "unknown_value" // a value that no quota names
	RuleUnknownID      Rule = "unknown_id"    // an id that no person has, or that is named twice
	RuleSeated         Rule = "seated"        // more people seated than the panel or a quota has room for
)

// The two inputs, by the names that the Sortition Foundation's tools give them.
const (
	QuotaFile  = "categories"
	PeopleFile = "respondents"
)

// Issue is one thing wrong with the input. It may quote personal data: it is for the organiser's eyes,
// and never for a log.
type Issue struct {
	File    string `json:"file,omitempty"`   // QuotaFile or PeopleFile; "" for the size
	Line    int    `json:"line,omitempty"`   // of the file, the header being line 1; 0 for none
	Column  string `json:"column,omitempty"` // header name
	Rule    string `json:"rule"`
	Message string `json:"message"` // what is wrong and how to mend it
}

func (i Issue) String() string {
	var at strings.Builder
	at.WriteString(i.File)
	if i.Line > 0 {
		fmt.Fprintf(&at, " line %d", i.Line)
	}
	if i.Column != "" {
		fmt.Fprintf(&at, " column %q", i.Column)
	}
	if at.Len() == 0 {
		return i.Rule + ": " + i.Message
	}
	return strings.TrimSpace(at.String()) + ": " + i.Rule + ": " + i.Message
}

// Issues is the error of everything wrong with one input, in the order of the input. Error shows the
// first few.
type Issues []Issue

func (is Issues) Error() string {
	const most = 20
	var lines []string
	for i, issue := range is {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(is)-most))
			break
		}
		lines = append(lines, issue.String())
	}
	return strings.Join(lines, "\n")
}

// err is nil where there is no issue: an empty Issues in an error would not be.
func (is Issues) err() error {
	if len(is) == 0 {
		return nil
	}
	return is
}

func (is *Issues) add(at Issue, format string, args ...any) {
	at.Message = fmt.Sprintf(format, args...)
	*is = append(*is, at)
}
