package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

type key struct {
	ID    string
	Token string
	Used  string // why there is none
}

// askSetup shows a button and does nothing: previews and prefetching must not spend the link.
func (p *Pages) askSetup(c *gin.Context) error {
	return p.show(c, "setup", http.StatusOK, view{Title: "Become the operator", Private: true})
}

// setup spends the link. The key is shown in this one answer, which no cache keeps.
func (p *Pages) setup(c *gin.Context) error {
	link, err := named(c, "token")
	if err != nil {
		return err
	}
	k, token, err := p.Service.Setup(c.Request.Context(), link)
	if service.KindOf(err) == service.KindUnauthorized {
		return p.show(c, "key", http.StatusUnauthorized, view{Title: "This link is spent", Private: true, Page: key{Used: err.Error()}})
	}
	if err != nil {
		return err
	}
	return p.show(c, "key", http.StatusOK, view{Title: "Your operator's key", Private: true, Page: key{ID: k.ID, Token: token}})
}
