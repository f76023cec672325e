package grants

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// Self says whether the gifts of a project's owner to it are taken.
type Self string

// The values of Self.
const (
	SelfRefused Self = "refused"
	SelfAllowed Self = "allowed"
)

// Connector is a payment connector whose records count.
type Connector struct {
	ID  string       `json:"id"`
	Key identity.Key `json:"key"`
}

// Jury gives a part of the pool to the jury's votes in a quadratic poll.
type Jury struct {
	Poll  string      `json:"poll"` // subject
	Share ratio.Ratio `json:"share"`
}

// Manifest fixes a round before its first gift. Times are Unix seconds; a window is from its start up
// to but not at its end.
type Manifest struct {
	Appeal          int64            `json:"appeal"` // seconds after a rejection
	ApplicationsEnd int64            `json:"applications_end"`
	Beacon          *sortition.Round `json:"beacon,omitempty"` // of a sealed round
	Charter         beacon.Hash      `json:"charter"`
	Community       string           `json:"community"`
	Connectors      []Connector      `json:"connectors"` // ids ascending, never nil
	Counted         []poll.Counted   `json:"counted"`
	GiftsEnd        int64            `json:"gifts_end"`
	GiftsStart      int64            `json:"gifts_start"`
	Jury            *Jury            `json:"jury,omitempty"`
	Mode            poll.Mode        `json:"mode"`
	Name            string           `json:"name"`
	Opens           int64            `json:"opens"`
	Params          funding.Params   `json:"params"`
	Rehearsal       bool             `json:"rehearsal,omitempty"`
	Roll            poll.RollRef     `json:"roll"`
	Round           string           `json:"round"` // subject
	Self            Self             `json:"self"`
	Size            int64            `json:"size,omitempty"` // bytes of a sealed gift
	V               int64            `json:"v"`
	Weights         bool             `json:"weights,omitempty"` // personal weights are wanted
}

const (
	maxInteger    = 1<<53 - 1
	maxSlug       = 100
	maxConnectors = 100
)

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

func isSlug(s string) bool { return len(s) <= maxSlug && slugForm.MatchString(s) }

