package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kleroterion/api/client"
	"kleroterion/randomness/devchain"
)

const rehearsal = "REHEARSAL: A rehearsal draw takes its random number from a test network. It decides nothing, and nobody is called to serve by it."

// page asks for a page as a browser does and checks what holds for all of them.
func (w *town) page(path string, status int) string {
	w.t.Helper()
	got := w.ask("GET", path, "", "", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
	if got.status != status || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		w.t.Fatalf("%s: %d %q, want %d", path, got.status, got.header.Get("Content-Type"), status)
	}
	checkPage(w.t, path, got.body)
	return got.body
}

// form posts a page's form.
func (w *town) form(path, body string, status int) string {
	w.t.Helper()
	got := w.ask("POST", path, "", body, "Content-Type: application/x-www-form-urlencoded", "Accept: text/html")
	if got.status != status || got.header.Get("Cache-Control") != "no-store" {
		w.t.Fatalf("form %s: %d with Cache-Control %q, want %d: %s", path, got.status, got.header.Get("Cache-Control"), status, got.body)
	}
	checkPage(w.t, path, got.body)
	return got.body
}

// seen is what a walk over a page found.
type seen struct {
	count  map[string]int
	labels []string // ids that labels name
	inputs []string // ids of inputs
	ids    []string
	links  []string // fragments that links name
	wrong  []string
}

// checkPage holds a page against what every page promises: a language, a viewport, one heading of the
// first order, labelled inputs, headed tables, ids that are there once, and nothing from elsewhere.
func checkPage(t testing.TB, path, body string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	s := &seen{count: map[string]int{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			s.element(n)
		}
	}
	for _, once := range []string{"h1", "main", "title", "html[lang]", "meta[viewport]"} {
		if s.count[once] != 1 {
			s.wrong = append(s.wrong, fmt.Sprintf("%s is there %d times", once, s.count[once]))
		}
	}
	for _, id := range s.inputs {
		if !slices.Contains(s.labels, id) {
			s.wrong = append(s.wrong, "no label for "+id)
		}
	}
	for _, link := range s.links {
		if !slices.Contains(s.ids, link) {
			s.wrong = append(s.wrong, "a link to #"+link+", which is not there")
		}
	}
	slices.Sort(s.ids)
	if len(slices.Compact(slices.Clone(s.ids))) != len(s.ids) {
		s.wrong = append(s.wrong, "an id is there twice")
	}
	if len(s.wrong) > 0 {
		t.Errorf("page %s: %s", path, strings.Join(s.wrong, "; "))
	}
}

func (s *seen) element(n *html.Node) {
	attr := map[string]string{}
	for _, a := range n.Attr {
		attr[a.Key] = a.Val
	}
	s.count[n.Data]++
	if id := attr["id"]; id != "" {
		s.ids = append(s.ids, id)
	}
	switch n.Data {
	case "html":
		if attr["lang"] == "en" {
			s.count["html[lang]"]++
		}
	case "meta":
		if attr["name"] == "viewport" && strings.Contains(attr["content"], "width=device-width") {
			s.count["meta[viewport]"]++
		}
	case "label":
		s.labels = append(s.labels, attr["for"])
	case "input", "select", "textarea":
		s.inputs = append(s.inputs, attr["id"])
	case "th":
		if attr["scope"] == "" {
			s.wrong = append(s.wrong, "a table heading without scope")
		}
	case "script", "iframe", "style", "object", "embed", "base":
		s.wrong = append(s.wrong, "an element "+n.Data)
	}
	for key, value := range attr {
		if (key == "href" || key == "src" || key == "action") && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") || strings.HasPrefix(value, "//") {
			s.wrong = append(s.wrong, key+" leads elsewhere: "+value)
		}
		if strings.HasPrefix(key, "on") || key == "style" {
			s.wrong = append(s.wrong, "an attribute "+key)
		}
	}
	if fragment, ok := strings.CutPrefix(attr["href"], "#"); ok {
		s.links = append(s.links, fragment)
	}
}

