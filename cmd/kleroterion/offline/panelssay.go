package offline

import (
	"fmt"
	"io"
	"strings"
)

// summary is the answer in JSON.
func (l *lottery) summary(d *drawn) map[string]any {
	out := map[string]any{"v": 1, "commit": l.commit, "method": l.result.Method, "panels": l.result.Panels, "size": l.report.Size,
		"proved": l.report.Proved, "gap": l.report.Gap, "lowest": l.report.Lowest, "highest": l.report.Highest, "never": l.nobody}
	if d != nil {
		out["panel"] = d.Panel
	}
	return out
}

func (l *lottery) say(w io.Writer, in Lottery, d *drawn) error {
	var b strings.Builder
	r := l.report
	fmt.Fprintf(&b, "%s: %d equally likely panels of %d, from %d people\n", in.Out, r.Panels, r.Size, r.Candidates)
	fmt.Fprintf(&b, "commit: %v\n%s\n", l.commit, r.Claim)
	if len(r.Limits) > 0 {
		fmt.Fprintf(&b, "%s\n", r.Limits[0].Words)
	}
	if l.nobody > 0 {
		fmt.Fprintf(&b, "%d of the people can never be chosen: %s says who and why\n", l.nobody, neverFile)
	}
	if d != nil {
		fmt.Fprintf(&b, "DRAWN: panel %d of %d; selected.csv and remaining.csv have the rows\n", d.Panel, r.Panels)
		return printed(w, &b)
	}
	fmt.Fprintf(&b, `not drawn yet. Publish %s (its commit is above) and the number of a round that is not out yet. When it is:
  the same command again with --chain %s --beacon FILE     the panel is uniform(seed, "panel", %d), docs/spec/draw.md
  or, for a number drawn in public by hand, with --panel N     from 0 to %d
`, lotteryFile, in.Draw.Chain, r.Panels, r.Panels-1)
	return printed(w, &b)
}

func printed(w io.Writer, b *strings.Builder) error {
	_, err := io.WriteString(w, b.String())
	return err
}
