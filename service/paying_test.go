package service_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

func weight(ppm int64) *int64 { return &ppm }

func TestCorrectionsMakeVersionsAndTheEarlierOnesStay(t *testing.T) {
	c := newGivers(t, 6)
	in := sealed(c.newRound("spring"))
	r := c.final(c.givenRound(in))
	first, bytes1, err := c.RoundResult(t.Context(), r.ID, 1)
	must(t, err)
	for i, step := range []struct {
		reason  string
		changes []grants.Correction
		want    map[string]string
	}{
		{"member 5 is two people", []grants.Correction{{Donor: c.pseudonym(r, 5), What: grants.Struck}}, map[string]string{"mill": "75000", "weir": "25000"}},
		{"member 5 is one, of no weight", []grants.Correction{{Donor: c.pseudonym(r, 5), Weight: weight(0)}}, map[string]string{"mill": "75000", "weir": "25000"}},
		{"the mill is a fraud", []grants.Correction{{Project: "mill", What: grants.Struck}}, map[string]string{"weir": "100000"}},
		{"it was none: all is taken back", nil, map[string]string{"mill": "33333", "weir": "66667"}},
	} {
		job := c.corrected(r, step.reason, step.changes...)
		if job.State != service.JobDone {
			t.Fatalf("%s: %s %s", step.reason, job.State, job.Report)
		}
		if diff := cmp.Diff(step.want, c.gets(r, 0)); diff != "" {
			t.Errorf("%s: %s", step.reason, diff)
		}
		list, err := c.RoundVersions(t.Context(), r.ID)
		must(t, err)
		if v := list[len(list)-1]; v.Number != int64(i+2) || v.Reason != step.reason || len(v.Changes) != len(step.changes) || v.Digest != c.now(r).Digest {
			t.Errorf("version %+v", v)
		}
	}
	again, bytesAgain, err := c.RoundResult(t.Context(), r.ID, 1)
	must(t, err)
	if !bytes.Equal(bytes1, bytesAgain) || first.Digest != again.Digest {
		t.Error("version 1 is not what it was")
	}
	diff, err := c.RoundDiff(t.Context(), r.ID, 1, 4)
	must(t, err)
	if d := cmp.Diff([]funding.Change{{Project: "mill", Before: funding.Units(33333)}, {Project: "weir", Before: funding.Units(66667), After: funding.Units(100_000)}}, diff); d != "" {
		t.Error(d)
	}
	_, _, err = c.RoundResult(t.Context(), r.ID, 6)
	wantRefusal(t, err, service.KindNotFound, "not_found")
	if n := len(c.audited(r).Versions()); n != 5 {
		t.Errorf("%d versions, want 5", n)
	}
}

