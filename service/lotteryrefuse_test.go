package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service"
)

func TestALotteryWithWrongTermsIsRefusedBeforeAnythingIsStored(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	id := w.ids(t, reg)[0]
	for name, c := range map[string]struct {
		code, pointer string
		spoil         func(*service.NewLottery)
	}{
		"a method nobody knows":   {"lottery_method", "", func(in *service.NewLottery) { in.Method = "fair" }},
		"no panel":                {"panels", "", func(in *service.NewLottery) { in.Panels = -1 }},
		"too many panels":         {"panels", "", func(in *service.NewLottery) { in.Panels = 1_000_001 }},
		"no seats":                {"size", "", func(in *service.NewLottery) { in.Size = 0 }},
		"too many seats in all":   {"too_large", "", func(in *service.NewLottery) { in.Panels = 1_000_000; in.Size = 17 }},
		"a short id":              {"ids", "/seated/1", func(in *service.NewLottery) { in.Seated = []string{id, "ab"} }},
		"an id twice":             {"ids", "/excluded", func(in *service.NewLottery) { in.Excluded = []string{id, id} }},
		"seated and excluded":     {"ids", "/seated/0", func(in *service.NewLottery) { in.Seated, in.Excluded = []string{id}, []string{id} }},
		"an id of another list":   {"unknown_id", "", func(in *service.NewLottery) { in.Excluded = []string{strings.Repeat("0", 64)} }},
		"everybody seated":        {"no_seats", "", func(in *service.NewLottery) { in.Size, in.Seated, in.Quotas = 1, []string{id}, nil }},
		"an undisclosed feature":  {"undisclosed", "/quotas/0/feature", func(in *service.NewLottery) { in.Quotas[0].Feature = "Gender" }},
		"a minimum over maximum":  {"quotas", "/quotas/2/min", func(in *service.NewLottery) { in.Quotas[2].Min = 9 }},
		"a quota twice":           {"quotas", "/quotas/1", func(in *service.NewLottery) { in.Quotas[1] = in.Quotas[0] }},
		"a value without a quota": {"quotas", "/quotas", func(in *service.NewLottery) { in.Quotas = in.Quotas[:7] }},
		"a line of a file":        {"quotas", "/categories", func(in *service.NewLottery) { in.Quotas[2].Min, in.Quotas[2].Line = 9, 4 }},
		"a name that is no text":  {"quotas", "/quotas/0", func(in *service.NewLottery) { in.Quotas[0].Value = "\xff" }},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.newLottery(reg)
			c.spoil(&in)
			_, err := w.StartLottery(t.Context(), w.registrar, in)
			wantRefusal(t, err, service.KindInvalid, c.code)
			var e *service.Error
			if errors.As(err, &e) && c.pointer != "" && (len(e.Fields) == 0 || e.Fields[0].Pointer != c.pointer) {
				t.Errorf("fields %+v, want %s", e.Fields, c.pointer)
			}
			_, err = w.CheckQuotas(t.Context(), w.registrar, in)
			wantRefusal(t, err, service.KindInvalid, c.code)
		})
	}
	draft := w.imported("draft", panelTown())
	_, err := w.StartLottery(t.Context(), w.registrar, w.newLottery(draft))
	wantRefusal(t, err, service.KindConflict, "register_state")
	list, err := w.Lotteries(t.Context(), w.registrar, "example", service.Window{Limit: 9})
	if err != nil || len(list) != 0 {
		t.Errorf("refused lotteries left %v, %v", list, err)
	}
}

// conflicting quotas can each be met, but not together: too few people are old and of the north.
func conflicting(w *world, reg service.Register) service.NewLottery {
	in := w.newLottery(reg)
	for i, q := range in.Quotas[2:] {
		bound := int64(0)
		if q.Value == "60+" || q.Value == "north" {
			bound = 12
		}
		in.Quotas[i+2].Min, in.Quotas[i+2].Max = bound, bound
	}
	return in
}

