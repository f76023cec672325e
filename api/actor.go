package api

import (
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

const (
	actorKey   = "kleroterion.actor"
	requestKey = "kleroterion.request"
	causeKey   = "kleroterion.cause"
	codeKey    = "kleroterion.code"
)

// actorOf returns who asks; the zero Actor is nobody.
func actorOf(c *gin.Context) service.Actor {
	who, _ := c.Value(actorKey).(service.Actor)
	return who
}

// authenticated finds out who asks before anything of the request is read. A request without a key
// is nobody's; one with a wrong key is refused even where none is needed, because its sender believes
// to be somebody.
func (a *API) authenticated(c *gin.Context) {
	given := c.Request.Header.Values("Authorization")
	if len(given) == 0 {
		return
	}
	token, err := bearer(given)
	if err != nil {
		a.refuse(c, err)
		return
	}
	who, err := a.Service.Authenticate(c.Request.Context(), token)
	if err != nil {
		a.refuse(c, err)
		return
	}
	c.Set(actorKey, who)
}

func bearer(given []string) (string, error) {
	scheme, token, _ := strings.Cut(given[0], " ")
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") || !tokenForm.MatchString(token) {
		e := service.Refuse(service.KindUnauthorized, "token", "the header Authorization is not one bearer token")
		return "", e.WithHint("send Authorization: Bearer klr_…")
	}
	return token, nil
}

// tokenForm keeps bytes away from the database that are not even text.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

// challenge is the header WWW-Authenticate of a 401 (RFC 6750 section 3).
func challenge(code string) string {
	if code == "key_required" {
		return `Bearer realm="kleroterion"`
	}
	return `Bearer realm="kleroterion", error="invalid_token"`
}