func TestACorrectionThatBreaksARuleStoresNothing(t *testing.T) {
	c := newGivers(t, 6)
	r := c.final(c.givenRound(c.newRound("spring")))
	must(t, c.pay(r, 1, "mill", "30000", "a"))
	size := c.logSize()
	for name, x := range map[string]struct {
		rule    string
		changes []grants.Correction
	}{
		"a donor who gave nothing":             {grants.RuleChanges, []grants.Correction{{Donor: c.pseudonym(r, 0), What: grants.Struck}}},
		"a project that nobody knows":          {grants.RuleChanges, []grants.Correction{{Project: "dam", What: grants.Struck}}},
		"the weight that was recorded":         {grants.RuleChanges, []grants.Correction{{Donor: c.pseudonym(r, 2), Weight: weight(1_000_000)}}},
		"nothing, as in version 1":             {grants.RuleChanges, nil},
		"less for a project than it was paid":  {grants.RulePayout, []grants.Correction{{Donor: c.pseudonym(r, 3), What: grants.Struck}}},
		"nothing for a project that was paid ": {grants.RulePayout, []grants.Correction{{Project: "mill", What: grants.Struck}}},
	} {
		job := c.corrected(r, name, x.changes...)
		if job.State != service.JobFailed || job.Error != x.rule || !strings.Contains(string(job.Report), `"message"`) {
			t.Errorf("%s: %s %s %s, want refused by %s", name, job.State, job.Error, job.Report, x.rule)
		}
	}
	for name, in := range map[string]service.NewCorrection{
		"no reason":          {Changes: []grants.Correction{{Project: "mill", What: grants.Struck}}},
		"a change of nobody": {Changes: []grants.Correction{{What: grants.Struck}}, Reason: "x"},
		"another order":      {Changes: []grants.Correction{{Project: "mill", What: grants.Struck}, {Donor: c.pseudonym(r, 2), What: grants.Struck}}, Reason: "x"},
		"too many for a record": {Reason: "x", Changes: func() (list []grants.Correction) {
			for i := range 1100 {
				list = append(list, grants.Correction{Donor: token(i)[32:], What: grants.Struck})
			}
			return list
		}()},
	} {
		_, err := c.Correct(t.Context(), c.steward, r.ID, in)
		if e := service.KindOf(err); e != service.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.logSize() != size || c.now(r).Versions != 1 {
		t.Errorf("%d records more, %d versions", c.logSize()-size, c.now(r).Versions)
	}
}

func TestACorrectionIsComputedFromWhatCameBeforeIt(t *testing.T) {
	c := newGivers(t, 6)
	r := c.final(c.givenRound(c.newRound("spring")))
	job, err := c.Correct(t.Context(), c.steward, r.ID, service.NewCorrection{Reason: "two people", Changes: []grants.Correction{{Donor: c.pseudonym(r, 5), What: grants.Struck}}})
	must(t, err)
	met := 0
	slow := c.replica(func(n int) error {
		if n < 3 || met > 0 {
			return nil
		}
		met++ // it has replayed: now somebody is paid more than the correction leaves
		return c.pay(r, 1, "weir", "66667", "a")
	})
	_, err = slow.Step(t.Context())
	must(t, err)
	if n := c.kinds(r); met != 1 || n[audit.KindRoundResult] != 1 {
		t.Fatalf("met %d, records %v: the correction did not see the payout", met, n)
	}
	c.clock.Add(60)
	c.work()
	job, err = c.Correction(t.Context(), c.steward, r.ID, job.ID)
	must(t, err)
	if job.State != service.JobFailed || job.Error != grants.RulePayout {
		t.Errorf("job %s %s", job.State, job.Error)
	}
	c.audited(r)
}

func TestPayoutsKeepToTheNewestVersion(t *testing.T) {
	c := newGivers(t, 6)
	r := c.givenRound(c.newRound("spring"))
	wantRefusal(t, c.pay(r, 1, "mill", "1", "a"), service.KindConflict, grants.RuleStage)
	r = c.final(r)
	if job := c.corrected(r, "member 5 is two people", grants.Correction{Donor: c.pseudonym(r, 5), What: grants.Struck}); job.State != service.JobDone {
		t.Fatal(string(job.Report))
	}
	must(t, c.pay(r, 2, "mill", "50000", "a"))
	refuse := func(kind service.Kind, code string, version int64, project, amount, reference string) {
		t.Helper()
		c.refusedHere(t, kind, code, func() error { return c.pay(r, version, project, amount, reference) })
	}
	refuse(service.KindConflict, grants.RulePayout, 1, "mill", "1", "b")
	refuse(service.KindConflict, grants.RulePayout, 3, "mill", "1", "b")
	refuse(service.KindConflict, grants.RulePayout, 2, "mill", "25001", "b")
	refuse(service.KindConflict, grants.RuleRepeated, 2, "mill", "1", "a")
	refuse(service.KindInvalid, grants.RuleUnknown, 2, "dam", "1", "b")
	refuse(service.KindInvalid, grants.RuleRecord, 2, "mill", "0", "b")
	refuse(service.KindInvalid, grants.RuleRecord, 2, "mill", "1", "")
	c.refusedHere(t, service.KindConflict, grants.RulePayout, func() error {
		_, err := c.RecordPayout(t.Context(), c.steward, r.ID, service.NewPayout{Project: "mill", Account: "DE-other", Amount: funding.Units(1), Reference: "b", Version: 2})
		return err
	})
	must(t, c.pay(r, 2, "mill", "25000", "b"))
	must(t, c.pay(r, 2, "weir", "25000", "a")) // a reference counts for each project
	refuse(service.KindConflict, grants.RulePayout, 2, "mill", "1", "c")
	list, err := c.Payouts(t.Context(), r.ID)
	must(t, err)
	if len(list) != 3 || list[2].Project != "weir" || c.now(r).Payouts != 3 {
		t.Errorf("%d payouts in the row: %+v", c.now(r).Payouts, list)
	}
	if paid := c.audited(r).Paid("mill"); paid.String() != "75000" {
		t.Errorf("the log says %s was paid", paid)
	}
}

func TestOneOfTwoPayoutsThatTogetherAreTooMuchIsRecorded(t *testing.T) {
	c := newGivers(t, 6)
	r := c.final(c.givenRound(c.newRound("spring")))
	done := make(chan error, 8)
	for i := range cap(done) {
		go func() { done <- c.pay(r, 1, "mill", "20000", string(rune('a'+i))) }()
	}
	paid := 0
	for range cap(done) {
		if err := <-done; err == nil {
			paid++
		} else if service.KindOf(err) != service.KindConflict {
			t.Error(err)
		}
	}
	if paid != 1 {
		t.Errorf("%d payouts of 20000 of 33333", paid)
	}
	c.audited(r)
}

func TestMoneyActsNeedTheStewardAndHappenOnce(t *testing.T) {
	c := newGivers(t, 6)
	r := c.final(c.givenRound(c.newRound("spring")))
	strike := service.NewCorrection{Reason: "x", Changes: []grants.Correction{{Project: "mill", What: grants.Struck}}}
	for actor, kind := range map[service.Actor]service.Kind{
		{}: service.KindUnauthorized, c.registrar: service.KindNotFound, c.operator: service.KindForbidden,
		{KeyID: "s", Role: service.RoleSteward, Community: "other"}: service.KindNotFound,
	} {
		_, err := c.RecordPayout(t.Context(), actor, r.ID, service.NewPayout{Project: "mill", Account: "DE-mill", Amount: funding.Units(1), Reference: "a", Version: 1})
		if service.KindOf(err) != kind {
			t.Errorf("payout by %+v: %v, want %s", actor, err, kind)
		}
		if _, err = c.Correct(t.Context(), actor, r.ID, strike); service.KindOf(err) != kind {
			t.Errorf("correction by %+v: %v, want %s", actor, err, kind)
		}
		if _, err = c.Correction(t.Context(), actor, r.ID, "correction-x"); service.KindOf(err) != kind {
			t.Errorf("reading a correction by %+v: %v, want %s", actor, err, kind)
		}
	}
	var ids []string
	for range 2 {
		_, _, err := c.Once(t.Context(), c.steward, "pay", [32]byte{1}, func(ctx context.Context) ([]byte, error) {
			_, err := c.RecordPayout(ctx, c.steward, r.ID, service.NewPayout{Project: "weir", Account: "DE-weir", Amount: funding.Units(50), Reference: "a", Version: 1})
			return nil, err
		})
		must(t, err)
		_, _, err = c.Once(t.Context(), c.steward, "strike", [32]byte{2}, func(ctx context.Context) ([]byte, error) {
			job, err := c.Correct(ctx, c.steward, r.ID, strike)
			ids = append(ids, job.ID)
			return nil, err
		})
		must(t, err)
	}
	if c.now(r).Payouts != 1 || ids[0] != ids[1] {
		t.Errorf("%d payouts, corrections %v", c.now(r).Payouts, ids)
	}
}

func TestSheetsExplainEveryAmount(t *testing.T) {
	c := newGivers(t, 6)
	in := c.newRound("spring")
	in.Params.MatchBelowPool = true
	r := c.final(c.givenRound(in))
	sheet, err := c.ProjectSheet(t.Context(), r.ID, 0, "weir")
	must(t, err)
	if sheet.Amount.String() != "4800" || sheet.Project.Donors != 3 || len(sheet.Effects) != 3 || sheet.Jury != nil || sheet.NoEffects != "" {
		t.Fatalf("%+v", sheet)
	}
	without := map[string]string{} // 2·20·20 = 800; 2·20·50 = 2000
	for _, e := range sheet.Effects {
		if e.With.String() != "4800" {
			t.Errorf("with %s: %s", e.Donor, e.With)
		}
		without[e.Donor] = e.Without.String()
	}
	if diff := cmp.Diff(map[string]string{c.pseudonym(r, 5): "800", c.pseudonym(r, 2): "2000", c.pseudonym(r, 4): "2000"}, without); diff != "" {
		t.Error(diff)
	}
	c.corrected(r, "two people", grants.Correction{Donor: c.pseudonym(r, 5), What: grants.Struck})
	again, err := c.ProjectSheet(t.Context(), r.ID, 1, "weir")
	must(t, err)
	if diff := cmp.Diff(sheet.Effects, again.Effects); diff != "" {
		t.Error(diff)
	}
	for version, n := range map[int64]int{1: 3, 2: 2} {
		if sheet, err = c.ProjectSheet(t.Context(), r.ID, version, "weir"); err != nil || len(sheet.Effects) != n || sheet.Version != version {
			t.Errorf("version %d: %d effects, want %d, %v", version, len(sheet.Effects), n, err)
		}
	}
	_, err = c.ProjectSheet(t.Context(), r.ID, 0, "dam")
	wantRefusal(t, err, service.KindNotFound, "not_found")
	text, err := c.SheetCSV(t.Context(), r.ID, 1)
	must(t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	must(t, err)
	if len(rows) != 3 || rows[2][0] != "weir" || rows[2][len(rows[2])-1] != "4800" {
		t.Errorf("%v", rows)
	}
}

func TestASheetThatWouldTakeMinutesHasNoEffects(t *testing.T) {
	for name, x := range map[string]struct {
		rule             funding.Rule
		projects, donors int
		explained        bool
	}{
		"many donors":              {funding.Quadratic, 50, 100_000, true},
		"many of both":             {funding.Quadratic, 1001, 5000, false},
		"pairs":                    {funding.Pairwise, 100, 2000, true},
		"too many pairs":           {funding.Pairwise, 100, 2300, false},
		"nobody gave":              {funding.Pairwise, 100_000, 0, true},
		"one donor, many projects": {funding.Quadratic, 100_000, 1, true},
	} {
		f := grants.ResultFile{Result: funding.Result{Params: funding.Params{Rule: x.rule}, Projects: make([]funding.Project, x.projects)}}
		err := service.Explainable(f, funding.Project{Donors: int64(x.donors)})
		var refusal *funding.Refusal
		if x.explained != (err == nil) || err != nil && !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClusterMatchingSaysWhyItHasNoEffects(t *testing.T) {
	c := newGivers(t, 6)
	in := c.newRound("spring")
	in.Params.Rule = funding.Cluster
	r := c.final(c.givenRound(in))
	sheet, err := c.ProjectSheet(t.Context(), r.ID, 0, "mill")
	must(t, err)
	if sheet.Effects != nil || !strings.Contains(sheet.NoEffects, "cocm") || sheet.Project.Donors != 2 {
		t.Errorf("%+v", sheet)
	}
	c.audited(r)
}

// applies lets member i apply with a project that is paid to an account.
func (c *polity) applies(r service.RoundView, i int, project, account string) {
	c.t.Helper()
	mv := c.owned(r, grants.Apply, i, project)
	mv.Move.Account = account
	mv.Move = c.signedMove(r, mv.Move, i, 1)
	c.movedProject(mv)
	c.reviewed(r, project, "rita", true)
}

func TestPayoutFilesNameEveryAccountOrWhatIsMissing(t *testing.T) {
	const one, two = "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f", "0x25b0301B6d57C639c2847dddec2A2Ce25c518a06"
	c := newGivers(t, 6)
	for name, x := range map[string]struct{ mill, weir, csv, evm string }{
		"two":       {one, two, "project,account,amount\nmill," + one + ",33333\nweir," + two + ",66667\n", ""},
		"one":       {one, strings.ToLower(one), "project,account,amount\nmill," + one + ",33333\nweir," + strings.ToLower(one) + ",66667\n", ""},
		"bank":      {one, "DE-1", "project,account,amount\nmill," + one + ",33333\nweir,DE-1,66667\n", "weir"},
		"nameless":  {"", two, "", "mill"},
		"mistyped1": {one[:41] + "e", two, "project,account,amount\nmill," + one[:41] + "e,33333\nweir," + two + ",66667\n", "mill"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.openedRound(c.newRound(name))
			c.applies(r, 0, "mill", x.mill)
			c.applies(r, 1, "weir", x.weir)
			c.clock.Store(r.GiftsStart)
			for i, g := range [][2]string{{"mill", "900"}, {"mill", "1600"}, {"weir", "1600"}, {"weir", "3600"}, {"weir", "0"}} {
				if g[1] != "0" {
					c.donate(r, 2+i%4, g[0], g[1])
				}
			}
			r = c.final(r)
			text, err := c.PayoutsCSV(t.Context(), r.ID, 0)
			if x.csv == "" {
				wantRefusal(t, err, service.KindConflict, "account")
			} else if must(t, err); string(text) != x.csv {
				t.Errorf("%s", text)
			}
			merkle, err := c.PayoutsMerkle(t.Context(), r.ID, 0)
			_, errSafe := c.PayoutsSafe(t.Context(), r.ID, 0, funding.Batch{Chain: 100, Name: "spring", Created: 1})
			if x.evm != "" {
				wantRefusal(t, err, service.KindConflict, "account")
				wantRefusal(t, errSafe, service.KindConflict, "account")
				if !strings.Contains(err.Error(), x.evm) {
					t.Errorf("%v does not name %s", err, x.evm)
				}
				return
			}
			must(t, err)
			must(t, errSafe)
			var tree struct{ Claims map[string]any }
			must(t, json.Unmarshal(merkle, &tree))
			if want := map[string]int{"two": 2, "one": 1}[name]; len(tree.Claims) != want {
				t.Errorf("%d claims, want %d: %s", len(tree.Claims), want, merkle)
			}
		})
	}
}
