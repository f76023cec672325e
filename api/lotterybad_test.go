package api_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"kleroterion/api/client"
)

// TestLotteriesAreRefused makes requests that break one rule each, on lotteries that failed, were
// cancelled or are ready.
func TestLotteriesAreRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.frozenVolunteers()
	names := map[string]string{
		"register": r.ID, "draft": w.emptyRegister(), "failed": w.failedLottery(r), "cancelled": w.cancelledLottery(r), "none": aRegister,
		"file": jsonOf(t, quotaLines), "bad": jsonOf(t, "feature,value,min,max\nage,16-29,two,2\nage,16-29,0,1\ndistrict,north,5,4\n"),
	}
	id := strings.Repeat("ab", 32)
	const quotas, lotteries = "/v1/registers/{register}/quotas", "/v1/registers/{register}/lotteries"
	one := `"quotas":[{"feature":"age","value":"16-29","min":0,"max":6},{"feature":"age","value":"30+","min":0,"max":6}]`
	draw := `{"city":"example","decision":"x","register":"{register}","method":"panels","lottery":"{failed}","draw_time":1800003700,"rehearsal":true}`
	for _, tt := range []struct {
		name, method, path, token, body string
		status                          int
		code, pointers                  string
	}{
		{"a lottery of nothing", "POST", lotteries, "reg", `{}`, 422, "validation", "/size"},
		{"quotas in two ways", "POST", lotteries, "reg", `{"size":6,"categories":{file},` + one + `}`, 422, "quotas", ""},
		{"no quotas", "POST", quotas, "reg", `{"size":6}`, 422, "quotas", ""},
		{"an unknown member of a quota", "POST", lotteries, "reg", `{"size":6,"quotas":[{"feature":"age","value":"30+","min":0,"max":6,"weight":1}]}`, 400, "malformed", "/quotas/0/weight"},
		{"a method that is none", "POST", lotteries, "reg", `{"size":6,"method":"fair",` + one + `}`, 422, "validation", "/method"},
		{"two million panels", "POST", lotteries, "reg", `{"size":6,"panels":2000000,` + one + `}`, 422, "validation", "/panels"},
		{"more seats than anybody reads", "POST", lotteries, "reg", `{"size":1000,"panels":1000000,` + one + `}`, 422, "too_large", ""},
		{"an id that is none", "POST", lotteries, "reg", `{"size":6,"seated":["me"],` + one + `}`, 422, "validation", "/seated/0"},
		{"somebody of another register", "POST", lotteries, "reg", `{"size":6,"excluded":["` + id + `"],` + one + `}`, 422, "unknown_id", ""},
		{"somebody on both lists", "POST", lotteries, "reg", `{"size":6,"excluded":["` + id + `"],"seated":["` + id + `"],` + one + `}`, 422, "ids", "/seated/0"},
		{"a feature that is not disclosed", "POST", quotas, "reg", `{"size":6,"quotas":[{"feature":"income","value":"low","min":0,"max":6}]}`, 422, "undisclosed", "/quotas/0/feature"},
		{"a minimum above its maximum", "POST", quotas, "reg", `{"size":6,"quotas":[{"feature":"age","value":"30+","min":4,"max":3}]}`, 422, "quotas", "/quotas/0/min"},
		{"everything wrong with a file at once", "POST", lotteries, "reg", `{"size":6,"categories":{bad}}`, 422, "categories", "/categories /categories /categories"},
		{"a register that is not frozen", "POST", "/v1/registers/{draft}/quotas", "reg", `{"size":6,` + one + `}`, 409, "register_state", ""},
		{"no register", "POST", "/v1/registers/{none}/lotteries", "reg", `{"size":6,` + one + `}`, 404, "not_found", ""},
		{"another city's register", "POST", lotteries, "str", `{"size":6,` + one + `}`, 404, "not_found", ""},
		{"quotas of another city", "POST", quotas, "str", `{"size":6,` + one + `}`, 404, "not_found", ""},
		{"nobody's lottery", "POST", lotteries, "", `{"size":6,` + one + `}`, 401, "key_required", ""},
		{"an auditor's lottery", "POST", lotteries, "aud", `{"size":6,` + one + `}`, 403, "role", ""},
		{"another city's list", "GET", "/v1/cities/example/lotteries", "str", "", 404, "not_found", ""},
		{"another city's lottery", "GET", "/v1/lotteries/{failed}", "str", "", 404, "not_found", ""},
		{"another city cancels", "DELETE", "/v1/lotteries/{failed}", "str", "", 404, "not_found", ""},
		{"an auditor cancels", "DELETE", "/v1/lotteries/{failed}", "aud", "", 403, "role", ""},
		{"a lottery that failed is cancelled", "DELETE", "/v1/lotteries/{failed}", "reg", "", 409, "lottery_state", ""},
		{"and one that was cancelled", "DELETE", "/v1/lotteries/{cancelled}", "reg", "", 409, "lottery_state", ""},
		{"the file of a lottery that failed", "GET", "/v1/lotteries/{failed}/file", "reg", "", 409, "lottery_state", ""},
		{"the report of one that was cancelled", "GET", "/v1/lotteries/{cancelled}/report.html", "reg", "", 409, "lottery_state", ""},
		{"no lottery", "GET", "/v1/lotteries/{none}", "reg", "", 404, "not_found", ""},
		{"a draw of a lottery that failed", "POST", "/v1/draws", "reg", draw, 409, "lottery_state", ""},
		{"a draw of panels without a lottery", "POST", "/v1/draws", "reg", strings.Replace(draw, `"lottery":"{failed}",`, "", 1), 422, "validation", "/strata"},
		{"a draw that says what its lottery says", "POST", "/v1/draws", "reg", strings.Replace(draw, `"lottery"`, `"one_per_household":false,"strata_by":["age"],"strata":[{"stratum":"","seats":1}],"lottery"`, 1), 422, "validation", "/strata_by /strata"},
		{"a household rule beside a lottery", "POST", "/v1/draws", "reg", strings.Replace(draw, `"lottery"`, `"one_per_household":true,"lottery"`, 1), 422, "validation", "/one_per_household"},
		{"a draw of a lottery that there is not", "POST", "/v1/draws", "reg", strings.Replace(draw, "{failed}", "{none}", 1), 422, "lottery_unknown", ""},
		{"the report of no draw", "GET", "/v1/draws/{none}/report.json", "", "", 404, "not_found", ""},
		{"alternates by the thousands", "GET", "/v1/draws/{none}/alternates?n=5000", "", "", 422, "validation", "query:n"},
	} {
		tokens := map[string]string{"reg": w.registrar, "str": w.stranger, "aud": w.auditor}
		got := w.ask(tt.method, fill(tt.path, names), tokens[tt.token], fill(tt.body, names))
		p := problemOf(t, got)
		var pointers []string
		for _, e := range p.Errors {
			pointers = append(pointers, e.Pointer)
		}
		if got.status != tt.status || p.Code != tt.code || tt.pointers != "" && strings.Join(pointers, " ") != tt.pointers {
			t.Errorf("%s: %d %s %v, want %d %s %s: %s", tt.name, got.status, p.Code, pointers, tt.status, tt.code, tt.pointers, got.body)
		}
	}
	large := w.ask("POST", fill(quotas, names), w.registrar, `{"categories":"`+strings.Repeat("x", 16<<20)+`"}`)
	if p := problemOf(t, large); large.status != 413 || p.Code != "too_large" {
		t.Errorf("a body of 16 MiB and more: %d %s", large.status, p.Code)
	}
	w.proposedPanelDraw(r)
}

