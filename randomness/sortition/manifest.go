package sortition

import (
	"crypto/sha256"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Method is how people are drawn.
type Method string

// The methods of draw.md.
const (
	Simple Method = "simple"
	Strata Method = "strata"
	Panels Method = "panels"
)

// Manifest is everything that is fixed before the randomness exists. Its canonical bytes are its
// identity: see [Manifest.Commit].
type Manifest struct {
	Beacon          Round       `json:"beacon"`
	Draw            string      `json:"draw"`
	DrawTime        int64       `json:"draw_time"` // Unix seconds
	Method          Method      `json:"method"`
	NotBefore       *NotBefore  `json:"not_before,omitempty"`
	OnePerHousehold bool        `json:"one_per_household"`
	Panels          *PanelList  `json:"panels,omitempty"`
	Prev            beacon.Hash `json:"prev"`
	Register        RegisterRef `json:"register"`
	Rehearsal       bool        `json:"rehearsal,omitempty"`
	Seq             int64       `json:"seq"`
	Strata          []Stratum   `json:"strata,omitempty"`
	StrataBy        []string    `json:"strata_by,omitempty"`
	V               int64       `json:"v"`
}

// Round names one round of one chain.
type Round struct {
	Chain beacon.Hash `json:"chain"`
	Round uint64      `json:"round"`
}

// NotBefore is a verified round of the draw's chain that was known when the manifest was written:
// proof that the manifest is not older.
type NotBefore struct {
	Previous  canonical.Hex `json:"previous,omitempty"` // chained schemes only
	Round     uint64        `json:"round"`
	Signature canonical.Hex `json:"signature"`
}

// RegisterRef names a frozen register by its root and number of entries.
type RegisterRef struct {
	Root beacon.Hash `json:"root"`
	Size int64       `json:"size"`
}

// Stratum says how many seats and alternates are drawn among the people of one stratum.
type Stratum struct {
	Alternates int64  `json:"alternates"`
	Seats      int64  `json:"seats"`
	Stratum    string `json:"stratum"`
}

// PanelList names the committed list of equally likely panels.
type PanelList struct {
	Count      int64       `json:"count"`
	FileSHA256 beacon.Hash `json:"file_sha256"`
	Root       beacon.Hash `json:"root"`
}

// ParseManifest reads canonical bytes and checks every rule that the manifest alone can break.
func ParseManifest(b []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := canonical.Unmarshal(b, m); err != nil {
		return nil, refuse("manifest_form", "manifest: %v", err)
	}
	if err := m.CheckForm(); err != nil {
		return nil, err
	}
	return m, nil
}

// Canonical returns the bytes that are committed to.
func (m *Manifest) Canonical() ([]byte, error) { return canonical.Marshal(m) }

// Commit returns SHA-256("kleroterion/draw-commit/v1\n" ‖ canonical manifest), draw.md rule 2.
func (m *Manifest) Commit() (beacon.Hash, error) {
	b, err := m.Canonical()
	if err != nil {
		return beacon.Hash{}, err
	}
	return CommitBytes(b), nil
}

// CommitBytes is the commit of a manifest's canonical bytes.
func CommitBytes(manifest []byte) beacon.Hash {
	h := sha256.New()
	h.Write([]byte("kleroterion/draw-commit/v1\n"))
	h.Write(manifest)
	return beacon.Hash(h.Sum(nil))
}
