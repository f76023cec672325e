package identity_test

import (
	"bytes"
	"strings"
	"testing"

	"kleroterion/service/identity"
)

var (
	member  = strings.Repeat("ab", 32)
	keyText = `"key":{"alg":"ed25519","public":"` + keyOf(1).Public.String() + `"},`
)

func statement(action, key, rest string) string {
	return `{"action":"` + action + `","community":"river",` + key + `"member":"` + member + `","seq":1,"v":1` + rest + `}`
}

func goodStatements() []string {
	return []string{
		statement("admit", keyText, ""), statement("rekey", keyText, ""), statement("rotate", keyText, ""),
		statement("suspend", "", ""), statement("restore", "", ""), statement("leave", "", ""),
	}
}

func TestStatementsReadAsTheyAreWritten(t *testing.T) {
	for _, text := range goodStatements() {
		s, err := identity.ParseStatement([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again, err := s.Canonical(); err != nil || string(again) != text {
			t.Errorf("%s became %s, %v", text, again, err)
		}
	}
}

func badStatements() map[string]string {
	good := statement("leave", "", "")
	return map[string]string{
		"admit without key":    statement("admit", "", ""),
		"rekey without key":    statement("rekey", "", ""),
		"rotate without key":   statement("rotate", "", ""),
		"suspend with key":     statement("suspend", keyText, ""),
		"leave with key":       statement("leave", keyText, ""),
		"unknown action":       statement("expel", "", ""),
		"another version":      strings.Replace(good, `"v":1`, `"v":2`, 1),
		"no version":           strings.Replace(good, `,"v":1`, ``, 1),
		"seq 0":                strings.Replace(good, `"seq":1`, `"seq":0`, 1),
		"seq negative":         strings.Replace(good, `"seq":1`, `"seq":-1`, 1),
		"short member":         strings.Replace(good, member, "abab", 1),
		"member in capitals":   strings.Replace(good, member, strings.ToUpper(member), 1),
		"no community":         strings.Replace(good, "river", "", 1),
		"community with slash": strings.Replace(good, "river", "river/poll", 1),
		"another member":       statement("leave", "", `,"why":"moved"`),
		"white space":          " " + good,
		"empty":                "",
	}
}

func TestStatementsOfAnotherFormAreRefused(t *testing.T) {
	for name, text := range badStatements() {
		t.Run(name, func(t *testing.T) {
			if s, err := identity.ParseStatement([]byte(text)); rule(err) != identity.RuleStatement {
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
	small := strings.Replace(statement("admit", keyText, ""), keyOf(1).Public.String(), strings.Repeat("0", 64), 1)
	if _, err := identity.ParseStatement([]byte(small)); rule(err) != identity.RuleKeyForm {
		t.Errorf("key of small order: %v", err)
	}
}

func FuzzParseStatement(f *testing.F) {
	for _, text := range goodStatements() {
		f.Add([]byte(text))
	}
	for _, text := range badStatements() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := identity.ParseStatement(in)
		if err != nil {
			return
		}
		if again, err := s.Canonical(); err != nil || !bytes.Equal(again, in) {
			t.Fatalf("%q became %q, %v", in, again, err)
		}
	})
}

func attesters() []identity.Attester {
	return []identity.Attester{{ID: "anna", Key: keyOf(1)}, {ID: "bela", Key: keyOf(2)}, {ID: "cora", Key: keyOf(3)}, {ID: "dora", Key: keyOf(4)}}
}

func attest(tb testing.TB, s identity.Statement, id string, seed byte) identity.Attestation {
	tb.Helper()
	b, err := s.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	return identity.Attestation{Attester: id, Signature: identity.Sign(privateOf(seed), identity.ThingStatement, b)}
}

func suspend(seq int64) identity.Statement {
	return identity.Statement{Action: identity.ActionSuspend, Community: "river", Member: member, Seq: seq, V: 1}
}

func TestAttestationsOfKOrOneMoreAreAccepted(t *testing.T) {
	s := suspend(1)
	a, b, c := attest(t, s, "anna", 1), attest(t, s, "bela", 2), attest(t, s, "cora", 3)
	for name, list := range map[string][]identity.Attestation{"the first two": {a, b}, "two others": {a, c}, "one more": {a, b, c}} {
		if err := identity.CheckAttestations(2, attesters(), s, list); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttestationsThatAreRefused(t *testing.T) {
	s := suspend(1)
	a, b, c, d := attest(t, s, "anna", 1), attest(t, s, "bela", 2), attest(t, s, "cora", 3), attest(t, s, "dora", 4)
	list := func(of ...identity.Attestation) []identity.Attestation { return of }
	leave := s
	leave.Action = identity.ActionLeave
	bad := s
	bad.V = 2
	for name, x := range map[string]struct {
		k    int64
		s    identity.Statement
		list []identity.Attestation
		rule string
	}{
		"none":                     {2, s, nil, "attestations"},
		"one of two":               {2, s, list(a), "attestations"},
		"two more than needed":     {2, s, list(a, b, c, d), "attestations"},
		"one attester twice":       {2, s, list(a, a), "attestations"},
		"descending":               {2, s, list(b, a), "attestations"},
		"a stranger":               {2, s, list(a, attest(t, s, "zoe", 9)), "attestations"},
		"a stranger in one's name": {2, s, list(a, attest(t, s, "bela", 9)), "signature"},
		"one attester in two":      {2, s, list(a, attest(t, s, "bela", 1)), "signature"},
		"a bad third":              {2, s, list(a, b, attest(t, s, "cora", 9)), "signature"},
		"for another seq":          {2, s, list(a, attest(t, suspend(2), "bela", 2)), "signature"},
		"a statement to leave":     {2, leave, list(attest(t, leave, "anna", 1), attest(t, leave, "bela", 2)), "attestations"},
		"a malformed statement":    {2, bad, list(a, b), "statement_form"},
		"k of nobody":              {0, s, nil, "attestations"},
		"k of more than there are": {5, s, list(a, b, c, d), "attestations"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := identity.CheckAttestations(x.k, attesters(), x.s, x.list); rule(err) != x.rule {
				t.Errorf("got %v, want %s", err, x.rule)
			}
		})
	}
}

func TestMembersSignForThemselvesAlone(t *testing.T) {
	leave := suspend(3)
	leave.Action = identity.ActionLeave
	by := attest(t, leave, "", 7).Signature
	if err := identity.CheckOwn(keyOf(7), leave, by); err != nil {
		t.Error(err)
	}
	if err := identity.CheckOwn(keyOf(8), leave, by); rule(err) != identity.RuleSignature {
		t.Errorf("another key: %v", err)
	}
	s := suspend(3)
	if err := identity.CheckOwn(keyOf(7), s, attest(t, s, "", 7).Signature); rule(err) != identity.RuleAttestations {
		t.Errorf("a member suspends themself: %v", err)
	}
	s.V = 0
	if err := identity.CheckOwn(keyOf(7), s, by); rule(err) != identity.RuleStatement {
		t.Errorf("malformed: %v", err)
	}
}
