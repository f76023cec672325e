package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// recorded is what became of one gift.
type recorded struct {
	fundingRound
	Number string
	Wrong  string
	Found  *service.Gift
	Why    string // it does not count
}

func (p *Pages) askGift(c *gin.Context) error {
	r, err := p.readRound(c)
	if err != nil {
		return err
	}
	return p.showGift(c, http.StatusOK, recorded{fundingRound: r})
}

// gift looks a gift up by the number of its record.
func (p *Pages) gift(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		return service.Refuse(service.KindInvalid, "form", "The form could not be read.")
	}
	r, err := p.readRound(c)
	if err != nil {
		return err
	}
	g := recorded{fundingRound: r, Number: strings.TrimSpace(c.Request.PostForm.Get("n"))}
	n, fits := receiptNumber(g.Number)
	if !fits {
		g.Number = g.Number[:min(len(g.Number), 20)]
		g.Wrong = "The number of a receipt has digits only."
		return p.showGift(c, http.StatusUnprocessableEntity, g)
	}
	found, err := p.Service.Gift(c.Request.Context(), r.ID, n)
	if service.KindOf(err) == service.KindNotFound {
		g.Wrong = "This round has no gift with this number. If your receipt says so, keep it: it is signed, and proves that a gift was promised its place."
		return p.showGift(c, http.StatusNotFound, g)
	}
	if err != nil {
		return err
	}
	g.Found = &found
	if err := p.judge(c, &g); err != nil {
		return err
	}
	return p.showGift(c, http.StatusOK, g)
}

// judge finds a sealed gift among those that broke a rule when they opened.
func (p *Pages) judge(c *gin.Context, g *recorded) error {
	if !g.Sealed() || g.Versions == 0 {
		return nil
	}
	f, _, err := p.Service.RoundResult(c.Request.Context(), g.ID, g.Versions)
	for _, broken := range f.Invalid {
		if broken.N == g.Found.N {
			g.Why = invalidGift(broken.Rule)
		}
	}
	return err
}

func (p *Pages) showGift(c *gin.Context, status int, g recorded) error {
	return p.show(c, "gift", status, view{Title: "Is my gift there?", Rehearsal: g.Rehearsal, Private: true, Page: g})
}
