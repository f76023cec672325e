package service_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/randomness/devchain"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
)

func TestDrawFromImportToVerifiedBundle(t *testing.T) {
	w := newWorld(t)
	d := w.opened("park")
	if d.Subject != "city/example/jury/park" || d.Seq != 1 {
		t.Errorf("got subject %s seq %d", d.Subject, d.Seq)
	}
	v, err := w.Draw(t.Context(), d.ID)
	must(t, err)
	if v.Status != "scheduled" {
		t.Errorf("status %s before the round, want scheduled", v.Status)
	}
	err = w.Bundle(t.Context(), d.ID, new(bytes.Buffer))
	wantRefusal(t, err, service.KindTooEarly, "not_drawn")

	w.clock.Add(60)
	w.work()
	v, err = w.Draw(t.Context(), d.ID)
	must(t, err)
	result, err := sortition.ParseResult(v.Result)
	must(t, err)
	if v.Status != "drawn" || len(result.Strata) != 2 || len(result.Strata[0].Seats) != 3 {
		t.Fatalf("got %s %+v", v.Status, result)
	}
	report := w.verified(d.ID)
	if !report.OK || !report.Rehearsal {
		t.Errorf("bundle: %+v", report)
	}
}

func (w *world) verified(drawID string) verify.Report {
	w.t.Helper()
	var file bytes.Buffer
	must(w.t, w.Bundle(w.t.Context(), drawID, &file))
	b, err := bundle.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(w.t, err)
	report, err := verify.Bundle(w.t.Context(), b, verify.Options{Chains: w.Chains})
	must(w.t, err)
	return report
}

func TestDrawUsesItsRoundHoweverLate(t *testing.T) {
	w := newWorld(t)
	d := w.opened("late")
	w.network.SetFault(devchain.Halted)
	w.clock.Store(d.DueAt + 3600)
	w.work()
	v, err := w.Draw(t.Context(), d.ID)
	must(t, err)
	if v.State != service.DrawOpen || v.Status == "scheduled" {
		t.Fatalf("got %s %s while the chain stands still", v.State, v.Status)
	}
	w.network.SetFault(devchain.None)
	w.clock.Add(3600)
	w.work()
	v, err = w.Draw(t.Context(), d.ID)
	must(t, err)
	entries, err := w.SubjectEntries(t.Context(), d.Subject)
	must(t, err)
	rec, err := audit.Decode(entries[1].Record)
	must(t, err)
	body, err := rec.Decoded()
	must(t, err)
	if got := body.(audit.DrawResult).Beacon.Round; v.State != service.DrawDrawn || got != d.Round {
		t.Errorf("drawn %s from round %d, want round %d", v.State, got, d.Round)
	}
}

func TestDrawIsPerformedOnceByManyWorkers(t *testing.T) {
	w := newWorld(t)
	d := w.opened("race")
	w.clock.Store(d.DueAt + 5)
	done := make(chan error, 8)
	for range cap(done) {
		go func() { _, err := w.Step(t.Context()); done <- err }()
	}
	for range cap(done) {
		must(t, <-done)
	}
	w.work()
	entries, err := w.SubjectEntries(t.Context(), d.Subject)
	must(t, err)
	if len(entries) != 2 || entries[1].Kind != audit.KindDrawResult {
		t.Errorf("got %d records, want one opening and one result", len(entries))
	}
}

func TestDrawCannotBeOpenedTwiceButFollowsAVoid(t *testing.T) {
	w := newWorld(t)
	d := w.opened("twice")
	in := w.newDraw(service.Register{ID: d.RegisterID}, "twice")
	_, err := w.OpenDraw(t.Context(), w.registrar, in)
	wantRefusal(t, err, service.KindConflict, "draw_open")
	v, err := w.VoidDraw(t.Context(), w.registrar, d.ID, "the date was wrong")
	must(t, err)
	if v.Status != "void" || v.Late {
		t.Errorf("got %+v, want a void that is not late", v)
	}
	second, err := w.OpenDraw(t.Context(), w.registrar, in)
	must(t, err)
	m, err := sortition.ParseManifest(second.Manifest)
	must(t, err)
	if m.Seq != 2 || m.Prev != d.Commit {
		t.Errorf("got seq %d prev %s, want 2 and %s", m.Seq, m.Prev, d.Commit)
	}
	w.clock.Store(second.DueAt + 5)
	w.work()
	if report := w.verified(second.ID); !report.OK {
		t.Errorf("bundle after a void: %+v", report.Checks)
	}
	_, err = w.VoidDraw(t.Context(), w.registrar, second.ID, "too late")
	wantRefusal(t, err, service.KindConflict, "draw_state")
	in.DrawTime = w.clock.Load() + 60
	_, err = w.OpenDraw(t.Context(), w.registrar, in)
	wantRefusal(t, err, service.KindConflict, "draw_done")
}