func TestPagesOfADraw(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park/benches")
	before := w.page("/draws/"+d.ID, 200)
	for _, want := range []string{
		"<h1>park/benches</h1>", "Example", "Scheduled", ", in ", "second", "<b>6</b> seats", "<b>4</b> alternates", "<b>40</b> people",
		`<th scope="row">north</th><td class="n">3 <span class="soft">+ 2</span></td><td class="n">20</td><td>about 1 in 6.7</td>`,
		"At most one person of a household", d.Commit, "kleroterion-dev, round", "first draw for this decision", rehearsal,
	} {
		if !strings.Contains(before, want) {
			t.Errorf("the page before the draw lacks %q", want)
		}
	}
	for _, not := range []string{"Who was drawn", "/bundle"} {
		if strings.Contains(before, not) {
			t.Errorf("the page before the draw has %q", not)
		}
	}
	d = w.drawn(d)
	after := w.page("/draws/"+d.ID, 200)
	var result struct {
		Result []struct{ Seats, Alternates []string }
	}
	must(t, json.Unmarshal(d.Result, &result))
	for _, s := range result.Result {
		for _, id := range slices.Concat(s.Seats, s.Alternates) {
			if !strings.Contains(after, `<li class="hash">`+id+`</li>`) {
				t.Errorf("the page after the draw lacks %s", id)
			}
		}
	}
	for _, want := range []string{"Who was drawn", `href="/v1/draws/` + d.ID + `/bundle"`, "klero-verify city_example_jury_park_benches.klero", rehearsal, "Drawn"} {
		if !strings.Contains(after, want) {
			t.Errorf("the page after the draw lacks %q", want)
		}
	}
	if strings.Contains(after, "Resident Number") || strings.Contains(after, "Long Road") {
		t.Error("a public page has private data")
	}
	w.checkLine(d, result.Result[0].Seats[1], result.Result[1].Alternates[0])
}

// checkLine looks for two drawn people, for one who was not drawn, and for ids that are not there.
func (w *town) checkLine(d client.Draw, seat, spare string) {
	w.t.Helper()
	path := "/draws/" + d.ID + "/line"
	if ask := w.page(path, 200); !strings.Contains(ask, rehearsal) || !strings.Contains(ask, `method="post"`) {
		w.t.Error("the page that asks for the id lacks the rehearsal or the form")
	}
	spaced := strings.ToUpper(regexp.MustCompile(`.{8}`).ReplaceAllString(seat, "$0+"))
	for body, wants := range map[string][]string{
		"id=" + spaced: {"You are in the list", "seat 2 of north", `<dt>district</dt><dd>north</dd>`, "&#34;path&#34;:", rehearsal, "code for your household"},
		"id=" + spare:  {"You are in the list", "alternate 1 of south"},
	} {
		page := w.form(path, body, 200)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				w.t.Errorf("line %s lacks %q", body, want)
			}
		}
	}
	for body, status := range map[string]int{
		"id=" + strings.Repeat("ab", 32): 404, "id=": 422, "": 422, "id=%3Cscript%3Ealert(1)%3C/script%3E": 422, "id=" + strings.Repeat("a", 3000): 422,
		"id=" + strings.Repeat("a", 5000): 422, "%zz": 422,
	} {
		if page := w.form(path, body, status); strings.Contains(page, "<script") || strings.Contains(page, "You are in the list") {
			w.t.Errorf("line for %.40q: %s", body, page)
		}
	}
}

func TestPagesThatShowARehearsalSaySo(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{"/", "/cities/example", "/docs"} {
		if strings.Contains(w.page(path, 200), "REHEARSAL") {
			t.Errorf("%s speaks of a rehearsal where there is none", path)
		}
	}
	d := w.opened("park")
	for _, path := range []string{"/", "/cities/example", "/draws/" + d.ID, "/draws/" + d.ID + "/line"} {
		if !strings.Contains(w.page(path, 200), rehearsal) {
			t.Errorf("%s does not say that it shows a rehearsal", path)
		}
	}
	if strings.Contains(w.page("/cities/elsewhere", 200), "REHEARSAL") {
		t.Error("the page of another city speaks of a rehearsal")
	}
}

