package api_test

import (
	"encoding/json"
	"strings"

	"kleroterion/api/client"
	"kleroterion/service/grants"
)

// roundCalls go on where polityCalls ends. They move the clock: nothing of a town comes after them.
func roundCalls() []call {
	return []call{
		{"openRound", "POST", "/v1/communities/grove/rounds", "stw", "{newround}", ""},
		{"listRounds", "GET", "/v1/rounds?community=grove", "", "", ""},
		{"getRound", "GET", "/v1/rounds/{fund}", "", "", ""},
		{"getRoundByHash", "GET", "/v1/rounds/by-hash/{fundhash}", "", "", ""},
		{"getRoundManifest", "GET", "/v1/rounds/{fund}/manifest", "", "", ""},
		{"getRoundRoll", "GET", "/v1/rounds/{fund}/roll", "", "", ""},
		{"topUp", "POST", "/v1/rounds/{fund}/topups", "stw", `{"amount":"5","reference":"a patron"}`, ""},
		{"listTopups", "GET", "/v1/rounds/{fund}/topups", "", "", ""},
		{"setWeights", "PUT", "/v1/rounds/{fund}/weights?source=march", "stw", "donor,weight\n{donor},900000\n", "text/csv"},
		{"listWeights", "GET", "/v1/rounds/{fund}/weights", "", "", ""},
		{"getWeights", "GET", "/v1/rounds/{fund}/weights/1", "", "", ""},
		{"applyProject", "POST", "/v1/rounds/{fund}/projects", "", "{application}", ""},
		{"applyProject", "POST", "/v1/rounds/{fund}/projects", "", "{application2}", ""},
		{"listProjects", "GET", "/v1/rounds/{fund}/projects?limit=1", "", "", ""},
		{"getProject", "GET", "/v1/rounds/{fund}/projects/mill", "", "", ""},
		{"getProjectText", "GET", "/v1/rounds/{fund}/projects/mill/text", "", "", ""},
		{"moveProject", "POST", "/v1/rounds/{fund}/projects/weir/moves", "", "{withdrawal}", ""},
		{"reviewProject", "POST", "/v1/rounds/{fund}/projects/mill/reviews", "stw", `{"reviewer":"rita","act":"approve","seq":1}`, ""},
		{"give", "POST", "/v1/rounds/{fund}/gifts", "", "{gift}", ""},
		{"importGifts", "POST", "/v1/rounds/{fund}/gifts/import", "stw", "{payments}", "application/jsonl"},
		{"listGifts", "GET", "/v1/rounds/{fund}/gifts?limit=1", "", "", ""},
		{"getGift", "GET", "/v1/rounds/{fund}/gifts/{giftn}", "", "", ""},
		{"refundGift", "POST", "/v1/rounds/{fund}/gifts/{giftn}/refund", "stw", `{"reason":"asked"}`, ""},
		{"getEstimate", "GET", "/v1/rounds/{fund}/estimate", "", "", ""},
		{"whatIf", "GET", "/v1/rounds/{fund}/estimate/what-if?project=mill&amount=10", "", "", ""},
		{"openRound", "POST", "/v1/communities/grove/rounds", "stw", "{newround2}", ""},
		{"voidRound", "POST", "/v1/rounds/{fund2}/void", "stw", `{"reason":"only a walk"}`, ""},
		{"followRound", "GET", "/v1/rounds/{fund}/events", "", "", ""},
		{"getRoundRecords", "GET", "/v1/rounds/{fund}/records", "", "", ""},
		{"getRoundBundle", "GET", "/v1/rounds/{fund}/bundle", "", "", ""},
		{"listRoundVersions", "GET", "/v1/rounds/{fund}/versions", "", "", ""},
		{"getRoundResult", "GET", "/v1/rounds/{fund}/versions/1", "", "", ""},
		{"getRoundSheet", "GET", "/v1/rounds/{fund}/versions/0/sheet", "", "", ""},
		{"getProjectSheet", "GET", "/v1/rounds/{fund}/versions/1/projects/mill", "", "", ""},
		{"correctRound", "POST", "/v1/rounds/{fund}/corrections", "stw", `{"changes":[{"donor":"{pseudonym}","weight":500000}],"reason":"a walk"}`, ""},
		{"getCorrection", "GET", "/v1/rounds/{fund}/corrections/{correction}", "stw", "", ""},
		{"diffRoundVersions", "GET", "/v1/rounds/{fund}/versions/1/diff?from=1", "", "", ""},
		{"getPayoutsCSV", "GET", "/v1/rounds/{fund}/versions/1/payouts.csv", "", "", ""},
		{"getPayoutsMerkle", "GET", "/v1/rounds/{fund}/versions/1/payouts.merkle.json", "", "", ""},
		{"getPayoutsSafe", "GET", "/v1/rounds/{fund}/versions/1/payouts.safe.json?chain=1&safe=" + account("safe") + "&token=" + account("coin"), "", "", ""},
		{"recordPayout", "POST", "/v1/rounds/{fund}/payouts", "stw", `{"project":"mill","account":"` + account("mill") + `","amount":"1","reference":"a","version":2}`, ""},
		{"listPayouts", "GET", "/v1/rounds/{fund}/payouts", "", "", ""},
	}
}

