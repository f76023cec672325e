package web

import (
	"strings"

	"kleroterion/funding"
	"kleroterion/service/grants"
)

// roundStatusOf is a funding round's status in words.
func roundStatusOf(name string) status {
	switch name {
	case "announced":
		return status{"Announced", "wait", "Everything is fixed and public. Applications are not taken yet."}
	case "applications":
		return status{"Taking applications", "wait", "Members can apply with a project now."}
	case "review":
		return status{"Under review", "wait", "Applications are over. Reviewers decide which projects take part, and give reasons for what they reject."}
	case "gifts":
		return status{"Taking gifts", "wait", "Members can give to the projects now."}
	case "closed":
		return status{"Being matched", "wait", "No gift is taken any more. The result follows as soon as everything that it needs is there."}
	case "final":
		return status{"Final", "good", "The round is over. Anyone can check the result below."}
	case "void":
		return status{"Void", "bad", "This round was ended without a result. It stays on record with its reason."}
	}
	return status{name, "wait", ""}
}

// projectStateOf is a project's state in words.
func projectStateOf(s grants.State) status {
	switch s {
	case grants.Applied:
		return status{"Applied", "wait", "Reviewers have not decided about this project yet."}
	case grants.Approved:
		return status{"Approved", "good", "This project takes part: gifts to it count."}
	case grants.Rejected:
		return status{"Rejected", "bad", "This project takes no part. The reasons are below."}
	case grants.Appealed:
		return status{"Appealed", "warn", "Its owner has appealed. Somebody decides who has not decided about it before."}
	case grants.Withdrawn:
		return status{"Withdrawn", "bad", "Its owner has withdrawn it. Gifts to it do not count."}
	}
	return status{string(s), "wait", ""}
}

var actWords = map[grants.Act]string{
	grants.Apply: "applied", grants.Change: "changed the application", grants.Approve: "approved", grants.Reject: "rejected",
	grants.Appeal: "appealed", grants.Withdraw: "withdrew the project",
}

var groundsOf = map[grants.Ground]string{
	grants.Scope: "it is not what the round is for", grants.Evidence: "what it says is not shown", grants.Duplicate: "it stands twice",
	grants.Fraudulent: "it deceives", grants.Incomplete: "something is missing",
}

// ruleWords says in one sentence how the pool is shared.
func ruleWords(r funding.Rule) string {
	switch r {
	case funding.Quadratic:
		return "The more people give to a project, the more of the pool it gets: its match is the square of the sum of the square roots of what each gave, less the gifts themselves, scaled so that all matches fit the pool."
	case funding.Pairwise:
		return "Each pair of people who give to the same project adds to its match, and adds less the more the two give to the same projects elsewhere; all matches are scaled to fit the pool."
	case funding.Cluster:
		return "A project is matched for gifts of people who otherwise give to different projects; people who always give alike count little more than one. All matches are scaled to fit the pool."
	}
	return string(r)
}

// boundsOf says what else the parameters fix, one sentence each.
func boundsOf(m *grants.Manifest, x funding.Asset) (list []string) {
	p := m.Params
	add := func(has bool, text string) {
		if has {
			list = append(list, text)
		}
	}
	add(!p.Min.IsZero(), "What one person gives to a project counts only from "+money(p.Min, x)+" on.")
	add(!p.Max.IsZero(), "Of what one person gives to a project, at most "+money(p.Max, x)+" counts for its match.")
	add(!p.Cap.IsZero(), "No project gets more than "+money(p.Cap, x)+" of the matching.")
	twice, fits := p.M.Add(p.M)
	add(!p.M.IsZero() && fits, "No pair of people draws more than "+money(twice, x)+" over all projects.")
	add(p.MatchBelowPool, "Where the matches are smaller than the pool, they are paid as they are and the rest is left.")
	add(p.Solidarity != "", string(p.Solidarity)+" of the pool is set aside for solidarity before the matching.")
	add(m.Weights, "Gifts count by personal weights, which are published.")
	add(p.DefaultWeight != nil, "People without a weight of their own count by a lower one.")
	add(m.Jury != nil, "The jury's votes share a part of the pool: see below.")
	add(m.Self == grants.SelfRefused, "Owners cannot give to their own project.")
	return list
}

// noJuryWords says why a jury gave nothing.
func noJuryWords(n grants.NoJury) string {
	switch n {
	case grants.JuryAbsent:
		return "Nobody opened the jury's poll in time, so its part was matched like the rest."
	case grants.JuryVoid:
		return "The jury's poll is void, so its part was matched like the rest."
	case grants.JuryForm:
		return "The poll was not one that can share money among these projects, so its part was matched like the rest."
	}
	return ""
}

// invalidGift says why a sealed gift did not count.
func invalidGift(rule string) string {
	switch rule {
	case grants.RuleUnopenable:
		return "it does not open"
	case grants.RulePadding:
		return "what was sealed has the wrong length"
	case grants.RuleInner:
		return "what was sealed is no gift"
	case grants.RuleCopied:
		return "it was sealed by somebody else: a copy"
	case grants.RuleInnerRound:
		return "it was sealed for another round"
	case grants.RuleUnknown:
		return "it names a project that is not there"
	case grants.RuleNotApproved:
		return "its project was not approved at the end"
	case grants.RuleOwn:
		return "it is to the donor's own project"
	case grants.RuleAmount:
		return "its amount cannot be counted"
	}
	return "it breaks a rule: " + strings.ReplaceAll(rule, "_", " ")
}
