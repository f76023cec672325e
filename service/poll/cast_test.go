package poll

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
)

func check(h *held, key *identity.Key, c Cast) error {
	_, err := CheckCast(h.m, h.hash, key, c)
	return err
}

func TestBallotsThatAreTaken(t *testing.T) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		h := newWorld(t, mode).open(t)
		for voter, by := range map[string]person{person("cy").member(): "cy", SeatVoter(1): "seat 1", SeatVoter(3): "seat 3"} {
			for _, choice := range []string{yes, no, abstain} {
				key, c := by.key(), h.cast(by, voter, choice)
				got, err := CheckCast(h.m, h.hash, &key, c)
				if err != nil {
					t.Fatalf("%s, %s %s: %v", mode, voter, choice, err)
				}
				if got.Voter != voter || got.Poll != h.hash || (len(got.Choice) > 0) != (mode == ModeOpen) {
					t.Errorf("%s, %s: taken as %+v", mode, voter, got.Ballot)
				}
			}
		}
	}
}

func TestOpenBallotsThatIntakeRefuses(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	cy := person("cy")
	other := h.hash
	other[0] ^= 1
	good := string(h.cast(cy, cy.member(), yes).Ballot)
	text := func(old, new string) Cast {
		if strings.Count(good, old) != 1 {
			t.Fatalf("%q stands %d times in %s", old, strings.Count(good, old), good)
		}
		return signText(cy, strings.Replace(good, old, new, 1))
	}
	moved := h.cast(cy, cy.member(), yes)
	moved.Ballot = bytes.Replace(moved.Ballot, []byte(yes), []byte(no), 1)
	short := h.cast(cy, cy.member(), yes)
	short.Signature.Signature = short.Signature.Signature[1:]
	passkey := h.cast(cy, cy.member(), yes)
	passkey.Signature.ClientData = []byte("{}")
	thing := h.cast(cy, cy.member(), yes)
	thing.Signature = identity.Sign(cy.private(), identity.ThingSeat, thing.Ballot)
	for _, c := range []struct {
		name, rule string
		cast       Cast
	}{
		{"for another poll", RuleWrongPoll, sign(cy, Ballot{Choice: []byte(yes), Poll: other, Voter: cy.member()})},
		{"changed after signing", RuleSignature, moved},
		{"signed by another member", RuleSignature, h.cast("di", cy.member(), yes)},
		{"half a signature", RuleSignature, short},
		{"a signature of another kind", RuleSignature, passkey},
		{"signed as something else", RuleSignature, thing},
		{"no signature", RuleSignature, Cast{Ballot: []byte(good)}},
		{"nothing", RuleBallot, signText(cy, "")},
		{"another version", RuleBallot, text(`"v":1`, `"v":2`)},
		{"no version", RuleBallot, text(`"v":1,`, ``)},
		{"white space", RuleBallot, text(`"v":1`, `"v": 1`)},
		{"a member too many", RuleBallot, text(`"v":1`, `"u":1,"v":1`)},
		{"no choice", RuleBallot, text(`"choice":{"vote":"yes"},`, ``)},
		{"a choice and a sealed one", RuleBallot, text(`,"v":1`, `,"sealed":"AAAA","v":1`)},
		{"a poll in capitals", RuleBallot, text(h.hash.String(), strings.ToUpper(h.hash.String()))},
		{"sealed in an open poll", RuleBallot, sign(cy, Ballot{Sealed: "AAAA", Poll: h.hash, Voter: cy.member()})},
		{"a choice of another form", "choice_form", text(`{"vote":"yes"}`, `{"vote":"maybe"}`)},
		{"a choice of another method", "choice_form", text(`{"vote":"yes"}`, `{"ranking":[["a"]]}`)},
		{"a delegation where there is none", "delegation_off", text(`{"vote":"yes"}`, `{"delegate":"`+person("di").member()+`"}`)},
		{"a choice too large", "choice_form", text(`{"vote":"yes"}`, `{"vote":"`+strings.Repeat("y", 20_000)+`"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := cy.key()
			wantRule(t, check(h, &key, c.cast), c.rule)
		})
	}
}

func TestASeatWithoutAKeyCannotVote(t *testing.T) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		h := newWorld(t, mode).open(t)
		wantRule(t, check(h, nil, h.cast("seat 2", SeatVoter(2), yes)), RuleNoKey)
	}
}

// elsewhere is a chain with another key.
func elsewhere() *beacon.Chain {
	return must(devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Now: time.Now,
		Secret: bytes.NewReader([]byte("poll tests: the secret of others"))})).Chain()
}

func TestSealedBallotsThatIntakeRefuses(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	cy := person("cy")
	plain := bytes.Repeat([]byte(" "), int(h.m.Size))
	round := h.m.Beacon.Round
	seal := func(chain *beacon.Chain, round uint64, text []byte) []byte {
		return must(timelock.Seal(chain, round, text, entropy("intake")))
	}
	coded := func(file []byte) Cast {
		return sign(cy, Ballot{Poll: h.hash, Sealed: base64.StdEncoding.EncodeToString(file), Voter: cy.member()})
	}
	good := seal(h.state.Chain, round, plain)
	changed := func(at int) []byte { b := bytes.Clone(good); b[at] ^= 1; return b }
	literal := func(sealed string) Cast { return sign(cy, Ballot{Poll: h.hash, Sealed: sealed, Voter: cy.member()}) }
	text := base64.StdEncoding.EncodeToString(good)
	point := bytes.IndexByte(good, '\n') + 140 // within the stanza's body
	for _, c := range []struct {
		name, rule string
		cast       Cast
	}{
		{"a choice that all can read", RuleBallot, sign(cy, Ballot{Choice: []byte(yes), Poll: h.hash, Voter: cy.member()})},
		{"the next round", RuleRound, coded(seal(h.state.Chain, round+1, plain))},
		{"the first round", RuleRound, coded(seal(h.state.Chain, 1, plain))},
		{"another chain", RuleRound, coded(seal(elsewhere(), round, plain))},
		{"a byte more", RuleSealedForm, coded(seal(h.state.Chain, round, append(plain, ' ')))},
		{"a byte less", RuleSealedForm, coded(seal(h.state.Chain, round, plain[1:]))},
		{"cut off", RuleSealedForm, coded(good[:len(good)-40])},
		{"something after it", RuleSealedForm, coded(append(bytes.Clone(good), make([]byte, 70_000)...))},
		{"another age version", RuleSealedForm, coded(changed(20))},
		{"a point that is none", RuleSealedForm, coded(changed(point))},
		{"armoured", RuleSealedForm, literal(string(timelock.Armor(good)))},
		{"base64 without its padding", RuleSealedForm, literal(strings.TrimRight(text, "=") + "A")},
		{"base64 with a line break", RuleSealedForm, literal(text[:64] + "\n" + text[64:])},
		{"base64 of URLs", RuleSealedForm, literal("__--" + text[4:])},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := cy.key()
			wantRule(t, check(h, &key, c.cast), c.rule)
		})
	}
}

func TestSealRefuses(t *testing.T) {
	open, sealed := newWorld(t, ModeOpen).open(t), newWorld(t, ModeSealed).open(t)
	in := Ballot{Choice: []byte(yes), Poll: sealed.hash, Voter: person("cy").member()}
	_, err := Seal(open.m, open.state.Chain, in, entropy("a"))
	wantRule(t, err, RuleRound)
	_, err = Seal(sealed.m, elsewhere(), in, entropy("a"))
	wantRule(t, err, RuleRound)
	in.Choice = []byte(`{"delegate":"` + strings.Repeat("a", 256) + `"}`)
	_, err = Seal(sealed.m, sealed.state.Chain, in, entropy("a"))
	wantRule(t, err, RuleBallot)
	in.Choice = []byte("{")
	_, err = Seal(sealed.m, sealed.state.Chain, in, entropy("a"))
	wantRule(t, err, RuleBallot)
	in.Choice = []byte(yes)
	if _, err = Seal(sealed.m, sealed.state.Chain, in, bytes.NewReader(nil)); err == nil {
		t.Error("a ballot was sealed without entropy")
	}
}

func TestCastsHaveOneForm(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	body := must(canonical.Marshal(h.cast("cy", person("cy").member(), yes)))
	if c, err := ParseCast(body); err != nil || c.Check() != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing":           "",
		"white space":       " " + string(body),
		"a member too many": strings.Replace(string(body), `{"ballot"`, `{"at":1,"ballot"`, 1),
		"capitals":          strings.Replace(string(body), `"signature":"`, `"signature":"AB`, 1),
		"no signature":      string(body[:bytes.Index(body, []byte(`,"signature"`))]) + "}",
		"another version":   strings.Replace(string(body), `"v":1`, `"v":2`, 1),
		"something after":   string(body) + "{}",
	} {
		c, err := ParseCast([]byte(bad))
		if err == nil {
			err = c.Check()
		}
		if name != "nothing" && bad == string(body) {
			t.Fatalf("%s: the text was not changed", name)
		}
		wantRule(t, err, RuleBallot)
	}
}