// isText reports 1 to limit bytes of UTF-8 without control characters.
func isText(s string, limit int) bool {
	return s != "" && len(s) <= limit && utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// ParseManifest reads canonical bytes strictly and checks their form.
func ParseManifest(b []byte) (*Manifest, error) {
	var m Manifest
	if err := canonical.Unmarshal(b, &m); err != nil {
		return nil, refuse(RuleForm, "manifest of a round: %v", err)
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

// HashBytes names a round by its canonical manifest: SHA-256("kleroterion/round/v1\n" ‖ manifest).
func HashBytes(manifest []byte) beacon.Hash {
	return sha256.Sum256(append([]byte("kleroterion/round/v1\n"), manifest...))
}

// Subject returns the subject of a round by its name.
func Subject(community, name string) string { return "community/" + community + "/round/" + name }

// Check holds the rules that need nothing but the manifest.
func (m *Manifest) Check() error {
	name, ok := strings.CutPrefix(m.Round, Subject(m.Community, ""))
	switch {
	case m.V != 1:
		return refuse(RuleForm, "v is %d, only 1 is understood", m.V)
	case !ok || !isSlug(m.Community) || !isSlug(name):
		return refuse(RuleForm, "round %.80q is not community/%.40s/round/<name>", m.Round, m.Community)
	case !isText(m.Name, 200):
		return refuse(RuleForm, "name: 1 to 200 bytes without control characters")
	case m.Self != SelfRefused && m.Self != SelfAllowed:
		return refuse(RuleForm, "self is %.20q, want refused or allowed", m.Self)
	}
	for _, check := range []func() error{m.checkTimes, m.checkMode, m.checkParams, m.checkConnectors, m.checkJury, m.checkRoll} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkTimes() error {
	switch {
	case m.Opens < 1 || m.GiftsEnd > maxInteger:
		return refuse(RuleTimes, "opens %d, gifts_end %d: out of range", m.Opens, m.GiftsEnd)
	case m.Opens > m.ApplicationsEnd || m.ApplicationsEnd > m.GiftsStart || m.GiftsStart >= m.GiftsEnd:
		return refuse(RuleTimes, "want opens %d ≤ applications_end %d ≤ gifts_start %d < gifts_end %d", m.Opens, m.ApplicationsEnd, m.GiftsStart, m.GiftsEnd)
	case m.Appeal < 0 || m.Appeal > maxInteger:
		return refuse(RuleTimes, "appeal is %d seconds", m.Appeal)
	}
	return nil
}

func (m *Manifest) checkMode() error {
	sealed := m.Mode == poll.ModeSealed
	switch {
	case m.Mode != poll.ModeOpen && !sealed:
		return refuse(RuleForm, "mode %.40q is not open or sealed", m.Mode)
	case sealed != (m.Size == 512 || m.Size == 1024) || !sealed && m.Size != 0:
		return refuse(RuleForm, "size %d: sealed rounds have 512 or 1024, open ones none", m.Size)
	case sealed != (m.Beacon != nil):
		return refuse(RuleForm, "a sealed round has a beacon, an open one none")
	case sealed && (m.Beacon.Round < 1 || m.Beacon.Round > beacon.MaxRound):
		return refuse(RuleTimes, "beacon.round is %d, want 1 to 2^53-1", m.Beacon.Round)
	}
	return nil
}

func (m *Manifest) checkParams() error {
	if err := m.Params.Check(); err != nil {
		return refuse(RuleForm, "params: %v", err)
	}
	if m.Params.Asset == nil {
		return refuse(RuleForm, "params: asset is missing: a round says what its amounts are counted in")
	}
	return nil
}

func (m *Manifest) checkConnectors() error {
	if m.Connectors == nil || len(m.Connectors) > maxConnectors {
		return refuse(RuleForm, "connectors: a list of at most %d, which may be empty", maxConnectors)
	}
	last := ""
	for _, c := range m.Connectors {
		if !isSlug(c.ID) || c.ID <= last {
			return refuse(RuleForm, "connectors: id %.40q is not a slug, or does not come after %.40q", c.ID, last)
		}
		if err := c.Key.Check(); err != nil {
			return refuse(RuleForm, "connectors: %s: %v", c.ID, err)
		}
		last = c.ID
	}
	return nil
}

// maxTerm bounds the numbers of a share, so that what they make of a pool stays short.
const maxTerm = 1_000_000

func (m *Manifest) checkJury() error {
	if m.Jury == nil {
		return nil
	}
	community, name, ok := poll.SubjectName(m.Jury.Poll)
	if !ok || community != m.Community || !isSlug(name) {
		return refuse(RuleForm, "jury.poll %.80q is not community/%.40s/poll/<name>", m.Jury.Poll, m.Community)
	}
	if s := m.Jury.Share; s.Sign() <= 0 || s.Cmp(ratio.New(1, 1)) >= 0 || s.Rat().Denom().Cmp(ratio.New(maxTerm, 1).Rat().Num()) > 0 {
		return refuse(RuleForm, "jury.share is %.40s, want a fraction above 0 and below 1 with terms up to %d", s, maxTerm)
	}
	return nil
}

func (m *Manifest) checkRoll() error {
	if r := m.Roll; r.Chamber != chamber || r.Electors < 0 || r.File.Bytes < 0 {
		return refuse(RuleForm, "roll: of %.20q with %d electors, want members", r.Chamber, r.Electors)
	}
	want := []string{"community/" + m.Community, "community/" + m.Community + "/members"}
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

// connector returns the key of a payment connector, nil for a stranger.
func (m *Manifest) connector(id string) *identity.Key {
	for i := range m.Connectors {
		if m.Connectors[i].ID == id {
			return &m.Connectors[i].Key
		}
	}
	return nil
}