// proposedPanelDraw has two officials open the draw of a lottery, where the city's policy asks for two.
func (w *town) proposedPanelDraw(r client.Register) {
	w.t.Helper()
	l := w.ready(r.ID, newLottery())
	if got := w.ask("PUT", "/v1/cities/example/policy", w.operator, `{"approvals":2}`); got.status != 200 {
		w.t.Fatalf("policy: %d %s", got.status, got.body)
	}
	in := jsonOf(w.t, client.NewDraw{City: l.City, Decision: "two", Register: l.Register, Method: client.NewDrawMethodPanels, Lottery: l.ID, DrawTime: w.clock.Load() + 60, Rehearsal: true})
	if alone := w.ask("POST", "/v1/draws", w.registrar, in); alone.status != 409 {
		w.t.Errorf("a draw by one official: %d", alone.status)
	}
	proposed := w.ask("POST", "/v1/proposals", w.registrar, `{"draw":`+in+`}`)
	if proposed.status != 201 || !strings.Contains(proposed.body, `"lottery":"`+l.ID+`"`) {
		w.t.Fatalf("proposal: %d %s", proposed.status, proposed.body)
	}
	if before := w.ask("GET", "/v1/lotteries/"+l.ID, "", ""); before.status != 404 {
		w.t.Errorf("the lottery of a draw that is only proposed is public: %d", before.status)
	}
	var p client.Proposal
	approved := w.ask("POST", proposed.header.Get("Location")+"/approve", w.second(), "")
	must(w.t, json.Unmarshal([]byte(approved.body), &p))
	d, err := w.as("").GetDrawWithResponse(w.t.Context(), p.Made)
	must(w.t, err)
	if d.JSON200.Lottery != l.ID || d.JSON200.Panel == nil || d.JSON200.Panel.Count != 50 {
		w.t.Errorf("draw of two officials: %+v", d.JSON200)
	}
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// failedLottery is one whose quotas contradict each other; its job says which, and what is nearest.
func (w *town) failedLottery(r client.Register) string {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	made, err := i.StartLotteryWithResponse(ctx, r.ID, nil, client.NewLottery{Size: 6, Quotas: contrary()})
	must(w.t, err)
	job, err := i.WaitJob(ctx, made.JSON202.Job, nil)
	var failed *client.JobFailed
	var why client.QuotaCheck
	if !errors.As(err, &failed) || job.Error != "quotas_conflict" {
		w.t.Fatalf("job of contrary quotas: %v %+v", err, job)
	}
	must(w.t, json.Unmarshal(job.Report, &why))
	if !strings.Contains(why.Conflict, "south") || len(why.Nearest) == 0 {
		w.t.Errorf("report of the job: %s", job.Report)
	}
	got, err := i.GetLotteryWithResponse(ctx, made.JSON202.ID)
	must(w.t, err)
	if l := got.JSON200; l.State != client.LotteryStateFailed || l.File != "" || l.ClosedAt == 0 {
		w.t.Errorf("lottery: %+v", l)
	}
	return made.JSON202.ID
}

// cancelledLottery is cancelled after the same request was sent twice.
func (w *town) cancelledLottery(r client.Register) string {
	w.t.Helper()
	path, body := "/v1/registers/"+r.ID+"/lotteries", jsonOf(w.t, newLottery())
	first := w.ask("POST", path, w.registrar, body, "Idempotency-Key: lottery-1")
	again := w.ask("POST", path, w.registrar, body, "Idempotency-Key: lottery-1")
	if first.status != 202 || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
		w.t.Fatalf("%d %s, repeated %d %s", first.status, first.body, again.status, again.body)
	}
	location := first.header.Get("Location")
	got := w.ask("DELETE", location, w.registrar, "")
	if got.status != 200 || !strings.Contains(got.body, `"state":"cancelled"`) {
		w.t.Fatalf("cancelled: %d %s", got.status, got.body)
	}
	return strings.TrimPrefix(location, "/v1/lotteries/")
}
