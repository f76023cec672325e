package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/api/client"
)

// badRequest breaks one rule. {round} takes gifts, {final} and {void} are what they say.
type badRequest struct {
	name, method, path, as, body string
	status                       int
	code, pointer, rule          string
}

// badAmounts are ways to write money that are refused wherever an amount stands.
func badAmounts() map[string]string {
	return map[string]string{
		"negative": "-1", "exponent": "1e3", "leading zero": "007", "sign": "+5", "point": "1.0", "space": " 1", "39 digits": strings.Repeat("9", 39), "hexadecimal": "0x10",
	}
}

func badRounds() []badRequest {
	const open, gifts, base = "/v1/communities/grove/rounds", "/v1/rounds/{round}/gifts", "/v1/rounds/{round}"
	return []badRequest{
		{"a round of nothing", "POST", open, "stw", `{}`, 422, "validation", "/slug", "required"},
		{"a pool that is a number", "POST", open, "stw", `{poolnumber}`, 400, "malformed", "/params/pool", "type"},
		{"a name that was used", "POST", open, "stw", `{used}`, 409, "round_exists", "", ""},
		{"windows that cross", "POST", open, "stw", `{crossed}`, 422, "times", "", ""},
		{"a rule that is none", "POST", open, "stw", `{rule}`, 422, "validation", "/params/rule", "oneof"},
		{"an asset in small letters", "POST", open, "stw", `{asset}`, 422, "validation", "/params/asset/code", "asset"},
		{"a share of more than all", "POST", open, "stw", `{share}`, 422, "round_form", "", ""},
		{"an open round with a size", "POST", open, "stw", `{size}`, 422, "round_form", "", ""},
		{"an unknown member", "POST", open, "stw", `{"id":"x"}`, 400, "malformed", "/id", "unknown_member"},
		{"no round", "GET", "/v1/rounds/" + aRegister, "", "", 404, "not_found", "", ""},
		{"no round to follow", "GET", "/v1/rounds/" + aRegister + "/events", "", "", 404, "not_found", "", ""},
		{"no round to estimate", "GET", "/v1/rounds/" + aRegister + "/estimate", "", "", 404, "not_found", "", ""},
		{"a hash of no round", "GET", "/v1/rounds/by-hash/" + strings.Repeat("ab", 32), "", "", 404, "not_found", "", ""},
		{"rounds of a community in capitals", "GET", "/v1/rounds?community=Grove", "", "", 422, "validation", "query:community", "slug"},
		{"another list's cursor", "GET", "/v1/rounds?cursor=MSBwb2xscy8gYQ", "", "", 400, "cursor", "query:cursor", "cursor"},
		{"a top-up of a number", "POST", base + "/topups", "stw", `{"amount":5,"reference":"x"}`, 400, "malformed", "/amount", "type"},
		{"a top-up of nothing", "POST", base + "/topups", "stw", `{"amount":"0","reference":"x"}`, 422, "amount", "/amount", "amount"},
		{"weights without a source", "PUT", base + "/weights", "stw", `{"weights":[]}`, 422, "validation", "query:source", "required"},
		{"a weight of a stranger", "PUT", base + "/weights?source=x", "stw", `{"weights":[{"donor":"members/{nobody}","weight":1}]}`, 422, "weights", "/weights/0/donor", "not_on_roll"},
		{"a weight above all", "PUT", base + "/weights?source=x", "stw", `{"weights":[{"donor":"{donor}","weight":1000001}]}`, 422, "validation", "/weights/0/weight", "max"},
		{"a weight that is text", "PUT", base + "/weights?source=x", "stw", `{"weights":[{"donor":"{donor}","weight":"1"}]}`, 400, "malformed", "/weights/0/weight", "type"},
		{"weights that were never set", "GET", base + "/weights/9", "", "", 404, "not_found", "", ""},
		{"an application too late", "POST", base + "/projects", "", `{late}`, 409, "closed_window", "", ""},
		{"a withdrawal that nobody signed", "POST", base + "/projects/mill/moves", "", `{"act":"withdraw","signature":{"signature":"00"}}`, 422, "signature", "", ""},
		{"no project", "GET", base + "/projects/none", "", "", 404, "not_found", "", ""},
		{"no project's text", "GET", base + "/projects/none/text", "", "", 404, "not_found", "", ""},
		{"an act of a reviewer as one's own", "POST", base + "/projects/mill/moves", "", `{"act":"approve","signature":{"signature":"00"}}`, 422, "validation", "/act", "oneof"},
		{"a review of what was not seen", "POST", base + "/projects/mill/reviews", "stw", `{"reviewer":"rita","act":"approve","seq":1}`, 409, "project_seq", "", ""},
		{"a review without a reviewer", "POST", base + "/projects/mill/reviews", "stw", `{"reviewer":"","act":"approve","seq":2}`, 422, "validation", "/reviewer", "slug"},
		{"a gift of nothing", "POST", gifts, "", `{"signature":{"signature":"00"}}`, 422, "gift_form", "/gift", "gift_form"},
		{"a gift that is a text", "POST", gifts, "", `{"gift":"all","signature":{"signature":"00"}}`, 400, "malformed", "/gift", "type"},
		{"a gift and a payment", "POST", gifts, "", `{"gift":{"v":1},"paid":{"v":1},"signature":{"signature":"00"}}`, 422, "gift_form", "/paid", "gift_form"},
		{"a gift of a number", "POST", gifts, "", `{number}`, 422, "amount", "/gift/amount", "amount"},
		{"a gift of no money", "POST", gifts, "", `{zero}`, 422, "amount", "/gift/amount", "amount"},
		{"a gift to no project", "POST", gifts, "", `{unknown}`, 422, "unknown_project", "/gift/project", "unknown_project"},
		{"a gift to a project that nobody approved", "POST", gifts, "", `{unapproved}`, 409, "not_approved", "/gift/project", "not_approved"},
		{"a gift to oneself", "POST", gifts, "", `{own}`, 403, "own_project", "/gift/project", "own_project"},
		{"a gift of a stranger", "POST", gifts, "", `{stranger}`, 403, "not_on_roll", "/gift/donor", "not_on_roll"},
		{"a gift to another round", "POST", gifts, "", `{elsewhere}`, 422, "wrong_round", "/gift/round", "wrong_round"},
		{"a gift that another signed", "POST", gifts, "", `{forged}`, 422, "signature", "/signature", "signature"},
		{"the same nonce with another amount", "POST", gifts, "", `{again}`, 409, "repeated", "/gift/nonce", "repeated"},
		{"a connector of none", "POST", gifts, "", `{connector}`, 422, "connector", "/connector", "connector"},
		{"a gift of 30 kB", "POST", gifts, "", `{"gift":{"x":"` + strings.Repeat("x", 30_000) + `"},"signature":{"signature":"00"}}`, 413, "too_large", "", ""},
		{"a gift after the end", "POST", "/v1/rounds/{final}/gifts", "", `{after}`, 409, "closed_window", "", ""},
		{"a record that is no gift", "GET", gifts + "/1", "", "", 404, "not_found", "", ""},
		{"gift 0", "GET", gifts + "/0", "", "", 422, "validation", "path:n", "min"},
		{"gifts of a donor that is none", "GET", gifts + "?donor=me", "", "", 422, "validation", "query:donor", "donor"},
		{"a refund of no gift", "POST", gifts + "/1/refund", "stw", `{"reason":"asked"}`, 404, "not_found", "", ""},
		{"a refund for no reason", "POST", gifts + "/1/refund", "stw", `{"reason":"why not"}`, 422, "validation", "/reason", "oneof"},
		{"what would nothing do", "GET", base + "/estimate/what-if?project=mill&amount=0", "", "", 422, "amount", "query:amount", "amount"},
		{"what would a gift to nobody do", "GET", base + "/estimate/what-if?project=none&amount=1", "", "", 422, "unknown_project", "", ""},
		{"what would a stranger's gift do", "GET", base + "/estimate/what-if?project=mill&amount=1&donor=members/{nobody}", "", "", 403, "not_on_roll", "", ""},
		{"what would a gift do under cocm", "GET", "/v1/rounds/{final}/estimate/what-if?project=mill&amount=1", "", "", 409, "estimate", "", ""},
		{"an estimate of a void round", "GET", "/v1/rounds/{void}/estimate", "", "", 409, "round_void", "", ""},
		{"a result too early", "GET", base + "/versions/1", "", "", 409, "no_result", "", ""},
		{"a sheet too early", "GET", base + "/versions/0/sheet", "", "", 409, "no_result", "", ""},
		{"a project's sheet too early", "GET", base + "/versions/0/projects/mill", "", "", 409, "no_result", "", ""},
		{"a diff too early", "GET", base + "/versions/0/diff", "", "", 409, "no_result", "", ""},
		{"a bundle too early", "GET", base + "/bundle", "", "", 409, "no_result", "", ""},
		{"a result of a void round", "GET", "/v1/rounds/{void}/versions/1", "", "", 409, "round_void", "", ""},
		{"a version that is none", "GET", "/v1/rounds/{final}/versions/7", "", "", 404, "not_found", "", ""},
		{"a sheet of no project", "GET", "/v1/rounds/{final}/versions/1/projects/none", "", "", 404, "not_found", "", ""},
		{"the first version and the one before", "GET", "/v1/rounds/{final}/versions/1/diff", "", "", 422, "from", "query:from", "from"},
		{"a correction too early", "POST", base + "/corrections", "stw", `{"changes":[],"reason":"x"}`, 409, "stage", "", ""},
		{"a correction without a reason", "POST", "/v1/rounds/{final}/corrections", "stw", `{"changes":[],"reason":""}`, 422, "validation", "/reason", "required"},
		{"a correction by name", "POST", "/v1/rounds/{final}/corrections", "stw", `{"changes":[{"donor":"{donor}","what":"struck"}],"reason":"x"}`, 422, "validation", "/changes/0/donor", "donorid"},
		{"a correction that is no job", "GET", "/v1/rounds/{final}/corrections/none", "stw", "", 404, "not_found", "", ""},
		{"a Safe that is none", "GET", "/v1/rounds/{final}/versions/1/payouts.safe.json?chain=1&safe=me", "", "", 422, "validation", "query:safe", "account"},
		{"a Safe without a chain", "GET", "/v1/rounds/{final}/versions/1/payouts.safe.json?safe=" + account("s"), "", "", 422, "validation", "query:chain", "min"},
		{"a Safe with a wrong checksum", "GET", "/v1/rounds/{final}/versions/1/payouts.safe.json?chain=1&safe=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "", "", 422, "account", "query:safe", "account"},
		{"a payout too early", "POST", base + "/payouts", "stw", `{"project":"mill","account":"x","amount":"1","reference":"x","version":1}`, 409, "stage", "", ""},
		{"a payout of a number", "POST", base + "/payouts", "stw", `{"project":"mill","account":"x","amount":1,"reference":"x","version":1}`, 400, "malformed", "/amount", "type"},
		{"a payout above the result", "POST", "/v1/rounds/{final}/payouts", "stw", `{"project":"mill","account":"` + account("mill") + `","amount":"1000000","reference":"x","version":1}`, 409, "payout", "", ""},
	}
}

// badGifts names the requests of the table that are made from a round.
func (p *polity) badGifts(of, over client.Round, names map[string]string) {
	p.t.Helper()
	line := func(v any) string { return strings.TrimSuffix(jsonLines(p.t, v), "\n") }
	good := p.gift(of, 2, "mill", "5", 1)
	p.gave(of, good)
	edit := func(from, to string) string { return strings.Replace(line(good), from, to, 1) }
	names["number"], names["zero"] = edit(`"amount":"5"`, `"amount":5`), line(p.gift(of, 2, "mill", "0", 2))
	names["unknown"], names["unapproved"] = line(p.gift(of, 2, "none", "5", 3)), line(p.gift(of, 2, "dam", "5", 4))
	names["own"], names["elsewhere"] = line(p.gift(of, 0, "mill", "5", 5)), line(p.gift(over, 2, "mill", "5", 6))
	names["again"], names["after"] = line(p.gift(of, 2, "mill", "6", 1)), line(p.gift(over, 2, "mill", "6", 7))
	stranger := p.gift(of, 2, "mill", "5", 8)
	stranger.Gift = []byte(strings.Replace(string(stranger.Gift), token(2), token(99), 1))
	forged := p.gift(of, 2, "mill", "5", 9)
	forged.Signature = p.gift(of, 1, "mill", "5", 9).Signature
	other := p.payment(of, 2, "mill", "5", "x")
	other.Connector = "till"
	names["stranger"], names["forged"], names["connector"] = line(stranger), line(forged), line(other)
	names["late"] = line(p.application(of, 2, "pond"))
}

// badOpenings names requests for rounds that break one rule each.
func (p *polity) badOpenings(names map[string]string) {
	p.t.Helper()
	change := func(change func(*client.NewRound)) string {
		in := p.newRound("bad")
		change(&in)
		return strings.TrimSuffix(jsonLines(p.t, in), "\n")
	}
	names["poolnumber"] = strings.Replace(change(func(*client.NewRound) {}), `"pool":"100000"`, `"pool":100000`, 1)
	names["used"] = change(func(in *client.NewRound) { in.Slug = "spring" })
	names["crossed"] = change(func(in *client.NewRound) { in.GiftsEnd = in.GiftsStart })
	names["rule"] = change(func(in *client.NewRound) { in.Params.Rule = "square" })
	names["asset"] = change(func(in *client.NewRound) { in.Params.Asset.Code = "eur" })
	names["share"] = change(func(in *client.NewRound) { in.Params.Solidarity = "3/2" })
	names["size"] = change(func(in *client.NewRound) { in.Size = client.NewRoundSizeN512 })
}

// refusedRounds makes three rounds: one that takes gifts, one of rule cocm that is final and one that is void.
func refusedRounds(t *testing.T) (p *polity, of client.Round, names map[string]string) {
	p = newGrove(t, 4)
	cluster := p.newRound("over")
	cluster.Params.Rule = client.RoundParamsRuleCocm
	over, void := p.openedRound(cluster), p.openedRound(p.newRound("gone"))
	p.approvedProjects(over, "mill")
	_, err := p.as(p.steward).VoidRoundWithResponse(t.Context(), void.ID, nil, client.Void{Reason: "too few wanted it"})
	must(t, err)
	over = p.final(over)
	of = p.openedRound(p.newRound("spring"))
	p.approvedProjects(of, "mill", "weir")
	_, err = p.as("").ApplyProjectWithResponse(t.Context(), of.ID, p.application(of, 1, "dam"))
	must(t, err)
	p.clock.Store(of.GiftsStart)
	names = map[string]string{"round": of.ID, "final": over.ID, "void": void.ID, "nobody": token(99), "donor": donor(2)}
	p.badGifts(of, over, names)
	p.badOpenings(names)
	return p, of, names
}

// TestBadRequestsAboutRoundsAreRefused holds that a refusal names its member and leaves no record; access and
// repetition are held in the same world.
func TestBadRequestsAboutRoundsAreRefused(t *testing.T) {
	t.Parallel()
	p, of, names := refusedRounds(t)
	head, err := p.svc.LogHead(t.Context())
	must(t, err)
	for _, tt := range badRounds() {
		t.Run(tt.name, func(t *testing.T) { p.refuses(t, tt, names) })
	}
	for name, amount := range badAmounts() {
		gift := strings.Replace(names["again"], `"amount":"6"`, `"amount":"`+amount+`"`, 1)
		for _, tt := range []badRequest{
			{"", "POST", "/v1/rounds/{round}/gifts", "", gift, 422, "amount", "/gift/amount", "amount"},
			{"", "POST", "/v1/rounds/{round}/topups", "stw", `{"amount":"` + amount + `","reference":"x"}`, 422, "validation", "/amount", "amount"},
			{"", "POST", "/v1/rounds/{round}/payouts", "stw", `{"project":"mill","account":"x","amount":"` + amount + `","reference":"x","version":1}`, 422, "validation", "/amount", "amount"},
		} {
			t.Run(name+" "+tt.path[19:], func(t *testing.T) { p.refuses(t, tt, names) })
		}
	}
	after, err := p.svc.LogHead(t.Context())
	must(t, err)
	if after.Size != head.Size {
		t.Errorf("the refusals added %d records", after.Size-head.Size)
	}
	t.Run("what is over", func(t *testing.T) { p.tellsTheEnd(t, names) })
	t.Run("imports", func(t *testing.T) { p.refusesImports(t, of) })
	t.Run("repetition", func(t *testing.T) { p.repeats(t, of) })
	t.Run("access", func(t *testing.T) { p.admitsStewards(t, of, names) })
}

func (p *polity) refuses(t *testing.T, tt badRequest, names map[string]string) {
	t.Helper()
	got := p.ask(tt.method, fill(tt.path, names), map[string]string{"stw": p.steward}[tt.as], fill(tt.body, names))
	problem := problemOf(t, got)
	if got.status != tt.status || problem.Code != tt.code {
		t.Fatalf("got %d %s, want %d %s: %.400s", got.status, problem.Code, tt.status, tt.code, got.body)
	}
	if tt.rule != "" && (len(problem.Errors) == 0 || problem.Errors[0].Pointer != tt.pointer || problem.Errors[0].Rule != tt.rule) {
		t.Errorf("got errors %+v, want rule %s at %q", problem.Errors, tt.rule, tt.pointer)
	}
	if strings.HasSuffix(tt.name, "too early") && tt.method == "GET" && got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// tellsTheEnd looks at what a void round and one of rule cocm do not have.
func (p *polity) tellsTheEnd(t *testing.T, names map[string]string) {
	sheet := fill("/v1/rounds/{final}/versions/1/projects/mill", names)
	why, table := p.ask("GET", sheet, "", ""), p.ask("GET", sheet, "", "", "Accept: text/csv")
	if !strings.Contains(why.body, `"no_effects":"`) || table.status != 409 || problemOf(t, table).Code != "no_effects" {
		t.Errorf("effects under cocm: %d %s\nas CSV: %d %s", why.status, why.body, table.status, table.body)
	}
	path := fill("/v1/rounds/{void}/events", names)
	events := p.ask("GET", path, "", "")
	id, data, _ := strings.Cut(strings.TrimPrefix(events.body, "retry: 2000\n\nid: "), "\n")
	if !strings.HasPrefix(data, `event: void`+"\n") || strings.Contains(data, `"estimate"`) || strings.Count(data, "event: ") != 1 {
		t.Errorf("events of a void round: %s", events.body)
	}
	if seen := p.ask("GET", path, "", "", "Last-Event-ID: "+id); !strings.Contains(seen.body, "event: end") || strings.Contains(seen.body, "manifest") {
		t.Errorf("events for one who saw the end: %s", seen.body)
	}
}

// refusesImports sends files of which nothing may be stored.
func (p *polity) refusesImports(t *testing.T, of client.Round) {
	path := "/v1/rounds/" + of.ID + "/gifts/import"
	good, forged := p.payment(of, 1, "mill", "5", "i1"), p.payment(of, 1, "mill", "5", "i2")
	forged.Signature = good.Signature
	all := jsonLines(t, good, forged, p.gift(of, 1, "mill", "5", 50), p.payment(of, 1, "none", "5", "i3")) + "{\"paid\":\n\n" +
		strings.Replace(jsonLines(t, p.payment(of, 1, "mill", "5", "i4")), `"amount":"5"`, `"amount":5`, 1) + jsonLines(t, p.payment(of, 1, "mill", "5", "i5"))
	got := p.ask("POST", path, p.steward, all, "Content-Type: application/jsonl")
	problem := problemOf(t, got)
	var rules []string
	for _, e := range problem.Errors {
		rules = append(rules, e.Pointer+" "+e.Rule)
	}
	want := "/gifts/1 signature, /gifts/2 connector, /gifts/3 unknown_project, /gifts/4 gift_form, /gifts/5 gift_form, /gifts/6 gift_form"
	if got.status != 422 || problem.Code != "import" || strings.Join(rules, ", ") != want || !strings.HasPrefix(problem.Errors[5].Detail, "row 7: ") {
		t.Errorf("%d %s with %q, want %q: %s", got.status, problem.Code, rules, want, got.body)
	}
	for name, tt := range map[string]struct {
		body, media string
		status      int
	}{
		"nothing": {"", "application/jsonl", 422}, "a CSV file": {"a,b\n", "text/csv", 415}, "too many rows": {strings.Repeat("{}\n", 10_001), "application/jsonl", 422},
		"too many bytes": {strings.Repeat(" ", 17<<20), "application/jsonl", 413},
	} {
		if got := p.ask("POST", path, p.steward, tt.body, "Content-Type: "+tt.media); got.status != tt.status {
			t.Errorf("%s: %d %.200s, want %d", name, got.status, got.body, tt.status)
		}
	}
	if list := p.ask("GET", "/v1/rounds/"+of.ID+"/gifts?donor="+donor(1), "", ""); list.body != "{\"items\":[]}\n" {
		t.Errorf("something was stored: %s", list.body)
	}
	bad := p.ask("PUT", "/v1/rounds/"+of.ID+"/weights?source=x", p.steward, "donor,weight\n"+donor(1)+",1\nme,1\n"+donor(2)+",2000000\n", "Content-Type: text/csv")
	if e := problemOf(t, bad).Errors; bad.status != 422 || len(e) != 2 || e[0].Pointer != "/weights/1/donor" || e[1].Pointer != "/weights/2/weight" || !strings.HasPrefix(e[1].Detail, "row 3: ") {
		t.Errorf("weights: %d %s", bad.status, bad.body)
	}
}

// repeats sends requests again, the same and others under the same Idempotency-Key.
func (p *polity) repeats(t *testing.T, of client.Round) {
	path, key := "/v1/rounds/"+of.ID+"/topups", "Idempotency-Key: once"
	first := p.ask("POST", path, p.steward, `{"amount":"5","reference":"x"}`, key)
	p.clock.Store(of.GiftsStart + 1)
	again := p.ask("POST", path, p.steward, `{"amount":"5","reference":"x"}`, key)
	other := p.ask("POST", path, p.steward, `{"amount":"6","reference":"x"}`, key)
	if first.status != 200 || first.body != again.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %s\nthen %d %s", first.status, first.body, again.status, again.body)
	}
	if other.status != 409 || problemOf(t, other).Code != "idempotency_key" {
		t.Errorf("the same key with another amount: %d %s", other.status, other.body)
	}
	if list := p.ask("GET", path, "", ""); strings.Count(list.body, `"amount"`) != 1 {
		t.Errorf("top-ups: %s", list.body)
	}
	file := jsonLines(t, p.payment(of, 3, "mill", "5", "k"))
	one := p.ask("POST", "/v1/rounds/"+of.ID+"/gifts/import", p.steward, file, "Content-Type: application/jsonl", "Idempotency-Key: file")
	two := p.ask("POST", "/v1/rounds/"+of.ID+"/gifts/import", p.steward, file, "Content-Type: application/jsonl", "Idempotency-Key: file")
	if one.status != 200 || one.body != two.body || two.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("import %d %s\nthen %d %s", one.status, one.body, two.status, two.body)
	}
	tag := p.ask("GET", "/v1/rounds/"+of.ID, "", "").header.Get("ETag")
	void := p.ask("POST", "/v1/rounds/"+of.ID+"/void", p.steward, `{"reason":"x"}`, `If-Match: "other"`)
	if void.status != 412 || len(tag) < 10 {
		t.Errorf("void of a stale round: %d %s", void.status, void.body)
	}
}

