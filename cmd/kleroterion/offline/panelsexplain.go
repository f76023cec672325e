package offline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kleroterion/randomness/sortition/quota"
)

// dilemma is an input that no panel meets, and why.
type dilemma struct {
	*quota.Input
	conflict *quota.Conflict
}

// explain says which quotas contradict each other and which are nearest to them, and writes those. Its
// error is that no panel meets the quotas.
func (in Lottery) explain(ctx context.Context, w io.Writer, target *folderOut, d dilemma) error {
	near, err := quota.Nearest(ctx, d.Problem)
	if err != nil && !errors.Is(err, quota.ErrUndecided) {
		return err
	}
	files := map[string][]byte{}
	var never []*quota.Conflict
	var mended *quota.Problem
	if near != nil && near.Conflict == nil {
		quotas := near.Apply(d.Quotas)
		var text bytes.Buffer
		if err := quota.WriteQuotas(&text, quotas); err != nil {
			return err
		}
		files[nearestFile] = text.Bytes()
		if mended, err = quota.New(in.Size, quotas, d.People); err != nil {
			return err
		}
		if never, err = quota.Unseatable(ctx, mended); err != nil && !errors.Is(err, quota.ErrUndecided) {
			return err
		}
		if rows := neverRows(mended, never); len(rows) > 0 {
			files[neverFile] = neverSheet(rows)
		}
		if err := target.write(files); err != nil {
			return err
		}
	}
	answer := unmet{findings: quota.CrossCheck(d.Problem), conflict: d.conflict, nearest: near, never: len(neverRows(mended, never)), out: target.path}
	if err := answer.write(w, in.JSON, d.Quotas); err != nil {
		return err
	}
	return errUnmet
}

var errUnmet = errors.New("no panel meets the quotas")

func neverRows(p *quota.Problem, never []*quota.Conflict) [][]string {
	var rows [][]string
	for _, c := range never {
		if c.Type < 0 {
			continue
		}
		for _, id := range p.Types[c.Type].Members {
			rows = append(rows, []string{id, c.Reason})
		}
	}
	return rows
}

// unmet is what is said of quotas that no panel meets.
type unmet struct {
	findings []quota.Finding
	conflict *quota.Conflict
	nearest  *quota.Relaxation // nil where the search ended
	never    int
	out      string
}

func (u unmet) write(w io.Writer, asJSON bool, quotas []quota.Quota) error {
	if asJSON {
		changes := []quota.Change{}
		if u.nearest != nil {
			changes = append(changes, u.nearest.Changes...)
		}
		return writeJSON(w, map[string]any{"feasible": false, "findings": append([]quota.Finding{}, u.findings...), "conflict": u.conflict, "nearest": changes, "never": u.never})
	}
	var b strings.Builder
	for _, f := range u.findings {
		fmt.Fprintf(&b, "%s\n", f.Message)
	}
	fmt.Fprintf(&b, "%s\n", u.conflict.Reason)
	u.advise(&b, quotas)
	_, err := io.WriteString(w, b.String())
	return err
}

func (u unmet) advise(b *strings.Builder, quotas []quota.Quota) {
	switch {
	case u.nearest == nil:
		b.WriteString("The nearest quotas were not found within the limit of the search: loosen those above.\n")
		return
	case u.nearest.Conflict != nil:
		fmt.Fprintf(b, "No change within the flexible bounds helps: %s\n", u.nearest.Conflict.Reason)
		return
	}
	b.WriteString("The nearest quotas that a panel meets:\n")
	for _, c := range u.nearest.Changes {
		for _, q := range quotas {
			if q.Feature == c.Feature && q.Value == c.Value {
				fmt.Fprintf(b, "  %s: %s: %d to %d instead of %d to %d\n", c.Feature, c.Value, q.Min-c.Lower, q.Max+c.Raise, q.Min, q.Max)
			}
		}
	}
	if !u.nearest.Proved {
		b.WriteString("  (nearer ones may exist: the search ended at its limit)\n")
	}
	fmt.Fprintf(b, "They are in %s/%s, ready for --categories.\n", u.out, nearestFile)
	if u.never > 0 {
		fmt.Fprintf(b, "With them %d of the people can never be chosen: %s/%s says who and why.\n", u.never, u.out, neverFile)
	}
}
