package sortition_test

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var r *sortition.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("got %v, want the refusal %s", err, code)
	}
}

// Each case spoils one thing in a manifest that is otherwise accepted.
func TestManifestFormIsRefused(t *testing.T) {
	v := readVectors(t)
	for name, c := range map[string]struct {
		code  string
		spoil func(*sortition.Manifest)
	}{
		"unknown version":              {"manifest_form", func(m *sortition.Manifest) { m.V = 2 }},
		"subject in capitals":          {"subject_form", func(m *sortition.Manifest) { m.Draw = "city/X" }},
		"empty subject":                {"subject_form", func(m *sortition.Manifest) { m.Draw = "" }},
		"subject with an empty part":   {"subject_form", func(m *sortition.Manifest) { m.Draw = "city//x" }},
		"subject that climbs":          {"subject_form", func(m *sortition.Manifest) { m.Draw = "city/../x" }},
		"seq zero":                     {"sequence", func(m *sortition.Manifest) { m.Seq = 0 }},
		"first draw with a prev":       {"sequence", func(m *sortition.Manifest) { m.Prev[0] = 1 }},
		"second draw without a prev":   {"sequence", func(m *sortition.Manifest) { m.Seq = 2 }},
		"register without entries":     {"manifest_form", func(m *sortition.Manifest) { m.Register.Size = 0 }},
		"round zero":                   {"manifest_form", func(m *sortition.Manifest) { m.Beacon.Round = 0 }},
		"negative draw time":           {"manifest_form", func(m *sortition.Manifest) { m.DrawTime = -1 }},
		"unknown method":               {"method", func(m *sortition.Manifest) { m.Method = "lottery" }},
		"simple with two strata":       {"method", func(m *sortition.Manifest) { m.Method, m.StrataBy = sortition.Simple, nil }},
		"strata without strata_by":     {"method", func(m *sortition.Manifest) { m.StrataBy = nil }},
		"strata with panels":           {"method", func(m *sortition.Manifest) { m.Panels = &sortition.PanelList{Count: 1} }},
		"panels without a list":        {"method", func(m *sortition.Manifest) { m.Method, m.StrataBy, m.Strata = sortition.Panels, nil, nil }},
		"stratum twice":                {"stratum_twice", func(m *sortition.Manifest) { m.Strata[1].Stratum = m.Strata[0].Stratum }},
		"negative seats":               {"stratum_small", func(m *sortition.Manifest) { m.Strata[0].Seats = -1 }},
		"more seats than the register": {"stratum_small", func(m *sortition.Manifest) { m.Strata[0].Seats = 61 }},
		"no seats at all":              {"no_seats", func(m *sortition.Manifest) { m.Strata[0].Seats, m.Strata[1].Seats = 0, 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			m := v.manifest(t, 1)
			c.spoil(m)
			wantCode(t, m.CheckForm(), c.code)
			b, err := m.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sortition.ParseManifest(b); err == nil {
				t.Error("ParseManifest accepts it")
			}
		})
	}
}

