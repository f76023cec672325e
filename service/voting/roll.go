package voting

import (
	"cmp"
	"slices"
)

// The reasons that the tally itself gives for an invalid ballot.
const (
	delegateAbsent    = "delegate_absent"    // nobody by that name voted validly and in person among the members
	delegationCap     = "delegation_cap"     // the delegate stood for as many as one may before this one came
	delegationChamber = "delegation_chamber" // jurors and founders vote themselves
)

// voice is a decisive choice with the number of voters who speak by it.
type voice struct {
	choice  *Choice
	chamber int
	voters  int64
}

// roll sorts ballots into chambers and classes.
type roll struct {
	rules    *Rules
	ballots  []Ballot
	at       map[string]int // voter to ballot
	chambers []ChamberCount // in the order of the rules
	voices   []voice
	invalid  []Invalid
}

// newRoll refuses ballots that are not a poll's, then counts their classes.
func newRoll(r *Rules, ballots []Ballot) (*roll, error) {
	l := &roll{rules: r, ballots: ballots, at: make(map[string]int, len(ballots)), chambers: make([]ChamberCount, len(r.Chambers))}
	for i, c := range r.Chambers {
		l.chambers[i] = ChamberCount{ID: c.ID, Electors: c.Electors, Share: c.Share}
	}
	if err := l.admit(); err != nil {
		return nil, err
	}
	spoken := l.delegations()
	l.voices = make([]voice, 0, len(ballots))
	for i := range ballots {
		l.count(&ballots[i], 1+spoken[i])
	}
	slices.SortFunc(l.invalid, func(a, b Invalid) int { return cmp.Compare(a.Voter, b.Voter) })
	return l, nil
}

func (l *roll) chamber(id string) int {
	return slices.IndexFunc(l.rules.Chambers, func(c Chamber) bool { return c.ID == id })
}

// admit checks each ballot, that nobody has two, and that no chamber has more than its electors.
func (l *roll) admit() error {
	for i := range l.ballots {
		b := &l.ballots[i]
		c := l.chamber(b.Chamber)
		if c < 0 {
			return refuse("ballot_chamber", "ballot of %.90q: the poll has no chamber %.20q", b.Voter, b.Chamber)
		}
		if err := b.check(l.rules); err != nil {
			return err
		}
		l.at[b.Voter] = i
		l.chambers[c].Cast++
	}
	if len(l.at) != len(l.ballots) {
		return l.twice()
	}
	for _, c := range l.chambers {
		if c.Cast > c.Electors {
			return refuse("more_than_electors", "%s: %d ballots of %d electors", c.ID, c.Cast, c.Electors)
		}
	}
	return nil
}

// twice names the first voter, by name, who has more than one ballot.
func (l *roll) twice() error {
	var names []string
	for i := range l.ballots {
		if v := l.ballots[i].Voter; l.at[v] != i {
			names = append(names, v)
		}
	}
	return refuse("voter_twice", "voter %s has more than one ballot: want the last alone", slices.Min(names))
}

// delegations decides every delegation and returns, by ballot, for how many others it speaks.
func (l *roll) delegations() map[int]int64 {
	if l.rules.Cap == nil {
		return nil
	}
	var from []int
	for i := range l.ballots {
		if b := &l.ballots[i]; b.Invalid == "" && b.Choice.kind == delegate {
			from = append(from, i)
		}
	}
	slices.SortFunc(from, func(a, b int) int {
		x, y := &l.ballots[a], &l.ballots[b]
		return cmp.Or(cmp.Compare(x.N, y.N), cmp.Compare(x.Voter, y.Voter))
	})
	most, spoken := l.mostDelegations(), map[int]int64{}
	for _, i := range from {
		b := &l.ballots[i]
		to, ok := l.at[b.Choice.delegate]
		switch {
		case b.Chamber != Members:
			l.reject(b, delegationChamber)
		case !ok || !l.ballots[to].direct():
			l.reject(b, delegateAbsent)
		case spoken[to] == most:
			l.reject(b, delegationCap)
		default:
			spoken[to]++
			l.chambers[l.chamber(Members)].Delegated++
		}
	}
	return spoken
}

// mostDelegations is floor(cap * electors of the members).
func (l *roll) mostDelegations() int64 {
	n := l.rules.Cap.Mul(whole(l.rules.Chambers[l.chamber(Members)].Electors)).Rat()
	return n.Num().Div(n.Num(), n.Denom()).Int64()
}

func (b *Ballot) direct() bool { return b.Invalid == "" && b.Choice.kind != delegate }

func (l *roll) reject(b *Ballot, reason string) {
	l.invalid = append(l.invalid, Invalid{Voter: b.Voter, Rule: reason})
	l.chambers[l.chamber(b.Chamber)].Invalid++
}

// count puts a ballot, with the delegations that it speaks for, into its class.
func (l *roll) count(b *Ballot, voters int64) {
	c := l.chamber(b.Chamber)
	switch {
	case b.Invalid != "":
		l.reject(b, b.Invalid)
	case b.Choice.kind == delegate: // counted with the delegate, or rejected
	case b.Choice.decisive():
		l.chambers[c].Valid += voters
		l.voices = append(l.voices, voice{&b.Choice, c, voters})
	default:
		l.chambers[c].Blank += voters
	}
}
