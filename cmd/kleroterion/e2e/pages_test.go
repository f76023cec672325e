package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"kleroterion/api/client"
	"kleroterion/randomness/sortition"
)

// site is a service with everything that pages show.
type site struct {
	*service
	*office
	drawn, open, void client.Draw
	juror             string // id with a seat in drawn
}

// newSite becomes the service's operator by its owner link, as people do, and has a city draw by strata.
func newSite(t *testing.T, b *browser) *site {
	t.Helper()
	c := settings(t.TempDir())
	c.AdminToken = ""
	s := begin(t, c, &clock{})
	link := got(url.Parse(s.OwnerLink))(t)
	token := becomeOperator(t, b, s.URL, link.Path)
	o := newOffice(t, s.URL, token, "lower-spire-on-the-river")
	reg := o.frozen("residents-of-the-autumn", residents(t, 11, 2000))
	in := o.simple(reg, "new-riverside-park/playground-and-boat-house", s.clock.now().Add(30*time.Second))
	in.Method, in.StrataBy, in.Strata = client.NewDrawMethodStrata, []string{"district", "age"}, nil
	for _, district := range []string{"Harbour", "Hillside", "Market", "Mill", "Orchard"} {
		for _, age := range []string{"16-29", "30-44", "45-59", "60+"} {
			in.Strata = append(in.Strata, client.Stratum{Stratum: district + "/" + age, Seats: 1})
		}
	}
	drawn := *got(o.registrar.OpenDrawWithResponse(t.Context(), nil, in))(t).JSON201
	void := o.open(reg, "withdrawn-question", s.clock.now())
	void = *got(o.registrar.VoidDrawWithResponse(t.Context(), void.ID, nil, client.Void{Reason: "the council decided to ask another question"}))(t).JSON200
	s.clock.passTo(drawn.DueAt)
	drawn = (&office{t: t, operator: o.operator}).drawn(drawn.ID)
	result := got(sortition.ParseResult(drawn.Result))(t)
	return &site{s, o, drawn, o.open(reg, "bridge", s.clock.now().Add(time.Hour)), void, result.Strata[0].Seats[0]}
}

// becomeOperator uses the owner link with the keyboard, and takes the key from the page.
func becomeOperator(t *testing.T, b *browser, base, path string) string {
	t.Helper()
	p := b.phone(t, base, false)
	if status := p.visit(path); status != http.StatusOK {
		t.Fatalf("the owner link answers %d", status)
	}
	p.fits("setup", false)
	p.tabTo("Make my key")
	p.follow()
	p.fits("key", false)
	token := ask[string](p, `document.querySelector("pre").innerText.trim()`)
	p.quiet()
	if status := p.visit(path); status != http.StatusOK {
		t.Errorf("the owner link that was used answers %d", status)
	}
	p.tabTo("Make my key")
	p.follow()
	if text := ask[string](p, `document.querySelector("h1").innerText`); text != "This link is spent" {
		t.Errorf("the second use of the owner link says %q", text)
	}
	p.fits("spent link", false)
	return token
}

// fits checks what holds for every page on a phone, and the banner where a rehearsal is shown.
func (p *phone) fits(name string, rehearsal bool) {
	p.t.Helper()
	if wide := ask[int](p, `document.documentElement.scrollWidth`); wide > ask[int](p, `innerWidth`) || wide > 360 {
		p.t.Errorf("%s: the page is %d pixels wide on a screen of 360", name, wide)
	}
	for what, holds := range map[string]string{
		"is in English and says so":    `document.documentElement.lang === "en"`,
		"has one heading of level 1":   `document.querySelectorAll("h1").length === 1 && document.querySelector("h1").offsetHeight > 0`,
		"has a title":                  `document.title.length > "kleroterion".length`,
		"has text of at least 16 px":   `[...document.querySelectorAll("main p, main li, main dd, main td")].every(e => parseFloat(getComputedStyle(e).fontSize) >= 16)`,
		"runs no script":               `document.scripts.length === 0`,
		"loads nothing from elsewhere": `performance.getEntriesByType("resource").every(r => new URL(r.name).origin === location.origin)`,
		"has its style":                `getComputedStyle(document.querySelector("main")).maxWidth !== "none"`,
		"leads nowhere that is not":    `[...document.querySelectorAll('a[href^="#"]')].every(a => document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1))))`,
	} {
		if !ask[bool](p, holds) {
			p.t.Errorf("%s: it does not hold that the page %s", name, what)
		}
	}
	const banner = `[...document.querySelectorAll("[role=note]")].some(e => e.innerText.startsWith("REHEARSAL: ") && e.offsetHeight > 0 && e.getBoundingClientRect().top < 740)`
	if got := ask[bool](p, banner); got != rehearsal {
		p.t.Errorf("%s: the banner of a rehearsal is shown: %t, want %t", name, got, rehearsal)
	}
}

