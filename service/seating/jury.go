package seating

import (
	"regexp"
	"strings"

	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/service/identity"
)

// State is where a seat stands.
type State string

// The states of a seat.
const (
	Vacant    State = "vacant"    // nobody is invited; not for long while alternates are left
	Invited   State = "invited"   // somebody has until the deadline to answer
	Serving   State = "serving"   // accepted
	Empty     State = "empty"     // its stratum has no alternate left: for good
	Completed State = "completed" // served to the end of the term
)

// Jury is the seats of one draw after the moves applied so far. Make one with [New] or [NewOfPanel].
type Jury struct {
	subject string
	open    Open
	strata  []stratum
	seats   []seat           // seat n stands at n-1
	last    int64            // time of the newest record
	pool    *alternates.Pool // of a draw of panels, otherwise nil
	filled  bool             // the stratum's alternates are those of the newest vacancy
}

// stratum is where the offers of one stratum stand. Offer number i, from 0, goes to drawn[i] for the
// stratum's seat i, and past the seats to alternate number i - len(drawn): the count alone says who
// is next.
type stratum struct {
	name       string
	first      int // index of its first seat
	drawn      []string
	alternates []string
	offers     int
}

type seat struct {
	stratum  int
	state    State
	holder   string
	deadline int64
	key      *identity.Key
	history  []Offer
}

var subjectForm = regexp.MustCompile(`^([a-z0-9][a-z0-9._-]*/)+seats$`)

// New returns the jury of result r, all seats vacant, under the terms o on subject ("<draw>/seats").
// resultSHA is the SHA-256 of r's canonical bytes; rehearsal is the draw's. It refuses (open_form,
// result) terms that are not for this draw.
func New(subject string, r sortition.Result, resultSHA [32]byte, o Open, rehearsal bool) (*Jury, error) {
	j, err := begin(subject, r, resultSHA, o, rehearsal)
	if err != nil {
		return nil, err
	}
	if r.Panel != nil {
		return nil, refuse(RuleResult, "the result names panel %d, of whom it does not say: use the panel", *r.Panel)
	}
	if err := j.place(r.Strata); err != nil {
		return nil, err
	}
	return j, nil
}

// begin checks what New and NewOfPanel have in common.
func begin(subject string, r sortition.Result, resultSHA [32]byte, o Open, rehearsal bool) (*Jury, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	switch {
	case !subjectForm.MatchString(subject) || len(subject) > 200:
		return nil, refuse(RuleOpenForm, "subject %.60q is not that of a draw followed by /seats", subject)
	case !rehearsal && o.Answer < leastAnswer:
		return nil, refuse(RuleOpenForm, "answer is %d seconds, want %d at least", o.Answer, leastAnswer)
	case o.Commit != r.Commit:
		return nil, refuse(RuleResult, "seats.open is for the draw %s, the result is of %s", o.Commit, r.Commit)
	case o.Result != resultSHA:
		return nil, refuse(RuleResult, "seats.open is for the result %s, this one is %x", o.Result, resultSHA)
	}
	return &Jury{subject: subject, open: o, last: o.At}, nil
}

// place numbers the seats. An id that stands twice could hold two seats, so no such result is taken.
func (j *Jury) place(strata []sortition.Places) error {
	known := map[string]bool{}
	for i, p := range strata {
		for _, id := range append(append([]string{}, p.Seats...), p.Alternates...) {
			if !idForm.MatchString(id) || known[id] {
				return refuse(RuleResult, "result: id %.70q is malformed or stands twice", id)
			}
			known[id] = true
		}
		j.strata = append(j.strata, stratum{
			name: p.Stratum, first: len(j.seats),
			drawn: append([]string{}, p.Seats...), alternates: append([]string{}, p.Alternates...),
		})
		for range p.Seats {
			j.seats = append(j.seats, seat{stratum: i, state: Vacant})
		}
	}
	return nil
}

// Replay applies a whole history to j. It stops at the first move that is refused: applied is then
// that move's index, and j stands as before it.
func Replay(j *Jury, moves []Move) (applied int, err error) {
	for i, m := range moves {
		if err := j.Apply(m); err != nil {
			return i, err
		}
	}
	return len(moves), nil
}

// Subject returns the subject of the records, "<draw>/seats".
func (j *Jury) Subject() string { return j.subject }

// Draw returns the subject of the draw.
func (j *Jury) Draw() string { return strings.TrimSuffix(j.subject, "/seats") }

// Open returns the terms.
func (j *Jury) Open() Open { return j.open }

// Last returns the time of the newest record, Unix seconds.
func (j *Jury) Last() int64 { return j.last }

// next returns the seat index and the person of the stratum's next offer. ok is false when no seat is
// vacant, or when nobody is left.
func (j *Jury) next(s *stratum) (index int, id string, ok bool) {
	if s.offers < len(s.drawn) {
		return s.first + s.offers, s.drawn[s.offers], true
	}
	if s.left() == 0 {
		return 0, "", false
	}
	for i := s.first; i < s.first+len(s.drawn); i++ {
		if j.seats[i].state == Vacant {
			return i, s.alternates[s.offers-len(s.drawn)], true
		}
	}
	return 0, "", false
}

// left counts the people of the stratum to whom no seat has been offered yet.
func (s *stratum) left() int { return len(s.drawn) + len(s.alternates) - s.offers }

// deadline of an invitation at a time before ends.
func (o Open) deadline(at int64) int64 { return min(at+o.Answer, o.Ends) }
