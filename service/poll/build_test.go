package poll

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// founded gives a world founders' chamber of 3/10, none in tier 1, and ada and bo in it.
func (w *world) founded() *world {
	c := w.state.Charter
	members := []string{person("ada").id(), person("bo").id()}
	slices.Sort(members)
	c.Chambers = append([]charter.Chamber{{ID: charter.ChamberFounders, Share: ratio.New(3, 10)}}, c.Chambers...)
	c.Chambers[1].Share = ratio.New(1, 2)
	c.Founders = &charter.Founders{Members: members}
	c.Ratchet = &charter.Ratchet{Epoch: 10, Start: opens, Tiers: []charter.Tier{{Share: ratio.New(3, 10)}, {Share: ratio.New(0, 1), Members: 10, Hold: 1, After: 100}}}
	w.state.Founders, w.state.Hash = electors("ada", "bo"), must(c.Hash())
	return w
}

func TestAPollIsOpenedByItsCharter(t *testing.T) {
	h := newWorld(t, ModeSealed).open(t)
	round, err := h.state.Chain.FirstRoundAtOrAfter(closes + 2)
	if err != nil {
		t.Fatal(err)
	}
	want := voting.Rules{Method: voting.YesNo, Threshold: ratio.New(1, 2), Chambers: []voting.Chamber{
		{ID: voting.Members, Share: ratio.New(4, 5), Electors: 3, Quorum: &voting.Quorum{Kind: voting.OfTurnout, Min: ratio.New(1, 5)}},
		{ID: voting.Jury, Share: ratio.New(1, 5), Electors: 3, Quorum: &voting.Quorum{Kind: voting.OfTurnout, Min: ratio.New(1, 2)}, Thin: voting.Scale},
	}}
	if diff := cmp.Diff(want, h.m.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if h.m.Beacon.Round != round || h.m.Beacon.Chain != h.state.Chain.Hash || !h.m.Rehearsal || h.m.Size != 256 || h.m.Poll != subject {
		t.Errorf("manifest: %+v", h.m)
	}
	for i, ref := range h.m.Rolls {
		if ref.File != FileOf(h.files[i]) {
			t.Errorf("roll of %s: %+v does not name its file", ref.Chamber, ref.File)
		}
	}
}

// On a live chain half a minute passes between the close and the round, so that late records are seen as such.
func TestTheRoundOfALiveChainComesLater(t *testing.T) {
	w := newWorld(t, ModeSealed)
	quicknet, _ := beacon.Pinned().ByName("quicknet")
	w.state.Chain = quicknet
	m, _, err := Build(w.state, w.asked)
	if err != nil {
		t.Fatal(err)
	}
	due := must(quicknet.TimeOf(m.Beacon.Round))
	if due < closes+30 || due >= closes+33 || m.Rehearsal {
		t.Errorf("closes at %d, opens with round %d at %d, rehearsal %t", closes, m.Beacon.Round, due, m.Rehearsal)
	}
}

func TestThresholdsFollowTheClass(t *testing.T) {
	for _, c := range []struct {
		name      string
		threshold ratio.Ratio // of the charter
		world     func(w *world)
		want      ratio.Ratio
		inclusive bool
		floor     bool
	}{
		{"an ordinary poll", ratio.New(1, 2), func(*world) {}, ratio.New(1, 2), false, false},
		{"above a half it may be reached", ratio.New(3, 5), func(*world) {}, ratio.New(3, 5), true, false},
		{"people outside are touched", ratio.New(1, 2), func(w *world) { w.asked.Class = ClassExternal }, ratio.New(1, 2), false, true},
		{"an amendment", ratio.New(1, 2), func(w *world) { w.amendment() }, ratio.New(2, 3), true, false},
		{"options have none", ratio.New(3, 5), func(w *world) { w.options() }, ratio.Ratio{}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, ModeOpen)
			w.state.Charter.Threshold = c.threshold
			c.world(w)
			m := w.open(t).m
			if !m.Rules.Threshold.Equal(c.want) || m.Rules.Inclusive != c.inclusive || (m.Rules.Chambers[1].Floor != nil) != c.floor {
				t.Errorf("threshold %s, inclusive %t, floor %v", m.Rules.Threshold, m.Rules.Inclusive, m.Rules.Chambers[1].Floor)
			}
		})
	}
}

func TestDelegationIsTheCharters(t *testing.T) {
	w := newWorld(t, ModeOpen)
	if w.open(t).m.Rules.Cap != nil {
		t.Error("delegation without the charter")
	}
	w.state.Charter.Delegation = &charter.Delegation{Cap: ratio.New(1, 20)}
	if got := w.open(t).m.Rules.Cap; got == nil || !got.Equal(ratio.New(1, 20)) {
		t.Errorf("cap %v, want 1/20", got)
	}
}

