package poll

import (
	"slices"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// Question is what somebody chooses about a poll. All else follows from the community's state.
type Question struct {
	Name     string // last segment of the subject
	Text     string
	Class    Class
	Amends   *File        // of an amendment: the proposed charter
	Proposes *beacon.Hash // and its hash
	Method   voting.Method
	Options  []string
	Names    map[string]string
	Winners  int64
	MaxScore int64
	Credits  int64
	Negative bool
	Minimum  *ratio.Ratio
	Opens    int64
	Closes   int64
}

// State is a community at the opening of a poll, as its records say. The service reads it from its
// rows, the verifier replays it: both then call Build.
type State struct {
	Charter  *charter.Charter
	Hash     beacon.Hash
	Tier     int
	Members  []charter.Elector // active and no founders, ascending
	Founders []charter.Elector // active, ascending
	Jury     *seating.Jury     // nil: no jury is offered
	Seats    int64             // seats in the manifest of the jury's draw
	Counted  []Counted
	Chain    *beacon.Chain // the charter's
}

const (
	margin    = 30 // seconds from closing to the round that opens the ballots
	devMargin = 2
	daySecs   = 86_400
)

// Build returns the manifest of a poll, and the file of each roll in the order of its chambers. It is
// a function of its arguments: a verifier builds the manifest again and compares the bytes.
func Build(s State, q Question) (*Manifest, [][]byte, error) {
	dev := s.Chain.Status == beacon.StatusDev
	if err := s.check(q); err != nil {
		return nil, nil, err
	}
	round, err := s.Chain.FirstRoundAtOrAfter(q.Closes + marginOn(dev))
	if err != nil {
		return nil, nil, refuse(RuleTimes, "closes %d: %v", q.Closes, err)
	}
	m := &Manifest{
		Amends: q.Amends, Beacon: sortition.Round{Chain: s.Chain.Hash, Round: round}, Charter: s.Hash, Class: q.Class, Closes: q.Closes,
		Community: s.Charter.Community, Counted: s.Counted, Mode: Mode(s.Charter.Ballot.Mode), Names: q.Names, Opens: q.Opens,
		Poll: Subject(s.Charter.Community, q.Name), Proposes: q.Proposes, Question: q.Text, Rehearsal: dev, Tier: int64(s.Tier), V: 1,
	}
	if m.Mode == ModeSealed {
		m.Size = s.Charter.Ballot.Size
	}
	files, err := s.fill(m, q)
	if err != nil {
		return nil, nil, err
	}
	return m, files, m.Check()
}

func marginOn(dev bool) int64 {
	if dev {
		return devMargin
	}
	return margin
}

// check applies the charter's rules on times and on the jury.
func (s State) check(q Question) error {
	b := s.Charter.Ballot
	if length := q.Closes - q.Opens; length < max(b.Notice, 1) || length > b.Days*daySecs {
		return refuse(RuleTimes, "open for %d s: the charter wants %d s at least and %d days at most", length, max(b.Notice, 1), b.Days)
	}
	jury, required := s.Charter.Chamber(charter.ChamberJury)
	if !required {
		return nil
	}
	if s.Jury == nil {
		return refuse(RuleJury, "the charter gives a jury %s of the decision: a poll cannot open without one", jury.Share)
	}
	if !strings.HasPrefix(s.Jury.Subject(), "city/"+jury.City+"/") {
		return refuse(RuleJury, "seats %s are not of a draw by %s", s.Jury.Subject(), jury.City)
	}
	if s.Seats < jury.Seats {
		return refuse(RuleJury, "the draw was for %d seats, the charter wants %d", s.Seats, jury.Seats)
	}
	if t := s.Jury.Open(); q.Opens < t.Starts || q.Closes > t.Ends {
		return refuse(RuleJury, "the poll is open from %d to %d, the jury's term runs from %d to %d", q.Opens, q.Closes, t.Starts, t.Ends)
	}
	return nil
}

// fill sets rules, rolls and jury.
func (s State) fill(m *Manifest, q Question) ([][]byte, error) {
	m.Rules = voting.Rules{
		Method: q.Method, Options: q.Options, Winners: q.Winners, MaxScore: q.MaxScore, Credits: q.Credits,
		Negative: q.Negative, Minimum: q.Minimum,
	}
	s.setThreshold(&m.Rules, q.Class)
	if d := s.Charter.Delegation; d != nil {
		m.Rules.Cap = &d.Cap
	}
	shares, err := s.Charter.SharesAt(s.Tier, int64(len(s.Founders)))
	if err != nil {
		return nil, err
	}
	files := make([][]byte, len(shares))
	for i, share := range shares {
		lines, err := s.lines(m, share.ID, shares[0].ID == charter.ChamberFounders)
		if err != nil {
			return nil, err
		}
		if files[i], err = WriteRoll(lines); err != nil {
			return nil, err
		}
		m.Rolls = append(m.Rolls, RollRef{Chamber: share.ID, Electors: int64(len(lines)), File: FileOf(files[i])})
		m.Rules.Chambers = append(m.Rules.Chambers, s.chamber(share, q.Class, int64(len(lines))))
	}
	return files, nil
}

// setThreshold sets what yes/no polls must reach; other methods have none.
func (s State) setThreshold(r *voting.Rules, class Class) {
	if r.Method != voting.YesNo {
		return
	}
	r.Threshold = s.Charter.Threshold
	if class == ClassAmendment {
		r.Threshold = s.Charter.Amendment.Threshold
	}
	r.Inclusive = !r.Threshold.Equal(ratio.New(1, 2))
}

func (s State) chamber(share charter.ChamberShare, class Class, electors int64) voting.Chamber {
	c, _ := s.Charter.Chamber(share.ID)
	out := voting.Chamber{ID: share.ID, Share: share.Share, Electors: electors, Thin: voting.Thin(c.Thin)}
	if c.Quorum != nil {
		out.Quorum = &voting.Quorum{Kind: voting.QuorumKind(c.Quorum.Kind), Min: c.Quorum.Min}
	}
	if class == ClassExternal {
		out.Floor = c.Floor
	}
	return out
}

// lines lists the electors of a chamber; for the jury it also sets who is recused. founders says whether
// they have a chamber in this poll.
func (s State) lines(m *Manifest, chamber string, founders bool) ([]Line, error) {
	if chamber == charter.ChamberJury {
		return s.panel(m)
	}
	electors := s.Members
	if chamber == charter.ChamberFounders {
		electors = s.Founders
	} else if !founders {
		electors = s.everybody()
	}
	lines := make([]Line, len(electors))
	for i, e := range electors {
		lines[i] = Line{Key: &electors[i].Key, Voter: MemberVoter(chamber, e.Member)}
	}
	return lines, nil
}

// everybody is members and founders in one roll: founders without a chamber of their own are members.
func (s State) everybody() []charter.Elector {
	all := slices.Concat(s.Members, s.Founders)
	slices.SortFunc(all, func(a, b charter.Elector) int { return strings.Compare(a.Member, b.Member) })
	return all
}

func (s State) panel(m *Manifest) ([]Line, error) {
	m.Jury = &JuryRef{Recused: slices.Clone(s.Jury.Recused(m.Poll)), Seats: s.Jury.Subject()}
	if m.Jury.Recused == nil {
		m.Jury.Recused = []int64{}
	}
	panel := s.Jury.Panel(m.Poll)
	if len(panel) == 0 {
		return nil, refuse(RuleJury, "no seat of %s is serving and free to vote", s.Jury.Subject())
	}
	lines := make([]Line, len(panel))
	for i, j := range panel {
		lines[i] = Line{Key: j.Key, Voter: SeatVoter(j.Seat)}
	}
	return lines, nil
}

// Asked returns the question of a manifest: what Build needs to build it again.
func (m *Manifest) Asked() Question {
	return Question{
		Name: strings.TrimPrefix(m.Poll, Subject(m.Community, "")), Text: m.Question, Class: m.Class, Amends: m.Amends, Proposes: m.Proposes,
		Method: m.Rules.Method, Options: m.Rules.Options, Names: m.Names, Winners: m.Rules.Winners, MaxScore: m.Rules.MaxScore,
		Credits: m.Rules.Credits, Negative: m.Rules.Negative, Minimum: m.Rules.Minimum, Opens: m.Opens, Closes: m.Closes,
	}
}
