package audit

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Rule names what a record breaks in the chain of its subject. Programs may compare it.
type Rule string

// The rules in the order in which they are checked.
const (
	RuleNumber   Rule = "n"          // n is not the next number of the subject
	RulePrev     Rule = "prev"       // prev is not the leaf hash of the record before
	RuleKind     Rule = "kind"       // a kind that is not understood stands among draws
	RuleBody     Rule = "body"       // the body is not of its form
	RuleManifest Rule = "manifest"   // the manifest is not of its form, or is for another subject
	RuleCommit   Rule = "commit"     // the commit is not that of the manifest, or not that of the open draw
	RuleSequence Rule = "sequence"   // seq or prev of a manifest do not continue the draws of the subject
	RuleDrawOpen Rule = "draw_open"  // a draw is opened while one is open
	RuleNoDraw   Rule = "no_draw"    // a result or void without an open draw
	RuleRound    Rule = "round_rule" // the beacon of a result is not of the manifest's round
)

// Break says which record broke the chain of its subject, and how.
type Break struct {
	Subject string
	N       int64
	Rule    Rule
	Detail  string
}

// Error names subject, n and rule.
func (b *Break) Error() string {
	return fmt.Sprintf("record %d of %s breaks rule %s: %s", b.N, b.Subject, b.Rule, b.Detail)
}

// Summary is what the records of one subject add up to.
type Summary struct {
	Subject string
	Records int64
	Last    Hash // leaf hash of the newest record
	Unknown int64
	Draws   []Draw // in their sequence
}

// Chain follows records in the order of the log. It holds one Summary for each subject and forgets
// the records. The zero value has seen none.
type Chain struct {
	subjects map[string]*Summary
}

// Add takes the next record, with the leaf hash of its bytes, and returns its typed body: nil for a
// kind that is not understood, which is counted. An error is a *Break; the chain is then as before.
func (c *Chain) Add(r Record, leaf Hash) (any, error) {
	if c.subjects == nil {
		c.subjects = map[string]*Summary{}
	}
	s := c.subjects[r.Subject]
	if s == nil {
		s = &Summary{Subject: r.Subject}
	}
	body, fault := s.add(r)
	if fault != nil {
		fault.Subject, fault.N = r.Subject, r.N
		return nil, fault
	}
	s.Records, s.Last = r.N, leaf
	c.subjects[r.Subject] = s
	return body, nil
}

// Subject returns what is known of a subject, and false when no record was of it.
func (c *Chain) Subject(name string) (Summary, bool) {
	s := c.subjects[name]
	if s == nil {
		return Summary{}, false
	}
	out := *s
	out.Draws = slices.Clone(s.Draws)
	return out, true
}

// Subjects returns all summaries, ordered by subject.
func (c *Chain) Subjects() iter.Seq[Summary] {
	return func(yield func(Summary) bool) {
		for _, name := range slices.Sorted(maps.Keys(c.subjects)) {
			if s, _ := c.Subject(name); !yield(s) {
				return
			}
		}
	}
}

func breakf(rule Rule, format string, args ...any) *Break {
	return &Break{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// add changes s only when it returns no Break.
func (s *Summary) add(r Record) (any, *Break) {
	if r.N != s.Records+1 {
		return nil, breakf(RuleNumber, "n is %d after %d records: the next is %d", r.N, s.Records, s.Records+1)
	}
	if r.Prev != s.Last {
		return nil, breakf(RulePrev, "prev is %s, the leaf hash of the record before is %s", r.Prev, s.Last)
	}
	body, err := r.Decoded()
	if errors.Is(err, ErrUnknownKind) {
		return nil, s.unknown(r.Kind)
	}
	if err != nil {
		return nil, breakf(RuleBody, "%v", err)
	}
	switch b := body.(type) {
	case DrawOpen:
		return body, s.open(b)
	case DrawResult:
		return body, s.result(b)
	case DrawVoid:
		return body, s.void(b)
	}
	return body, nil
}

// unknown passes over a kind that is not understood, but not among draws: it could change them.
func (s *Summary) unknown(k Kind) *Break {
	if len(s.Draws) > 0 {
		return breakf(RuleKind, "kind %q among draws is not understood: a newer verifier may know it", k)
	}
	s.Unknown++
	return nil
}
