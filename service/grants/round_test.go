package grants

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// sum adds all that a version gives and keeps.
func (v *Version) sum() *big.Int {
	s := v.File.Unallocated.Big()
	s.Add(s, v.File.Solidarity.Big())
	for _, p := range v.File.Payable() {
		s.Add(s, p.Amount.Big())
	}
	if v.File.Jury != nil {
		s.Add(s, v.File.Jury.Solidarity.Big())
	}
	return s
}

func TestARoundGoesFromItsOpeningToThePayouts(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := w.open().approved(t, "mill", "weir")
		if err := h.ApplyTopup(Topup{Amount: units("20000"), At: appsEnd, Reference: "town"}); err != nil {
			t.Fatal(err)
		}
		h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart),
			h.gift("cy", "weir", "400", 2, giftStart), h.payment("ed", "weir", "400", "t-1", giftStart+1)).closed(t)
		v := h.version(t, "")
		// W is (30+40)²−2500 = 2400 for the mill and (20+20)²−800 = 800 for the weir: 3 to 1 of 108000.
		if diff := cmp.Diff(map[string]string{"mill": "81000", "weir": "27000"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		if v.File.Solidarity.String() != "12000" || v.sum().String() != "120000" || v.File.Digest.String() != v.Digest.String() {
			t.Errorf("solidarity %s, all %s, digest %s and %s", v.File.Solidarity, v.sum(), v.File.Digest, v.Digest)
		}
		if back, err := ParseResultFile(v.Bytes); err != nil || string(must(back.Canonical())) != string(v.Bytes) {
			t.Errorf("the file does not read back: %v", err)
		}
		pay := func(amount, reference string) error {
			return h.ApplyPayout(Payout{Account: "DE1", Amount: units(amount), At: h.Last(), Project: "mill", Reference: reference, Version: 1})
		}
		if err := pay("80999", "p1"); err != nil {
			t.Fatal(err)
		}
		wantRule(t, pay("2", "p2"), RulePayout)
		wantRule(t, pay("1", "p1"), RuleRepeated)
		if err := pay("1", "p2"); err != nil || h.Paid("mill").String() != "81000" {
			t.Errorf("the last unit: %v, paid %s", err, h.Paid("mill"))
		}
		wantRule(t, pay("1", "p3"), RulePayout)
	})
}

func TestRefundedGiftsAndWithdrawnProjectsDoNotCount(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := w.open().approved(t, "mill", "weir")
		h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart), h.gift("ed", "mill", "2500", 1, giftStart),
			h.gift("cy", "weir", "400", 2, giftStart), h.gift("di", "weir", "400", 2, giftStart))
		if err := h.ApplyRefund(Refund{At: giftEnd - 1, N: 4, Reason: ForAsked}); err != nil {
			t.Fatal(err)
		}
		h.moved(t, h.owned(Withdraw, "bo", "weir", giftEnd-1))
		v := h.closed(t).version(t, "")
		if diff := cmp.Diff(map[string]string{"mill": "90000"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		if p := v.File.Projects[0]; p.Donors != 2 || p.Sum.String() != "2500" {
			t.Errorf("%d donors with %s, want 2 with 2500", p.Donors, p.Sum)
		}
	})
}

func TestWeightsInForceAtTheCloseCount(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill", "weir")
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart),
		h.gift("cy", "weir", "400", 2, giftStart), h.gift("ed", "weir", "400", 2, giftStart))
	for i, list := range [][2]int64{{0, 0}, {1_000_000, 250_000}} {
		file := weightsFile(person("cy"), list[0], person("ed"), list[1])
		if err := h.ApplyWeights(Weights{At: giftEnd, File: poll.FileOf(file), Source: "the school", Version: int64(i + 1)}, file); err != nil {
			t.Fatal(err)
		}
	}
	v := h.closed(t).version(t, "")
	// ed's 400 weigh 100: W is (20+10)²−500 = 400 for the weir, 2400 for the mill: 1 to 6 of 90000.
	if diff := cmp.Diff(map[string]string{"mill": "77143", "weir": "12857"}, v.amounts()); diff != "" {
		t.Error(diff)
	}
}