func TestPollsThatTheCharterForbids(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		bad        func(w *world)
	}{
		{"too short", RuleTimes, func(w *world) { w.asked.Closes = opens + 59 }},
		{"too long", RuleTimes, func(w *world) { w.state.Charter.Ballot.Days, w.asked.Closes = 1, opens+86_401 }},
		{"closing before it opens", RuleTimes, func(w *world) { w.state.Charter.Ballot.Notice, w.asked.Closes = 0, opens }},
		{"no jury", RuleJury, func(w *world) { w.state.Jury = nil }},
		{"a jury of another city", RuleJury, func(w *world) { w.state.Charter.Chambers[1].City = "lisboa" }},
		{"a city that begins alike", RuleJury, func(w *world) { w.state.Charter.Chambers[1].City = "tow" }},
		{"a draw for fewer seats", RuleJury, func(w *world) { w.state.Seats = 2 }},
		{"before the term", RuleJury, func(w *world) { w.asked.Opens, w.asked.Closes = opens-8001, opens-7000 }},
		{"closing after the term", RuleJury, func(w *world) { w.asked.Opens, w.asked.Closes = opens+term-100, opens+term+1 }},
		{"every juror recused", RuleJury, func(w *world) {
			for n := range int64(3) {
				mv := seating.Move{Act: seating.Recuse, At: opens - 10, Seat: n + 1, ID: juror(fmt.Sprint(n + 1)), Ground: seating.Interest, Poll: subject}
				if err := w.state.Jury.Apply(mv); err != nil {
					panic(err)
				}
			}
		}},
		{"a name with a slash", RuleForm, func(w *world) { w.asked.Name = "a/b" }},
		{"no question", RuleForm, func(w *world) { w.asked.Text = "" }},
		{"an option without a name", RuleForm, func(w *world) { w.options().asked.Names = map[string]string{"bridge": "A bridge"} }},
		{"an amendment among options", RuleForm, func(w *world) { w.options().amendment() }},
		{"records of other seats", RuleForm, func(w *world) { w.state.Counted[2].Subject = "city/town/draw/sluice/seats" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, ModeSealed)
			c.bad(w)
			_, _, err := Build(w.state, w.asked)
			wantRule(t, err, c.rule)
		})
	}
}

func TestTheEdgesOfTimeAreAllowed(t *testing.T) {
	for name, at := range map[string][2]int64{
		"as short as the notice":      {opens, opens + 60},
		"as long as the days":         {opens, opens + 86_400},
		"from the term's beginning":   {opens - 8000, opens - 7000},
		"closing with the term's end": {opens + term - 100, opens + term},
	} {
		w := newWorld(t, ModeOpen)
		w.state.Charter.Ballot.Days = 1
		w.asked.Opens, w.asked.Closes = at[0], at[1]
		if _, _, err := Build(w.state, w.asked); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACharterWithoutAJuryNeedsNone(t *testing.T) {
	w := newWorld(t, ModeOpen)
	c := w.state.Charter
	c.Chambers = c.Chambers[:1]
	c.Chambers[0].Share = ratio.New(1, 1)
	w.state.Jury, w.state.Counted = nil, counted()[:2]
	h := w.open(t)
	if h.m.Jury != nil || len(h.m.Rolls) != 1 || !h.m.Rules.Chambers[0].Share.Equal(ratio.New(1, 1)) {
		t.Errorf("manifest: %+v", h.m)
	}
}

func TestRecusedSeatsAreNoElectors(t *testing.T) {
	w := newWorld(t, ModeOpen)
	other := seating.Move{Act: seating.Recuse, At: opens - 11, Seat: 1, ID: juror("1"), Ground: seating.Interest, Poll: "community/river/poll/sluice"}
	moves(t, w.state.Jury, other, seating.Move{Act: seating.Recuse, At: opens - 10, Seat: 3, ID: juror("3"), Ground: seating.Interest, Poll: subject})
	h := w.open(t)
	if diff := cmp.Diff([]int64{3}, h.m.Jury.Recused); diff != "" {
		t.Error(diff)
	}
	if n := h.m.Rules.Chambers[1].Electors; n != 2 {
		t.Errorf("the jury has %d electors, want 2", n)
	}
	err := h.box(t).Add(t.Context(), records(h.cast("seat 3", SeatVoter(3), yes)))
	wantRule(t, err, RuleNotOnRoll)
}

// rolled lists the voters of each chamber.
func rolled(t *testing.T, h *held) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for i, ref := range h.m.Rolls {
		list, err := Electors(h.files[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			out[ref.Chamber] = append(out[ref.Chamber], l.Voter)
		}
	}
	return out
}

func named(chamber string, list ...person) (out []string) {
	for _, p := range list {
		out = append(out, MemberVoter(chamber, p.id()))
	}
	slices.Sort(out)
	return out
}

func TestFoundersVoteInTheirChamberOrAsMembers(t *testing.T) {
	jury := []string{"jury/1", "jury/2", "jury/3"}
	for _, c := range []struct {
		name  string
		world func(w *world)
		want  map[string][]string
	}{
		{"in tier 0", func(*world) {}, map[string][]string{"founders": named("founders", "ada", "bo"), "members": named("members", people...), "jury": jury}},
		{"in a tier without their share", func(w *world) { w.state.Tier = 1 },
			map[string][]string{"members": named("members", "ada", "bo", "cy", "di", "ed"), "jury": jury}},
		{"when none is active", func(w *world) { w.state.Founders = nil }, map[string][]string{"members": named("members", people...), "jury": jury}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, ModeOpen).founded()
			c.world(w)
			h := w.open(t)
			if diff := cmp.Diff(c.want, rolled(t, h)); diff != "" {
				t.Errorf("rolls (-want +got):\n%s", diff)
			}
			sum := ratio.Ratio{}
			for _, ch := range h.m.Rules.Chambers {
				sum = sum.Add(ch.Share)
			}
			if !sum.Equal(ratio.New(1, 1)) || h.m.Tier != int64(w.state.Tier) {
				t.Errorf("shares sum to %s in tier %d", sum, h.m.Tier)
			}
		})
	}
}

