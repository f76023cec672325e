package web

import (
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

func chamberName(id string) string {
	switch id {
	case charter.ChamberJury:
		return "jury of residents"
	case charter.ChamberFounders:
		return "founders"
	}
	return id
}

// chamberRules says a chamber's rules, one sentence each.
func chamberRules(c charter.Chamber) (list []string) {
	if q := c.Quorum; q != nil {
		list = append(list, quorumWords(q.Kind == charter.QuorumApproval, q.Min))
	}
	if c.ID != charter.ChamberJury {
		return list
	}
	list = append(list, thinWords(voting.Thin(c.Thin)))
	if c.Floor != nil {
		list = append(list, "Polls that touch people outside the community fail when less than "+percent(*c.Floor)+" of the jury takes part.")
	}
	return append(list, "It is drawn by lot in the city "+c.City+" and has "+plural(c.Seats, "seat", "seats")+" at least.")
}

func quorumWords(approval bool, least ratio.Ratio) string {
	if approval {
		return "Quorum: " + percent(least) + " of all who may vote have to approve."
	}
	return "Quorum: " + percent(least) + " of all who may vote have to take part."
}

// thinWords says what a jury below its quorum does.
func thinWords(t voting.Thin) string {
	switch t {
	case voting.Fail:
		return "When fewer jurors take part, the poll fails."
	case voting.Drop:
		return "When fewer jurors take part, the jury's share goes to the members."
	}
	return "When fewer jurors decide, the jury's share shrinks with their number; the rest of it goes to the members."
}

// passes says a threshold. One of 1/2 is strict, others are inclusive, unless a poll says otherwise.
func passes(threshold ratio.Ratio, inclusive bool) string {
	if inclusive {
		return "passes with at least " + percent(threshold) + " of the combined rate"
	}
	return "passes with more than " + percent(threshold) + " of the combined rate"
}
