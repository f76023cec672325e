package grants

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/poll"
)

// finished is a round with two projects, three donors and version 1.
func finished(t *testing.T, w *world) *held {
	h := w.open().approved(t, "mill", "weir")
	h.moved(t)
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart),
		h.gift("cy", "weir", "400", 2, giftStart), h.gift("ed", "weir", "400", 1, giftStart)).closed(t)
	h.version(t, "")
	return h
}

// each names one record of each kind, all of them at the given time.
func (h *held) each(at int64) map[string]func() error {
	file := weightsFile("cy", 1, "di", 2)
	return map[string]func() error{
		"topup":  func() error { return h.ApplyTopup(Topup{Amount: units("1"), At: at, Reference: "x"}) },
		"move":   func() error { return h.ApplyMove(review(Approve, "rita", "mill", at)) },
		"gift":   func() error { return h.ApplyGift(99, h.payment("cy", "mill", "1", "t-9", at)) },
		"refund": func() error { return h.ApplyRefund(Refund{At: at, N: 2, Reason: ForFailed}) },
		"weights": func() error {
			return h.ApplyWeights(Weights{At: at, File: poll.FileOf(file), Source: "x", Version: 1}, file)
		},
		"close": func() error { return h.ApplyClose(Close{At: at, Gifts: h.Gifts()}) },
		"payout": func() error {
			return h.ApplyPayout(Payout{Account: "x", Amount: units("1"), At: at, Project: "mill", Reference: "x", Version: 1})
		},
		"result": func() error {
			v, err := h.Compute([]Correction{{Project: "weir", What: Struck}}, nil)
			if err != nil {
				return err
			}
			return h.ApplyResult(v.Record(at, "a duplicate"), v)
		},
		"void": func() error { return h.ApplyVoid(Void{At: at, Reason: "x"}) },
	}
}

func TestWhatARoundTakesNoMoreOrNotYet(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := finished(t, w)
		for _, kind := range []string{"topup", "move", "refund", "weights", "close", "void"} {
			wantRule(t, h.each(giftEnd + 5)[kind](), RuleStage)
		}
		wantRule(t, h.each(giftEnd + 5)["gift"](), RuleWindow)
		h = w.open().approved(t, "mill")
		wantRule(t, h.each(giftEnd)["payout"](), RuleStage)
		_, err := h.Inputs(nil)
		wantRule(t, err, RuleStage)
		if err := h.each(giftStart)["void"](); err != nil {
			t.Fatal(err)
		}
		for kind, apply := range h.each(giftStart) {
			if kind != "result" {
				wantRule(t, apply(), RuleStage)
			}
		}
		_, err = h.Compute(nil, nil)
		wantRule(t, err, RuleStage)
	})
}

func TestARoundIsVoidBetweenItsCloseAndItsResult(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().closed(t)
	if err := h.ApplyVoid(Void{At: giftEnd, Reason: "flood"}); err != nil {
		t.Error(err)
	}
}

