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
	b.WriteString(in.Draw.next(r.Panels))
	return printed(w, &b)
}

func printed(w io.Writer, b *strings.Builder) error {
	_, err := io.WriteString(w, b.String())
	return err
}

// next says how the panel will be drawn, before there is a draw.
func (d PanelDraw) next(n int64) string {
	rule := fmt.Sprintf("the panel is uniform(seed, \"panel\", %d), docs/spec/draw.md", n)
	if d.Round != 0 {
		return fmt.Sprintf("not drawn yet. Publish %s (its commit is above): it announces round %d of %s. When that is out:\n"+
			"  the same command again with --beacon FILE     %s\n", lotteryFile, d.Round, d.Chain, rule)
	}
	return fmt.Sprintf("not drawn yet. By a public round: the same command into a new folder with --round R, a round of %s that is not out yet;\n"+
		"  publish its %s; when the round is out, again with --beacon FILE     %s\n"+
		"By hand, in public: a number from 0 to %d, and the same command with --panel N\n", d.Chain, lotteryFile, rule, n-1)
}
