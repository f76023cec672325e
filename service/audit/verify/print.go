package verify

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

const (
	rehearsalLine  = "REHEARSAL: THIS WAS NOT A REAL DRAW. ITS RANDOMNESS COULD BE KNOWN BEFOREHAND."
	pollRehearsal  = "REHEARSAL: THIS WAS NOT A REAL POLL. ITS BALLOTS COULD BE READ BEFOREHAND."
	roundRehearsal = "REHEARSAL: THIS WAS NOT A REAL FUNDING ROUND. WHAT IT SEALED, IF ANYTHING, COULD BE READ BEFOREHAND."
)

// Fprint writes the report for people: a line a check, then what is not shown, then the verdict.
func Fprint(w io.Writer, r Report) error {
	var b strings.Builder
	rehearsal := ""
	switch {
	case r.Rehearsal && r.Act == "poll":
		rehearsal = pollRehearsal + "\n"
	case r.Rehearsal && r.Act == "round":
		rehearsal = roundRehearsal + "\n"
	case r.Rehearsal:
		rehearsal = rehearsalLine + "\n"
	}
	b.WriteString(rehearsal)
	fmt.Fprintln(&b, r.Subject)
	failed, width := 0, 34
	for _, c := range r.Checks {
		width = max(width, len(c.Name))
	}
	for _, c := range r.Checks {
		mark := "ok  "
		if !c.OK {
			mark = "FAIL"
			failed++
		}
		fmt.Fprintf(&b, "%2d %-*s %s %s\n", c.No, width, c.Name, mark, oneLine(c.Evidence))
	}
	fmt.Fprintf(&b, "Not shown by this %s:\n", r.Of)
	for _, text := range r.NotShown {
		fmt.Fprintf(&b, "   - %s\n", oneLine(text))
	}
	b.WriteString(verdict(r, failed) + "\n")
	b.WriteString(rehearsal)
	_, err := io.WriteString(w, b.String())
	return err
}

// FprintJSON writes the report for programs, on one line.
func FprintJSON(w io.Writer, r Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

func verdict(r Report, failed int) string {
	if r.OK {
		return fmt.Sprintf("All %d checks hold.", len(r.Checks))
	}
	return fmt.Sprintf("%d of %d checks FAILED: do not rely on this result.", failed, len(r.Checks))
}

// oneLine keeps what a hostile file says from drawing on the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '�'
		}
		return r
	}, s)
}