func weightsFile(a person, wa int64, b person, wb int64) []byte {
	list := weightsOf(map[person]int64{a: wa, b: wb})
	return must(WriteWeights(list))
}

func juryResult(met bool, sums map[string]int64) *voting.Result {
	r := &voting.Result{Method: voting.Quadratic, Chambers: []voting.ChamberCount{{ID: voting.Members, QuorumMet: true}, {ID: voting.Jury, QuorumMet: met}}}
	for _, id := range []string{"mill", "weir"} {
		r.Options = append(r.Options, voting.OptionCount{ID: id, Sums: []int64{99, sums[id]}})
	}
	return r
}

func juryRound(t *testing.T) *held {
	w := newWorld(poll.ModeOpen)
	w.asked.Jury = &Jury{Poll: "community/river/poll/jury-spring", Share: ratio.New(1, 4)}
	h := w.open().approved(t, "mill", "weir")
	return h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart),
		h.gift("cy", "weir", "400", 2, giftStart), h.gift("ed", "weir", "400", 2, giftStart)).closed(t)
}

func TestTheJurySharesItsPartByVotes(t *testing.T) {
	for _, c := range []struct {
		name               string
		met                bool
		mill, weir         int64
		part, wantM, wantW string
	}{
		// 90000 after solidarity; a quarter is 22500, the rest 67500 goes 3 to 1.
		{"two to one", true, 4, 2, "22500", "65625", "24375"},
		{"a remainder goes to the smaller id", true, 1, 1, "22500", "61875", "28125"},
		{"votes against give nothing", true, -3, 1, "22500", "50625", "39375"},
		{"three sevenths", true, 3, 4, "22500", "60268", "29732"},
		{"no quorum: all is matched", false, 4, 2, "0", "67500", "22500"},
		{"no vote above 0", true, 0, -1, "0", "67500", "22500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := juryRound(t)
			v, err := h.Compute(nil, juryResult(c.met, map[string]int64{"mill": c.mill, "weir": c.weir}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{"mill": c.wantM, "weir": c.wantW}, v.amounts()); diff != "" {
				t.Error(diff)
			}
			j := v.File.Jury
			if j.Part.String() != c.part || j.Solidarity.String() != "10000" || j.Digest != v.Digest || v.sum().String() != "100000" {
				t.Errorf("jury %+v, all %s", j, v.sum())
			}
			if err := h.ApplyResult(v.Record(h.Last(), ""), v); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAJurysResultThatDoesNotFit(t *testing.T) {
	h := juryRound(t)
	good := map[string]int64{"mill": 1}
	stranger, yesNo, members := juryResult(true, good), juryResult(true, good), juryResult(true, good)
	stranger.Options[0].ID, yesNo.Method, members.Chambers = "bridge", voting.YesNo, members.Chambers[:1]
	short := juryResult(true, good)
	short.Options[1].Sums = []int64{1}
	for name, r := range map[string]*voting.Result{"none": nil, "a stranger's option": stranger, "another method": yesNo, "no jury": members, "a sum missing": short} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Compute(nil, r)
			wantRule(t, err, RuleJury)
			wantRule(t, h.CheckJury(r), RuleJury)
		})
	}
	plain := newWorld(poll.ModeOpen).open().closed(t)
	_, err := plain.Compute(nil, juryResult(true, nil))
	wantRule(t, err, RuleJury)
	wantRule(t, plain.WithoutJury(JuryVoid), RuleJury)
	wantRule(t, h.WithoutJury("late"), RuleJury)
	if err := h.CheckJury(juryResult(false, good)); err != nil {
		t.Error(err)
	}
}

func TestAPollWithoutVotesLeavesAllToTheMembers(t *testing.T) {
	for _, why := range []NoJury{JuryAbsent, JuryVoid, JuryForm} {
		h := juryRound(t)
		if err := h.WithoutJury(why); err != nil {
			t.Fatal(err)
		}
		_, err := h.Compute(nil, juryResult(true, map[string]int64{"mill": 4}))
		wantRule(t, err, RuleJury)
		v := h.version(t, "")
		if diff := cmp.Diff(map[string]string{"mill": "67500", "weir": "22500"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		f, err := ParseResultFile(v.Bytes)
		if err != nil || f.Jury.None != why || !f.Jury.Part.IsZero() || v.sum().String() != "100000" {
			t.Errorf("jury %+v, all %s, %v", f.Jury, v.sum(), err)
		}
	}
}

func TestARoundWithoutGiftsOrProjectsHasAResult(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		v := w.open().closed(t).version(t, "")
		if v.File.Unallocated.String() != "90000" || len(v.File.Projects) != 0 || v.sum().String() != "100000" {
			t.Errorf("%s", v.Bytes)
		}
	})
}

func TestDonorsAreUnderPseudonyms(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill")
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart)).closed(t)
	in, err := h.Inputs(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := h.door.Pseudonym(person("cy").donor())
	if len(want) != 32 || len(in.Contributions) != 1 || in.Contributions[0].Donor != want {
		t.Errorf("%+v, want donor %s", in.Contributions, want)
	}
	other := Door{h.door.Manifest, [32]byte{1}}
	if other.Pseudonym(person("cy").donor()) == want {
		t.Error("another round gives the same pseudonym")
	}
}

