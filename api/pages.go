package api

import (
	"cmp"
	"slices"

	"github.com/gin-gonic/gin"

	"kleroterion/api/web"
)

func (a *API) newPages() (*web.Pages, error) {
	return web.New(web.Options{
		Service: a.Service, Now: a.Now, Version: a.Version, Spec: a.spec, Explain: explain, Problems: allProblems(),
	})
}

// explain is refuse for pages: the same status and words, and the same care with causes.
func explain(c *gin.Context, err error) web.Refusal {
	p, _ := problemOf(err)
	c.Set(codeKey, p.Code)
	if p.Status >= 500 {
		c.Set(causeKey, err)
	}
	return web.Refusal{Name: p.Code, Status: p.Status, Title: p.Title, Detail: p.Detail, Hint: p.Hint}
}

// allProblems lists every sort of problem, by status.
func allProblems() []web.Refusal {
	classes := []class{malformed, methodUnknown, unacceptable, slow, stale, tooLarge, wrongMedia, tooMany}
	for _, c := range kinds {
		classes = append(classes, c)
	}
	slices.SortFunc(classes, func(a, b class) int { return cmp.Or(a.status-b.status, cmp.Compare(a.name, b.name)) })
	out := make([]web.Refusal, len(classes))
	for i, c := range classes {
		out[i] = web.Refusal{Name: c.name, Status: c.status, Title: c.title, Detail: c.about}
	}
	return out
}
