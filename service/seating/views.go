package seating

import (
	"slices"

	"kleroterion/service/identity"
)

// Seat is one seat as it stands.
type Seat struct {
	N        int64         `json:"n"` // from 1
	Stratum  string        `json:"stratum"`
	State    State         `json:"state"`
	Holder   string        `json:"holder,omitempty"`   // who is invited or serves
	Deadline int64         `json:"deadline,omitempty"` // while invited
	Key      *identity.Key `json:"key,omitempty"`      // while serving, if one was given
	Offers   int           `json:"offers"`
	History  []Offer       `json:"history"` // oldest first, never nil
}

// Offer is what became of one invitation. Times are Unix seconds, 0 where it has not come to that.
type Offer struct {
	ID       string    `json:"id"`
	At       int64     `json:"at"`
	Deadline int64     `json:"deadline"`
	Accepted int64     `json:"accepted,omitempty"`
	Assisted bool      `json:"assisted,omitempty"` // two officials answered for the person
	End      Act       `json:"end,omitempty"`      // decline, defer, expire, undeliverable, withdraw or complete
	EndedAt  int64     `json:"ended_at,omitempty"`
	Ground   Ground    `json:"ground,omitempty"` // of defer and withdraw
	Recusals []Recusal `json:"recusals,omitempty"`
}

// Recusal keeps a serving person out of one poll.
type Recusal struct {
	Ground Ground `json:"ground"`
	Poll   string `json:"poll"`
}

// Juror is an elector of a poll's jury.
type Juror struct {
	Seat int64
	ID   string
	Key  *identity.Key // nil: counts as an elector, cannot cast a ballot
}

// Seats returns all seats by number. The caller may change what it gets.
func (j *Jury) Seats() []Seat {
	out := make([]Seat, len(j.seats))
	for i, s := range j.seats {
		history := make([]Offer, len(s.history))
		for h, o := range s.history {
			o.Recusals = slices.Clone(o.Recusals)
			history[h] = o
		}
		out[i] = Seat{
			N: int64(i + 1), Stratum: j.strata[s.stratum].name, State: s.state, Holder: s.holder,
			Deadline: s.deadline, Key: cloneKey(s.key), Offers: len(history), History: history,
		}
	}
	return out
}

// Holding returns the people who serve or are invited, by seat: whom a panel's quotas count.
func (j *Jury) Holding() []string {
	out := []string{}
	for i := range j.seats {
		if id := j.seats[i].holder; id != "" {
			out = append(out, id)
		}
	}
	return out
}

// Panel returns the electors of a poll: who serves and is not recused for it, by seat.
func (j *Jury) Panel(poll string) []Juror {
	out := []Juror{}
	for i := range j.seats {
		if s := &j.seats[i]; s.state == Serving && !s.recused(poll) {
			out = append(out, Juror{Seat: int64(i + 1), ID: s.holder, Key: cloneKey(s.key)})
		}
	}
	return out
}

// Recused returns the numbers of the serving seats that are recused for a poll, ascending.
func (j *Jury) Recused(poll string) []int64 {
	out := []int64{}
	for i := range j.seats {
		if s := &j.seats[i]; s.state == Serving && s.recused(poll) {
			out = append(out, int64(i+1))
		}
	}
	return out
}

// recused looks at the present holder alone: a recusal goes with the person.
func (s *seat) recused(poll string) bool {
	return slices.ContainsFunc(s.offer().Recusals, func(r Recusal) bool { return r.Poll == poll })
}
