package problem

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// MediaType is what a problem is served as.
const MediaType = "application/problem+json"

// Problem is one refusal. Code is stable and made for programs; Detail says what is wrong and where,
// Hint what to do. Clients must ignore members they do not know.
type Problem struct {
	Type      string  `json:"type"`                 // reference to a text about this sort of problem
	Title     string  `json:"title"`                // the sort of problem, the same for all of a type
	Status    int     `json:"status"`               // HTTP status
	Code      string  `json:"code"`                 // the rule that was broken
	Detail    string  `json:"detail"`               // this occurrence
	Hint      string  `json:"hint,omitempty"`       // the next step
	Errors    []Field `json:"errors,omitempty"`     // the members at fault
	RequestID string  `json:"request_id,omitempty"` // names the request in the server's log
}

// Field is one member at fault. Pointer is a JSON pointer into the body, or "query:name",
// "path:name" or "header:name".
type Field struct {
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	Detail  string `json:"detail"`
}

// Error makes a problem usable as a Go error, in one line.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
	for _, f := range p.Errors {
		if strings.Contains(p.Detail, f.Detail) {
			continue // said already
		}
		text += fmt.Sprintf("; %s: %s", f.Pointer, f.Detail)
	}
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// Parse reads a problem from an answer. An answer that is not a problem, such as that of a proxy in
// between, becomes one with the code "not_a_problem".
func Parse(status int, body []byte) *Problem {
	p := new(Problem)
	if err := json.Unmarshal(body, p); err != nil || p.Code == "" {
		return &Problem{
			Type: "about:blank", Title: http.StatusText(status), Status: status, Code: "not_a_problem",
			Detail: fmt.Sprintf("the server answered %d with %d bytes that are no problem document", status, len(body)),
		}
	}
	p.Status = status
	return p
}
