package seating

// Statistics counts what became of the seats and of every offer. No person can be told from it that
// the log does not name already.
type Statistics struct {
	Seats    map[State]int64          `json:"seats"`
	Outcomes map[Act]int64            `json:"outcomes"` // by how offers ended; accept: now serving; invite: unanswered
	Grounds  map[Act]map[Ground]int64 `json:"grounds"`  // of defer, withdraw and recuse
	Strata   []Response               `json:"strata"`   // in the order of the result
}

// Response is how the people of one stratum answered. Offers = Accepted + Declined + Deferred +
// Silent + Undeliverable + Open.
type Response struct {
	Stratum       string `json:"stratum"`
	Seats         int64  `json:"seats"`
	Offers        int64  `json:"offers"`
	Accepted      int64  `json:"accepted"` // including who withdrew later
	Declined      int64  `json:"declined"`
	Deferred      int64  `json:"deferred"`
	Silent        int64  `json:"silent"` // expired
	Undeliverable int64  `json:"undeliverable"`
	Open          int64  `json:"open"`
	Left          int64  `json:"left"` // people to whom no seat was offered yet
}

// Statistics counts the seats as they stand.
func (j *Jury) Statistics() Statistics {
	st := Statistics{Seats: map[State]int64{}, Outcomes: map[Act]int64{}, Grounds: map[Act]map[Ground]int64{}}
	for i := range j.strata {
		s := &j.strata[i]
		st.Strata = append(st.Strata, Response{Stratum: s.name, Seats: int64(len(s.drawn)), Left: int64(j.unasked(s))})
	}
	for _, s := range j.seats {
		st.Seats[s.state]++
		for _, o := range s.history {
			st.count(o)
			st.Strata[s.stratum].count(o)
		}
	}
	return st
}

func (st *Statistics) count(o Offer) {
	switch {
	case o.End != "":
		st.Outcomes[o.End]++
	case o.Accepted != 0:
		st.Outcomes[Accept]++
	default:
		st.Outcomes[Invite]++
	}
	if o.Ground != "" {
		st.ground(o.End, o.Ground)
	}
	for _, r := range o.Recusals {
		st.ground(Recuse, r.Ground)
	}
}

func (st *Statistics) ground(a Act, g Ground) {
	if st.Grounds[a] == nil {
		st.Grounds[a] = map[Ground]int64{}
	}
	st.Grounds[a][g]++
}

func (r *Response) count(o Offer) {
	r.Offers++
	if o.Accepted != 0 {
		r.Accepted++
		return
	}
	switch o.End {
	case Decline:
		r.Declined++
	case Defer:
		r.Deferred++
	case Expire:
		r.Silent++
	case Undeliverable:
		r.Undeliverable++
	default:
		r.Open++
	}
}
