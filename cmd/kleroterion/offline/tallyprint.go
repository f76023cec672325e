package offline

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// utc writes a time for people.
func utc(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02 15:04:05 UTC") }

// pollTable writes a transcript for people.
func pollTable(w io.Writer, m *poll.Manifest, t poll.Transcript) error {
	fmt.Fprintf(w, "%s\n%s\n\n", m.Question, m.Poll)
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "chamber\telectors\tcast\tturnout\tvalid\tblank\tinvalid\tshare\teffective"
	if m.Rules.Method == voting.YesNo {
		head += "\tyes\tno\trate"
	}
	fmt.Fprintln(columns, head)
	for _, c := range t.Count.Chambers {
		fmt.Fprintf(columns, "%s\t%d\t%d\t%s\t%d\t%d\t%d\t%s\t%s%s\n", c.ID, c.Electors, c.Cast, c.Turnout, c.Valid, c.Blank, c.Invalid, c.Share, c.Effective, yesNo(c))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	scores(w, m, t.Count)
	fmt.Fprintf(w, "\nballots recorded: %d, superseded by later ones: %d\n", t.Records, t.Superseded)
	for _, i := range t.Count.Invalid {
		fmt.Fprintf(w, "invalid: %s (%s)\n", i.Voter, i.Rule)
	}
	_, err := fmt.Fprintln(w, sentence(m, t.Count))
	return err
}

func yesNo(c voting.ChamberCount) string {
	if c.Yes == nil || c.No == nil {
		return ""
	}
	rate := "-"
	if c.Rate != nil {
		rate = c.Rate.String()
	}
	return fmt.Sprintf("\t%d\t%d\t%s", *c.Yes, *c.No, rate)
}

func scores(w io.Writer, m *poll.Manifest, r voting.Result) {
	for _, o := range r.Options {
		score := "no score"
		if o.Score != nil {
			score = o.Score.String()
		}
		fmt.Fprintf(w, "%s (%s): %s\n", m.Names[o.ID], o.ID, score)
	}
}

// sentence says the outcome.
func sentence(m *poll.Manifest, r voting.Result) string {
	if r.Outcome.Passed == nil {
		return elected(m, r.Outcome)
	}
	word := "more than"
	if m.Rules.Inclusive {
		word = "at least"
	}
	rate := "without a rate"
	if r.Rate != nil {
		rate = "with the rate " + r.Rate.String()
	}
	need := fmt.Sprintf("%s; %s %s was needed", rate, word, m.Rules.Threshold)
	if *r.Outcome.Passed {
		return "PASSED " + need
	}
	return fmt.Sprintf("NOT PASSED, %s: %s", need, because(r.Outcome.Reason))
}

func elected(m *poll.Manifest, o voting.Outcome) string {
	var names []string
	for _, id := range o.Elected {
		names = append(names, m.Names[id])
	}
	if len(names) == 0 {
		return "NOTHING CHOSEN: " + because(o.Reason)
	}
	return "CHOSEN: " + strings.Join(names, ", ")
}

// because puts a reason into words.
func because(r voting.Reason) string {
	switch r {
	case voting.QuorumMembers, voting.QuorumJury, voting.QuorumFounders:
		return "too few of the " + strings.TrimPrefix(string(r), "quorum:") + " took part"
	case voting.FloorJury:
		return "too few of the jury took part for a poll that touches people outside"
	case voting.NoMembers:
		return "no member said yes or no"
	case voting.Threshold:
		return "too few said yes"
	case voting.NoOption:
		return "no option got enough"
	}
	return string(r)
}
