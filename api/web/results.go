package web

import (
	"fmt"

	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// result is a count in words and pictures.
type result struct {
	T        poll.Transcript
	Passed   bool // or somebody is elected
	Outcome  string
	Reason   string
	Chambers []chamberResult
	Combined *bar
	Rate     string
	Options  []optionRow
	Rounds   []roundRow
	Duels    []duelRow
	Names    []string // of the options, for the heads of tables
	Ties     []string
	Invalid  []invalidRow
	More     int // invalid ballots that are not shown
}

type chamberResult struct {
	voting.ChamberCount
	Name, Turnout, Share, Effective, Rate string
	Picture                               *bar
}

type optionRow struct {
	Name    string
	Sums    []int64
	Score   string
	Elected bool
}

type roundRow struct {
	N          int
	Options    []optionRow
	Eliminated string
}

// duelRow is one option against each of the others.
type duelRow struct {
	Name  string
	Cells []string
}

type invalidRow struct{ Voter, Why string }

// maxInvalid is how many invalid ballots a page lists; the transcript has all.
const maxInvalid = 50

func readResult(m *poll.Manifest, t poll.Transcript) *result {
	r := &result{T: t}
	r.outcome(m, t.Count)
	for _, c := range t.Count.Chambers {
		r.Chambers = append(r.Chambers, chamberOf(c))
	}
	if rate := t.Count.Rate; rate != nil {
		r.Rate = percent(*rate)
		b := bar{Line: along(m.Rules.Threshold)}
		b.add(*rate, "yes", "combined rate of yes "+percent(*rate))
		b.add(ratio.New(1, 1), "no", "threshold "+percent(m.Rules.Threshold))
		r.Combined = &b
	}
	for _, id := range m.Rules.Options {
		r.Names = append(r.Names, optionName(m, id))
	}
	r.Options = optionRows(m, t.Count.Options, t.Count.Outcome.Elected)
	for i, round := range t.Count.Rounds {
		row := roundRow{N: i + 1, Options: optionRows(m, round.Options, nil)}
		if round.Eliminated != "" {
			row.Eliminated = optionName(m, round.Eliminated)
		}
		r.Rounds = append(r.Rounds, row)
	}
	r.duels(m, t.Count.Schulze)
	for _, tie := range t.Count.Ties {
		r.Ties = append(r.Ties, tieWords(m, tie))
	}
	for i, b := range t.Count.Invalid {
		if i == maxInvalid {
			r.More = len(t.Count.Invalid) - maxInvalid
			break
		}
		r.Invalid = append(r.Invalid, invalidRow{b.Voter, invalidWords(b.Rule)})
	}
	return r
}

func chamberOf(c voting.ChamberCount) chamberResult {
	out := chamberResult{ChamberCount: c, Name: chamberName(c.ID), Turnout: percent(c.Turnout), Share: percent(c.Share), Effective: percent(c.Effective)}
	if c.Yes != nil && c.No != nil {
		b := counted(*c.Yes, *c.No)
		out.Picture = &b
	}
	if c.Rate != nil {
		out.Rate = percent(*c.Rate)
	}
	return out
}

func optionRows(m *poll.Manifest, list []voting.OptionCount, elected []string) (rows []optionRow) {
	for _, o := range list {
		row := optionRow{Name: optionName(m, o.ID), Sums: o.Sums}
		if o.Score != nil {
			row.Score = decimal(*o.Score)
		}
		for _, id := range elected {
			row.Elected = row.Elected || id == o.ID
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *result) duels(m *poll.Manifest, d *voting.Duels) {
	if d == nil {
		return
	}
	for a, row := range d.Pairwise {
		out := duelRow{Name: optionName(m, m.Rules.Options[a])}
		for b, weight := range row {
			if a == b {
				out.Cells = append(out.Cells, "")
				continue
			}
			out.Cells = append(out.Cells, decimal(weight))
		}
		r.Duels = append(r.Duels, out)
	}
}

func (r *result) outcome(m *poll.Manifest, c voting.Result) {
	r.Reason = reasonWords(c.Outcome.Reason)
	if c.Outcome.Passed != nil {
		r.Passed = *c.Outcome.Passed
		r.Outcome = map[bool]string{true: "Passed", false: "Rejected"}[r.Passed]
		return
	}
	if r.Passed = len(c.Outcome.Elected) > 0; !r.Passed {
		r.Outcome = "Nothing is chosen"
		return
	}
	r.Outcome = "Chosen: "
	for i, id := range c.Outcome.Elected {
		if i > 0 {
			r.Outcome += ", "
		}
		r.Outcome += optionName(m, id)
	}
}

func tieWords(m *poll.Manifest, t voting.Tie) string {
	text := "A tie among "
	for i, k := range t.Among {
		if i > 0 {
			text += ", "
		}
		text += optionName(m, k.Option)
	}
	first, last := optionName(m, t.Among[0].Option), optionName(m, t.Among[len(t.Among)-1].Option)
	switch t.Rule {
	case voting.TieElimination:
		return fmt.Sprintf("%s in round %d: the public random number puts %s out.", text, t.Round, last)
	case voting.TieSchulze:
		return text + ": the public random number decides for " + first + "."
	}
	return fmt.Sprintf("%s for %s: the public random number decides, in this order.", text, plural(t.Places, "place", "places"))
}
