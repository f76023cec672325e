package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service/audit"
)

// panelled is a scene with a lottery over panels from its register: 20 panels of six, of whom one sits
// already; two people are excluded.
type panelled struct {
	*scene
	terms  panelfile.Terms
	result *panels.Result
	list   []byte // the panel file
	named  sortition.PanelList
}

// newPanelled has register and list of a case of docs/spec/vectors/panels-draw.json, so that no solver is
// asked and bundles have fixed bytes.
func newPanelled(t testing.TB) *panelled {
	t.Helper()
	raw, err := os.ReadFile("../../../docs/spec/vectors/panels-draw.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Cases []struct {
			Register []string
			File     string
			List     sortition.PanelList
		}
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	c := v.Cases[1]
	p := &panelled{scene: newScene(t), list: []byte(c.File), named: c.List}
	var entries []register.Entry
	for _, line := range c.Register {
		e, err := register.ParseLine([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	p.enter(entries)
	f, err := panelfile.Read(p.list)
	if err != nil {
		t.Fatal(err)
	}
	p.terms, p.result = f.Terms, f.Result
	return p
}

// enter makes the scene's register.
func (s *scene) enter(entries []register.Entry) {
	s.t.Helper()
	var err error
	if s.register, err = register.FromEntries(entries); err != nil {
		s.t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := s.register.WriteTo(&file); err != nil {
		s.t.Fatal(err)
	}
	s.file = file.Bytes()
}

func (s *scene) hexOf(i int) string { return hex.EncodeToString(s.register.IDs()[i][:]) }

// forged writes the file that terms and result say, right or not, and lets the manifest name it.
func (p *panelled) forged() {
	p.t.Helper()
	certificate, err := panels.Marshal(p.result)
	if err != nil {
		p.t.Fatal(err)
	}
	quotas := []map[string]any{}
	for _, q := range p.terms.Quotas {
		quotas = append(quotas, map[string]any{"feature": q.Feature, "max": q.Max, "min": q.Min, "value": q.Value})
	}
	for _, ids := range [][]string{p.terms.Seated, p.terms.Excluded} {
		slices.Sort(ids)
	}
	b, err := canonical.Marshal(map[string]any{"certificate": json.RawMessage(certificate), "excluded": p.terms.Excluded, "one_per_household": p.terms.OnePerHousehold,
		"quotas": quotas, "seated": p.terms.Seated, "size": p.terms.Size, "v": 1})
	if err != nil {
		p.t.Fatal(err)
	}
	p.publishes(b)
}

// publishes lets the next draw commit to these bytes.
func (p *panelled) publishes(list []byte) { p.list, p.named.FileSHA256 = list, sha256.Sum256(list) }

// begin is the log up to the register.
func (p *panelled) begin() {
	p.t.Helper()
	p.beat(2)
	p.city()
	c := p.commitment()
	c.Features, c.SmallCells = []string{"age", "district", "shoe"}, audit.SmallCellsPublished
	p.freeze(c)
}

// openPanels opens the next draw, and publishes its list of panels.
func (s *scene) openPanels(round, seen uint64, list []byte, named sortition.PanelList, change func(*sortition.Manifest)) {
	s.t.Helper()
	s.open(round, seen, func(m *sortition.Manifest) {
		m.Method, m.Strata, m.StrataBy, m.Panels, m.OnePerHousehold = sortition.Panels, nil, nil, &named, true
		if change != nil {
			change(m)
		}
	})
	if !slices.ContainsFunc(s.blobs, func(b []byte) bool { return bytes.Equal(b, list) }) {
		s.blobs = append(s.blobs, list)
	}
}

func (p *panelled) ask(round, seen uint64, change func(*sortition.Manifest)) {
	p.t.Helper()
	p.openPanels(round, seen, p.list, p.named, change)
}

// through is the log of one draw.
func (p *panelled) through() *panelled {
	p.t.Helper()
	p.begin()
	p.ask(1000, 123, nil)
	p.outcome(1000, nil)
	return p
}
