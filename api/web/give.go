package web

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// giving is the page that makes a gift: one form, which the script seals where the round is sealed, signs
// and sends.
type giving struct {
	fundingRound
	Open    bool
	Choices []optionOf
	Chosen  string
	Key     string // of the chain, in hexadecimal; "" where gifts are not sealed
	Scheme  string
	Opening string // round of the chain
	Live    string // "yes" where the script may ask what a gift would change
}

func (p *Pages) give(c *gin.Context) error {
	ctx := c.Request.Context()
	r, err := p.readRound(c)
	if err != nil {
		return err
	}
	g := newGiving(r)
	if g.Open {
		if err := p.fillBoard(ctx, &g.fundingRound); err != nil {
			return err
		}
		if err := p.choose(c, &g); err != nil {
			return err
		}
	}
	return p.show(c, "give", http.StatusOK, view{Title: "Give: " + r.Terms.Name, Rehearsal: r.Rehearsal, Private: true, Script: "give.js", Page: g})
}

func newGiving(r fundingRound) giving {
	g := giving{fundingRound: r, Open: r.Status == "gifts", Opening: strconv.FormatUint(r.Beacon, 10)}
	if r.Sealed() && r.Chain != nil {
		g.Key, g.Scheme = hex.EncodeToString(r.Chain.PublicKey), string(r.Chain.Scheme)
	}
	if !r.Sealed() && r.Terms.Params.Rule != funding.Cluster {
		g.Live = "yes"
	}
	return g
}

// choose lists the projects that the page shows, and the one that the address names.
func (p *Pages) choose(c *gin.Context, g *giving) error {
	asked := c.Query("project")
	if g.Board != nil {
		for _, row := range g.Board.Rows {
			g.Choices = append(g.Choices, optionOf{row.ID, row.Title})
			if row.ID == asked {
				g.Chosen = asked
			}
		}
	}
	if asked == "" || g.Chosen != "" || len(asked) > 63 {
		return nil
	}
	x, err := p.Service.Project(c.Request.Context(), g.ID, asked)
	switch {
	case service.KindOf(err) == service.KindNotFound:
		return nil
	case err != nil:
		return err
	case x.State == grants.Approved:
		g.Choices, g.Chosen = append(g.Choices, optionOf{x.ID, x.Title}), x.ID
	}
	return nil
}
