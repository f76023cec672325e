package grants

import (
	"slices"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// chamber names donors: founders give as members do.
const chamber = voting.Members

const (
	margin    = 30 // seconds from the end of gifts to the round that opens them, as poll.md
	devMargin = 2
)

// Asked is what somebody chooses about a round. All else follows from the community's state.
type Asked struct {
	Slug            string // last segment of the subject
	Name            string
	Params          funding.Params
	Opens           int64 // Unix seconds, as all times here
	ApplicationsEnd int64
	GiftsStart      int64
	GiftsEnd        int64
	Appeal          int64 // seconds
	Mode            poll.Mode
	Size            int64 // with sealed: 512 or 1024
	Self            Self
	Connectors      []Connector
	Weights         bool
	Jury            *Jury
}

// Build returns the manifest of a round and the file of its roll: all active members, founders too.
// It is a function of its arguments: a verifier builds the manifest again and compares the bytes.
func Build(s poll.State, a Asked) (*Manifest, []byte, error) {
	roll, err := rollOf(s)
	if err != nil {
		return nil, nil, err
	}
	m := &Manifest{
		Appeal: a.Appeal, ApplicationsEnd: a.ApplicationsEnd, Charter: s.Hash, Community: s.Charter.Community, Connectors: a.Connectors,
		Counted: s.Counted, GiftsEnd: a.GiftsEnd, GiftsStart: a.GiftsStart, Jury: a.Jury, Mode: a.Mode, Name: a.Name, Opens: a.Opens,
		Params: a.Params, Rehearsal: s.Chain.Status == beacon.StatusDev, Round: Subject(s.Charter.Community, a.Slug), Self: a.Self,
		Size: a.Size, V: 1, Weights: a.Weights,
	}
	m.Roll = poll.RollRef{Chamber: chamber, Electors: int64(len(s.Members) + len(s.Founders)), File: poll.FileOf(roll)}
	if len(m.Counted) > 2 { // a jury's seats give no donors
		m.Counted = m.Counted[:2]
	}
	if m.Connectors == nil {
		m.Connectors = []Connector{}
	}
	if m.Mode == poll.ModeSealed {
		after := int64(margin)
		if m.Rehearsal {
			after = devMargin
		}
		round, err := s.Chain.FirstRoundAtOrAfter(a.GiftsEnd + after)
		if err != nil {
			return nil, nil, refuse(RuleTimes, "gifts_end %d: %v", a.GiftsEnd, err)
		}
		m.Beacon = &sortition.Round{Chain: s.Chain.Hash, Round: round}
	}
	return m, roll, m.Check()
}

func rollOf(s poll.State) ([]byte, error) {
	all := slices.Concat(s.Members, s.Founders)
	lines := make([]poll.Line, len(all))
	for i, e := range all {
		lines[i] = poll.Line{Key: &all[i].Key, Voter: poll.MemberVoter(chamber, e.Member)}
	}
	slices.SortFunc(lines, func(a, b poll.Line) int { return strings.Compare(a.Voter, b.Voter) })
	return poll.WriteRoll(lines)
}

// Asked returns what was chosen about a manifest: what Build needs to build it again.
func (m *Manifest) Asked() Asked {
	return Asked{
		Slug: strings.TrimPrefix(m.Round, Subject(m.Community, "")), Name: m.Name, Params: m.Params, Opens: m.Opens,
		ApplicationsEnd: m.ApplicationsEnd, GiftsStart: m.GiftsStart, GiftsEnd: m.GiftsEnd, Appeal: m.Appeal, Mode: m.Mode,
		Size: m.Size, Self: m.Self, Connectors: m.Connectors, Weights: m.Weights, Jury: m.Jury,
	}
}
