package panelfile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/quota"
)

const vectorFile = "../../../docs/spec/vectors/panels-draw.json"

var writeVectors = flag.Bool("write-vectors", false, "write "+vectorFile+" again; then run testdata/panels.py, which shares no code with this")

type vectors struct {
	About   string    `json:"about"`
	Cases   []vector  `json:"cases"`
	Refused []refused `json:"refused"`
}

type vector struct {
	Name     string              `json:"name"`
	Register []string            `json:"register"` // lines
	File     string              `json:"file"`
	List     sortition.PanelList `json:"list"`
	Lines    []string            `json:"lines"`
	Draws    []drawn             `json:"draws"`
}

type drawn struct {
	Seed  beacon.Hash `json:"seed"`
	Panel int64       `json:"panel"`
	Seats []string    `json:"seats"`
}

// refused is a file that Check refuses on the register of the case.
type refused struct {
	Name string         `json:"name"`
	Case int            `json:"case"`
	File string         `json:"file"`
	Rule panelfile.Rule `json:"rule"`
}

func TestVectors(t *testing.T) {
	if *writeVectors {
		b, err := json.MarshalIndent(newVectors(t), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if len(v.Cases) < 3 || len(v.Refused) < 10 {
		t.Fatalf("only %d cases and %d refusals", len(v.Cases), len(v.Refused))
	}
	for _, c := range v.Cases {
		t.Run(c.Name, c.check)
	}
	for _, r := range v.Refused {
		t.Run("refused "+r.Name, func(t *testing.T) {
			if _, err := panelfile.Check([]byte(r.File), panelfile.Entries(v.Cases[r.Case].read(t))); rule(err) != r.Rule {
				t.Errorf("got %v, want %s", err, r.Rule)
			}
		})
	}
}

func (c vector) read(t *testing.T) *register.Register {
	t.Helper()
	r, err := register.Read(strings.NewReader(strings.Join(c.Register, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (c vector) check(t *testing.T) {
	l, err := panelfile.Check([]byte(c.File), panelfile.Entries(c.read(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Is(c.List, l.File.OnePerHousehold); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(c.Lines, linesOf(t, l)); diff != "" {
		t.Error(diff)
	}
	if len(c.Draws) == 0 {
		t.Error("nothing is drawn")
	}
	for _, d := range c.Draws {
		k := int64(randomness.Seed(d.Seed).Uniform("panel", uint64(l.List.Count)))
		ids, err := l.Panel(k)
		if err != nil || k != d.Panel {
			t.Errorf("seed %s draws panel %d, want %d: %v", d.Seed, k, d.Panel, err)
		}
		if diff := cmp.Diff(d.Seats, ids); diff != "" {
			t.Error(diff)
		}
	}
}

func linesOf(t *testing.T, l *panelfile.Lottery) []string {
	t.Helper()
	var out []string
	for k, ids := range l.Panels {
		line, err := panelfile.Line(int64(k), ids)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(line))
	}
	return out
}

func newVectors(t *testing.T) vectors {
	v := vectors{About: "Draws of method panels (panels.md, Draw). From `register` and `file` follow `list` and `lines`; each seed draws a panel. " +
		"Each of `refused` breaks its rule on the register of case number `case`, from 0."}
	houses := terms()
	free := terms()
	free.OnePerHousehold, free.Seated = false, []string{}
	plain := panelfile.Terms{
		Size: 3, Seated: []string{}, Excluded: []string{},
		Quotas: []quota.Quota{
			{Feature: "age", Value: "16-39", Min: 1, Max: 2}, {Feature: "age", Value: "40+", Min: 1, Max: 2},
			{Feature: "shoe", Value: "0", Max: 1}, {Feature: "shoe", Value: "1", Max: 1}, {Feature: "shoe", Value: "2", Max: 1},
			{Feature: "shoe", Value: "3", Max: 2}, {Feature: "shoe", Value: "4", Min: 1, Max: 1},
		},
	}
	v.Cases = []vector{
		newVector(t, build(t, plain, town()[:11], 12)), newVector(t, build(t, houses, town(), 20)), newVector(t, build(t, free, town(), 10)),
	}
	for i, name := range []string{"no households", "households, people seated and excluded", "households that do not matter"} {
		v.Cases[i].Name = name
	}
	v.Refused = newRefused(t, v.Cases[1].File)
	return v
}

func newVector(t *testing.T, b built) vector {
	l, err := panelfile.Check(b.file, all(b.entries))
	if err != nil {
		t.Fatal(err)
	}
	r, err := register.FromEntries(b.entries)
	if err != nil {
		t.Fatal(err)
	}
	c := vector{File: string(b.file), List: b.list, Lines: linesOf(t, l)}
	for i := range r.Size() {
		c.Register = append(c.Register, string(r.Line(i)))
	}
	for i := range 6 {
		seed := beacon.Hash(idOf(1000 + i))
		k := int64(randomness.Seed(seed).Uniform("panel", uint64(l.List.Count)))
		c.Draws = append(c.Draws, drawn{Seed: seed, Panel: k, Seats: l.Panels[k]})
	}
	return c
}

func newRefused(t *testing.T, good string) []refused {
	var out []refused
	add := func(name string, rule panelfile.Rule, old, by string) {
		out = append(out, refused{Name: name, Case: 1, File: strings.Replace(good, old, by, 1), Rule: rule})
	}
	add("white space", panelfile.RuleForm, `,"size"`, `, "size"`)
	add("a member missing", panelfile.RuleForm, `,"one_per_household":true`, ``)
	add("an id in upper case", panelfile.RuleIDs, hexOf(3), strings.ToUpper(hexOf(3)))
	add("a stranger seated", panelfile.RuleUnknownID, hexOf(3), hexOf(99))
	add("a minimum above a maximum", panelfile.RuleQuotas, `"min":3`, `"min":4`)
	add("a value without quota", panelfile.RuleQuotas, `"value":"port"`, `"value":"hill"`)
	add("a feature that nobody has", panelfile.RuleUndisclosed, `"feature":"district"`, `"feature":"quarter"`)
	add("more seats than the panels have", panelfile.RuleCertificate, `"size":6`, `"size":7`)
	add("a quota that panels break", panelfile.RuleCertificate, `"max":2,"max_flex":4,"min":1`, `"max":4,"max_flex":4,"min":3`)
	add("a method unknown", panelfile.RuleCertificate, `"leximin"`, `"leximax"`)
	add("another number of panels", panelfile.RuleCertificate, `"panels":20`, `"panels":21`)
	for i := range out {
		if out[i].File == good {
			t.Fatalf("%s: nothing is changed", out[i].Name)
		}
	}
	return out
}