func TestVoidAfterTheRoundWasDueIsLateAndFailsTheBundle(t *testing.T) {
	w := newWorld(t)
	d := w.opened("peek")
	w.clock.Store(d.DueAt)
	v, err := w.VoidDraw(t.Context(), w.registrar, d.ID, "we did not like it")
	must(t, err)
	if !v.Late {
		t.Error("the void is not marked late")
	}
	second, err := w.OpenDraw(t.Context(), w.registrar, w.newDraw(service.Register{ID: d.RegisterID}, "peek"))
	must(t, err)
	w.clock.Store(second.DueAt + 5)
	w.work()
	report := w.verified(second.ID)
	if report.OK || report.Checks[10].OK {
		t.Errorf("a redraw after a late void passes: %+v", report.Checks[10])
	}
}

func TestOpenDrawRefusals(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("list")
	draft, err := w.AddRegister(t.Context(), w.registrar, service.NewRegister{City: "example", Name: "draft"})
	must(t, err)
	for name, c := range map[string]struct {
		code  string
		spoil func(*service.NewDraw)
	}{
		"subject_form":      {"subject_form", func(d *service.NewDraw) { d.Decision = "No Spaces" }},
		"chain_unknown":     {"chain_unknown", func(d *service.NewDraw) { d.Chain = "moonnet" }},
		"chain_retired":     {"chain_retired", func(d *service.NewDraw) { d.Chain, d.Rehearsal = "fastnet", false }},
		"rehearsal":         {"rehearsal", func(d *service.NewDraw) { d.Rehearsal = false }},
		"lead":              {"lead", func(d *service.NewDraw) { d.DrawTime = w.clock.Load() + 1 }},
		"round in the past": {"lead", func(d *service.NewDraw) { d.DrawTime = w.clock.Load() - 600 }},
		"real lead":         {"lead", func(d *service.NewDraw) { d.Chain, d.Rehearsal = "quicknet", false }},
		"before genesis":    {"lead", func(d *service.NewDraw) { d.DrawTime = 5 }},
		"negative time":     {"lead", func(d *service.NewDraw) { d.DrawTime = -5 }},
		"register_unknown":  {"register_unknown", func(d *service.NewDraw) { d.RegisterID = draft.ID }},
		"method":            {"method", func(d *service.NewDraw) { d.Method = sortition.Simple }},
		"stratum_twice":     {"stratum_twice", func(d *service.NewDraw) { d.Strata[1] = d.Strata[0] }},
		"stratum_unlisted":  {"stratum_unlisted", func(d *service.NewDraw) { d.Strata = d.Strata[:1] }},
		"stratum_small":     {"stratum_small", func(d *service.NewDraw) { d.Strata[0].Seats = 19 }},
		"no_seats":          {"no_seats", func(d *service.NewDraw) { d.Strata[0].Seats, d.Strata[1].Seats = 0, 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.newDraw(reg, "refused")
			c.spoil(&in)
			_, err := w.OpenDraw(t.Context(), w.registrar, in)
			wantRefusal(t, err, service.KindInvalid, c.code)
		})
	}
	if entries, err := w.SubjectEntries(t.Context(), "city/example/jury/refused"); err != nil || len(entries) != 0 {
		t.Errorf("refused draws left %d records, %v", len(entries), err)
	}
}

func TestClockBehindTheChainIsRefused(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("list")
	w.skew.Store(60)
	_, err := w.OpenDraw(t.Context(), w.registrar, w.newDraw(reg, "clock"))
	wantRefusal(t, err, service.KindUnavailable, "clock")
}

func TestForeignAndWeakKeys(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("list")
	in := w.newDraw(reg, "rights")
	for _, c := range []struct {
		who  service.Actor
		kind service.Kind
	}{{w.stranger, service.KindNotFound}, {w.auditor, service.KindForbidden}, {w.operator, service.KindForbidden}, {service.Actor{}, service.KindUnauthorized}} {
		_, err := w.OpenDraw(t.Context(), c.who, in)
		if got := service.KindOf(err); got != c.kind {
			t.Errorf("%s opens a draw: got %v, want %s", c.who.Role, err, c.kind)
		}
		if _, err := w.Upload(t.Context(), c.who, reg.ID, true, strings.NewReader("x")); service.KindOf(err) != c.kind {
			t.Errorf("%s uploads: got %v, want %s", c.who.Role, err, c.kind)
		}
		if _, err := w.Resident(t.Context(), c.who, reg.ID, [32]byte{}); service.KindOf(err) != c.kind {
			t.Errorf("%s reads a resident: got %v, want %s", c.who.Role, err, c.kind)
		}
	}
}

