package web

import (
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
)

// line is one person's line in the list of a draw. The id comes in a form's body, not in the
// address: addresses end up in histories and in the logs of proxies.
type line struct {
	draw
	ID       string
	Wrong    string // what is the matter with the id
	Proof    *register.Proof
	Text     string // the proof as it is checked elsewhere
	Features []feature
	Entry    register.Entry
	Number   int64  // of the line, from 1
	Place    string // what this draw gave the id
}

type feature struct{ Name, Value string }

// maxForm bounds the body of our forms.
const maxForm = 4 << 10

func (p *Pages) askLine(c *gin.Context) error {
	d, err := p.readDraw(c)
	if err != nil {
		return err
	}
	return p.showLine(c, http.StatusOK, line{draw: d})
}

func (p *Pages) line(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		return service.Refuse(service.KindInvalid, "form", "The form could not be read.")
	}
	d, err := p.readDraw(c)
	if err != nil {
		return err
	}
	l := line{draw: d, ID: strings.ToLower(strings.Join(strings.Fields(c.Request.PostForm.Get("id")), ""))}
	id, err := hex.DecodeString(l.ID)
	if err != nil || len(id) != 32 {
		l.ID = l.ID[:min(len(l.ID), 80)]
		l.Wrong = "An id has 64 characters, digits and the letters a to f. Compare it with your letter."
		return p.showLine(c, http.StatusUnprocessableEntity, l)
	}
	proof, err := p.Service.Line(c.Request.Context(), d.Manifest.Register.Root, [32]byte(id))
	if service.KindOf(err) == service.KindNotFound {
		l.Wrong = "This id is not in the list of this draw. If your letter is for this draw, ask the city why: the list can no longer be changed."
		return p.showLine(c, http.StatusNotFound, l)
	}
	if err != nil {
		return err
	}
	if err := l.take(proof); err != nil {
		return err
	}
	return p.showLine(c, http.StatusOK, l)
}

func (p *Pages) showLine(c *gin.Context, status int, l line) error {
	return p.show(c, "line", status, view{Title: "Your line in the list", Rehearsal: l.Rehearsal, Private: true, Page: l})
}

// take checks the proof before it is shown.
func (l *line) take(proof register.Proof) (err error) {
	if l.Entry, err = proof.Verify(); err != nil {
		return err
	}
	text, err := proof.Canonical()
	if err != nil {
		return err
	}
	l.Proof, l.Text, l.Number = &proof, string(text), proof.Index+1
	for _, name := range slices.Sorted(maps.Keys(l.Entry.Features)) {
		l.Features = append(l.Features, feature{name, l.Entry.Features[name]})
	}
	l.Place = l.place()
	return nil
}

// place says what the draw gave this id.
func (l *line) place() string {
	if l.Result == nil {
		return ""
	}
	if l.Panel != nil {
		return l.Panel.place(l.ID)
	}
	for _, s := range l.Result.Strata {
		if i := slices.Index(s.Seats, l.ID); i >= 0 {
			return "seat " + number(int64(i+1)) + where(s)
		}
		if i := slices.Index(s.Alternates, l.ID); i >= 0 {
			return "alternate " + number(int64(i+1)) + where(s)
		}
	}
	return "not drawn"
}

func where(s sortition.Places) string {
	if s.Stratum == "" {
		return ""
	}
	return " of " + stratumWords(s.Stratum)
}
