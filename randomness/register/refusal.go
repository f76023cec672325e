package register

import "fmt"

// Rule names a rule of docs/spec/register.md that a file, an entry, a proof or an import breaks.
type Rule = string

// Rules of the register file and of its lines.
const (
	RuleEmpty        Rule = "empty"         // not one entry
	RuleBlankLine    Rule = "blank_line"    // a line without an entry
	RuleFinalNewline Rule = "final_newline" // the last line is not ended
	RuleLineLength   Rule = "line_length"   // a line of more than MaxLine bytes
	RuleCanonical    Rule = "canonical"     // not canonical bytes
	RuleEntryForm    Rule = "entry_form"    // canonical, and yet not an entry
	RuleOrder        Rule = "order"         // ids do not ascend
	RuleDuplicateID  Rule = "duplicate_id"  // an id twice
	RuleCells        Rule = "cells"         // more than MaxCells feature combinations
)

// Rules of a proof.
const (
	RuleProofForm Rule = "proof_form" // index, size, root or path are not of their form
	RuleProofPath Rule = "proof_path" // the path does not lead from the entry to the root
	RuleProofList Rule = "proof_list" // a proof for another list
	RuleProofID   Rule = "proof_id"   // a proof for another person's line
)

// Refusal says which rule was broken and where.
type Refusal struct {
	Line   int64 // counted from 1; 0 where there is no line to name
	Rule   Rule
	Detail string
}

func (r *Refusal) Error() string {
	if r.Line == 0 {
		return fmt.Sprintf("register: %s: %s", r.Rule, r.Detail)
	}
	return fmt.Sprintf("register line %d: %s: %s", r.Line, r.Rule, r.Detail)
}
