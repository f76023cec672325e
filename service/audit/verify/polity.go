package verify

import (
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
)

// polity replays charters and members of the community in the order of their times: first up to the
// records from which the rolls of a poll or round were made, and then the rest.
type polity struct {
	chains  beacon.Chains
	account *account // may be nil
	dev     bool
	history *charter.History // nil before the first adoption
	adopted []adoption
	taken   int // of adopted
	limit   int // adoptions that come before the counted moves end
	counted bool
	moves   int64

	state        poll.State // at the records counted
	stateFault   error
	charterFault error
	memberFault  error
}

// adoption is a charter.adopt record.
type adoption struct {
	n    int64
	body charter.Adopt
}

func newPolity(chains beacon.Chains, a *account) *polity {
	return &polity{chains: chains, account: a, stateFault: errors.New("there is no charter")}
}

// takeCharters reads the community's own subject. Its records are few and are replayed with the moves.
func (p *polity) takeCharters(lines []line) error {
	for i := range lines {
		if p.charterFault == nil {
			p.charterFault = p.takeCharter(&lines[i])
		}
	}
	return nil
}

func (p *polity) takeCharter(l *line) error {
	if l.bad != nil {
		return l.bad
	}
	switch b := l.body.(type) {
	case audit.CommunityAdd:
		if l.record.N == 1 {
			return nil
		}
	case audit.CharterAdopt:
		if l.record.N == 1 {
			break
		}
		p.adopted = append(p.adopted, adoption{l.record.N, b.Adopt})
		if p.account == nil || l.record.N <= p.account.counted[0].Records {
			p.limit = len(p.adopted)
		}
		return nil
	}
	return fmt.Errorf("record %d is a %s: a community has community.add first, then charters only", l.record.N, l.record.Kind)
}

// takeMoves replays members, with each charter before the moves of its time or later.
func (p *polity) takeMoves(lines []line) error {
	for i := range lines {
		l := &lines[i]
		if p.account != nil && l.record.N > p.account.counted[1].Records {
			p.count()
		}
		if p.memberFault != nil {
			continue
		}
		if p.memberFault = l.bad; l.bad != nil {
			continue
		}
		mv, ok := l.body.(audit.MemberMove)
		if !ok {
			p.memberFault = fmt.Errorf("record %d is a %s: this subject has moves of members only", l.record.N, l.record.Kind)
			continue
		}
		p.adoptUpTo(mv.At)
		p.memberFault = p.move(l.record.N, mv)
	}
	return nil
}

func (p *polity) move(n int64, mv audit.MemberMove) error {
	if p.history == nil {
		return fmt.Errorf("record %d: there was no charter yet", n)
	}
	if err := p.history.Move(mv.Move); err != nil {
		return fmt.Errorf("record %d, %s of %.12s…: %w", n, mv.Statement.Action, mv.Statement.Member, err)
	}
	p.moves++
	return nil
}

// adoptUpTo takes the charters adopted by then. At the same second a charter comes before a move.
func (p *polity) adoptUpTo(at int64) {
	for ; p.taken < p.limit && p.adopted[p.taken].body.At <= at; p.taken++ {
		p.adoptNext()
	}
}

func (p *polity) adoptNext() {
	if p.charterFault != nil {
		return
	}
	a := p.adopted[p.taken]
	if err := p.adopt(a.body); err != nil {
		p.charterFault = fmt.Errorf("record %d: %w", a.n, err)
	}
}

func (p *polity) adopt(a charter.Adopt) error {
	if p.history == nil {
		var first charter.Charter
		if err := canonical.Unmarshal(a.Charter, &first); err != nil {
			return err
		}
		c, known := p.chains.Lookup(first.Chain)
		p.dev = known && c.Status == beacon.StatusDev
		p.history = charter.NewHistory(p.dev)
	}
	c, err := a.Parsed(p.dev)
	if err != nil {
		return err
	}
	return p.history.Adopt(a, c)
}

// count takes down the community as it stands at the records counted, once.
func (p *polity) count() {
	if p.counted {
		return
	}
	p.counted = true
	for ; p.taken < p.limit; p.taken++ {
		p.adoptNext()
	}
	p.limit = len(p.adopted)
	if p.history != nil && p.account != nil && p.charterFault == nil && p.memberFault == nil {
		p.stateFault = p.takeState()
	}
}

func (p *polity) takeState() error {
	c, hash, tier, _, err := p.history.At(p.account.opens)
	if err != nil {
		return fmt.Errorf("opens: %w", err)
	}
	chain, ok := p.chains.Lookup(c.Chain)
	if !ok {
		return fmt.Errorf("chain %s is neither pinned nor described in the bundle", c.Chain)
	}
	p.state = poll.State{
		Charter: c, Hash: hash, Tier: tier, Chain: chain,
		Members:  p.history.Members().Roll(c, charter.ChamberMembers),
		Founders: p.history.Members().Roll(c, charter.ChamberFounders),
	}
	return nil
}

// finish replays what came after the opening.
func (p *polity) finish() {
	p.count()
	for ; p.taken < p.limit; p.taken++ {
		p.adoptNext()
	}
}

// charterFollows is check 4.
func (e *communal) charterFollows() (string, error) {
	p := e.polity
	if p.charterFault != nil {
		return "", fmt.Errorf("%s: %w", e.threads[0].subject, p.charterFault)
	}
	if len(p.adopted) == 0 {
		return "", errors.New("the community has adopted no charter")
	}
	var texts []string
	for i, a := range p.adopted {
		text := fmt.Sprintf("charter %d (%s) in force from %s", i+1, short(a.body.Hash), at(a.body.Effective))
		if ref := a.body.Poll; ref != nil {
			text += fmt.Sprintf(", adopted by poll %s with the result %s", short(ref.Hash), short(ref.Record))
		}
		texts = append(texts, text)
	}
	return each(texts), nil
}

// membersAdmitted is check 5.
func (e *communal) membersAdmitted() (string, error) {
	p := e.polity
	if p.memberFault != nil {
		return "", fmt.Errorf("%s: %w", e.threads[1].subject, p.memberFault)
	}
	text := plural(p.moves, "move", "moves") + " of " + plural(int64(p.history.Members().Len()), "person", "people") +
		", each signed as the charter in force asks"
	if p.stateFault == nil {
		text += fmt.Sprintf("; when the %s opened %s and %s", e.kind(),
			plural(int64(len(p.state.Members)), "active member", "active members"), plural(int64(len(p.state.Founders)), "active founder", "active founders"))
	}
	return text, nil
}
