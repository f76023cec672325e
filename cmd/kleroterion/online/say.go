package online

import (
	"bytes"
	"fmt"

	"kleroterion/api/client"
)

// lottery prints where a lottery stands.
func (a Answer) lottery(l client.Lottery) error {
	if a.JSON {
		return a.object(l)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "lottery %s: %s\n%d equally likely panels of %d, %s\n", l.ID, l.State, l.Panels, l.Size, l.Method)
	switch l.State {
	case client.LotteryStateReady:
		fmt.Fprintf(&b, "file: %s, %d bytes\n%s\neverybody in the pool is on %d to %d of the panels\n", l.File, l.Bytes, proof(l), l.Lowest, l.Highest)
		if l.Draw == "" {
			b.WriteString("next: look at its report, then open a draw with \"method\": \"panels\" and \"lottery\": this id\n")
		} else {
			fmt.Fprintf(&b, "draw: %s\n", l.Draw)
		}
	case client.LotteryStateComputing:
		fmt.Fprintf(&b, "job: %s\n", l.Job)
	case client.LotteryStateFailed:
		fmt.Fprintf(&b, "why: GET /v1/jobs/%s\n", l.Job)
	}
	_, err := a.Out.Write(b.Bytes())
	return err
}

func proof(l client.Lottery) string {
	if l.Proved {
		return "proved: no lottery is fairer"
	}
	return "not proved to the end: at most " + l.Gap + " is open"
}

// sayCheck says in words what was found of quotas.
func sayCheck(c client.QuotaCheck) []byte {
	var b bytes.Buffer
	for _, p := range c.Problems {
		fmt.Fprintf(&b, "%s\n", p)
	}
	switch {
	case c.Feasible:
		b.WriteString("there are panels that meet all quotas\n")
	case c.Conflict != "":
		fmt.Fprintf(&b, "%s\n", c.Conflict)
	}
	for _, n := range c.Never {
		fmt.Fprintf(&b, "%d of the people can never be chosen: %s\n", n.People, n.Why)
	}
	if len(c.Nearest) > 0 {
		b.WriteString("the nearest quotas that a panel meets:\n")
	}
	for _, x := range c.Nearest {
		fmt.Fprintf(&b, "  %s: %s: minimum %d lower, maximum %d higher\n", x.Feature, x.Value, x.Lower, x.Raise)
	}
	if len(c.Nearest) > 0 && !c.NearestProved {
		b.WriteString("  (nearer ones may exist: the search ended at its limit)\n")
	}
	if c.Rigid != "" {
		fmt.Fprintf(&b, "no change within the flexible bounds helps: %s\n", c.Rigid)
	}
	for _, what := range c.Undecided {
		fmt.Fprintf(&b, "not decided in time: %s\n", what)
	}
	return b.Bytes()
}