func TestTimeDoesNotGoBack(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill")
	if err := h.ApplyTopup(Topup{Amount: units("1"), At: giftStart + 9, Reference: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"topup", "move", "gift", "refund", "weights", "close", "void"} {
		wantRule(t, h.each(giftStart + 8)[kind](), RuleTime)
	}
	h = finished(t, newWorld(poll.ModeOpen))
	for _, kind := range []string{"payout", "result"} {
		wantRule(t, h.each(giftEnd - 1)[kind](), RuleTime)
	}
}

func TestTheCloseToTheSecondAndToTheGift(t *testing.T) {
	h := doorRound(t, poll.ModeOpen)
	wantRule(t, h.ApplyClose(Close{At: giftEnd - 1, Gifts: 2}), RuleTime)
	wantRule(t, h.ApplyClose(Close{At: giftEnd, Gifts: 1}), RuleRecord)
	if err := h.ApplyTopup(Topup{Amount: units("1"), At: giftEnd, Reference: "a late topup"}); err != nil {
		t.Error(err)
	}
	if err := h.ApplyClose(Close{At: giftEnd, Gifts: 2}); err != nil {
		t.Error(err)
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	h := doorRound(t, poll.ModeOpen)
	wantRule(t, h.ApplyRefund(Refund{At: giftEnd, N: 2, Reason: ForAsked}), RuleWindow)
	wantRule(t, h.ApplyRefund(Refund{At: giftStart, N: 4, Reason: ForAsked}), RuleRefund)
	wantRule(t, h.ApplyRefund(Refund{At: giftStart, N: 1, Reason: ForAsked}), RuleRefund)
	if err := h.ApplyRefund(Refund{At: giftEnd - 1, N: 2, Reason: ForAsked}); err != nil {
		t.Error(err)
	}
	wantRule(t, h.ApplyRefund(Refund{At: giftEnd - 1, N: 2, Reason: ForAsked}), RuleRefund)
}

func TestAPoolStaysAnAmount(t *testing.T) {
	h := newWorld(poll.ModeOpen).open()
	wantRule(t, h.ApplyTopup(Topup{Amount: units(strings.Repeat("9", 38)), At: opens, Reference: "x"}), RuleAmount)
	if h.Pool().String() != "100000" {
		t.Errorf("the pool is %s", h.Pool())
	}
}

func TestWeightsThatAreRefused(t *testing.T) {
	cy, di := person("cy").donor(), person("di").donor()
	first, second := min(cy, di), max(cy, di)
	line := func(donor, weight string) string { return `{"donor":"` + donor + `","weight":` + weight + "}\n" }
	for _, c := range []struct{ name, file string }{
		{"out of order", line(second, "1") + line(first, "1")}, {"twice", line(first, "1") + line(first, "2")},
		{"a line without its end", strings.TrimSuffix(line(first, "1"), "\n")}, {"a carriage return", strings.Replace(line(first, "1"), "\n", "\r\n", 1)},
		{"an empty line", line(first, "1") + "\n"}, {"above a million", line(first, "1000001")}, {"below 0", line(first, "-1")},
		{"a fraction", line(first, "0.5")}, {"a stranger", line(person("zoe").donor(), "1")}, {"a member id alone", line(person("cy").id(), "1")},
		{"white space", strings.Replace(line(first, "1"), ":", ": ", 1)}, {"no weight", `{"donor":"` + first + "\"}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newWorld(poll.ModeOpen).open()
			wantRule(t, h.ApplyWeights(Weights{At: opens, File: poll.FileOf([]byte(c.file)), Source: "x", Version: 1}, []byte(c.file)), RuleWeights)
		})
	}
	file := []byte(line(first, "0") + line(second, "1000000"))
	h := newWorld(poll.ModeOpen).open()
	good := Weights{At: opens, File: poll.FileOf(file), Source: "x", Version: 1}
	wantRule(t, h.ApplyWeights(good, file[1:]), RuleWeights)
	next := good
	next.Version = 2
	wantRule(t, h.ApplyWeights(next, file), RuleWeights)
	if err := h.ApplyWeights(good, file); err != nil {
		t.Error(err)
	}
	wantRule(t, h.ApplyWeights(good, file), RuleWeights)
	w := newWorld(poll.ModeOpen)
	w.asked.Weights = false
	wantRule(t, w.open().ApplyWeights(good, file), RuleWeights)
}

func TestNobodyWeighsSealedGiftsThatMayBeKnown(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h, sealed := w.open(), w.asked.Mode == poll.ModeSealed
		record, file := weightsRecord()
		record.At = giftEnd
		if err := h.ApplyWeights(record, file); sealed {
			wantRule(t, err, RuleWindow)
		} else if err != nil {
			t.Error(err)
		}
		record.At, h = giftEnd-1, w.open()
		if err := h.ApplyWeights(record, file); err != nil {
			t.Error(err)
		}
	})
}

func weight(w int64) *int64 { return &w }

