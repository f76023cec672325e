package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

func printTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\tfigure\tlimit\tratio\tbound\t\twhat, beside what")
	for _, r := range rows {
		limit, ratio, beside := "-", "-", ""
		if r.Limit != nil {
			limit, ratio, beside = r.Limit.String(), fmt.Sprintf("%.2fx", r.Ratio), " | "+r.Beside
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n", r.Name, r.Figure, limit, ratio, r.Bound, r.verdict(), r.What, beside)
	}
	if err := t.Flush(); err != nil { // with the first error of the lines above
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s %s/%s, %d cores, load %s; medians, figure and limit in turns\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), cmp.Or(load(), "unknown"))
	return err
}

func printJSON(w io.Writer, rows []Row) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if rows == nil {
		rows = []Row{}
	}
	return out.Encode(map[string]any{"go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		"cores": runtime.GOMAXPROCS(0), "load": load(), "rows": rows})
}

// load says how busy the machine was in the last 1, 5 and 15 minutes; "" where the system does not say.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// status is the one line that tells people what is being measured; it is silent where nobody reads.
type status struct {
	w     io.Writer
	group string
	since time.Time
}

func newStatus(w io.Writer) *status {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		w = io.Discard
	}
	return &status{w: w}
}

func (s *status) begin(i, of int, name string) {
	s.group, s.since = fmt.Sprintf("[%d/%d] %s", i, of, name), time.Now()
	s.say("")
}

// say tells the step within the group.
func (s *status) say(format string, args ...any) {
	fmt.Fprintf(s.w, "\r\033[K%s %s (%s)", s.group, fmt.Sprintf(format, args...), time.Since(s.since).Round(time.Second))
}

func (s *status) clear() { fmt.Fprint(s.w, "\r\033[K") }
