package poll

import (
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service/voting"
)

// Mode says whether ballots can be read before the closing round.
type Mode string

// The modes of a ballot.
const (
	ModeOpen   Mode = "open"
	ModeSealed Mode = "sealed"
)

// Class says what a poll may change.
type Class string

// The classes of polls.
const (
	ClassOrdinary  Class = "ordinary"
	ClassExternal  Class = "external"  // touches people outside: the jury's floor applies
	ClassAmendment Class = "amendment" // adopts a charter
)

// File names public bytes that are kept outside the log.
type File struct {
	Bytes  int64       `json:"bytes"`
	SHA256 beacon.Hash `json:"sha256"`
}

// FileOf names b.
func FileOf(b []byte) File { return File{Bytes: int64(len(b)), SHA256: sha256.Sum256(b)} }

// RollRef names the roll of one chamber.
type RollRef struct {
	Chamber  string `json:"chamber"`
	Electors int64  `json:"electors"`
	File     File   `json:"file"`
}

// Counted says up to which record of a subject the rolls were made from it.
type Counted struct {
	Last    beacon.Hash `json:"last"` // leaf hash of the record
	Records int64       `json:"records"`
	Subject string      `json:"subject"`
}

// JuryRef names the seats that vote.
type JuryRef struct {
	Recused []int64 `json:"recused"` // seat numbers, ascending, never nil
	Seats   string  `json:"seats"`   // subject
}

// Manifest fixes a poll before its first ballot. Times are Unix seconds.
type Manifest struct {
	Amends    *File             `json:"amends,omitempty"`
	Beacon    sortition.Round   `json:"beacon"`
	Charter   beacon.Hash       `json:"charter"`
	Class     Class             `json:"class"`
	Closes    int64             `json:"closes"`
	Community string            `json:"community"`
	Counted   []Counted         `json:"counted"`
	Jury      *JuryRef          `json:"jury,omitempty"`
	Mode      Mode              `json:"mode"`
	Names     map[string]string `json:"names,omitempty"` // of the options
	Opens     int64             `json:"opens"`
	Poll      string            `json:"poll"` // subject
	Proposes  *beacon.Hash      `json:"proposes,omitempty"`
	Question  string            `json:"question"`
	Rehearsal bool              `json:"rehearsal,omitempty"`
	Rolls     []RollRef         `json:"rolls"`
	Rules     voting.Rules      `json:"rules"`
	Size      int64             `json:"size,omitempty"` // bytes of a sealed choice
	Tier      int64             `json:"tier"`
	V         int64             `json:"v"`
}

// ParseManifest reads canonical bytes strictly and checks their form.
func ParseManifest(b []byte) (*Manifest, error) {
	var m Manifest
	if err := canonical.Unmarshal(b, &m); err != nil {
		return nil, refuse(RuleForm, "manifest of a poll: %v", err)
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	return &m, nil
}

// Canonical checks m and returns its bytes.
func (m *Manifest) Canonical() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(m)
}

// HashBytes names a poll by its canonical manifest: SHA-256("kleroterion/poll/v1\n" ‖ manifest).
func HashBytes(manifest []byte) beacon.Hash {
	return sha256.Sum256(append([]byte("kleroterion/poll/v1\n"), manifest...))
}

// Subject returns the subject of a poll by its name.
func Subject(community, name string) string { return "community/" + community + "/poll/" + name }

// Check holds the rules that need nothing but the manifest.
func (m *Manifest) Check() error {
	if m.V != 1 {
		return refuse(RuleForm, "v is %d, only 1 is understood", m.V)
	}
	if m.Tier < 0 {
		return refuse(RuleForm, "tier is %d, the first is 0", m.Tier)
	}
	if name, ok := strings.CutPrefix(m.Poll, Subject(m.Community, "")); !ok || name == "" || strings.Contains(name, "/") {
		return refuse(RuleForm, "poll %.80q is not community/%.40s/poll/<name>", m.Poll, m.Community)
	}
	for _, check := range []func() error{m.checkWords, m.checkClass, m.checkMode, m.checkTimes, m.checkRolls} {
		if err := check(); err != nil {
			return err
		}
	}
	return m.Rules.Check()
}

