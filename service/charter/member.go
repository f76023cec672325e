package charter

import (
	"kleroterion/service/identity"
)

// State is where a member stands.
type State string

// The states of a member. The zero value is: unknown.
const (
	StateActive    State = "active"
	StateSuspended State = "suspended"
	StateLeft      State = "left"
)

// coolOff is how long somebody who left stays out, in seconds: 90 days.
const coolOff = 7_776_000

// Member is a person's place in a community, after the statements that took effect.
type Member struct {
	ID         string // 64 hex
	State      State
	Key        identity.Key
	Seq        int64 // statements that took effect
	AdmittedAt int64 // Unix seconds of the latest admission
	LeftAt     int64 // Unix seconds; 0 unless State is left
}

// Next verifies mv under the charter in force and returns the member after it. m is the zero value for
// somebody unknown. dev says whether the community rehearses: then nobody waits to come back.
func (c *Charter) Next(m Member, mv Move, dev bool) (Member, error) {
	if err := mv.Check(); err != nil {
		return Member{}, err
	}
	s := mv.Statement
	switch {
	case s.Community != c.Community:
		return Member{}, refuse(ruleCommunity, "/statement/community", "%q, this is %q", s.Community, c.Community)
	case m.ID != "" && s.Member != m.ID:
		return Member{}, refuse(ruleState, "/statement/member", "%s, not %s", s.Member, m.ID)
	case s.Seq != m.Seq+1:
		return Member{}, refuse(ruleSeq, "/statement/seq", "%d, the next statement about this member is %d", s.Seq, m.Seq+1)
	case s.Key != nil && m.State != "" && s.Action != identity.ActionAdmit && s.Key.Equal(m.Key):
		return Member{}, refuse(ruleKey, "/statement/key", "the member has this key already")
	}
	if err := m.allows(mv, dev); err != nil {
		return Member{}, err
	}
	if err := mv.verify(c, m.Key); err != nil {
		return Member{}, err
	}
	return m.after(mv), nil
}

// allows checks the transition (charter.md, "Members").
func (m Member) allows(mv Move, dev bool) error {
	allowed := map[identity.Action][]State{
		identity.ActionAdmit:   {"", StateLeft},
		identity.ActionRekey:   {StateActive, StateSuspended},
		identity.ActionRotate:  {StateActive},
		identity.ActionSuspend: {StateActive},
		identity.ActionRestore: {StateSuspended},
		identity.ActionLeave:   {StateActive, StateSuspended},
	}[mv.Statement.Action]
	for _, s := range allowed {
		if s == m.State {
			return m.waited(mv, dev)
		}
	}
	state := m.State
	if state == "" {
		state = "not a member"
	}
	return refuse(ruleState, "/statement/action", "%s of somebody who is %s", mv.Statement.Action, state)
}

func (m Member) waited(mv Move, dev bool) error {
	if m.State != StateLeft || dev || mv.At-m.LeftAt >= coolOff {
		return nil
	}
	return refuse(ruleState, "/at", "the member left at %d and can come back at %d, not at %d", m.LeftAt, m.LeftAt+coolOff, mv.At)
}

func (m Member) after(mv Move) Member {
	s := mv.Statement
	m.ID, m.Seq = s.Member, s.Seq
	if s.Key != nil {
		m.Key = *s.Key
	}
	switch s.Action {
	case identity.ActionAdmit:
		m.State, m.AdmittedAt, m.LeftAt = StateActive, mv.At, 0
	case identity.ActionSuspend:
		m.State = StateSuspended
	case identity.ActionRestore:
		m.State = StateActive
	case identity.ActionLeave:
		m.State, m.LeftAt = StateLeft, mv.At
	}
	return m
}
