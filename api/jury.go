package api

import (
	"kleroterion/service"
	"kleroterion/service/seating"
)

// Jury is the seats of a draw as they stand.
type Jury struct {
	Draw       string         `json:"draw" description:"id of the draw"`
	City       string         `json:"city"`
	Subject    string         `json:"subject" description:"of the seats' records in the log"`
	Answer     int64          `json:"answer" description:"seconds that an invited person has to answer"`
	Starts     int64          `json:"starts" description:"first second of the term"`
	Ends       int64          `json:"ends" description:"first second after the term"`
	Deferral   bool           `json:"deferral" description:"a person may defer once"`
	OpenedAt   int64          `json:"opened_at"`
	NextDue    int64          `json:"next_due,omitempty" description:"when the next rule comes due; absent: never"`
	Seats      []Seat         `json:"seats" description:"by number"`
	Statistics SeatStatistics `json:"statistics"`
	Balance    *Balance       `json:"balance,omitempty" description:"of a jury whose draw has method panels"`
}

// Balance says how near the people who have a seat, or an offer of one, are to the quotas of their lottery.
type Balance struct {
	Cost   int64 `json:"cost" description:"what moving the quotas to these people would cost, in thousandths of a seat (docs/spec/panels.md, Alternates); 0: all are met"`
	Broken int64 `json:"broken" description:"quotas that are not met"`
}

// Seat is one place and the people to whom it was offered.
type Seat struct {
	N        int64   `json:"n" description:"from 1"`
	Stratum  string  `json:"stratum"`
	State    string  `json:"state" enum:"vacant,invited,serving,empty,completed" description:"empty: nobody is left in its stratum, for good"`
	Holder   string  `json:"holder,omitempty" description:"register id of who is invited or serves"`
	Deadline int64   `json:"deadline,omitempty" description:"while invited: first second at which an answer is too late"`
	HasKey   bool    `json:"has_key" description:"whoever serves can vote with a key of their own"`
	History  []Offer `json:"history" description:"oldest first"`
}

// Offer is what became of one invitation.
type Offer struct {
	ID       string          `json:"id" description:"register id of the person"`
	At       int64           `json:"at" description:"when the person was invited"`
	Deadline int64           `json:"deadline"`
	Accepted int64           `json:"accepted,omitempty" description:"when the person accepted; absent: not"`
	Assisted bool            `json:"assisted,omitempty" description:"two officials answered for the person"`
	End      string          `json:"end,omitempty" enum:"decline,defer,expire,undeliverable,withdraw,complete" description:"how it ended; absent: it has not"`
	EndedAt  int64           `json:"ended_at,omitempty"`
	Ground   string          `json:"ground,omitempty" description:"of defer and withdraw"`
	Recusals []RecusedOnPoll `json:"recusals,omitempty"`
}

// RecusedOnPoll is one poll that a person does not vote in.
type RecusedOnPoll struct {
	Poll   string `json:"poll" description:"subject of the poll"`
	Ground string `json:"ground"`
}

// SeatStatistics counts seats and offers.
type SeatStatistics struct {
	Seats    []StateCount      `json:"seats" description:"by state; states without a seat are left out"`
	Outcomes []ActCount        `json:"outcomes" description:"by how offers ended. accept: serving now; invite: not answered yet"`
	Grounds  []GroundCount     `json:"grounds" description:"of defer, withdraw and recuse"`
	Strata   []StratumResponse `json:"strata" description:"in the order of the result"`
}

// StateCount is how many seats are in a state.
type StateCount struct {
	State string `json:"state"`
	Count int64  `json:"count"`
}

// ActCount is how many offers ended in a way.
type ActCount struct {
	Act   string `json:"act"`
	Count int64  `json:"count"`
}

// GroundCount is how often a ground was given.
type GroundCount struct {
	Act    string `json:"act"`
	Ground string `json:"ground"`
	Count  int64  `json:"count"`
}

// StratumResponse is how the people of one stratum answered: offers = accepted + declined + deferred +
// silent + undeliverable + open.
type StratumResponse struct {
	Stratum       string `json:"stratum"`
	Seats         int64  `json:"seats"`
	Offers        int64  `json:"offers"`
	Accepted      int64  `json:"accepted" description:"including who withdrew later"`
	Declined      int64  `json:"declined"`
	Deferred      int64  `json:"deferred"`
	Silent        int64  `json:"silent" description:"did not answer in time"`
	Undeliverable int64  `json:"undeliverable"`
	Open          int64  `json:"open" description:"not answered yet"`
	Left          int64  `json:"left" description:"people to whom no seat was offered yet"`
}

func juryOf(v service.JuryView) Jury {
	out := Jury{
		Draw: v.DrawID, City: v.City, Subject: v.Subject, Answer: v.Open.Answer, Starts: v.Open.Starts, Ends: v.Open.Ends,
		Deferral: v.Open.Deferral, OpenedAt: v.Open.At, NextDue: v.NextDue, Seats: make([]Seat, len(v.Seats)), Statistics: seatStatisticsOf(v.Statistics),
	}
	for i, s := range v.Seats {
		out.Seats[i] = seatOf(s)
	}
	if v.Balance != nil {
		out.Balance = &Balance{v.Balance.Cost, v.Balance.Broken}
	}
	return out
}

func seatOf(s seating.Seat) Seat {
	out := Seat{
		N: s.N, Stratum: s.Stratum, State: string(s.State), Holder: s.Holder, Deadline: s.Deadline, HasKey: s.Key != nil,
		History: make([]Offer, len(s.History)),
	}
	for i, o := range s.History {
		out.History[i] = Offer{
			ID: o.ID, At: o.At, Deadline: o.Deadline, Accepted: o.Accepted, Assisted: o.Assisted, End: string(o.End), EndedAt: o.EndedAt,
			Ground: string(o.Ground),
		}
		for _, r := range o.Recusals {
			out.History[i].Recusals = append(out.History[i].Recusals, RecusedOnPoll{Poll: r.Poll, Ground: string(r.Ground)})
		}
	}
	return out
}

// seatStatisticsOf turns maps into lists in the order of docs/spec/seat.md: an answer's bytes do not
// change by themselves.
func seatStatisticsOf(st seating.Statistics) SeatStatistics {
	out := SeatStatistics{Seats: []StateCount{}, Outcomes: []ActCount{}, Grounds: []GroundCount{}, Strata: make([]StratumResponse, len(st.Strata))}
	for _, s := range []seating.State{seating.Vacant, seating.Invited, seating.Serving, seating.Empty, seating.Completed} {
		if n := st.Seats[s]; n > 0 {
			out.Seats = append(out.Seats, StateCount{string(s), n})
		}
	}
	for _, act := range []seating.Act{
		seating.Invite, seating.Accept, seating.Decline, seating.Defer, seating.Expire, seating.Undeliverable, seating.Withdraw, seating.Complete,
	} {
		if n := st.Outcomes[act]; n > 0 {
			out.Outcomes = append(out.Outcomes, ActCount{string(act), n})
		}
	}
	for _, act := range []seating.Act{seating.Defer, seating.Withdraw, seating.Recuse} {
		for _, g := range seating.Grounds() {
			if n := st.Grounds[act][g]; n > 0 {
				out.Grounds = append(out.Grounds, GroundCount{string(act), string(g), n})
			}
		}
	}
	for i, r := range st.Strata {
		out.Strata[i] = StratumResponse(r)
	}
	return out
}
