package poll

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/voting"
)

// insideOf writes the plaintext of a ballot.
func insideOf(poll beacon.Hash, voter, choice string) string {
	return string(must(canonical.Marshal(inner{Choice: []byte(choice), Poll: poll, V: 1, Voter: voter})))
}

func TestWhatOnlyOpeningShowsMakesABallotInvalid(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	cy, di := person("cy"), person("di")
	inside := func(choice string) string { return insideOf(h.hash, cy.member(), choice) }
	raw := func(text string) Cast { return h.sealText(cy, cy.member(), text) }
	stolen := must(h.cast(di, di.member(), yes).parse())
	stolen.Voter = cy.member()
	garbage := func(at int) Cast {
		file := must(timelock.Seal(h.state.Chain, h.m.Beacon.Round, []byte(h.padded(inside(yes))), entropy("garbage")))
		file[len(file)+at] ^= 1
		return sign(cy, Ballot{Poll: h.hash, Sealed: base64.StdEncoding.EncodeToString(file), Voter: cy.member()})
	}
	tab := []byte(h.padded(inside(yes)))
	tab[len(tab)-1] = '\t'
	late := []byte(h.padded(inside(yes)))
	late[len(late)-1] = '}'
	for _, c := range []struct {
		name, rule string
		cast       Cast
	}{
		{"copied from another voter", RuleCopied, sign(cy, stolen)},
		{"a payload of nothing", RuleUnopenable, garbage(-1)},
		{"a nonce that was changed", RuleUnopenable, garbage(-280)},
		{"for another poll", RuleInnerPoll, raw(h.padded(insideOf(beacon.Hash{1}, cy.member(), yes)))},
		{"padded with a tab", RulePadding, raw(string(tab))},
		{"only spaces", RulePadding, raw(h.padded(""))},
		{"something after the spaces", RuleInner, raw(string(late))},
		{"spaces before", RuleInner, raw(h.padded(" " + inside(yes)))},
		{"another version", RuleInner, raw(h.padded(string(must(canonical.Marshal(inner{Choice: []byte(yes), Poll: h.hash, V: 2, Voter: cy.member()})))))},
		{"no choice", RuleInner, raw(h.padded(`{"poll":"` + h.hash.String() + `","v":1,"voter":"` + cy.member() + `"}`))},
		{"a choice of another method", "choice_form", raw(h.padded(inside(`{"approve":[]}`)))},
		{"a vote that is none", "choice_form", raw(h.padded(inside(`{"vote":"maybe"}`)))},
		{"a delegation where there is none", "delegation_off", raw(h.padded(inside(`{"delegate":"` + di.member()[:10] + `"}`)))},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := cy.key()
			if err := check(h, &key, c.cast); err != nil {
				t.Fatalf("intake can see it: %v", err)
			}
			got := h.count(t, c.cast, h.cast(di, di.member(), yes))
			want := []voting.Invalid{{Rule: c.rule, Voter: cy.member()}}
			if diff := cmp.Diff(want, got.Count.Invalid); diff != "" {
				t.Errorf("invalid (-want +got):\n%s", diff)
			}
			if m := got.Count.Chambers[0]; m.Cast != 2 || m.Invalid != 1 || *m.Yes != 1 || *m.No != 0 {
				t.Errorf("members: %+v", m)
			}
		})
	}
}

// A stanza that intake should have refused does not fail the poll: it makes its ballot invalid.
func TestABallotSealedToAnotherRoundDoesNotOpen(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	cy := person("cy")
	for name, file := range map[string][]byte{
		"round": must(timelock.Seal(h.state.Chain, h.m.Beacon.Round+1, []byte(h.padded(insideOf(h.hash, cy.member(), yes))), entropy("r"))),
		"chain": must(timelock.Seal(elsewhere(), h.m.Beacon.Round, []byte(h.padded(insideOf(h.hash, cy.member(), yes))), entropy("c"))),
	} {
		got := h.count(t, sign(cy, Ballot{Poll: h.hash, Sealed: base64.StdEncoding.EncodeToString(file), Voter: cy.member()}))
		if diff := cmp.Diff([]voting.Invalid{{Rule: RuleUnopenable, Voter: cy.member()}}, got.Count.Invalid); diff != "" {
			t.Errorf("another %s (-want +got):\n%s", name, diff)
		}
	}
}

// An invalid ballot supersedes as any other does: what a voter sent last is theirs.
func TestAnInvalidBallotSupersedesAValidOne(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	cy := person("cy")
	got := h.count(t, h.cast(cy, cy.member(), yes), h.sealText(cy, cy.member(), h.padded("{}")))
	if m := got.Count.Chambers[0]; m.Invalid != 1 || m.Valid != 0 || got.Superseded != 1 {
		t.Errorf("%d superseded, members: %+v", got.Superseded, m)
	}
}
