package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kleroterion/api/client"
)

// hostile makes a jury whose people have names that would do harm on a page or in a spreadsheet.
func hostile(t *testing.T) (*town, client.Draw) {
	t.Helper()
	w := newTown(t)
	rows := "id,name,address,district\n"
	for i := range 12 {
		rows += string(rune('a'+i)) + `,"<script>alert(1)</script>&=1","` + string(rune('A'+i)) + ` Road
</address><img src=x>",north` + "\n"
	}
	id := w.emptyRegister()
	for _, step := range []struct{ method, path, body, media string }{
		{"PUT", "/v1/registers/" + id + "/rows", rows, "text/csv"}, {"POST", "/v1/registers/" + id + "/freeze", `{"publish_small_cells":true}`, "application/json"},
	} {
		got := w.ask(step.method, step.path, w.registrar, step.body, "Content-Type: "+step.media)
		_, err := w.as(w.registrar).WaitJob(t.Context(), strings.TrimPrefix(got.header.Get("Location"), "/v1/jobs/"), nil)
		must(t, err)
	}
	made, err := w.as(w.registrar).OpenDrawWithResponse(t.Context(), nil, client.NewDraw{City: "example", Decision: "park/benches", Register: id,
		Method: client.NewDrawMethodSimple, Strata: []client.Stratum{{Seats: 3}}, DrawTime: w.clock.Load() + 30, Rehearsal: true})
	must(t, err)
	d := w.drawn(*made.JSON201)
	now := w.clock.Load()
	_, err = w.as(w.registrar).OpenSeatsWithResponse(t.Context(), d.ID, nil, client.NewJury{Answer: 3600, Starts: now, Ends: now + 1_000_000})
	must(t, err)
	return w, d
}

