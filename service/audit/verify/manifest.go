package verify

import (
	"errors"
	"fmt"
	"strings"

	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// manifestCommitted is check 6: each manifest is the one committed to, and its register and the
// register's city stood in the log before it. That the commits are right is found by follow.
func (e *evidence) manifestCommitted() (string, error) {
	if err := e.intact(6); err != nil {
		return "", err
	}
	var texts []string
	for _, d := range e.draws {
		i, err := e.committedRegister(d)
		if err = first(err, e.approved(d)); err != nil {
			return "", fmt.Errorf("%s: %w", d.name(), err)
		}
		texts = append(texts, fmt.Sprintf("%s: commit %s at %d of the log, after %s at %d", d.name(), short(d.commit),
			e.records[d.opened].proof.Index, e.records[i].record.Subject, e.records[i].proof.Index))
	}
	if len(texts) == 0 {
		return "", errors.New("no manifest in the bundle")
	}
	return each(texts), nil
}

// committedRegister finds the record that commits to the draw's register, and the city's before it.
// Records of the bundle stand in the order of the log (check 4).
func (e *evidence) committedRegister(d *draw) (int, error) {
	ref := d.manifest.Register
	for i, r := range e.records[:d.opened] {
		c, ok := r.body.(audit.RegisterCommit)
		if !ok || c.Root != ref.Root || c.Size != ref.Size || r.proof.Index >= e.records[d.opened].proof.Index {
			continue
		}
		if !e.cityBefore(i) {
			return 0, fmt.Errorf("the city of %s was not in the log before it", r.record.Subject)
		}
		d.file = c.File
		return i, nil
	}
	return 0, fmt.Errorf("no register with root %s and %s was committed before it", short(ref.Root), plural(ref.Size, "person", "people"))
}

// approved holds the opening to the city's newest policy that stood in the log before it.
func (e *evidence) approved(d *draw) error {
	asked := approvals{}
	for _, r := range e.records[:d.opened] {
		if p, ok := r.body.(audit.CityPolicy); ok {
			asked[r.record.Subject] = p.Approvals
		}
	}
	opened, _ := e.records[d.opened].body.(audit.DrawOpen)
	return asked.check(e.b.Index.Subject, opened)
}

func (e *evidence) cityBefore(i int) bool {
	for _, r := range e.records[:i] {
		if _, ok := r.body.(audit.CityAdd); ok && strings.HasPrefix(e.records[i].record.Subject, r.record.Subject+"/") {
			return r.proof.Index < e.records[i].proof.Index
		}
	}
	return false
}

// roundFollows is check 7: nobody picked the round, and the chain is what it is said to be.
func (e *evidence) roundFollows() (string, error) {
	if err := e.addDevChains(); err != nil {
		return "", err
	}
	var texts []string
	rehearsal := false
	for _, d := range e.draws {
		text, err := e.place(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.name(), err)
		}
		rehearsal = rehearsal || d.manifest.Rehearsal
		texts = append(texts, text)
	}
	if rehearsal != e.b.Index.Rehearsal {
		return "", fmt.Errorf("bundle.json says rehearsal %t, the manifests say %t", e.b.Index.Rehearsal, rehearsal)
	}
	return e.mark(each(texts)), nil
}

// place finds chain and due time of a draw and checks that its round follows from its draw time.
func (e *evidence) place(d *draw) (string, error) {
	m := d.manifest
	c, ok := e.chains.Lookup(m.Beacon.Chain)
	if !ok {
		return "", fmt.Errorf("chain %s is neither pinned nor described in the bundle", m.Beacon.Chain)
	}
	if err := m.CheckRound(c); err != nil && !isNotBefore(err) {
		return "", err
	}
	due, err := c.TimeOf(m.Beacon.Round)
	if err != nil {
		return "", err
	}
	d.chain, d.due = c, due
	return fmt.Sprintf("%s: round %d of %s (%s) is the first at or after %s, due %s", d.name(), m.Beacon.Round, c.Name, c.Status,
		at(m.DrawTime), at(due)), nil
}

// isNotBefore tells a bad not_before, which check 8 reports, from the rules of check 7.
func isNotBefore(err error) bool {
	var r *sortition.Refusal
	return errors.As(err, &r) && r.Code == "not_before"
}
