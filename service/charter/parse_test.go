package charter

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/identity"
)

func soundCharter(t testing.TB) []byte {
	t.Helper()
	v := readVectors(t).Charters[1]
	if v.Name != "founders with a ratchet" {
		t.Fatalf("the second vector is %q", v.Name)
	}
	return canonicalOf(t, v.Charter)
}

func TestParseRefusesOtherBytes(t *testing.T) {
	sound := string(soundCharter(t))
	swap := func(old, new string) string {
		if strings.Count(sound, old) < 1 {
			t.Fatalf("%s is not in the charter", old)
		}
		return strings.Replace(sound, old, new, 1)
	}
	for name, b := range map[string]string{
		"nothing":                   "",
		"no object":                 `[]`,
		"an empty object":           `{}`,
		"white space":               swap(`"v":1`, `"v": 1`),
		"a line end":                sound + "\n",
		"two charters":              sound + sound,
		"other order":               swap(`{"amendment":{"delay":1209600,"threshold":"2/3"}`, `{"amendment":{"threshold":"2/3","delay":1209600}`),
		"a member twice":            swap(`"v":1`, `"v":1,"v":1`),
		"an unknown chamber member": swap(`"thin":"scale"`, `"thin":"scale","veto":true`),
		"another case":              swap(`"seq":1`, `"Seq":1`),
		"null":                      swap(`"seq":1`, `"seq":null`),
		"a decimal":                 swap(`"share":"1/5"`, `"share":0.2`),
		"a share not reduced":       swap(`"share":"1/5"`, `"share":"2/10"`),
		"a percentage":              swap(`"share":"1/5"`, `"share":"20%"`),
		"a zero written out":        swap(`"tiers":[{"share"`, `"tiers":[{"after":0,"share"`),
		"a chain in capitals":       swap(`"chain":"52db9ba70e0cc0f6eaf7803`, `"chain":"52DB9BA70e0cc0f6eaf7803`),
		"a short hash":              swap(`"prev":"00`, `"prev":"`),
		"a number above 2^53":       swap(`"seats":51`, `"seats":9007199254740993`),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Parse([]byte(b), false)
			var r *Refusal
			if c != nil || !errors.As(err, &r) || r.Rule != ruleForm {
				t.Errorf("got %v, %v, want a refusal of %s", c, err, ruleForm)
			}
		})
	}
}

// Whatever is accepted has one form, one that keeps its own rules in every tier.
func FuzzParse(f *testing.F) {
	for _, v := range readVectors(f).Charters {
		f.Add(canonicalOf(f, v.Charter), v.Dev)
	}
	f.Fuzz(func(t *testing.T, b []byte, dev bool) {
		c, err := Parse(b, dev)
		if err != nil {
			if len(Refusals(err)) == 0 {
				t.Fatalf("an error without a refusal: %v", err)
			}
			return
		}
		again, err := c.Canonical()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s became %s, %v", b, again, err)
		}
		for tier := range 4 {
			checkShares(t, c, tier)
		}
	})
}

func TestExampleIsACharter(t *testing.T) {
	live, _ := beacon.Pinned().ByName("quicknet")
	of := []identity.Attester{{ID: "peers", Key: secret("peers").key()}, {ID: "city", Key: secret("city").key()}}
	c := Example("porto-novo", "Porto Novo Commons", live.Hash, of, "lisboa")
	b, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(b, false); err != nil {
		t.Errorf("%s: %v", b, err)
	}
	if of[0].ID != "peers" || c.Attesters.Of[0].ID != "city" || c.Attesters.K != 2 {
		t.Errorf("attesters %+v from %+v", c.Attesters, of)
	}
	if low, high := WhatJuryDecides(c, 0); low.String() != "3/8" || high.String() != "5/8" {
		t.Errorf("the jury decides from %s to %s", low, high)
	}
}

// One charter may be wrong in ways that would make a careless check fall over.
func TestCheckBearsAnything(t *testing.T) {
	for name, c := range map[string]*Charter{
		"the zero charter":     {},
		"empty parts":          {Ratchet: &Ratchet{}, Founders: &Founders{}, Delegation: &Delegation{}},
		"a jury without parts": {Chambers: []Chamber{{ID: ChamberJury}}},
		"founders alone":       {Chambers: []Chamber{{ID: ChamberFounders}}, Ratchet: &Ratchet{Tiers: []Tier{{}}}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Check(true)
			if list := Refusals(err); len(list) < 5 {
				t.Errorf("%d refusals: %v", len(list), err)
			}
			sound := parsed(t, soundCharter(t), false)
			if err := Amend(sound, c, 0, false); err == nil {
				t.Error("accepted as an amendment")
			}
		})
	}
}