func TestAManifestIsBuiltAgainFromWhatWasAsked(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := w.open()
		m, roll, err := Build(w.state, h.door.Manifest.Asked())
		if err != nil {
			t.Fatal(err)
		}
		if string(must(m.Canonical())) != string(h.text) || string(roll) != string(h.roll) {
			t.Errorf("built again as %s", must(m.Canonical()))
		}
		if m.Mode == poll.ModeSealed {
			if at := must(w.state.Chain.TimeOf(m.Beacon.Round)); at < giftEnd+devMargin || at >= giftEnd+devMargin+3 {
				t.Errorf("the gifts open at %d, they end at %d", at, giftEnd)
			}
		}
	})
}

func TestResultFilesThatAreRefused(t *testing.T) {
	h := juryRound(t)
	v, err := h.Compute(nil, juryResult(true, map[string]int64{"mill": 4, "weir": 2}))
	if err != nil {
		t.Fatal(err)
	}
	text := string(v.Bytes)
	if _, err := ParseResultFile(v.Bytes); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][4]string{
		{"another version of the rules", RuleResult, `"spec":"kqf/1","total"`, `"spec":"kqf/2","total"`}, {"version 0", RuleResult, `"version":1`, `"version":0`},
		{"white space", RuleResult, `"version":1`, `"version": 1`}, {"a jury's row too few", RuleResult, `{"amount":"15000","project":"mill","votes":4},`, ``},
		{"a jury's row of another", RuleResult, `"project":"mill","votes"`, `"project":"mile","votes"`},
		{"a sum above 38 digits", RuleResult, `{"amount":"15000"`, `{"amount":"` + strings.Repeat("9", 38) + `"`},
		{"a part without votes", RuleResult, `"part":`, `"none":"void","part":`}, {"an unknown reason", RuleResult, `"part":`, `"none":"late","part":`},
		{"a change of nothing", RuleChanges, `"changes":[]`, `"changes":[{}]`}, {"no changes", RuleResult, `"changes":[],`, ``},
	} {
		t.Run(c[0], func(t *testing.T) {
			bad := strings.Replace(text, c[2], c[3], 1)
			if bad == text {
				t.Fatalf("%s is not in %s", c[2], text)
			}
			_, err := ParseResultFile([]byte(bad))
			wantRule(t, err, c[1])
		})
	}
}
