package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// receipt is what became of one ballot.
type receipt struct {
	ballot
	Number string
	Wrong  string
	Found  *service.BallotAt
	Why    string // it is invalid
}

func (p *Pages) askReceipt(c *gin.Context) error {
	b, err := p.readPoll(c)
	if err != nil {
		return err
	}
	return p.showReceipt(c, http.StatusOK, receipt{ballot: b})
}

// receipt looks a ballot up by the number of its record.
func (p *Pages) receipt(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		return service.Refuse(service.KindInvalid, "form", "The form could not be read.")
	}
	b, err := p.readPoll(c)
	if err != nil {
		return err
	}
	r := receipt{ballot: b, Number: strings.TrimSpace(c.Request.PostForm.Get("n"))}
	n, fits := receiptNumber(r.Number)
	if !fits {
		r.Number = r.Number[:min(len(r.Number), 20)]
		r.Wrong = "The number of a receipt has digits only."
		return p.showReceipt(c, http.StatusUnprocessableEntity, r)
	}
	found, err := p.Service.Ballot(c.Request.Context(), b.ID, n)
	if service.KindOf(err) == service.KindNotFound {
		r.Wrong = "This poll has no ballot with this number. If your receipt says so, keep it: it is signed, and proves that a ballot was promised its place."
		return p.showReceipt(c, http.StatusNotFound, r)
	}
	if err != nil {
		return err
	}
	r.Found = &found
	if found.Invalid != "" {
		r.Why = invalidWords(found.Invalid)
	}
	return p.showReceipt(c, http.StatusOK, r)
}

// receiptNumber reads the number of a record.
func receiptNumber(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 1 && n <= 1<<53-1
}

func (p *Pages) showReceipt(c *gin.Context, status int, r receipt) error {
	return p.show(c, "receipt", status, view{Title: "Is my ballot there?", Rehearsal: r.Rehearsal, Private: true, Page: r})
}
