package web

import (
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
)

// community is a community's charter in plain words, its polls and its funding rounds.
type community struct {
	View     service.CommunityView
	Shares   []share
	Picture  bar
	Decides  string // what the jury's share means
	Rule     string // of yes/no polls
	Amending string
	Steps    []step
	Polls    []service.PollView
	More     bool
	Charters []service.Charter
	Rounds   []service.RoundView

	MoreRounds bool
}

// share is one chamber in plain words.
type share struct {
	Name, Share string
	Rules       []string
}

// step is one tier of the ratchet.
type step struct {
	N     int
	Share string
	When  string
	Now   bool
}

func (p *Pages) communities(c *gin.Context) error {
	list, err := p.Service.Communities(c.Request.Context(), service.Window{Limit: most})
	if err != nil {
		return err
	}
	return p.show(c, "communities", 200, view{Title: "Communities", Page: list})
}

// newKey is where a member-to-be makes a key. The server learns nothing of it.
func (p *Pages) newKey(c *gin.Context) error {
	return p.show(c, "newkey", 200, view{Title: "Make a key", Script: "key.js"})
}

func (p *Pages) community(c *gin.Context) error {
	ctx := c.Request.Context()
	slug, err := named(c, "slug")
	if err != nil {
		return err
	}
	page := community{}
	if page.View, err = p.Service.Community(ctx, slug); err != nil {
		return err
	}
	if page.Charters, err = p.Service.Charters(ctx, slug); err != nil {
		return err
	}
	if page.Polls, err = p.Service.Polls(ctx, slug, service.Window{Limit: most}); err != nil {
		return err
	}
	page.More = len(page.Polls) == most
	if page.Rounds, err = p.Service.FundingRounds(ctx, slug, service.Window{Limit: most}); err != nil {
		return err
	}
	page.MoreRounds = len(page.Rounds) == most
	if page.View.Charter != nil {
		if err := page.fill(); err != nil {
			return err
		}
	}
	return p.show(c, "community", 200, view{Title: page.View.Name, Rehearsal: page.View.Rehearsal, Page: page})
}

// fill says what the charter says.
func (p *community) fill() error {
	c := p.View.Charter
	founders := int64(0)
	if c.Founders != nil {
		founders = int64(len(c.Founders.Members))
	}
	shares, err := c.SharesAt(p.View.Tier, founders)
	if err != nil {
		return err
	}
	p.Picture.Line = -1
	var end ratio.Ratio
	for _, s := range shares {
		chamber, _ := c.Chamber(s.ID)
		end = end.Add(s.Share)
		p.Picture.add(end, s.ID, chamberName(s.ID)+" "+percent(s.Share))
		p.Shares = append(p.Shares, share{chamberName(s.ID), percent(s.Share), chamberRules(chamber)})
	}
	p.Rule = passes(c.Threshold, c.Threshold.Cmp(ratio.New(1, 2)) != 0)
	p.Decides = p.decides(c)
	p.Amending = fmt.Sprintf("An amendment %s, and takes effect %s after that.", passes(c.Amendment.Threshold, c.Amendment.Threshold.Cmp(ratio.New(1, 2)) != 0), seconds(c.Amendment.Delay))
	p.climb(c)
	return nil
}

// decides says what the jury's share comes to. It is computed, not promised: charter.WhatJuryDecides.
func (p *community) decides(c *charter.Charter) string {
	jury, has := c.Chamber(charter.ChamberJury)
	if !has {
		return ""
	}
	low, high := charter.WhatJuryDecides(c, p.View.Tier)
	what := "The jury has " + percent(jury.Share) + " of the decision. With every chamber above its quorum, this means: "
	if low.Cmp(high) == 0 {
		return what + "at present it cannot turn a yes/no poll by itself."
	}
	return what + fmt.Sprintf("where between %s and %s of the members who decide say yes, a united jury settles a yes/no poll. Below that it fails whatever the jury says; above, it passes.", percent(low), percent(high))
}

func (p *community) climb(c *charter.Charter) {
	if c.Ratchet == nil {
		return
	}
	for i, t := range c.Ratchet.Tiers {
		s := step{N: i, Share: percent(t.Share), When: "at the start", Now: i == min(p.View.Tier, len(c.Ratchet.Tiers)-1)}
		if i > 0 {
			s.When = fmt.Sprintf("when there were %s for %s of %s in a row, or at the latest %s after the start", plural(t.Members, "member", "members"),
				plural(t.Hold, "period", "periods"), seconds(c.Ratchet.Epoch), seconds(t.After))
		}
		p.Steps = append(p.Steps, s)
	}
}

// seconds says a length of time that rules fix.
func seconds(n int64) string {
	if n == 0 {
		return "at once"
	}
	for _, u := range []struct {
		n    int64
		name string
	}{{86_400, "day"}, {3_600, "hour"}, {60, "minute"}} {
		if n%u.n == 0 {
			return plural(n/u.n, u.name, u.name+"s")
		}
	}
	if n > 120 {
		return span(time.Duration(n) * time.Second)
	}
	return plural(n, "second", "seconds")
}