func TestCheckingQuotasSaysWhatIsWrongAndWhoIsLeftOut(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	check := func(change func(q []quota.Quota)) service.QuotaCheck {
		t.Helper()
		in := w.newLottery(reg)
		change(in.Quotas)
		got, err := w.CheckQuotas(t.Context(), w.registrar, in)
		must(t, err)
		return got
	}
	if got := check(func([]quota.Quota) {}); !got.Feasible || got.Conflict != "" || len(got.Problems)+len(got.Nearest)+len(got.Never)+len(got.Undecided) != 0 {
		t.Errorf("good quotas: %+v", got)
	}
	got := check(func(q []quota.Quota) { q[0].Min, q[0].Max, q[1].Min, q[1].Max = 12, 12, 0, 0 })
	var men int64
	for _, n := range got.Never {
		if men += n.People; n.Values["gender"] != "m" || len(n.Values) != 3 || n.Why == "" {
			t.Errorf("never seated: %+v", n)
		}
	}
	if all := w.seatsBy(t, reg, w.ids(t, reg)); !got.Feasible || men != all["gender m"] {
		t.Errorf("%d men are never seated, want all %d", men, all["gender m"])
	}
	got = check(func(q []quota.Quota) {
		q[0].Min, q[0].Max = 7, 7
		q[0].MinFlex, q[1].MinFlex = &q[0].Min, &q[1].Min
	})
	if got.Feasible || len(got.Problems) == 0 || got.Rigid == "" || len(got.Nearest) != 0 {
		t.Errorf("quotas that may not be moved: %+v", got)
	}
}

func TestQuotasThatCannotBeMetEndTheLotteryWithTheConflict(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	in := conflicting(w, reg)
	check, err := w.CheckQuotas(t.Context(), w.registrar, in)
	must(t, err)
	if check.Feasible || check.Conflict == "" || len(check.Nearest) == 0 || !check.NearestProved || len(check.Problems) != 0 {
		t.Errorf("check %+v", check)
	}
	l, err := w.StartLottery(t.Context(), w.registrar, in)
	must(t, err)
	w.work()
	job, err := w.Job(t.Context(), w.registrar, l.Job)
	must(t, err)
	var report struct {
		Code, Message, Hint string
		service.QuotaCheck
	}
	must(t, json.Unmarshal(job.Report, &report))
	if job.State != service.JobFailed || job.Error != "quotas_conflict" || report.Code != job.Error || report.Conflict != check.Conflict ||
		!slices.Equal(report.Nearest, check.Nearest) || report.Hint == "" {
		t.Errorf("job is %s %q with %s", job.State, job.Error, job.Report)
	}
	if l, err = w.Service.Lottery(t.Context(), w.registrar, l.ID); err != nil || l.State != service.LotteryFailed || l.ClosedAt == 0 {
		t.Errorf("lottery is %s, %v", l.State, err)
	}
	_, err = w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "none"))
	wantRefusal(t, err, service.KindConflict, "lottery_state")
	if strings.Contains(w.log.String(), check.Conflict) {
		t.Error("the conflict quotes the pool and is in the program's log")
	}
	in.Quotas = (&quota.Relaxation{Changes: report.Nearest}).Apply(in.Quotas)
	w.lottery(in)
}

func TestOpeningADrawOfALotteryRefuses(t *testing.T) {
	w := newWorld(t)
	reg, other := w.frozenTown("town"), w.frozenTown("other")
	ready := w.lottery(w.newLottery(reg))
	computing, err := w.StartLottery(t.Context(), w.registrar, w.newLottery(reg))
	must(t, err)
	for name, c := range map[string]struct {
		kind  service.Kind
		code  string
		spoil func(*service.NewDraw)
	}{
		"a lottery nobody knows":     {service.KindInvalid, "lottery_unknown", func(d *service.NewDraw) { d.Lottery = "x" }},
		"another register's lottery": {service.KindInvalid, "lottery_register", func(d *service.NewDraw) { d.RegisterID = other.ID }},
		"a lottery being computed":   {service.KindTooEarly, "lottery_state", func(d *service.NewDraw) { d.Lottery = computing.ID }},
		"no lottery":                 {service.KindInvalid, "method", func(d *service.NewDraw) { d.Lottery = "" }},
		"another method":             {service.KindInvalid, "method", func(d *service.NewDraw) { d.Method = sortition.Simple }},
		"strata":                     {service.KindInvalid, "method", func(d *service.NewDraw) { d.Strata = []sortition.Stratum{{Seats: 1}} }},
		"features of strata":         {service.KindInvalid, "method", func(d *service.NewDraw) { d.StrataBy = []string{"gender"} }},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.panelDraw(ready, "refused")
			c.spoil(&in)
			_, err := w.OpenDraw(t.Context(), w.registrar, in)
			wantRefusal(t, err, c.kind, c.code)
		})
	}
	if entries, err := w.SubjectEntries(t.Context(), "city/example/jury/refused"); err != nil || len(entries) != 0 {
		t.Errorf("refused draws left %d records, %v", len(entries), err)
	}
	d, err := w.OpenDraw(t.Context(), w.registrar, w.panelDraw(ready, "twice"))
	must(t, err)
	_, err = w.OpenDraw(t.Context(), w.registrar, w.panelDraw(ready, "twice"))
	wantRefusal(t, err, service.KindConflict, "draw_open")
	_, err = w.VoidDraw(t.Context(), w.registrar, d.ID, "the date was wrong")
	must(t, err)
	v := w.drawnPanel(ready, "twice") // a void lets the same lottery serve again
	if report := w.verified(v.ID); !report.OK || v.Seq != 2 || v.LotteryID != ready.ID {
		t.Errorf("second draw: %+v", report.Checks)
	}
	if v, err := w.Draw(t.Context(), d.ID); err != nil || v.Panel.Number != -1 || v.Panel.Seats != nil {
		t.Errorf("void draw has panel %+v, %v", v.Panel, err)
	}
}