// admitsStewards asks with every sort of key. Another community's round is absent to its steward.
func (p *polity) admitsStewards(t *testing.T, of client.Round, names map[string]string) {
	if got := p.ask("POST", "/v1/communities", p.operator, `{"slug":"heath","name":"Heath"}`); got.status != 201 {
		t.Fatalf("community: %d %s", got.status, got.body)
	}
	heath, base := p.stewardOf("heath"), "/v1/rounds/"+of.ID
	gift := p.gave(of, p.gift(of, 3, "weir", "5", 60))
	opening, err := json.Marshal(p.newRound("access"))
	must(t, err)
	n := base + "/gifts/" + jsonLines(t, gift.N)
	for _, tt := range []struct {
		method, path, body, media string
		steward                   int
	}{
		{"POST", "/v1/communities/grove/rounds", string(opening), "", 201},
		{"POST", base + "/topups", `{"amount":"5","reference":"y"}`, "", 200},
		{"PUT", base + "/weights?source=x", "donor,weight\n" + donor(1) + ",1\n", "text/csv", 200},
		{"POST", base + "/projects/dam/reviews", `{"reviewer":"rita","act":"approve","seq":1}`, "", 200},
		{"POST", base + "/gifts/import", jsonLines(t, p.payment(of, 3, "mill", "5", "z")), "application/jsonl", 200},
		{"POST", strings.TrimSpace(n) + "/refund", `{"reason":"asked"}`, "", 200},
		{"POST", base + "/corrections", `{"changes":[],"reason":"x"}`, "", 409},
		{"GET", "/v1/rounds/" + names["final"] + "/corrections/none", "", "", 404},
		{"POST", base + "/payouts", `{"project":"mill","account":"x","amount":"1","reference":"x","version":1}`, "", 409},
		{"POST", base + "/void", `{"reason":"x"}`, "", 200},
	} {
		for _, who := range []struct {
			name, token string
			want        int
		}{
			{"nobody", "", 401}, {"heath's steward", heath, 404}, {"an auditor", p.auditor, 404}, {"another city's registrar", p.stranger, 404},
			{"an operator", p.operator, 403}, {"a registrar", p.registrar, 404}, {"the steward", p.steward, tt.steward},
		} {
			var headers []string
			if tt.media != "" {
				headers = []string{"Content-Type: " + tt.media}
			}
			if got := p.ask(tt.method, tt.path, who.token, tt.body, headers...); got.status != who.want {
				t.Errorf("%s %s by %s: %d %s, want %d", tt.method, tt.path, who.name, got.status, got.body, who.want)
			}
		}
	}
}
