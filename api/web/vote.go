package web

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
	"kleroterion/service/voting"
)

// paper is the ballot page: one form, which the script seals, signs and sends.
type paper struct {
	ballot
	Open    bool
	Options []optionOf
	Method  voting.Method
	Ranked  bool
	Key     string // of the chain, in hexadecimal; "" where the ballot is not sealed
	Scheme  string
	Round   string
	Seats   string // subject of the jury's seats
	Jury    bool
	Circles []string // chambers besides the jury
}

type optionOf struct{ ID, Name string }

func (p *Pages) vote(c *gin.Context) error {
	b, err := p.readPoll(c)
	if err != nil {
		return err
	}
	return p.show(c, "vote", http.StatusOK, view{Title: "Vote: " + b.M.Question, Rehearsal: b.Rehearsal, Private: true, Script: "ballot.js", Page: newPaper(b)})
}

func newPaper(b ballot) paper {
	p := paper{ballot: b, Open: b.Status == string(service.PollOpen), Method: b.M.Rules.Method, Round: strconv.FormatUint(b.M.Beacon.Round, 10)}
	p.Ranked = p.Method == voting.IRV || p.Method == voting.Schulze
	for _, id := range b.M.Rules.Options {
		p.Options = append(p.Options, optionOf{id, optionName(b.M, id)})
	}
	if b.Chain != nil {
		p.Key, p.Scheme = hex.EncodeToString(b.Chain.PublicKey), string(b.Chain.Scheme)
	}
	if b.M.Jury != nil {
		p.Seats = b.M.Jury.Seats
	}
	for _, chamber := range b.M.Rules.Chambers {
		if chamber.ID == voting.Jury {
			p.Jury = true
			continue
		}
		p.Circles = append(p.Circles, chamber.ID)
	}
	return p
}
