package web

import (
	"slices"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

const (
	latest = 20  // draws on the first page
	most   = 200 // rows of a list on a page
)

type home struct {
	Draws  []service.DrawView
	Cities []service.City
	Head   service.LogHead
}

func (p *Pages) home(c *gin.Context) error {
	ctx := c.Request.Context()
	draws, err := p.Service.Draws(ctx, "", service.Window{Limit: latest})
	if err != nil {
		return err
	}
	cities, err := p.Service.Cities(ctx, service.Window{Limit: most})
	if err != nil {
		return err
	}
	head, err := p.Service.LogHead(ctx)
	if err != nil {
		return err
	}
	return p.show(c, "home", 200, view{Title: "Draws by lot that anyone can check", Rehearsal: rehearsed(draws), Page: home{draws, cities, head}})
}

func rehearsed(draws []service.DrawView) bool {
	return slices.ContainsFunc(draws, func(d service.DrawView) bool { return d.Rehearsal })
}
