package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
)

// call is one request of the walk. Paths may name {register}, {root}, {draw}, {commit}, {entry},
// {chain}, {round}, {key}, {draft} and what the other lists of calls add.
type call struct{ id, method, path, as, body, media string }

func walkCalls() []call {
	return []call{
		{"addCity", "POST", "/v1/cities", "op", `{"slug":"walk","name":"Walk"}`, ""},
		{"listCities", "GET", "/v1/cities", "", "", ""},
		{"getCity", "GET", "/v1/cities/example", "", "", ""},
		{"exportCity", "GET", "/v1/cities/example/export.zip", "", "", ""},
		{"addKey", "POST", "/v1/keys", "reg", `{"city":"example","role":"auditor","label":"walk"}`, ""},
		{"listKeys", "GET", "/v1/keys?city=example", "reg", "", ""},
		{"revokeKey", "DELETE", "/v1/keys/{key}", "reg", "", ""},
		{"setup", "POST", "/v1/setup", "", `{"token":"{owner}"}`, ""},
		{"addRegister", "POST", "/v1/registers", "reg", `{"city":"example","name":"walk","k":2,"mapping":{"person":"id","name":["name"],"address":["address"],"features":[{"name":"district","column":"district"}]}}`, ""},
		{"uploadRows", "PUT", "/v1/registers/{draft}/rows", "reg", residents(20), "text/csv"},
		{"listRegisters", "GET", "/v1/registers?city=example", "reg", "", ""},
		{"getRegister", "GET", "/v1/registers/{register}", "reg", "", ""},
		{"freezeRegister", "POST", "/v1/registers/{draft}/freeze", "reg", `{"publish_small_cells":true}`, ""},
		{"getRegisterFile", "GET", "/v1/registers/by-root/{root}/file", "", "", ""},
		{"getEntry", "GET", "/v1/registers/by-root/{root}/entries/{entry}", "", "", ""},
		{"getResident", "GET", "/v1/registers/{register}/residents/{entry}", "reg", "", ""},
		{"openDraw", "POST", "/v1/draws", "reg", `{"city":"example","decision":"walk","register":"{register}","method":"simple","strata":[{"stratum":"","seats":1}],"draw_time":{soon},"rehearsal":true,"chain":"{chain}"}`, ""},
		{"listDraws", "GET", "/v1/draws?city=example", "", "", ""},
		{"getDraw", "GET", "/v1/draws/{draw}", "", "", ""},
		{"getDrawByCommit", "GET", "/v1/draws/by-commit/{commit}", "", "", ""},
		{"getManifest", "GET", "/v1/draws/{draw}/manifest", "", "", ""},
		{"getResult", "GET", "/v1/draws/{draw}/result", "", "", ""},
		{"getSeats", "GET", "/v1/draws/{draw}/seats.csv", "reg", "", ""},
		{"getBundle", "GET", "/v1/draws/{draw}/bundle", "", "", ""},
		{"voidDraw", "POST", "/v1/draws/{opened}/void", "reg", `{"reason":"only a walk"}`, ""},
		{"pasteBeacon", "POST", "/v1/beacons", "reg", `{"chain":"{chain}","round":1,"signature":"{signature}"}`, ""},
		{"listBeacons", "GET", "/v1/beacons?chain={chain}", "", "", ""},
		{"getBeacon", "GET", "/v1/beacons/{chain}/1", "", "", ""},
		{"listChains", "GET", "/v1/chains", "", "", ""},
		{"getChain", "GET", "/v1/chains/quicknet", "", "", ""},
		{"listRelays", "GET", "/v1/relays", "", "", ""},
		{"getJob", "GET", "/v1/jobs/draw-{draw}", "aud", "", ""},
		{"followJob", "GET", "/v1/jobs/draw-{draw}/events", "aud", "", ""},
		{"getLogHead", "GET", "/v1/log", "", "", ""},
		{"listLogEntries", "GET", "/v1/log/entries?limit=3", "", "", ""},
		{"getLogEntry", "GET", "/v1/log/entries/0", "", "", ""},
		{"getLogProof", "GET", "/v1/log/entries/0/proof", "", "", ""},
		{"getLogFile", "GET", "/log/checkpoint", "", "", ""},
		{"getOpenAPI", "GET", "/openapi.json", "", "", ""},
		{"getLive", "GET", "/livez", "", "", ""},
		{"getReady", "GET", "/readyz", "", "", ""},
		{"getHealth", "GET", "/healthz", "", "", ""},
		{"getVersion", "GET", "/version", "", "", ""},
		{"getMetrics", "GET", "/metrics", "op", "", ""},
		{"eraseResident", "DELETE", "/v1/registers/{register}/residents/{entry}", "reg", "", ""},
	}
}

// TestEveryOperationAnswersAsDescribed makes one request of each operation; ask holds every answer
// against the document.
func TestEveryOperationAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	w := newPolity(t, 2)
	names := map[string]string{}
	w.politySubjects(names)
	tokens := map[string]string{"op": w.operator, "reg": w.registrar, "reg2": w.second(), "aud": w.auditor, "stw": w.steward}
	for _, c := range slices.Concat(walkCalls(), polityCalls(), roundCalls(), lotteryCalls()) {
		var headers []string
		if c.media != "" {
			headers = []string{"Content-Type: " + c.media}
		}
		got := w.ask(c.method, fill(c.path, names), tokens[c.as], fill(c.body, names), headers...)
		if got.status >= 300 {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
		w.learn(c.id, got, names)
		w.learnPolity(c.id, got, names)
		w.learnRound(c.id, got, names)
		w.learnLottery(c.id, got, names)
	}
	var missed []string
	for _, item := range w.spec.doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(w.spec.seen[op.OperationID])), func(s int) bool { return s < 300 }) {
				missed = append(missed, op.OperationID)
			}
		}
	}
	if len(missed) > 0 {
		t.Errorf("no success of: %v", missed)
	}
}

// subjects makes what the walk needs and names it.
func (w *town) subjects() map[string]string {
	w.t.Helper()
	d := w.drawn(w.opened("drawn"))
	opened := w.opened("opened")
	result := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(result.body, `"seats":["`)
	r := w.ask("GET", "/v1/registers/"+d.Register, "", "")
	_, root, _ := strings.Cut(r.body, `"root":"`)
	b, err := w.network.Sign(1)
	must(w.t, err)
	must(w.t, beacon.Verify(w.network.Chain(), 1, b))
	return map[string]string{
		"register": d.Register, "root": root[:64], "draw": d.ID, "opened": opened.ID, "commit": d.Commit, "entry": rest[:64], "chain": d.Chain,
		"signature": fmt.Sprintf("%x", b.Signature), "owner": w.owner, "soon": fmt.Sprint(w.clock.Load() + 60), "key": "", "draft": "",
	}
}

// learn takes names from answers, and waits for work that the next request needs.
func (w *town) learn(id string, got reply, names map[string]string) {
	w.t.Helper()
	location := got.header.Get("Location")
	switch id {
	case "addKey":
		_, rest, _ := strings.Cut(got.body, `"id":"`)
		names["key"], _, _ = strings.Cut(rest, `"`)
	case "addRegister":
		names["draft"] = strings.TrimPrefix(location, "/v1/registers/")
	case "uploadRows", "freezeRegister":
		_, err := w.as(w.registrar).WaitJob(w.t.Context(), strings.TrimPrefix(location, "/v1/jobs/"), nil)
		must(w.t, err)
	}
}

func fill(text string, names map[string]string) string {
	for name, value := range names {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}
