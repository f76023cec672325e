package seating_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"kleroterion/randomness"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/seating"
)

// panelCase is one draw of docs/spec/vectors/seats-panels.json, which testdata/seats_panels.py wrote.
type panelCase struct {
	Name      string           `json:"name"`
	Register  []string         `json:"register"` // lines
	Terms     panelTerms       `json:"terms"`
	Line      []string         `json:"line"`
	Result    sortition.Result `json:"result"`
	Open      seating.Open     `json:"open"`
	Histories []history        `json:"histories"`
	Refused   []refused        `json:"refused"`
}

// panelTerms are those of a panel file.
type panelTerms struct {
	Excluded        []string      `json:"excluded"`
	OnePerHousehold bool          `json:"one_per_household"`
	Quotas          []quota.Quota `json:"quotas"`
	Seated          []string      `json:"seated"`
	Size            int64         `json:"size"`
}

func TestVectorsOfPanels(t *testing.T) {
	b, err := os.ReadFile("../../docs/spec/vectors/seats-panels.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Subject string      `json:"subject"`
		Cases   []panelCase `json:"cases"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	histories, refusals := 0, 0
	for _, c := range v.Cases {
		histories, refusals = histories+len(c.Histories), refusals+len(c.Refused)
		for _, h := range c.Histories {
			t.Run(c.Name+"/"+h.Name, func(t *testing.T) { h.check(t, c.jury(t, v.Subject)) })
		}
		for _, h := range c.Refused {
			t.Run(c.Name+"/"+h.Name, func(t *testing.T) { h.check(t, c.jury(t, v.Subject)) })
		}
	}
	if histories < 15 || refusals < 20 {
		t.Errorf("only %d histories and %d refusals", histories, refusals)
	}
}

func (c panelCase) jury(t *testing.T, subject string) *seating.Jury {
	t.Helper()
	r, err := register.Read(strings.NewReader(strings.Join(c.Register, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	terms := panelfile.Terms{Size: c.Terms.Size, Quotas: c.Terms.Quotas, OnePerHousehold: c.Terms.OnePerHousehold,
		Seated: c.Terms.Seated, Excluded: c.Terms.Excluded}
	p, err := terms.Problem(panelfile.Entries(r))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := alternates.NewPool(p, randomness.Seed(c.Result.Seed))
	if err != nil {
		t.Fatal(err)
	}
	j, err := seating.NewOfPanel(subject, c.Result, digest(t, c.Result), c.Open, false, seating.Panel{Line: c.Line, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	return j
}
