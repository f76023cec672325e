package web

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/randomness/sortition"
	"kleroterion/service"
)

// draw is a draw as a resident sees it.
type draw struct {
	service.DrawView
	City     service.City
	Decision string
	Manifest *sortition.Manifest
	Result   *sortition.Result
	Panel    *panel // of method panels
	Strata   []stratum
	Seats    int64
	Spare    int64
	Counted  bool   // people by stratum are known
	Wait     string // until it is due, "" when it is
	Chain    string
	File     string // name of the bundle
}

type stratum struct {
	Name   string
	Seats  int64
	Spare  int64
	People int64
	Drawn  *sortition.Places
}

func (p *Pages) draw(c *gin.Context) error {
	d, err := p.readDraw(c)
	if err != nil {
		return err
	}
	return p.show(c, "draw", 200, view{Title: d.Decision + ", " + d.City.Name, Rehearsal: d.Rehearsal, Page: d})
}

func (p *Pages) readDraw(c *gin.Context) (d draw, err error) {
	ctx := c.Request.Context()
	id, err := named(c, "draw")
	if err != nil {
		return d, err
	}
	if d.DrawView, err = p.Service.Draw(ctx, id); err != nil {
		return d, err
	}
	if d.City, err = p.Service.City(ctx, d.DrawView.City); err != nil {
		return d, err
	}
	if d.Manifest, err = sortition.ParseManifest(d.DrawView.Manifest); err != nil {
		return d, err
	}
	if len(d.DrawView.Result) > 0 {
		r, err := sortition.ParseResult(d.DrawView.Result)
		if err != nil {
			return d, err
		}
		d.Result = &r
	}
	counted, err := p.people.of(ctx, d.Manifest)
	if err != nil {
		return d, err
	}
	d.Counted = counted != nil
	if d.Panel, err = p.panelOf(ctx, d.DrawView); err != nil {
		return d, err
	}
	d.fill(counted, p.Now())
	d.Chain = p.chainName(d.DrawView)
	return d, nil
}

func (d *draw) fill(people map[string]int64, now time.Time) {
	d.Decision = decisionOf(d.Subject)
	d.File = strings.ReplaceAll(d.Subject, "/", "_") + ".klero"
	if left := time.Unix(d.DueAt, 0).Sub(now); left > 0 {
		d.Wait = span(left)
	}
	for i, s := range d.Manifest.Strata {
		row := stratum{Name: s.Stratum, Seats: s.Seats, Spare: s.Alternates, People: people[s.Stratum]}
		if d.Result != nil && i < len(d.Result.Strata) {
			row.Drawn = &d.Result.Strata[i]
		}
		d.Strata = append(d.Strata, row)
		d.Seats += s.Seats
		d.Spare += s.Alternates
	}
	if d.Panel != nil {
		d.Seats = d.Panel.Places
	}
}

// decisionOf is what a subject city/<slug>/jury/<decision> is about.
func decisionOf(subject string) string {
	if _, decision, named := strings.Cut(subject, "/jury/"); named {
		return decision
	}
	return subject
}

// chainName names the network whose round decides.
func (p *Pages) chainName(d service.DrawView) string {
	for _, c := range p.Service.ChainList() {
		if c.Hash == d.Chain {
			return c.Name
		}
	}
	return short(d.Chain.String())
}