func TestPagesOfAVoidAndTheNextDraw(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	got := w.ask("POST", "/v1/draws/"+d.ID+"/void", w.registrar, `{"reason":"the <decision> was withdrawn"}`)
	if got.status != 200 {
		t.Fatalf("void: %d %s", got.status, got.body)
	}
	void := w.page("/draws/"+d.ID, 200)
	for _, want := range []string{"Void", "the &lt;decision&gt; was withdrawn", "ended without a result"} {
		if !strings.Contains(void, want) {
			t.Errorf("the page of a void draw lacks %q", want)
		}
	}
	if strings.Contains(void, "outcome could be known") {
		t.Error("a void in time is shown as late")
	}
	next, err := w.as(w.registrar).OpenDrawWithResponse(t.Context(), nil, w.newDraw(client.Register{ID: d.Register}, "park"))
	must(t, err)
	page := w.page("/draws/"+next.JSON201.ID, 200)
	if !strings.Contains(page, "This is draw 2 for this decision") {
		t.Error("the second draw does not name the first")
	}
	w.network.SetFault(devchain.Halted)
	w.clock.Store(next.JSON201.DueAt + 600)
	got = w.ask("POST", "/v1/draws/"+next.JSON201.ID+"/void", w.registrar, `{"reason":"nobody waits"}`)
	if page := w.page("/draws/"+next.JSON201.ID, 200); got.status != 200 || !strings.Contains(page, "The outcome could be known by then") {
		t.Errorf("a void after its round was due is not shown as late: %d", got.status)
	}
}

func TestOtherPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.frozen("adults")
	home := w.page("/", 200)
	for _, want := range []string{"No draw was opened yet", `<a href="/cities/example">Example</a>`, "test/log", "records"} {
		if !strings.Contains(home, want) {
			t.Errorf("home lacks %q", want)
		}
	}
	city := w.page("/cities/example", 200)
	for _, want := range []string{"adults", "40 people", r.Root, "/v1/cities/example/export.zip"} {
		if !strings.Contains(city, want) {
			t.Errorf("the city's page lacks %q", want)
		}
	}
	docs := w.page("/docs", 200)
	for _, want := range []string{"POST /v1/draws", `id="problem-too_early"`, "NewDraw", "Idempotency-Key", "Access: key"} {
		if !strings.Contains(docs, want) {
			t.Errorf("docs lack %q", want)
		}
	}
	for _, path := range []string{"/cities/nowhere", "/draws/" + aRegister, "/draws/" + aRegister + "/line", "/nothing", "/draws/x", "/cities/a%00b", "/draws/%ff%fe"} {
		if page := w.page(path, 404); !strings.Contains(page, `<a href="/">To the draws</a>`) {
			t.Errorf("%s leads nowhere", path)
		}
	}
	style := regexp.MustCompile(`href="(/assets/[0-9a-f]+/style.css)"`).FindStringSubmatch(home)
	if style == nil {
		t.Fatal("no stylesheet")
	}
	for path, media := range map[string]string{style[1]: "text/css; charset=utf-8", "/favicon.ico": "image/svg+xml"} {
		if got := w.ask("GET", path, "", ""); got.status != 200 || got.header.Get("Content-Type") != media || strings.Contains(got.body, "@import") || strings.Contains(got.body, "url(") {
			t.Errorf("%s: %d %q", path, got.status, got.header.Get("Content-Type"))
		}
	}
}

func TestSetupPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	path := "/setup/" + w.owner
	for range 2 {
		if page := w.page(path, 200); strings.Contains(page, w.owner) || !strings.Contains(page, `<form method="post">`) {
			t.Errorf("the page that asks: %s", page)
		}
	}
	page := w.form(path, "", 200)
	token := regexp.MustCompile(`klr_[A-Za-z0-9_-]+`).FindString(page)
	if got := w.ask("GET", "/v1/keys", token, ""); got.status != 200 {
		t.Fatalf("the key from the page %q: %d", token, got.status)
	}
	for _, again := range []string{path, "/setup/klr_nonsense", "/setup/" + token, "/setup/" + strings.Repeat("x", 150)} {
		if spent := w.form(again, "", 401); strings.Contains(spent, "klr_") || !strings.Contains(spent, "spent") {
			t.Errorf("%s once more: %s", again, spent)
		}
	}
}