func (m *Manifest) checkWords() error {
	if !isText(m.Question, 500) {
		return refuse(RuleForm, "question: 1 to 500 bytes without control characters")
	}
	if len(m.Names) != len(m.Rules.Options) {
		return refuse(RuleForm, "names: %d names for %d options", len(m.Names), len(m.Rules.Options))
	}
	for _, id := range m.Rules.Options {
		if !isText(m.Names[id], 200) {
			return refuse(RuleForm, "names: option %q needs 1 to 200 bytes without control characters", id)
		}
	}
	return nil
}

func isText(s string, limit int) bool {
	return s != "" && len(s) <= limit && utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

func (m *Manifest) checkClass() error {
	amendment := m.Class == ClassAmendment
	switch {
	case m.Class != ClassOrdinary && m.Class != ClassExternal && !amendment:
		return refuse(RuleForm, "class %.40q is not ordinary, external or amendment", m.Class)
	case amendment != (m.Amends != nil) || amendment != (m.Proposes != nil):
		return refuse(RuleForm, "amends and proposes belong to an amendment, and only there")
	case amendment && m.Rules.Method != voting.YesNo:
		return refuse(RuleForm, "an amendment is decided by yes or no")
	}
	return nil
}

func (m *Manifest) checkMode() error {
	sealed := m.Mode == ModeSealed
	if m.Mode != ModeOpen && !sealed {
		return refuse(RuleForm, "mode %.40q is not open or sealed", m.Mode)
	}
	if sealed != slices.Contains([]int64{256, 512, 1024}, m.Size) || !sealed && m.Size != 0 {
		return refuse(RuleForm, "size %d: sealed polls have 256, 512 or 1024, open ones none", m.Size)
	}
	return nil
}

func (m *Manifest) checkTimes() error {
	if m.Beacon.Round < 1 || m.Beacon.Round > beacon.MaxRound {
		return refuse(RuleTimes, "beacon.round is %d, want 1 to 2^53-1", m.Beacon.Round)
	}
	if m.Opens < 1 || m.Closes <= m.Opens || m.Closes > 1<<53-1 {
		return refuse(RuleTimes, "opens %d, closes %d: a poll closes after it opens", m.Opens, m.Closes)
	}
	return nil
}

func (m *Manifest) checkRolls() error {
	jury := false
	if len(m.Rolls) != len(m.Rules.Chambers) {
		return refuse(RuleForm, "%d rolls for %d chambers", len(m.Rolls), len(m.Rules.Chambers))
	}
	for i, c := range m.Rules.Chambers {
		if r := m.Rolls[i]; r.Chamber != c.ID || r.Electors != c.Electors || r.File.Bytes < 0 {
			return refuse(RuleForm, "roll %d is of %.20s with %d electors, the rules have %s with %d", i+1, r.Chamber, r.Electors, c.ID, c.Electors)
		}
		jury = jury || c.ID == voting.Jury
	}
	if jury != (m.Jury != nil) {
		return refuse(RuleForm, "jury and a jury chamber go together")
	}
	if jury && !ascendingSeats(m.Jury.Recused) {
		return refuse(RuleForm, "jury.recused is an ascending list of different seats from 1")
	}
	return m.checkCounted()
}

// ascendingSeats refuses nil too: it would be written as null.
func ascendingSeats(list []int64) bool {
	last := int64(0)
	for _, n := range list {
		if n <= last {
			return false
		}
		last = n
	}
	return list != nil
}

// checkCounted requires the subjects that the rolls are made from, in their order.
func (m *Manifest) checkCounted() error {
	want := []string{"community/" + m.Community, "community/" + m.Community + "/members"}
	if m.Jury != nil {
		want = append(want, m.Jury.Seats)
	}
	if len(m.Counted) != len(want) {
		return refuse(RuleForm, "counted has %d subjects, want %d", len(m.Counted), len(want))
	}
	for i, c := range m.Counted {
		if c.Subject != want[i] || c.Records < 1 {
			return refuse(RuleForm, "counted: %.80q with %d records stands where %q belongs", c.Subject, c.Records, want[i])
		}
	}
	return nil
}
