package web

import (
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// ballot is a poll as people see it.
type ballot struct {
	service.PollView
	M         *poll.Manifest
	Community string // its name
	Wait      string // until it closes, or its round is due
	Rule      string // what passes
	May       []voters
	Result    *result
	Files     bool // there is a transcript
	File      string
	Chain     *beacon.Chain
}

// voters are those of one chamber who may vote.
type voters struct {
	Name, Share string
	Electors    int64
	Rules       []string
}

func (p *Pages) poll(c *gin.Context) error {
	b, err := p.readPoll(c)
	if err != nil {
		return err
	}
	return p.show(c, "poll", 200, view{Title: b.M.Question, Rehearsal: b.Rehearsal, Page: b})
}

func (p *Pages) readPoll(c *gin.Context) (b ballot, err error) {
	ctx := c.Request.Context()
	id, err := named(c, "poll")
	if err != nil {
		return b, err
	}
	if b.PollView, err = p.Service.Poll(ctx, id); err != nil {
		return b, err
	}
	if b.M, err = poll.ParseManifest(b.Manifest); err != nil {
		return b, err
	}
	place, err := p.Service.Community(ctx, b.M.Community)
	if err != nil {
		return b, err
	}
	b.Community = place.Name
	for _, chain := range p.Service.ChainList() {
		if chain.Hash == b.M.Beacon.Chain {
			b.Chain = chain
		}
	}
	b.fill(p.Now())
	if b.State != service.PollCounted {
		return b, nil
	}
	text, err := p.Service.Transcript(ctx, id)
	if err != nil {
		return b, err
	}
	t, err := poll.ParseTranscript(text)
	if err != nil {
		return b, err
	}
	b.Result = readResult(b.M, t)
	return b, nil
}

func (b *ballot) fill(now time.Time) {
	_, name, _ := poll.SubjectName(b.Subject)
	b.File = b.M.Community + "_" + name + ".klero"
	end := b.Closes
	if b.Status == string(service.PollClosed) {
		end = b.DueAt
	}
	if left := time.Unix(end, 0).Sub(now); left > 0 {
		b.Wait = span(left)
	}
	if b.M.Rules.Method == voting.YesNo {
		b.Rule = "It " + passes(b.M.Rules.Threshold, b.M.Rules.Inclusive) + "."
	}
	for _, c := range b.M.Rules.Chambers {
		v := voters{Name: chamberName(c.ID), Share: percent(c.Share), Electors: c.Electors}
		if c.Quorum != nil {
			v.Rules = append(v.Rules, quorumWords(c.Quorum.Kind == voting.OfApproval, c.Quorum.Min))
		}
		if c.ID == voting.Jury {
			v.Rules = append(v.Rules, thinWords(c.Thin))
		}
		if c.Floor != nil {
			v.Rules = append(v.Rules, "The poll fails when less than "+percent(*c.Floor)+" of them take part.")
		}
		b.May = append(b.May, v)
	}
}

// questionOf reads what a poll in a list asks. A poll that cannot be read has only its name.
func questionOf(v service.PollView) string {
	m, err := poll.ParseManifest(v.Manifest)
	if err != nil {
		return v.Subject
	}
	return m.Question
}

// optionName is what an option says.
func optionName(m *poll.Manifest, id string) string {
	if name := m.Names[id]; name != "" {
		return name
	}
	return id
}

// Turnout is who voted so far, of all who may.
func (b ballot) Turnout() string {
	all := int64(0)
	for _, v := range b.May {
		all += v.Electors
	}
	if all == 0 {
		return number(b.Voters)
	}
	return number(b.Voters) + " of " + number(all) + ", " + percent(ratio.New(b.Voters, all))
}