func TestImportWithErrorsStoresNothing(t *testing.T) {
	w := newWorld(t)
	reg, err := w.AddRegister(t.Context(), w.registrar, service.NewRegister{City: "example", Name: "bad"})
	must(t, err)
	job, err := w.Upload(t.Context(), w.registrar, reg.ID, false, strings.NewReader("id,name,district\n1,Secret Person,north\n1,Other,south\n,Third,north\n4,,\n"))
	must(t, err)
	w.work()
	job, err = w.Job(t.Context(), w.registrar, job.ID)
	must(t, err)
	var report register.Report
	must(t, json.Unmarshal(job.Report, &report))
	if job.State != service.JobFailed || report.ProblemCounts["duplicate_person"] != 1 || report.ProblemCounts["blank_person"] != 1 || report.ProblemCounts["blank_value"] != 1 {
		t.Errorf("got %s %s %v", job.State, job.Error, report.ProblemCounts)
	}
	reg, err = w.Register(t.Context(), w.registrar, reg.ID)
	must(t, err)
	if reg.State != service.RegisterDraft || reg.Rows != 0 {
		t.Errorf("register is %s with %d rows, want an empty draft", reg.State, reg.Rows)
	}
	seen, err := w.Job(t.Context(), w.auditor, job.ID)
	if err != nil || len(seen.Report) != 0 {
		t.Errorf("an auditor sees the cells of a refused file: %s, %v", seen.Report, err)
	}
	if strings.Contains(w.log.String(), "Secret Person") {
		t.Error("a name is in the program's log")
	}
}

func TestSmallCellsAreRefusedUnlessPublishedKnowingly(t *testing.T) {
	w := newWorld(t)
	reg := w.imported("small", residents()+"LONE,One Person,,island\n")
	job, err := w.FreezeRegister(t.Context(), w.registrar, reg.ID, service.Freeze{})
	must(t, err)
	w.work()
	job, err = w.Job(t.Context(), w.registrar, job.ID)
	must(t, err)
	if job.State != service.JobFailed || job.Error != "small_cells" {
		t.Fatalf("got %s %q, want small_cells", job.State, job.Error)
	}
	_, err = w.FreezeRegister(t.Context(), w.registrar, reg.ID, service.Freeze{PublishSmallCells: true})
	must(t, err)
	w.work()
	reg, err = w.Register(t.Context(), w.registrar, reg.ID)
	must(t, err)
	if reg.State != service.RegisterFrozen || reg.SmallCells != audit.SmallCellsPublished {
		t.Errorf("got %s %s", reg.State, reg.SmallCells)
	}
	_, err = w.Upload(t.Context(), w.registrar, reg.ID, false, strings.NewReader(residents()))
	wantRefusal(t, err, service.KindConflict, "register_state")
}

func TestErasureLeavesEveryProofValid(t *testing.T) {
	w := newWorld(t)
	d := w.opened("erase")
	w.clock.Store(d.DueAt + 5)
	w.work()
	v, err := w.Draw(t.Context(), d.ID)
	must(t, err)
	result, err := sortition.ParseResult(v.Result)
	must(t, err)
	id := parseID(t, result.Strata[0].Seats[0])
	before, err := w.Resident(t.Context(), w.registrar, d.RegisterID, id)
	must(t, err)
	reg, err := w.Register(t.Context(), w.registrar, d.RegisterID)
	must(t, err)
	proof, err := w.Line(t.Context(), reg.Root, id)
	must(t, err)
	record, err := register.ParseRecord(before.Record)
	must(t, err)
	if _, err := register.Check(record, [32]byte(before.Salt), proof); err != nil {
		t.Errorf("the person's own check: %v", err)
	}
	must(t, w.EraseResident(t.Context(), w.registrar, d.RegisterID, id))
	_, err = w.Resident(t.Context(), w.registrar, d.RegisterID, id)
	wantRefusal(t, err, service.KindNotFound, "erased")
	after, err := w.Line(t.Context(), reg.Root, id)
	must(t, err)
	if err := after.In(reg.Root, reg.Rows); err != nil {
		t.Errorf("the proof after erasure: %v", err)
	}
	if report := w.verified(d.ID); !report.OK {
		t.Errorf("the bundle after erasure: %+v", report.Checks)
	}
	var letters bytes.Buffer
	must(t, w.Seats(t.Context(), w.registrar, d.ID, &letters))
	places := 0
	for _, s := range result.Strata {
		places += len(s.Seats) + len(s.Alternates)
	}
	if n := strings.Count(letters.String(), "\n"); n != places+1 || strings.Contains(letters.String(), hex.EncodeToString(before.Salt)) {
		t.Errorf("got %d lines of letters, want a header and %d places without the erased salt", n, places)
	}
}
