package poll

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/service/voting"
)

// filled is a box with these casts, in batches of two so that batches are crossed.
func (h *held) filled(tb testing.TB, casts ...Cast) *Box {
	tb.Helper()
	box, rest := h.box(tb), records(casts...)
	for len(rest) > 0 {
		n := min(2, len(rest))
		if err := box.Add(tb.Context(), rest[:n]); err != nil {
			tb.Fatal(err)
		}
		rest = rest[n:]
	}
	return box
}

func (h *held) count(tb testing.TB, casts ...Cast) Transcript {
	tb.Helper()
	t, err := h.filled(tb, casts...).Count(tb.Context(), h.state.Chain, h.closing(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func modes(t *testing.T, do func(t *testing.T, h *held)) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		t.Run(string(mode), func(t *testing.T) { do(t, newWorld(t, mode).open(t)) })
	}
}

func TestTheLastBallotOfAVoterCounts(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		cy, di := person("cy"), person("di")
		got := h.count(t, h.cast(cy, cy.member(), yes), h.cast(di, di.member(), yes), h.cast(cy, cy.member(), abstain),
			h.cast("seat 1", SeatVoter(1), yes), h.cast(cy, cy.member(), no))
		members := got.Count.Chambers[0]
		if *members.Yes != 1 || *members.No != 1 || members.Cast != 2 || members.Electors != 3 {
			t.Errorf("members: %+v", members)
		}
		if got.Records != 5 || got.Superseded != 2 || got.Poll != h.hash || got.Charter != h.m.Charter {
			t.Errorf("transcript: %+v", got)
		}
		text, err := got.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseTranscript(text); err != nil || !bytes.Equal(text, must(back.Canonical())) {
			t.Errorf("the transcript reads back as %+v, %v", back, err)
		}
	})
}

func TestAPollWithoutBallots(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		got := h.count(t)
		if got.Records != 0 || *got.Count.Outcome.Passed || got.Count.Outcome.Reason != voting.QuorumMembers {
			t.Errorf("%+v", got)
		}
	})
}

func TestTheOrderOfVotersChangesNothing(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		casts := []Cast{h.cast("cy", person("cy").member(), yes), h.cast("di", person("di").member(), no), h.cast("seat 3", SeatVoter(3), yes)}
		want := must(h.count(t, casts...).Canonical())
		for _, order := range [][]int{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			got := must(h.count(t, casts[order[0]], casts[order[1]], casts[order[2]]).Canonical())
			if !bytes.Equal(got, want) {
				t.Errorf("order %v:\n%s\nwant\n%s", order, got, want)
			}
		}
	})
}

func TestFiftyBallotsOfAVoterAreRecorded(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	cy := person("cy")
	box := h.box(t)
	var all []Cast
	for i := range MaxCasts {
		all = append(all, h.cast(cy, cy.member(), []string{yes, no}[i%2]))
	}
	all = append(all, h.cast("di", person("di").member(), yes))
	if err := box.Add(t.Context(), records(all...)); err != nil {
		t.Fatal(err)
	}
	if n, s := box.Records(), box.Superseded(); n != MaxCasts+1 || s != MaxCasts-1 {
		t.Errorf("%d records, %d superseded, want %d and %d", n, s, MaxCasts+1, MaxCasts-1)
	}
	next := records(h.cast(cy, cy.member(), yes))
	next[0].N = 99
	err := box.Add(t.Context(), next)
	wantRule(t, err, RuleTooMany)
	if !strings.Contains(err.Error(), "record 99 of "+subject) {
		t.Errorf("the error does not name the record: %v", err)
	}
}

func TestARecordThatShouldHaveBeenRefusedIsNamed(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		good := h.cast("cy", person("cy").member(), yes)
		forged := good
		forged.Ballot = bytes.Replace(good.Ballot, []byte(`,"v":1`), []byte(`,"v": 1`), 1)
		strange := h.cast("zoe", person("zoe").member(), yes)
		for _, c := range []struct {
			name, rule string
			bad        Record
		}{
			{"a stranger", RuleNotOnRoll, records(strange)[0]},
			{"a member as a founder", RuleNotOnRoll, records(h.cast("cy", MemberVoter(voting.Founders, person("cy").id()), yes))[0]},
			{"a seat that is not there", RuleNotOnRoll, records(h.cast("seat 1", SeatVoter(4), yes))[0]},
			{"a seat without a key", RuleNoKey, records(h.cast("seat 1", SeatVoter(2), yes))[0]},
			{"another's signature", RuleSignature, records(h.cast("di", person("cy").member(), yes))[0]},
			{"no record", RuleBallot, Record{Body: []byte("{}")}},
			{"a ballot not in its form", RuleBallot, Record{Body: bytes.Replace(records(good)[0].Body, []byte(`"v":1`), []byte(`"v": 1`), 1)}},
		} {
			box := h.box(t)
			c.bad.N = 17
			list := records(good, h.cast("di", person("di").member(), no))
			err := box.Add(t.Context(), append(list, c.bad))
			wantRule(t, err, c.rule)
			if err != nil && !strings.HasPrefix(err.Error(), "record 17 of "+subject+": ") {
				t.Errorf("%s: the error does not name the record: %v", c.name, err)
			}
		}
	})
}

func TestSealedBallotsOfAnotherLengthFailThePoll(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	cy := person("cy")
	err := h.box(t).Add(t.Context(), records(h.sealText(cy, cy.member(), strings.Repeat(" ", 257))))
	wantRule(t, err, RuleSealedForm)
}

func TestABallotForAnotherPollFailsThePoll(t *testing.T) {
	h, w := newWorld(t, ModeOpen).open(t), newWorld(t, ModeOpen)
	w.asked.Text = "Shall it not?"
	other := w.open(t)
	err := h.box(t).Add(t.Context(), records(other.cast("cy", person("cy").member(), yes)))
	wantRule(t, err, RuleWrongPoll)
}

func TestAnotherRoundOpensNothing(t *testing.T) {
	modes(t, func(t *testing.T, h *held) {
		box := h.filled(t, h.cast("cy", person("cy").member(), yes))
		next := must(h.net.Sign(h.m.Beacon.Round + 1))
		relabelled := next
		relabelled.Round = h.m.Beacon.Round
		cases := map[string]struct {
			chain *beacon.Chain
			b     beacon.Beacon
		}{"the next round": {h.state.Chain, next}, "another chain": {elsewhere(), h.closing()}, "a round relabelled": {h.state.Chain, relabelled}}
		for name, c := range cases {
			if got, err := box.Count(t.Context(), c.chain, c.b, nil); err == nil {
				t.Errorf("%s: counted as %+v", name, got)
			}
		}
	})
}

func TestCountingStopsWhenAsked(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	box := h.filled(t, h.cast("cy", person("cy").member(), yes))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := box.Count(ctx, h.state.Chain, h.closing(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("counting: %v", err)
	}
	if err := box.Add(ctx, records(h.cast("di", person("di").member(), no))); !errors.Is(err, context.Canceled) {
		t.Errorf("adding: %v", err)
	}
}

func TestOpeningTellsHowFarItIs(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	box := h.filled(t, h.cast("cy", person("cy").member(), yes), h.cast("di", person("di").member(), yes), h.cast("cy", person("cy").member(), no))
	var told []string
	if _, err := box.Count(t.Context(), h.state.Chain, h.closing(), func(done, total int64) { told = append(told, fmt.Sprint(done, "/", total)) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2/2"}, told); diff != "" {
		t.Error(diff)
	}
}
