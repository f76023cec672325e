package checkpoint

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	none      = "none"
	maxPolicy = 64 << 10
	maxNames  = 100 // logs, and names of witnesses and groups
)

// Policy says whose checkpoints are believed: signed by one of its logs and cosigned by a quorum of
// its witnesses. It never changes after it was parsed. The zero value believes nobody.
type Policy struct {
	logs      []Log
	witnesses []Witness
	groups    []Group
	quorum    string // name of a witness or group, or none
}

// Log is a log that the policy believes.
type Log struct {
	Key Key
	URL string // optional, not used here
}

// Witness is a cosigner that may count towards the quorum.
type Witness struct {
	Name string // in this policy only
	Key  Key
	URL  string // optional, not used here
}

// Group counts as one cosigner when K of its members do.
type Group struct {
	Name    string
	K       int
	Members []string
}

// Logs returns the logs in the order of the file.
func (p Policy) Logs() []Log { return slices.Clone(p.logs) }

// Witnesses returns the witnesses in the order of the file.
func (p Policy) Witnesses() []Witness { return slices.Clone(p.witnesses) }

// LogPolicy is the policy that believes one log, by its vkey, and asks for no witness.
func LogPolicy(vkey string) (Policy, error) {
	k, err := parseKey(vkey, typeLog)
	if err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	return Policy{logs: []Log{{Key: k}}, quorum: none}, nil
}

// ParsePolicy reads a policy file, https://c2sp.org/tlog-policy, with one more rule: there is at
// least one log. Errors name the line.
func ParsePolicy(b []byte) (Policy, error) {
	if len(b) > maxPolicy {
		return Policy{}, fmt.Errorf("policy: %d bytes, at most %d are allowed", len(b), maxPolicy)
	}
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return Policy{}, errors.New("policy: the last line is not ended by a newline")
	}
	r := policyReader{}
	lines := strings.Split(string(b[:len(b)-1]), "\n")
	for i, line := range lines {
		if err := r.line(line); err != nil {
			return Policy{}, fmt.Errorf("policy line %d: %w", i+1, err)
		}
	}
	switch {
	case len(r.logs) == 0:
		return Policy{}, errors.New("policy: no log: add a line `log <vkey>`")
	case r.quorum == "":
		return Policy{}, errors.New("policy: no quorum: add a line `quorum none`, or name a witness or group")
	}
	return r.Policy, nil
}

// Text returns the policy as a file in normal form: no comments, one space, logs, witnesses, groups,
// quorum. ParsePolicy reads it back to the same policy.
func (p Policy) Text() string {
	var b strings.Builder
	for _, l := range p.logs {
		writeFields(&b, "log", l.Key.String(), l.URL)
	}
	for _, w := range p.witnesses {
		writeFields(&b, "witness", w.Name, w.Key.String(), w.URL)
	}
	for _, g := range p.groups {
		writeFields(&b, append([]string{"group", g.Name, strconv.Itoa(g.K)}, g.Members...)...)
	}
	writeFields(&b, "quorum", p.quorum)
	return b.String()
}

func writeFields(b *strings.Builder, fields ...string) {
	fields = slices.DeleteFunc(fields, func(f string) bool { return f == "" })
	b.WriteString(strings.Join(fields, " ") + "\n")
}

func (p Policy) logNames() string {
	names := make([]string, len(p.logs))
	for i, l := range p.logs {
		names[i] = l.Key.Name
	}
	return strings.Join(names, ", ")
}

// filled reports whether the witnesses in have fill the witness or group of this name. Groups only
// name what stands before them, so this ends.
func (p Policy) filled(name string, have map[string]bool) bool {
	i := slices.IndexFunc(p.groups, func(g Group) bool { return g.Name == name })
	if i < 0 {
		return have[name]
	}
	count := 0
	for _, m := range p.groups[i].Members {
		if p.filled(m, have) {
			count++
		}
	}
	return count >= p.groups[i].K
}
