package web

import (
	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

type city struct {
	City      service.City
	Draws     []service.DrawView
	Registers []service.Register
	Lotteries []listed
	More      bool // there are more draws than are shown
}

func (p *Pages) city(c *gin.Context) error {
	ctx := c.Request.Context()
	slug, err := named(c, "city")
	if err != nil {
		return err
	}
	found, err := p.Service.City(ctx, slug)
	if err != nil {
		return err
	}
	draws, err := p.Service.Draws(ctx, found.Slug, service.Window{Limit: most})
	if err != nil {
		return err
	}
	registers, err := p.Service.Registers(ctx, service.Actor{}, found.Slug, service.Window{Limit: most})
	if err != nil {
		return err
	}
	lotteries, err := p.listed(ctx, draws)
	if err != nil {
		return err
	}
	return p.show(c, "city", 200, view{
		Title: found.Name, Rehearsal: rehearsed(draws), Page: city{found, draws, registers, lotteries, len(draws) == most},
	})
}