func TestCorrectionsMakeVersions(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		h := finished(t, w)
		ed, di := h.door.Pseudonym(person("ed").donor()), h.door.Pseudonym(person("di").donor())
		first := h.Versions()[0].amounts()
		if diff := cmp.Diff(map[string]string{"mill": "67500", "weir": "22500"}, first); diff != "" {
			t.Error(diff)
		}
		v := h.version(t, "two accounts of one person", Correction{Donor: ed, What: Struck})
		if diff := cmp.Diff(map[string]string{"mill": "90000", "weir": "0"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		// di's 1600 weigh 100: W is 2·30·10 = 600 for the mill and 800 for the weir.
		v = h.version(t, "a wrong weight", Correction{Donor: di, Weight: weight(62_500)})
		if diff := cmp.Diff(map[string]string{"mill": "38571", "weir": "51429"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		v = h.version(t, "a duplicate", Correction{Project: "mill", What: Struck})
		if diff := cmp.Diff(map[string]string{"weir": "90000"}, v.amounts()); diff != "" {
			t.Error(diff)
		}
		v = h.version(t, "it was none")
		if diff := cmp.Diff(first, v.amounts()); diff != "" || v.File.Version != 5 {
			t.Errorf("version %d: %s", v.File.Version, diff)
		}
		for _, v := range h.Versions() {
			if v.sum().String() != "100000" {
				t.Errorf("version %d gives %s", v.File.Version, v.sum())
			}
		}
	})
}

func TestCorrectionsThatAreRefused(t *testing.T) {
	h := finished(t, newWorld(poll.ModeOpen))
	cy, ada := h.door.Pseudonym(person("cy").donor()), h.door.Pseudonym(person("ada").donor())
	ed := h.door.Pseudonym(person("ed").donor())
	for _, c := range []struct{ name, changes string }{
		{"nothing", `[]`}, {"an empty change", `[{}]`}, {"who gave nothing", `[{"donor":"` + ada + `","what":"struck"}]`},
		{"a donor by name", `[{"donor":"` + person("cy").donor() + `","what":"struck"}]`}, {"a donor and a project", `[{"donor":"` + cy + `","project":"mill","what":"struck"}]`},
		{"a donor and nothing of them", `[{"donor":"` + cy + `"}]`}, {"struck and weighed", `[{"donor":"` + cy + `","weight":1,"what":"struck"}]`},
		{"praised", `[{"donor":"` + cy + `","what":"praised"}]`}, {"the weight they have", `[{"donor":"` + cy + `","weight":1000000}]`},
		{"a weight above a million", `[{"donor":"` + cy + `","weight":1000001}]`}, {"a project's weight", `[{"project":"mill","weight":1}]`},
		{"an unknown project", `[{"project":"bridge","what":"struck"}]`}, {"a project twice", `[{"project":"mill","what":"struck"},{"project":"mill","what":"struck"}]`},
		{"out of order", `[{"donor":"` + max(cy, ed) + `","what":"struck"},{"donor":"` + min(cy, ed) + `","what":"struck"}]`},
		{"projects before donors", `[{"project":"mill","what":"struck"},{"donor":"` + cy + `","what":"struck"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list []Correction
			if err := json.Unmarshal([]byte(c.changes), &list); err != nil {
				t.Fatal(err)
			}
			_, err := h.Compute(list, nil)
			wantRule(t, err, RuleChanges)
		})
	}
	if _, err := newWorld(poll.ModeOpen).open().closed(t).Compute([]Correction{{Project: "mill", What: Struck}}, nil); err == nil {
		t.Error("the first version takes changes")
	}
	w := newWorld(poll.ModeOpen)
	w.asked.Weights = false
	_, err := finished(t, w).Compute([]Correction{{Donor: h.door.Pseudonym(person("cy").donor()), Weight: weight(1)}}, nil)
	wantRule(t, err, RuleChanges)
}

func TestRecordsOfAResultThatAreRefused(t *testing.T) {
	h := newWorld(poll.ModeSealed).open().approved(t, "mill", "weir")
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "1600", 1, giftStart)).closed(t)
	v, err := h.Compute(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, rule string
		bad        func(r *ResultRecord)
	}{
		{"another round", RuleWrongRound, func(r *ResultRecord) { r.Hash[0] ^= 1 }},
		{"another digest", RuleResult, func(r *ResultRecord) { r.Digest[0] ^= 1 }},
		{"another file", RuleResult, func(r *ResultRecord) { r.File.Bytes++ }},
		{"no beacon", RuleBeacon, func(r *ResultRecord) { r.Beacon = nil }},
		{"another beacon", RuleBeacon, func(r *ResultRecord) { b := *r.Beacon; b.Round++; r.Beacon = &b }},
		{"the second version", RuleResult, func(r *ResultRecord) { r.Version, r.Reason = 2, "x" }},
		{"no list of changes", RuleRecord, func(r *ResultRecord) { r.Changes = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := v.Record(giftEnd, "")
			c.bad(&rec)
			wantRule(t, h.ApplyResult(rec, v), c.rule)
		})
	}
	if err := h.ApplyResult(v.Record(giftEnd, ""), v); err != nil {
		t.Fatal(err)
	}
	wantRule(t, h.ApplyResult(v.Record(giftEnd, ""), v), RuleResult)
	second, err := h.Compute([]Correction{{Project: "weir", What: Struck}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec := second.Record(giftEnd, "x")
	rec.Changes = []Correction{}
	wantRule(t, h.ApplyResult(rec, second), RuleChanges)
	wantRule(t, h.ApplyResult(second.Record(giftEnd, ""), second), RuleChanges)
}

func TestNothingBelowWhatWasPaidCanBeCorrected(t *testing.T) {
	h := finished(t, newWorld(poll.ModeOpen))
	pay := func(project, amount, reference string, version int64) error {
		return h.ApplyPayout(Payout{Account: "x", Amount: units(amount), At: giftEnd, Project: project, Reference: reference, Version: version})
	}
	wantRule(t, pay("mill", "1", "a", 2), RulePayout)
	wantRule(t, pay("bridge", "1", "a", 1), RuleUnknown)
	wantRule(t, pay("mill", "67501", "a", 1), RulePayout)
	if err := pay("mill", "67500", "a", 1); err != nil {
		t.Fatal(err)
	}
	lower, err := h.Compute([]Correction{{Donor: h.door.Pseudonym(person("di").donor()), What: Struck}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantRule(t, h.ApplyResult(lower.Record(giftEnd, "x"), lower), RulePayout)
	h.version(t, "x", Correction{Donor: h.door.Pseudonym(person("ed").donor()), What: Struck})
	wantRule(t, pay("mill", "1", "b", 1), RulePayout) // only by the newest version
	if err := pay("mill", "22500", "b", 2); err != nil {
		t.Error(err)
	}
}

func TestAPayoutGoesToTheProjectsAccount(t *testing.T) {
	h := newWorld(poll.ModeOpen).open()
	mv := h.owned(Apply, "bo", "mill", opens)
	mv.Account = "DE1"
	h.moved(t, must(mv.Sign(person("bo").private(), h.hash(), 1)), review(Approve, "rita", "mill", opens))
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart), h.gift("di", "mill", "900", 1, giftStart)).closed(t).version(t, "")
	p := Payout{Account: "DE2", Amount: units("5"), At: giftEnd, Project: "mill", Reference: "x", Version: 1}
	wantRule(t, h.ApplyPayout(p), RulePayout)
	p.Account = "DE1"
	if err := h.ApplyPayout(p); err != nil {
		t.Error(err)
	}
}

func TestWhoseGiftsDoNotCountCannotBeStruck(t *testing.T) {
	h := newWorld(poll.ModeOpen).open().approved(t, "mill")
	h.gave(t, h.gift("cy", "mill", "900", 1, giftStart))
	if err := h.ApplyRefund(Refund{At: giftStart, N: h.n, Reason: ForAsked}); err != nil {
		t.Fatal(err)
	}
	h.closed(t).version(t, "")
	_, err := h.Compute([]Correction{{Donor: h.door.Pseudonym(person("cy").donor()), What: Struck}}, nil)
	wantRule(t, err, RuleChanges)
}