func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := newSite(t, b)
	for _, scripts := range []bool{true, false} {
		t.Run(map[bool]string{true: "with scripts", false: "without scripts"}[scripts], func(t *testing.T) {
			s.pages(t, b.phone(t, s.URL, scripts))
		})
	}
	t.Run("a draw of panels", func(t *testing.T) { s.panelPages(t, b.phone(t, s.URL, false), s.panelDraw(t)) })
	t.Run("with the keyboard alone", func(t *testing.T) { s.keyboard(t, b.phone(t, s.URL, false)) })
	t.Run("the API's documentation", func(t *testing.T) { documentation(t, b.phone(t, s.URL, true)) })
}

// pages visits everything that residents and cities read.
func (s *site) pages(t *testing.T, p *phone) {
	for _, tt := range []struct {
		path      string
		rehearsal bool
		says      []string
	}{
		{"/", true, []string{"new-riverside-park/playground-and-boat-house", "Drawn", "Void"}},
		{"/cities/" + s.city, true, []string{"bridge", "residents-of-the-autumn", "2,000 people"}},
		{"/draws/" + s.drawn.ID, true, []string{"Who was drawn", s.juror, "20 seats"}},
		{"/draws/" + s.open.ID, true, []string{"Look again", "2,000 people in the list"}},
		{"/draws/" + s.void.ID, true, []string{"the council decided to ask another question"}},
		{"/draws/" + s.drawn.ID + "/line", true, []string{"Your line in the list"}},
		{"/docs", false, []string{"POST /v1/draws"}},
	} {
		if status := p.visit(tt.path); status != http.StatusOK {
			t.Errorf("%s answers %d", tt.path, status)
		}
		p.fits(tt.path, tt.rehearsal)
		text := strings.Join(strings.Fields(ask[string](p, `document.body.innerText`)), " ")
		for _, want := range tt.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", tt.path, want)
			}
		}
		p.quiet()
	}
	if status := p.visit("/draws/" + strings.Repeat("0", 32)); status != http.StatusNotFound {
		t.Errorf("a draw that is not answers %d", status)
	}
	p.fits("not found", false)
	p.quiet("404") // the browser itself says so
}

// keyboard goes from the first page to one's own line with nothing but a keyboard.
func (s *site) keyboard(t *testing.T, p *phone) {
	p.visit("/")
	p.press(kb.Tab)
	if first := ask[string](p, `document.activeElement.innerText`); first != "Skip to the content" {
		t.Errorf("the first stop of the keyboard is %q", first)
	}
	if !ask[bool](p, `document.activeElement.getBoundingClientRect().left >= 0`) {
		t.Error("the link that skips to the content cannot be seen when it has the focus")
	}
	p.tabTo("new-riverside-park/playground-and-boat-house")
	p.follow()
	p.tabTo("Find your line")
	p.follow()

	p.tabTo("id")
	p.press("not an id")
	p.follow()
	if !strings.Contains(ask[string](p, `document.querySelector("[role=alert]").innerText`), "64 characters") {
		t.Error("a wrong id is not explained")
	}
	p.fits("a wrong id", true)
	p.tabTo("id")
	p.press(strings.Repeat("0", 64)) // the field is selected when it gets the focus
	p.tabTo("Show my line")
	p.follow()
	if !strings.Contains(ask[string](p, `document.querySelector("[role=alert]").innerText`), "not in the list") {
		t.Error("an id of nobody is not explained")
	}
	p.fits("an id of nobody", true)

	p.tabTo("id")
	p.press(strings.ToUpper(s.juror[:32]) + " " + s.juror[32:])
	p.tabTo("Show my line")
	p.follow()
	text := ask[string](p, `document.querySelector("[role=status]").innerText`)
	if !strings.Contains(text, "You are in the list") || !strings.Contains(text, "seat 1") {
		t.Errorf("one's own line says %q", text)
	}
	p.fits("one's own line", true)
	if strings.Contains(ask[string](p, `location.href`), s.juror[:16]) {
		t.Error("the id is in the address")
	}
	p.tabTo("Show the proof")
	p.press(kb.Enter)
	await(t, 10*time.Second, "the proof to open", func() bool {
		return ask[bool](p, `document.querySelector("details pre").offsetHeight > 0`)
	})
	p.fits("the proof", true)
	p.quiet("422", "404")
}

// documentation reads the page about the API.
func documentation(t *testing.T, p *phone) {
	p.visit("/docs")
	if n := ask[int](p, `document.querySelectorAll("main h3 code").length`); n < 40 {
		t.Errorf("the page describes %d operations and shapes, want them all", n)
	}
	for what, holds := range map[string]string{
		"contents lead to every part":        `document.querySelectorAll('nav[aria-label=Contents] a[href^="#"]').length >= document.querySelectorAll("main h2").length - 1`,
		"headings go down one at a time":     `[...document.querySelectorAll("h1,h2,h3,h4")].every((h, i, all) => i === 0 || h.tagName[1] - all[i-1].tagName[1] <= 1)`,
		"code is not cut off":                `[...document.querySelectorAll("main code, main pre")].every(e => e.getBoundingClientRect().right <= innerWidth + 1)`,
		"every operation says who may do it": `[...document.querySelectorAll("section h3")].every(h => h.parentElement.innerText.includes("Access: "))`,
	} {
		if !ask[bool](p, holds) {
			t.Errorf("it does not hold that %s", what)
		}
	}
}