// asked draws what somebody may ask, in the limits of the charter of newWorld.
func asked() *rapid.Generator[Question] {
	return rapid.Custom(func(t *rapid.T) Question {
		q := Question{Name: rapid.StringMatching(`[a-z0-9]{1,20}`).Draw(t, "name"), Text: rapid.StringMatching(`[ -~äß漢]{1,100}`).Draw(t, "text"),
			Class: rapid.SampledFrom([]Class{ClassOrdinary, ClassExternal, ClassAmendment}).Draw(t, "class")}
		q.Opens = opens + rapid.Int64Range(0, 1000).Draw(t, "opens")
		q.Closes = q.Opens + rapid.Int64Range(60, 86_400).Draw(t, "length")
		if q.Class == ClassAmendment {
			q.Method, q.Amends, q.Proposes = voting.YesNo, &File{Bytes: rapid.Int64Range(1, 1<<20).Draw(t, "bytes"), SHA256: beacon.Hash{4}}, &beacon.Hash{5}
			return q
		}
		q.Method = rapid.SampledFrom([]voting.Method{voting.YesNo, voting.Approval, voting.Score, voting.IRV, voting.Schulze, voting.Quadratic}).Draw(t, "method")
		if q.Method == voting.YesNo {
			return q
		}
		n := rapid.IntRange(2, 6).Draw(t, "options")
		q.Names, q.Winners = map[string]string{}, 1
		for i := range n {
			id := fmt.Sprintf("option-%d", (i*5)%7)
			q.Options, q.Names[id] = append(q.Options, id), strings.ToUpper(id)
		}
		switch q.Method {
		case voting.Score:
			q.MaxScore, q.Minimum = rapid.Int64Range(1, 9).Draw(t, "best"), part(1, rapid.Int64Range(1, 9).Draw(t, "minimum"))
		case voting.Quadratic:
			q.Credits, q.Negative = rapid.Int64Range(1, 100).Draw(t, "credits"), rapid.Bool().Draw(t, "negative")
		}
		return q
	})
}

// What a verifier does: it reads the question out of the manifest and builds the manifest again.
func TestAManifestIsBuiltAgainFromItsQuestion(t *testing.T) {
	built := map[voting.Method]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rapid.SampledFrom([]Mode{ModeOpen, ModeSealed}).Draw(rt, "mode"))
		if rapid.Bool().Draw(rt, "founded") {
			w.founded().state.Tier = rapid.IntRange(0, 1).Draw(rt, "tier")
		}
		w.asked = asked().Draw(rt, "asked")
		m, files, err := Build(w.state, w.asked)
		if err != nil {
			rt.Fatalf("%+v: %v", w.asked, err)
		}
		text, err := m.Canonical()
		if err != nil {
			rt.Fatal(err)
		}
		read, err := ParseManifest(text)
		if err != nil {
			rt.Fatal(err)
		}
		again, filesAgain, err := Build(w.state, read.Asked())
		if err != nil {
			rt.Fatal(err)
		}
		if got := must(again.Canonical()); !bytes.Equal(got, text) {
			rt.Fatalf("built again as\n%s\nwant\n%s", got, text)
		}
		if diff := cmp.Diff(files, filesAgain); diff != "" {
			rt.Fatalf("rolls: %s", diff)
		}
		built[w.asked.Method]++
	})
	if len(built) < 5 {
		t.Errorf("polls of these methods only were built: %v", built)
	}
}
