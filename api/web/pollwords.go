package web

import (
	"strings"

	"kleroterion/service/voting"
)

// pollStatusOf is a poll's status in words.
func pollStatusOf(name string) status {
	switch name {
	case "open":
		return status{"Open", "wait", "Ballots are being taken."}
	case "closed":
		return status{"Being counted", "wait", "No ballot is taken any more. The ballots open and are counted when the public random number of the closing round appears."}
	case "counted":
		return status{"Counted", "good", "The poll is over. Anyone can check the result below."}
	case "void":
		return status{"Void", "bad", "This poll was ended without a result. It stays on record with its reason."}
	}
	return status{name, "wait", ""}
}

func methodWords(m voting.Method) string {
	switch m {
	case voting.YesNo:
		return "Yes or no."
	case voting.Approval:
		return "Approve as many options as you like."
	case voting.Score:
		return "Give each option a score."
	case voting.IRV:
		return "Rank the options. The weakest is struck out round by round until one has more than half."
	case voting.Schulze:
		return "Rank the options. Each is compared with each other one, and the one that holds against all is chosen (Schulze's method)."
	case voting.Quadratic:
		return "Spend credits on the options: n votes for one cost n times n credits."
	}
	return string(m)
}

// reasonWords says why the outcome is what it is.
func reasonWords(r voting.Reason) string {
	switch r {
	case voting.QuorumMembers:
		return "The members' quorum was not met."
	case voting.FloorJury:
		return "Too few of the jury took part for a poll that touches people outside."
	case voting.QuorumJury:
		return "The jury's quorum was not met."
	case voting.QuorumFounders:
		return "The founders' quorum was not met."
	case voting.NoMembers:
		return "No member cast a ballot that decides anything."
	case voting.Threshold:
		return "The combined rate did not pass the threshold."
	case voting.NoOption:
		return "No option got enough."
	case voting.Passed:
		return "The combined rate passed the threshold, and every quorum was met."
	case voting.Elected:
		return "Every quorum was met."
	}
	return string(r)
}

// invalidWords says why a ballot did not count.
func invalidWords(rule string) string {
	switch rule {
	case "unopenable":
		return "the sealed ballot does not open"
	case "padding":
		return "what was sealed has the wrong length"
	case "inner_form":
		return "what was sealed is no ballot"
	case "copied":
		return "it was sealed by another voter: a copy"
	case "inner_poll":
		return "it was sealed for another poll"
	case "delegation_chamber":
		return "only members can leave their vote to another"
	case "delegate_absent":
		return "the member to whom the vote was left cast no ballot of their own"
	case "delegation_cap":
		return "too many left their vote to the same member"
	case "over_budget":
		return "more credits were spent than there are"
	}
	return "the choice breaks a rule of this poll: " + strings.ReplaceAll(rule, "_", " ")
}
