package checkpoint

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// policyReader is a policy while its lines are read.
type policyReader struct {
	Policy
	members []string // names that some group lists already
}

func (r *policyReader) line(line string) error {
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("control character %#02x", c)
		}
	}
	fields := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
		return nil
	}
	switch args := fields[1:]; fields[0] {
	case "log":
		return r.log(args)
	case "witness":
		return r.witness(args)
	case "group":
		return r.group(args)
	case "quorum":
		return r.setQuorum(args)
	}
	return fmt.Errorf("%.40q is none of log, witness, group and quorum", fields[0])
}

func (r *policyReader) log(args []string) error {
	if len(args) != 1 && len(args) != 2 {
		return errors.New("want `log <vkey> [url]`")
	}
	k, err := parseKey(args[0], typeLog)
	if err != nil {
		return err
	}
	if err := r.newKey(k); err != nil {
		return err
	}
	if r.logs = append(r.logs, Log{Key: k, URL: optional(args[1:])}); len(r.logs) > maxNames {
		return fmt.Errorf("more than %d logs", maxNames)
	}
	return nil
}

func (r *policyReader) witness(args []string) error {
	if len(args) != 2 && len(args) != 3 {
		return errors.New("want `witness <name> <vkey> [url]`")
	}
	if err := r.newName(args[0]); err != nil {
		return err
	}
	k, err := parseKey(args[1], typeWitness)
	if err != nil {
		return err
	}
	if err := r.newKey(k); err != nil {
		return err
	}
	r.witnesses = append(r.witnesses, Witness{Name: args[0], Key: k, URL: optional(args[2:])})
	return nil
}

func (r *policyReader) group(args []string) error {
	if len(args) < 3 {
		return errors.New("want `group <name> <k|any|all> <member>…`")
	}
	name, members := args[0], args[2:]
	if err := r.newName(name); err != nil {
		return err
	}
	k, err := threshold(args[1], len(members))
	if err != nil {
		return err
	}
	for _, m := range members {
		if !r.defined(m) {
			return fmt.Errorf("member %q is not defined on a line before", m)
		}
		if slices.Contains(r.members, m) {
			return fmt.Errorf("member %q is listed twice: it would count twice", m)
		}
		r.members = append(r.members, m)
	}
	r.groups = append(r.groups, Group{Name: name, K: k, Members: members})
	return nil
}

func threshold(s string, n int) (int, error) {
	switch s {
	case "any":
		return 1, nil
	case "all":
		return n, nil
	}
	k, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(k) != s || k < 1 || k > n {
		return 0, fmt.Errorf("threshold %.20q is none of any, all and 1 to %d", s, n)
	}
	return k, nil
}

func (r *policyReader) setQuorum(args []string) error {
	switch {
	case len(args) != 1:
		return errors.New("want `quorum <name>`")
	case r.quorum != "":
		return errors.New("a second quorum")
	case args[0] != none && !r.defined(args[0]):
		return fmt.Errorf("quorum %q is not defined on a line before", args[0])
	}
	r.quorum = args[0]
	return nil
}

func (r *policyReader) defined(name string) bool {
	return slices.ContainsFunc(r.witnesses, func(w Witness) bool { return w.Name == name }) ||
		slices.ContainsFunc(r.groups, func(g Group) bool { return g.Name == name })
}

func (r *policyReader) newName(name string) error {
	switch {
	case name == none:
		return errors.New("the name none is reserved")
	case r.defined(name):
		return fmt.Errorf("the name %q is defined twice", name)
	case len(r.witnesses)+len(r.groups) >= maxNames:
		return fmt.Errorf("more than %d witnesses and groups", maxNames)
	}
	return nil
}

// newKey refuses the same public key under a second name: it would count as two. A log's key is not
// a witness of the log either.
func (r *policyReader) newKey(k Key) error {
	for _, have := range r.keys() {
		if have.public == k.public {
			return fmt.Errorf("the key of %s is that of %s: one key counts once", k.Name, have.Name)
		}
		if have.Name == k.Name && have.ID == k.ID {
			return fmt.Errorf("two keys have the name and id %s+%08x", k.Name, k.ID)
		}
	}
	return nil
}

func (r *policyReader) keys() []Key {
	var keys []Key
	for _, l := range r.logs {
		keys = append(keys, l.Key)
	}
	for _, w := range r.witnesses {
		keys = append(keys, w.Key)
	}
	return keys
}

func optional(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