// learnRound takes names from answers, and moves the clock to where the next request fits.
func (p *polity) learnRound(id string, got reply, names map[string]string) {
	p.t.Helper()
	location := got.header.Get("Location")
	switch id {
	case "voidPoll": // the last of the polity's
		names["newround"] = p.walkedRound("walk")
	case "openRound":
		p.learnOpened(got, names)
	case "reviewProject":
		p.clock.Store(p.round(names["fund"]).GiftsStart)
	case "whatIf":
		names["newround2"] = p.walkedRound("other")
	case "give":
		names["giftn"] = location[strings.LastIndexByte(location, '/')+1:]
	case "voidRound":
		p.clock.Store(p.round(names["fund"]).DueAt + 5)
	case "followRound":
		p.published()
	case "correctRound":
		names["correction"] = location[strings.LastIndexByte(location, '/')+1:]
		_, err := p.as(p.steward).WaitCorrection(p.t.Context(), names["fund"], names["correction"])
		must(p.t, err)
	}
}

// walkedRound is a request for a round whose owners may give to their own projects: there is one member.
func (p *polity) walkedRound(slug string) string {
	p.t.Helper()
	in := p.newRound(slug)
	in.Self = client.NewRoundSelfAllowed
	return strings.TrimSuffix(jsonLines(p.t, in), "\n")
}

func (p *polity) learnOpened(got reply, names map[string]string) {
	p.t.Helper()
	var of client.Round
	must(p.t, json.Unmarshal([]byte(got.body), &of))
	if names["fund"] != "" {
		names["fund2"] = of.ID
		return
	}
	names["fund"], names["fundhash"], names["donor"] = of.ID, of.Hash, donor(0)
	names["application"] = jsonLines(p.t, p.application(of, 0, "mill"))
	names["application2"] = jsonLines(p.t, p.application(of, 0, "weir"))
	gone := grants.Move{Act: grants.Withdraw, Project: "weir"}
	names["withdrawal"] = jsonLines(p.t, client.OwnerMove{Act: client.OwnerMoveActWithdraw, Signature: p.move(of, gone, 0, 2)})
	names["gift"] = jsonLines(p.t, p.gift(of, 0, "mill", "100", 1))
	names["payments"] = jsonLines(p.t, p.payment(of, 0, "mill", "400", "a"), p.payment(of, 1, "mill", "500", "b"))
	names["pseudonym"] = grants.Door{Hash: grants.HashBytes(of.Manifest)}.Pseudonym(donor(0))
}