func TestAFileThatWasChangedInTheDatabaseIsNotCommittedTo(t *testing.T) {
	w := newWorld(t)
	l := w.lottery(w.newLottery(w.frozenTown("town")))
	must(t, w.db.Write(t.Context(), func(tx service.Tx) error {
		file, err := tx.LotteryFile(l.ID)
		if err != nil {
			return err
		}
		if err := tx.DropLotteryFile(l.ID); err != nil {
			return err
		}
		return tx.AddLotteryFile(l.ID, bytes.Replace(file, []byte(`"copies":`), []byte(`"copies": `), 1))
	}))
	_, err := w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "changed"))
	if service.KindOf(err) != service.KindInternal || !strings.Contains(err.Error(), "the database was changed") {
		t.Errorf("got %v", err)
	}
	if entries, err := w.SubjectEntries(t.Context(), "city/example/jury/changed"); err != nil || len(entries) != 0 {
		t.Errorf("%d records, %v", len(entries), err)
	}
}

func TestALotteryIsStartedOnceForItsKey(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	start := func(request byte) (l service.Lottery, replayed bool, err error) {
		_, replayed, err = w.Once(t.Context(), w.registrar, "key-1", [32]byte{request}, func(ctx context.Context) ([]byte, error) {
			l, err = w.StartLottery(ctx, w.registrar, w.newLottery(reg))
			return nil, err
		})
		return l, replayed, err
	}
	first, replayed, err := start(1)
	if err != nil || replayed {
		t.Fatal(err)
	}
	again, replayed, err := start(1)
	if err != nil || !replayed || again.ID != first.ID {
		t.Errorf("got %s, replayed %v, %v; want %s again", again.ID, replayed, err, first.ID)
	}
	_, _, err = start(2)
	wantRefusal(t, err, service.KindConflict, "idempotency_key")
}

func TestTwoOfficialsOpenADrawOfALotteryThatOneStarted(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	_, err := w.SetApprovals(t.Context(), w.registrar, "example", 2)
	must(t, err)
	l := w.lottery(w.newLottery(reg))
	_, err = w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "two"))
	wantRefusal(t, err, service.KindConflict, "approval_required")
	first := service.Actor{KeyID: "00000000000000aa", Role: service.RoleRegistrar, City: "example"}
	second := service.Actor{KeyID: "00000000000000ab", Role: service.RoleRegistrar, City: "example"}
	p, err := w.ProposeDraw(t.Context(), first, w.panelDraw(l, "two"))
	must(t, err)
	_, err = w.Service.Lottery(t.Context(), service.Actor{}, l.ID)
	wantRefusal(t, err, service.KindNotFound, "not_found") // a proposal commits to nothing
	p, err = w.Approve(t.Context(), second, p.ID)
	must(t, err)
	d, err := w.Draw(t.Context(), p.DrawID)
	must(t, err)
	if d.LotteryID != l.ID || d.Panel == nil || d.Panel.Number != -1 {
		t.Errorf("draw %+v", d)
	}
}

// meddler does something while a draw is being prepared.
type meddler struct {
	service.Rounds
	do func()
}

func (m meddler) CheckClock(ctx context.Context, chain beacon.Hash) error {
	m.do()
	return m.Rounds.CheckClock(ctx, chain)
}

func TestALotteryCancelledWhileItsDrawIsPreparedIsNotCommittedTo(t *testing.T) {
	w := newWorld(t)
	l := w.lottery(w.newLottery(w.frozenTown("town")))
	o := w.Options
	o.Rounds = meddler{o.Rounds, func() {
		_, err := w.CancelLottery(t.Context(), w.registrar, l.ID)
		must(t, err)
	}}
	s, err := service.New(o)
	must(t, err)
	_, err = s.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "meddled"))
	wantRefusal(t, err, service.KindConflict, "lottery_state")
	if _, err := w.Blob(t.Context(), l.File); service.KindOf(err) != service.KindNotFound {
		t.Errorf("the file of a cancelled lottery is public: %v", err)
	}
	if entries, err := w.SubjectEntries(t.Context(), "city/example/jury/meddled"); err != nil || len(entries) != 0 {
		t.Errorf("%d records, %v", len(entries), err)
	}
}