func TestManifestBytesAreRefused(t *testing.T) {
	v := readVectors(t)
	good, err := canonical.Transform(v.Vectors[0].Manifest)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]string{
		"empty":            "",
		"not an object":    "[]",
		"white space":      string(good) + "\n",
		"unknown member":   `{"a":1,` + string(good[1:]),
		"missing member":   `{"v":1}`,
		"rehearsal false":  string(good[:len(good)-len(`,"v":1}`)]) + `,"v":1,"rehearsal":false}`,
		"number as string": `{"v":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sortition.ParseManifest([]byte(b))
			wantCode(t, err, "manifest_form")
		})
	}
}

func TestRoundIsRefused(t *testing.T) {
	v := readVectors(t)
	quicknet, _ := beacon.Pinned().ByName("quicknet")
	other, _ := beacon.Pinned().ByName("default")
	testnet, _ := beacon.Pinned().ByName("quicknet-t")
	retired, _ := beacon.Pinned().ByName("fastnet")
	signature := canonical.Hex(v.beacon(t, 1000).Signature)
	for name, c := range map[string]struct {
		code  string
		chain *beacon.Chain
		spoil func(*sortition.Manifest)
	}{
		"another chain":                {"chain_unknown", other, func(m *sortition.Manifest) {}},
		"a later round":                {"round_rule", quicknet, func(m *sortition.Manifest) { m.Beacon.Round++ }},
		"an earlier round":             {"round_rule", quicknet, func(m *sortition.Manifest) { m.Beacon.Round-- }},
		"one second past the round":    {"round_rule", quicknet, func(m *sortition.Manifest) { m.DrawTime++ }},
		"a real draw marked":           {"rehearsal", quicknet, func(m *sortition.Manifest) { m.Rehearsal = true }},
		"a testnet not marked":         {"rehearsal", testnet, func(m *sortition.Manifest) { m.Beacon.Chain = testnet.Hash }},
		"not before is not before":     {"not_before", quicknet, func(m *sortition.Manifest) { m.NotBefore = &sortition.NotBefore{Round: 1000, Signature: signature} }},
		"not before does not verify":   {"not_before", quicknet, func(m *sortition.Manifest) { m.NotBefore = &sortition.NotBefore{Round: 999, Signature: signature} }},
		"not before without its bytes": {"not_before", quicknet, func(m *sortition.Manifest) { m.NotBefore = &sortition.NotBefore{Round: 999} }},
	} {
		t.Run(name, func(t *testing.T) {
			m := v.manifest(t, 1)
			c.spoil(m)
			wantCode(t, m.CheckRound(c.chain), c.code)
		})
	}
	wantCode(t, v.manifest(t, 1).CheckLead(retired, time.Unix(0, 0), 0), "chain_retired")
}

func TestLeadIsRefused(t *testing.T) {
	m := readVectors(t).manifest(t, 1)
	quicknet, _ := beacon.Pinned().ByName("quicknet")
	due := time.Unix(1692806364, 0)
	if err := m.CheckLead(quicknet, due.Add(-600*time.Second), 600*time.Second); err != nil {
		t.Errorf("exactly the lead: %v", err)
	}
	wantCode(t, m.CheckLead(quicknet, due.Add(-599*time.Second), 600*time.Second), "lead")
	wantCode(t, m.CheckLead(quicknet, due.Add(time.Hour), 600*time.Second), "lead")
}

func TestRegisterIsRefused(t *testing.T) {
	v := readVectors(t)
	entries := v.entries(t)
	full := build(t, entries)
	for name, c := range map[string]struct {
		code  string
		list  []register.Entry
		spoil func(*sortition.Manifest)
	}{
		"another register":        {"register_unknown", entries[1:], func(m *sortition.Manifest) {}},
		"another size":            {"register_unknown", entries, func(m *sortition.Manifest) { m.Register.Size++ }},
		"a stratum left out":      {"stratum_unlisted", entries, func(m *sortition.Manifest) { m.Strata = m.Strata[:1] }},
		"a stratum too small":     {"stratum_small", entries, func(m *sortition.Manifest) { m.Strata[0].Seats = 55 }},
		"a feature not disclosed": {"method", entries, func(m *sortition.Manifest) { m.StrataBy[0] = "income" }},
		"too few households for it": {"stratum_small", entries, func(m *sortition.Manifest) {
			m.Strata[0].Seats = int64(len(people(entries, "north"))) - m.Strata[0].Alternates
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := v.manifest(t, 1)
			c.spoil(m)
			wantCode(t, m.CheckRegister(build(t, c.list)), c.code)
		})
	}
	if err := v.manifest(t, 1).CheckRegister(full); err != nil {
		t.Errorf("the good manifest: %v", err)
	}
}

func people(entries []register.Entry, district string) (list []register.Entry) {
	for _, e := range entries {
		if e.Features["district"] == district {
			list = append(list, e)
		}
	}
	return list
}

func TestDrawRefusesAnotherRoundOrRegister(t *testing.T) {
	v := readVectors(t)
	m, r := v.manifest(t, 0), build(t, v.entries(t))
	_, err := sortition.Draw(m, r, v.beacon(t, 1001))
	wantCode(t, err, "round_rule")
	_, err = sortition.Draw(m, build(t, v.entries(t)[1:]), v.beacon(t, 1000))
	wantCode(t, err, "register_unknown")
}

func TestResultBytesAreRefused(t *testing.T) {
	for name, b := range map[string]string{
		"empty object":  `{}`,
		"neither":       `{"commit":"` + hex.EncodeToString(make([]byte, 32)) + `","seed":"` + hex.EncodeToString(make([]byte, 32)) + `","v":1}`,
		"upper-case id": `{"commit":"AB"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := sortition.ParseResult([]byte(b)); err == nil {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// A stratum that runs out because of households stays short, and says so.
func TestStratumThatRunsOutStaysShort(t *testing.T) {
	v := readVectors(t)
	var entries []register.Entry
	for _, e := range v.entries(t)[:6] {
		e.Features, e.Household = map[string]string{"district": "north"}, "0000000000000001"
		entries = append(entries, e)
	}
	r := build(t, entries)
	m := v.manifest(t, 0)
	m.Register = sortition.RegisterRef{Root: r.Root(), Size: 6}
	m.Strata[0] = sortition.Stratum{Seats: 3, Alternates: 1}
	res, err := sortition.Draw(m, r, v.beacon(t, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if seats, alternates := res.Short(m); seats != 2 || alternates != 1 || len(res.Strata[0].Seats) != 1 {
		t.Errorf("got %d seats and %d alternates short of %v, want 2 and 1", seats, alternates, res.Strata)
	}
}