var codeForm = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}`)

func TestLettersToPrintAreWholeAndEscaped(t *testing.T) {
	t.Parallel()
	w, d := hostile(t)
	path := "/v1/draws/" + d.ID + "/letters?purpose=answer"
	body := `{"web":"draws.example/<b>","phone":"0800 <i>","post":"Town Hall \"1\""}`
	got := w.ask("POST", path+"&format=html", w.registrar, body)
	if got.status != 200 || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d, %v", got.status, got.header)
	}
	codes := codeForm.FindAllString(got.body, -1)
	if len(codes) != 3 || strings.Count(got.body, "<article>") != 3 || codes[0] == codes[1] {
		t.Errorf("%d codes on %d sheets, want 3 on 3", len(codes), strings.Count(got.body, "<article>"))
	}
	for _, bad := range []string{"<script", "<img", "<b>", "<i>", "</address><", "href=", "url("} {
		if strings.Contains(got.body, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "0800 &lt;i&gt;", "Town Hall", "park/benches", "Example", "UTC", "only a test", "/draws/" + d.ID, "Your secret"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	style := got.body[strings.Index(got.body, "<style>")+7 : strings.Index(got.body, "</style>")]
	sum := sha256.Sum256([]byte(style))
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the page's own style is not admitted by %q", policy)
	}
	wellFormed(t, got.body)
}

// wellFormed holds that each element that is opened is closed in its order.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	var open []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		name, _ := z.TagName()
		switch {
		case kind == html.ErrorToken && len(open) > 0:
			t.Errorf("left open: %v", open)
			return
		case kind == html.ErrorToken:
			return
		case kind == html.StartTagToken && !strings.Contains(" meta br ", " "+string(name)+" "):
			open = append(open, string(name))
		case kind == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Errorf("</%s> closes %v", name, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}

func TestLettersComeAsTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	w, d := hostile(t)
	for _, tt := range []struct {
		name, query, accept, media string
		status                     int
	}{
		{"nothing said", "", "", "text/csv; charset=utf-8", 200},
		{"anything", "", "*/*", "text/csv; charset=utf-8", 200},
		{"a browser", "", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", 200},
		{"a file by a browser", "&format=csv", "text/html,*/*;q=0.8", "text/csv; charset=utf-8", 200},
		{"a page by a program", "&format=html", "*/*", "text/html; charset=utf-8", 200},
		{"both", "", "text/html, text/csv", "text/csv; charset=utf-8", 200},
		{"JSON", "", "application/json", "application/json", 406},
		{"a page that is not accepted", "&format=html", "text/csv", "application/problem+json", 406},
	} {
		var headers []string
		if tt.accept != "" {
			headers = []string{"Accept: " + tt.accept}
		}
		got := w.ask("POST", "/v1/draws/"+d.ID+"/letters?purpose=answer"+tt.query, w.registrar, `{}`, headers...)
		if got.status != tt.status || got.header.Get("Content-Type") != tt.media || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v", tt.name, got.status, got.header)
		}
	}
}

// TestEachPrintHasFreshCodes holds that a print is never replayed: its codes are not kept.
func TestEachPrintHasFreshCodes(t *testing.T) {
	t.Parallel()
	w, d := hostile(t)
	path := "/v1/draws/" + d.ID + "/letters?purpose=answer"
	one := codeForm.FindString(w.ask("POST", path, w.registrar, `{"seats":[2]}`, "Idempotency-Key: k").body)
	two := codeForm.FindAllString(w.ask("POST", path, w.registrar, `{"seats":[2]}`, "Idempotency-Key: k").body, -1)
	if len(two) != 1 || one == two[0] {
		t.Fatalf("codes %s and %v", one, two)
	}
	for code, want := range map[string]int{one: 404, two[0]: 200, strings.ReplaceAll(strings.ToLower(two[0]), "-", " "): 200} {
		if got := w.ask("POST", "/v1/invitations/look", "", `{"code":"`+code+`"}`); got.status != want || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("code: %d with %q, want %d", got.status, got.header.Get("Cache-Control"), want)
		}
	}
	csv := w.ask("POST", path, w.registrar, `{}`)
	if strings.Contains(csv.body, ",=1") || !strings.Contains(csv.header.Get("Content-Disposition"), "letters-"+d.ID+".csv") {
		t.Errorf("file: %v", csv.header)
	}
}

// TestCodesAreNeverLogged walks a code through everything that takes it, and searches the log.
func TestCodesAreNeverLogged(t *testing.T) {
	t.Parallel()
	w, d := hostile(t)
	page := w.ask("POST", "/v1/draws/"+d.ID+"/letters?purpose=answer&format=html", w.registrar, `{}`)
	codes := codeForm.FindAllString(page.body, -1)
	salt := regexp.MustCompile(`Your secret: ([0-9a-f]{64})`).FindStringSubmatch(page.body)
	if len(codes) != 3 || salt == nil {
		t.Fatalf("codes %v, salt %v", codes, salt)
	}
	w.ask("POST", "/v1/invitations/look", "", `{"code":"`+codes[0]+`"}`)
	w.ask("POST", "/v1/invitations/look", "", `{"code":"`+codes[0]+`","x":1}`)
	w.ask("POST", "/v1/invitations/look?code="+codes[0], "", `{}`)
	w.ask("POST", "/v1/invitations/"+codes[0], "", `{}`)
	w.ask("POST", "/v1/invitations/answer", "", `{"code":"`+codes[1]+`","act":"defer","ground":"health"}`)
	if got := w.ask("POST", "/v1/invitations/answer", "", `{"code":"`+codes[1]+`","act":"decline"}`); got.status != http.StatusOK || !strings.Contains(got.body, `"seat":`) {
		t.Fatalf("answer: %d %s", got.status, got.body)
	}
	again := w.ask("POST", "/v1/invitations/answer", "", `{"code":"`+codes[1]+`","act":"decline"}`)
	if problemOf(t, again).Code != "code" || strings.Contains(again.body, codes[1]) {
		t.Errorf("a spent code: %s", again.body)
	}
	logged := w.log.String()
	for _, secret := range append(codes, salt[1], "<script>", "Road") {
		if strings.Contains(logged, secret) {
			t.Error("the log has a code, a salt, a name or an address")
		}
	}
	if !strings.Contains(logged, `"route":"/v1/invitations/answer"`) {
		t.Error("the test lost its subject")
	}
}
