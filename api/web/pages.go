package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
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
	style     []byte
	styleTag  string
	icon      []byte
	docs      docs
	people    people
}

// New parses templates and document.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o, templates: map[string]*template.Template{}, people: newPeople(o.Service)}
	var err error
	if p.style, err = files.ReadFile("assets/style.css"); err != nil {
		return nil, err
	}
	if p.icon, err = files.ReadFile("assets/icon.svg"); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(p.style)
	p.styleTag = hex.EncodeToString(sum[:8])
	for _, name := range []string{"home", "city", "draw", "line", "setup", "key", "docs", "refusal"} {
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
	for path, page := range map[string]func(*gin.Context) error{
		"/":                  p.home,
		"/cities/:city":      p.city,
		"/draws/:draw":       p.draw,
		"/draws/:draw/line":  p.askLine,
		"/setup/:token":      p.askSetup,
		"/docs":              p.showDocs,
		"/assets/:tag/:file": p.asset,
		"/favicon.ico":       p.favicon,
	} {
		r.GET(path, p.serve(page))
		r.HEAD(path, p.serve(page))
	}
	r.POST("/draws/:draw/line", p.serve(p.line))
	r.POST("/setup/:token", p.serve(p.setup))
}

// Paths lists the paths of the pages, for those who compare a router with its documentation.
func Paths() []string {
	return []string{"/", "/cities/:city", "/draws/:draw", "/draws/:draw/line", "/setup/:token", "/docs", "/assets/:tag/:file", "/favicon.ico"}
}

// Missing answers for a path that has nothing.
func (p *Pages) Missing(c *gin.Context) {
	p.refuse(c, service.Refuse(service.KindNotFound, "no_route", "There is nothing at this address."))
}

func (p *Pages) serve(page func(*gin.Context) error) gin.HandlerFunc {
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
	Style     string
	Version   string
	Rehearsal bool // the page shows a rehearsal draw
	Private   bool // the page is for its reader only
	Page      any
}

// show renders a page whole before the first byte goes out.
func (p *Pages) show(c *gin.Context, name string, status int, v view) error {
	v.Style, v.Version = p.styleTag, p.Version
	var b bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&b, "layout", v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	cache := "no-cache"
	if v.Private || status != http.StatusOK {
		cache = "no-store"
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

// asset serves the stylesheet. Its path has a digest of it, so it can be kept for ever.
func (p *Pages) asset(c *gin.Context) error {
	if c.Param("tag") != p.styleTag || c.Param("file") != "style.css" {
		return service.Refuse(service.KindNotFound, "not_found", "There is no such file.")
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, "text/css; charset=utf-8", p.style)
	return nil
}

func (p *Pages) favicon(c *gin.Context) error {
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, "image/svg+xml", p.icon)
	return nil
}
