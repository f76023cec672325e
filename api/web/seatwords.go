package web

import (
	"fmt"

	"kleroterion/service/seating"
)

// seatWords is a seat's state: a shape, so that it does not hang on colour, and words.
type seatWords struct{ Mark, Tone, Text string }

var seatStates = map[seating.State]seatWords{
	seating.Serving:   {"●", "good", "serving"},
	seating.Invited:   {"◐", "wait", "invited"},
	seating.Vacant:    {"○", "warn", "vacant"},
	seating.Empty:     {"✕", "bad", "empty"},
	seating.Completed: {"■", "good", "served"},
}

var groundTexts = map[seating.Ground]string{
	seating.Health: "health", seating.Care: "caring for somebody", seating.Work: "work", seating.Studies: "studies",
	seating.Away: "away at that time", seating.Moved: "moved away", seating.Interest: "a conflict of interest", seating.Other: "another reason",
}

func groundWords(g seating.Ground) string { return groundTexts[g] }

var groundActs = map[seating.Act]string{
	seating.Defer: "not now", seating.Withdraw: "stepped down", seating.Recuse: "sat out one poll",
}

// offerWords says what became of one invitation.
func offerWords(o seating.Offer) string {
	text := "the answer is awaited until " + date(o.Deadline)
	if o.Accepted != 0 {
		text = "accepted on " + date(o.Accepted)
	}
	if o.Assisted {
		text += " (two officials wrote the answer down)"
	}
	switch o.End {
	case seating.Decline:
		return "declined on " + date(o.EndedAt)
	case seating.Defer:
		return "asked for another time on " + date(o.EndedAt) + " (" + groundWords(o.Ground) + ")"
	case seating.Expire:
		return "no answer by " + date(o.Deadline)
	case seating.Undeliverable:
		return "the letter came back on " + date(o.EndedAt)
	case seating.Withdraw:
		text += ", stepped down on " + date(o.EndedAt) + " (" + groundWords(o.Ground) + ")"
	case seating.Complete:
		text += ", served until " + date(o.EndedAt)
	}
	for _, r := range o.Recusals {
		text += ", sits out " + r.Poll + " (" + groundWords(r.Ground) + ")"
	}
	return text
}

// ordinal writes 1st, 2nd, 3rd, 11th.
func ordinal(n int64) string {
	ending := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return fmt.Sprint(n) + ending
}
