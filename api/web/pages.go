package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

//go:embed templates assets
var files embed.FS

// Options are what the pages work with; all are required.
type Options struct {
	Service Service
	Now     func() time.Time
	Version string
	Spec    []byte // OpenAPI document, for the page about the API
	// Explain says how an error is answered, and sees to it that its cause is logged.
	Explain func(*gin.Context, error) Refusal
	// Problems are the sorts of refusals, for the page about the API.
	Problems []Refusal
}

// Refusal is an error as people and programs see it.
type Refusal struct {
	Name   string
	Status int
	Title  string
	Detail string
	Hint   string
}

// Pages serves the pages. It is safe for concurrent use.
type Pages struct {
	Options
	templates map[string]*template.Template
	assets    map[string][]byte
	tag       string // digest of the assets
	icon      []byte
	docs      docs
	people    people
	lotteries lotteries
}

// templates are the pages; each is one file.
var templates = [...]string{
	"home", "city", "draw", "line", "setup", "key", "docs", "refusal",
	"jury", "invitation", "answer", "answered", "newkey", "communities", "community", "poll", "receipt", "vote",
	"round", "project", "give", "apply", "gift",
}

// New parses templates and document.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o, templates: map[string]*template.Template{}, people: newPeople(o.Service), lotteries: newLotteries()}
	var err error
	if p.assets, p.tag, err = readAssets(); err != nil {
		return nil, err
	}
	if p.icon, err = files.ReadFile("assets/icon.svg"); err != nil {
		return nil, err
	}
	for _, name := range templates {
		t, err := template.New(name).Funcs(words()).ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		p.templates[name] = t
	}
	p.docs, err = readDocs(o.Spec, o.Problems)
	return p, err
}

// Mount adds the pages to a router, with HEAD beside each GET.
func (p *Pages) Mount(r gin.IRouter) {
	for path, page := range p.gets() {
		r.GET(path, p.serve(page))
		r.HEAD(path, p.serve(page))
	}
	for path, page := range p.posts() {
		r.POST(path, p.serve(page))
	}
}

type page = func(*gin.Context) error

func (p *Pages) gets() map[string]page {
	return map[string]page{
		"/":                                p.home,
		"/cities/:city":                    p.city,
		"/draws/:draw":                     p.draw,
		"/draws/:draw/line":                p.askLine,
		"/draws/:draw/jury":                p.jury,
		"/invitation":                      p.askCode,
		"/key":                             p.newKey,
		"/communities":                     p.communities,
		"/communities/:slug":               p.community,
		"/polls/:poll":                     p.poll,
		"/polls/:poll/vote":                p.vote,
		"/polls/:poll/ballot":              p.askReceipt,
		"/rounds/:round":                   p.fundingRound,
		"/rounds/:round/gift":              p.askGift,
		"/rounds/:round/give":              p.give,
		"/rounds/:round/apply":             p.apply,
		"/rounds/:round/projects/:project": p.project,
		"/rounds/:round/projects/:project/change": p.change,
		"/setup/:token":      p.askSetup,
		"/docs":              p.showDocs,
		"/assets/:tag/:file": p.asset,
		"/favicon.ico":       p.favicon,
	}
}

// posts are the forms. What they carry is in the body: addresses end up in histories and logs.
func (p *Pages) posts() map[string]page {
	return map[string]page{
		"/draws/:draw/line":   p.line,
		"/invitation":         p.invitation,
		"/invitation/answer":  p.chosen,
		"/invitation/done":    p.answered,
		"/polls/:poll/ballot": p.receipt,
		"/rounds/:round/gift": p.gift,
		"/setup/:token":       p.setup,
	}
}

// Paths lists the paths of the pages, for those who compare a router with its documentation.
func Paths() []string {
	p := new(Pages)
	paths := slices.Collect(maps.Keys(p.gets()))
	for path := range p.posts() {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return slices.Sorted(slices.Values(paths))
}

// Missing answers for a path that has nothing.
func (p *Pages) Missing(c *gin.Context) {
	p.refuse(c, service.Refuse(service.KindNotFound, "no_route", "There is nothing at this address."))
}

func (p *Pages) serve(page page) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := page(c); err != nil {
			p.refuse(c, err)
		}
	}
}

// named returns a parameter of the path that names something. What no name can be does not exist;
// it is not even looked for, so that no odd byte reaches the database.
func named(c *gin.Context, parameter string) (string, error) {
	value := c.Param(parameter)
	if len(value) > 200 || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", service.Refuse(service.KindNotFound, "not_found", "There is nothing of this name.")
	}
	return value, nil
}

func (p *Pages) refuse(c *gin.Context, err error) {
	r := p.Explain(c, err)
	page := view{Title: r.Title, Page: r}
	if err := p.show(c, "refusal", r.Status, page); err != nil {
		p.Explain(c, err)
		c.String(http.StatusInternalServerError, "The page could not be made.\n")
	}
}

// view is what the layout needs of every page.
type view struct {
	Title     string
	Tag       string // of the assets
	Version   string
	Rehearsal bool   // the page shows a rehearsal draw
	Private   bool   // the page is for its reader only
	Script    string // asset that the page runs; most run none
	Page      any
}

// show renders a page whole before the first byte goes out.
func (p *Pages) show(c *gin.Context, name string, status int, v view) error {
	v.Tag, v.Version = p.tag, p.Version
	var b bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&b, "layout", v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	cache := "no-cache"
	if v.Private || status != http.StatusOK {
		cache = "no-store"
	}
	if v.Script != "" {
		c.Header("Content-Security-Policy", scriptPolicy)
	}
	c.Header("Cache-Control", cache)
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Content-Length", strconv.Itoa(b.Len()))
	c.Status(status)
	_, err := c.Writer.Write(b.Bytes())
	if err != nil && c.Request.Context().Err() != nil {
		return nil // the reader left
	}
	return err
}

// scriptPolicy is that of all pages, and lets our own scripts run and talk to us.
const scriptPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (p *Pages) favicon(c *gin.Context) error {
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, "image/svg+xml", p.icon)
	return nil
}
