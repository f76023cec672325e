package web

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/seating"
)

// jury is the seats of a draw as people see them.
type jury struct {
	Draw     service.DrawView
	City     service.City
	Decision string
	Offered  bool
	View     service.JuryView
	Groups   []seatGroup
	Figures  []figure
	Grounds  []figure
	Panel    *panel // of method panels
	Balance  string // how near its people are to the quotas
	Tone     string
	Result   string // SHA-256 of the draw's result
	Wait     string // until the next rule comes due
}

type seatGroup struct {
	Name  string
	Seats []seatTile
}

// seatTile is one seat: its state as a shape and in words, and its history.
type seatTile struct {
	N       int64
	State   string
	Words   seatWords
	Until   int64 // deadline of the person invited
	Key     bool
	History []string
}

type figure struct {
	N    int64
	Text string
}

func (p *Pages) jury(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := named(c, "draw")
	if err != nil {
		return err
	}
	j := jury{}
	if j.Draw, err = p.Service.Draw(ctx, id); err != nil {
		return err
	}
	if j.Panel, err = p.panelOf(ctx, j.Draw); err != nil {
		return err
	}
	if j.City, err = p.Service.City(ctx, j.Draw.City); err != nil {
		return err
	}
	j.Decision = decisionOf(j.Draw.Subject)
	j.View, err = p.Service.Jury(ctx, id)
	if err != nil && service.KindOf(err) != service.KindNotFound {
		return err
	}
	if j.Offered = err == nil; j.Offered {
		if err := j.fill(p.Now()); err != nil {
			return err
		}
	}
	return p.show(c, "jury", 200, view{Title: "The seats of " + j.Decision, Rehearsal: j.Draw.Rehearsal, Page: j})
}

func (j *jury) fill(now time.Time) error {
	result, err := sortition.ParseResult(j.Draw.Result)
	if err != nil {
		return err
	}
	j.Result = fmt.Sprintf("%x", sha256.Sum256(j.Draw.Result))
	people := drawnAs(result)
	if j.Panel != nil {
		people = j.Panel.drawnAs()
	}
	j.Balance, j.Tone = balanceWords(j.View.Balance)
	for _, s := range j.View.Seats {
		if n := len(j.Groups); n == 0 || j.Groups[n-1].Name != s.Stratum {
			j.Groups = append(j.Groups, seatGroup{Name: s.Stratum})
		}
		g := &j.Groups[len(j.Groups)-1]
		g.Seats = append(g.Seats, tile(s, people))
	}
	if left := time.Unix(j.View.NextDue, 0).Sub(now); j.View.NextDue > 0 && left > 0 {
		j.Wait = span(left)
	}
	j.count()
	return nil
}

// count says how many seats are in which state, and why people could not serve.
func (j *jury) count() {
	st := j.View.Statistics
	for _, s := range []seating.State{seating.Serving, seating.Invited, seating.Vacant, seating.Empty, seating.Completed} {
		if n := st.Seats[s]; n > 0 || s == seating.Serving {
			j.Figures = append(j.Figures, figure{n, seatStates[s].Text})
		}
	}
	for _, act := range []seating.Act{seating.Defer, seating.Withdraw, seating.Recuse} {
		for _, g := range seating.Grounds() {
			if n := st.Grounds[act][g]; n > 0 {
				j.Grounds = append(j.Grounds, figure{n, groundActs[act] + ": " + groundWords(g)})
			}
		}
	}
}

// drawnAs says of every id in the result as what it was drawn.
func drawnAs(r sortition.Result) map[string]string {
	people := map[string]string{}
	for _, s := range r.Strata {
		for i, id := range s.Seats {
			people[id] = "the person drawn " + ordinal(int64(i+1))
		}
		for i, id := range s.Alternates {
			people[id] = "alternate " + number(int64(i+1))
		}
	}
	return people
}

func tile(s seating.Seat, people map[string]string) seatTile {
	t := seatTile{N: s.N, State: string(s.State), Words: seatStates[s.State], Until: s.Deadline, Key: s.Key != nil}
	for i, o := range s.History {
		lead := "Then offered to "
		if i == 0 {
			lead = "First offered to "
		}
		who := people[o.ID]
		if who == "" { // of a panel: nobody is an alternate beforehand
			who = "the person whom the rule found"
		}
		t.History = append(t.History, lead+who+" on "+date(o.At)+": "+offerWords(o)+".")
	}
	if s.State == seating.Empty {
		t.History = append(t.History, "Nobody is left to offer it to: it stays empty.")
	}
	return t
}
