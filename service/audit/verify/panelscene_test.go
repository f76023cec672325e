package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// paneled is a scene with a lottery over panels of nine from its register: one of them sits already, two
// people are excluded.
type paneled struct {
	*scene
	terms  panelfile.Terms
	result *panels.Result
	list   []byte // the panel file
	named  sortition.PanelList
}

func newPaneled(t testing.TB, o panels.Options) *paneled {
	t.Helper()
	s := newScene(t)
	p := &paneled{scene: s, terms: panelfile.Terms{
		Size: 9, OnePerHousehold: true, Seated: []string{s.hexOf(3)}, Excluded: []string{s.hexOf(10), s.hexOf(20)},
		Quotas: []quota.Quota{
			{Feature: "district", Value: "north", Min: 4, Max: 5}, {Feature: "age", Value: "16-29", Min: 3, Max: 4}, {Feature: "age", Value: "30-49", Min: 2, Max: 4},
			{Feature: "district", Value: "south", Min: 4, Max: 5}, {Feature: "age", Value: "50+", Min: 2, Max: 3},
		},
	}}
	p.solve(s.register, o)
	return p
}

func (s *scene) hexOf(i int) string { return hex.EncodeToString(s.register.IDs()[i][:]) }

// solve computes the lottery on a register.
func (p *paneled) solve(r *register.Register, o panels.Options) {
	p.t.Helper()
	if o.Panels == 0 {
		o.Panels = 20
	}
	problem, err := p.terms.Problem(panelfile.Entries(r))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.result, err = panels.Solve(p.t.Context(), problem, o); err != nil {
		p.t.Fatal(err)
	}
	if p.list, p.named, err = panelfile.Build(panelfile.Entries(r), p.terms, p.result); err != nil {
		p.t.Fatal(err)
	}
}

// forged writes the file that terms and result say, right or not, and lets the manifest name it.
func (p *paneled) forged() {
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
func (p *paneled) publishes(list []byte) { p.list, p.named.FileSHA256 = list, sha256.Sum256(list) }

// openPanels opens the next draw, and publishes its list of panels.
func (p *paneled) openPanels(round, seen uint64, change func(*sortition.Manifest)) {
	p.t.Helper()
	p.open(round, seen, func(m *sortition.Manifest) {
		named := p.named
		m.Method, m.Strata, m.StrataBy, m.Panels, m.OnePerHousehold = sortition.Panels, nil, nil, &named, true
		if change != nil {
			change(m)
		}
	})
	if !slices.ContainsFunc(p.blobs, func(b []byte) bool { return string(b) == string(p.list) }) {
		p.blobs = append(p.blobs, p.list)
	}
}

// through is the honest log of one draw.
func (p *paneled) through() *paneled {
	p.t.Helper()
	p.begin()
	p.openPanels(1000, 123, nil)
	p.outcome(1000, nil)
	return p
}

// fewer drops the i-th entry of the scene's register.
func (s *scene) fewer(i int) *register.Register {
	s.t.Helper()
	entries := slices.Collect(panelfile.Entries(s.register))
	r, err := register.FromEntries(slices.Delete(entries, i, i+1))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}
