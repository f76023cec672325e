package service_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/store/publish"
	"kleroterion/store/storetest"
)

func entryOf(t testing.TB, line string) register.Entry {
	t.Helper()
	e, err := register.ParseLine([]byte(strings.TrimSuffix(line, "\n")))
	must(t, err)
	return e
}

func TestAPanelFromALotteryToItsVerifiedBundle(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
		"postgres": storetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) { panelToBundle(t, newWorldOn(t, url(t))) })
	}
}

func panelToBundle(t *testing.T, w *world) {
	reg := w.frozenTown("town")
	l := w.lottery(w.newLottery(reg))
	if l.Panels != 100 || !l.Proved || l.Gap != "0/1" || l.Lowest < 1 || l.Highest < l.Lowest {
		t.Errorf("lottery %+v, want one of 100 panels that is proved", l)
	}
	d := w.drawnPanel(l, "park")
	if p := d.Panel; p == nil || p.Number < 0 || p.Number >= 100 || p.Count != 100 || len(p.Seats) != 12 || !p.Proved || p.Lowest != l.Lowest || p.Highest != l.Highest {
		t.Fatalf("panel %+v", d.Panel)
	}
	w.wantQuotas(t, reg, d.Panel.Seats, panelQuotas())
	var file bytes.Buffer
	n, err := w.LotteryFile(t.Context(), service.Actor{}, l.ID, &file) // public by now
	must(t, err)
	if sum := sha256.Sum256(file.Bytes()); sum != l.File || n != l.Bytes {
		t.Errorf("the file has %d bytes and SHA-256 %x", n, sum)
	}
	list, err := w.Draws(t.Context(), "example", service.Window{Limit: 9})
	must(t, err)
	if len(list) != 1 || list[0].Panel.Number != d.Panel.Number || list[0].Panel.Seats != nil {
		t.Errorf("listed as %+v, want the number and not the seats", list[0].Panel)
	}
	w.wantPublished(t, l, file.Bytes())
	if report := w.verified(d.ID); !report.OK {
		t.Errorf("bundle: %+v", report.Checks)
	}
	w.wantInBundle(t, d.ID, l)
	w.wantLists(t, d)
}

// wantPublished looks for the panel file where anybody may fetch it.
func (w *world) wantPublished(t *testing.T, l service.Lottery, want []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(w.public, filepath.FromSlash(publish.BlobName(l.File))))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("published file: %d bytes, %v", len(got), err)
	}
}

func (w *world) wantInBundle(t *testing.T, drawID string, l service.Lottery) {
	t.Helper()
	var file bytes.Buffer
	must(t, w.Bundle(t.Context(), drawID, &file))
	b, err := bundle.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(t, err)
	if f, ok := b.Index.Find(bundle.BlobPath(l.File)); !ok || f.Bytes != l.Bytes {
		t.Errorf("the bundle has no panel file: %+v", f)
	}
}

// wantLists looks at everything else that is told of a drawn panel.
func (w *world) wantLists(t *testing.T, d service.DrawView) {
	t.Helper()
	report, err := w.PanelReport(t.Context(), d.ID)
	must(t, err)
	if report.Panels != 100 || report.Size != 12 || !report.Proved || report.Lowest != d.Panel.Lowest {
		t.Errorf("report %+v", report)
	}
	long, err := w.PanelAlternates(t.Context(), d.ID, 20)
	must(t, err)
	short, err := w.PanelAlternates(t.Context(), d.ID, 5)
	must(t, err)
	if len(long) != 20 || !slices.Equal(short, long[:5]) || slices.ContainsFunc(long, func(id string) bool { return slices.Contains(d.Panel.Seats, id) }) {
		t.Errorf("alternates %v and %v", short, long)
	}
	_, err = w.PanelAlternates(t.Context(), d.ID, 1001)
	wantRefusal(t, err, service.KindInvalid, "range")
	var letters bytes.Buffer
	must(t, w.Seats(t.Context(), w.registrar, d.ID, &letters))
	if rows := strings.Count(letters.String(), "\n"); rows != 13 || !strings.Contains(letters.String(), d.Panel.Seats[11]) {
		t.Errorf("%d rows of letters", rows)
	}
	var export bytes.Buffer
	must(t, w.Export(t.Context(), "example", &export))
}

func TestALotteryIsItsCitysUntilADrawCommitsToIt(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	in := w.newLottery(reg)
	for _, c := range []struct {
		who  service.Actor
		kind service.Kind
	}{{w.stranger, service.KindNotFound}, {w.auditor, service.KindForbidden}, {w.operator, service.KindForbidden}, {service.Actor{}, service.KindUnauthorized}} {
		if _, err := w.StartLottery(t.Context(), c.who, in); service.KindOf(err) != c.kind {
			t.Errorf("%s starts a lottery: got %v, want %s", c.who.Role, err, c.kind)
		}
		if _, err := w.CheckQuotas(t.Context(), c.who, in); service.KindOf(err) != c.kind {
			t.Errorf("%s checks quotas: got %v, want %s", c.who.Role, err, c.kind)
		}
	}
	l, err := w.StartLottery(t.Context(), w.registrar, in)
	must(t, err)
	_, err = w.LotteryReport(t.Context(), w.auditor, l.ID)
	wantRefusal(t, err, service.KindTooEarly, "lottery_state")
	w.work()
	see := func(a service.Actor) error {
		_, err := w.Service.Lottery(t.Context(), a, l.ID)
		if err == nil {
			_, err = w.LotteryReport(t.Context(), a, l.ID)
		}
		return err
	}
	for _, a := range []service.Actor{w.auditor, w.registrar, w.operator} {
		must(t, see(a))
	}
	for _, a := range []service.Actor{w.stranger, {}} {
		wantRefusal(t, see(a), service.KindNotFound, "not_found")
		_, err := w.Lotteries(t.Context(), a, "example", service.Window{Limit: 9})
		if err == nil {
			t.Error("a stranger lists the lotteries")
		}
	}
	_, err = w.CancelLottery(t.Context(), w.stranger, l.ID)
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "open"))
	must(t, err)
	must(t, see(w.stranger))
	must(t, see(service.Actor{}))
	must(t, w.db.Read(t.Context(), func(tx service.Tx) error {
		if _, err := tx.LotteryFile(l.ID); !errors.Is(err, service.ErrNotFound) {
			t.Errorf("the file is kept twice: %v", err)
		}
		return nil
	}))
	_, err = w.CancelLottery(t.Context(), w.registrar, l.ID)
	wantRefusal(t, err, service.KindConflict, "lottery_state")
	list, err := w.Lotteries(t.Context(), w.auditor, "example", service.Window{Limit: 9})
	if err != nil || len(list) != 1 || list[0].ID != l.ID {
		t.Errorf("listed %v, %v", list, err)
	}
}

func TestALotteryThatWasCancelledHasNoFile(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	l := w.lottery(w.newLottery(reg))
	got, err := w.CancelLottery(t.Context(), w.registrar, l.ID)
	must(t, err)
	_, err = w.LotteryFile(t.Context(), w.registrar, l.ID, new(bytes.Buffer))
	wantRefusal(t, err, service.KindConflict, "lottery_state")
	now, err := w.Service.Lottery(t.Context(), w.registrar, l.ID)
	must(t, err)
	if diff := cmp.Diff(got, now); diff != "" || now.State != service.LotteryCancelled {
		t.Errorf("lottery is %s (-answered +kept):\n%s", now.State, diff)
	}
	_, err = w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "late"))
	wantRefusal(t, err, service.KindConflict, "lottery_state")
	waiting, err := w.StartLottery(t.Context(), w.registrar, w.newLottery(reg))
	must(t, err)
	_, err = w.CancelLottery(t.Context(), w.registrar, waiting.ID)
	must(t, err)
	w.work()
	job, err := w.Job(t.Context(), w.registrar, waiting.Job)
	must(t, err)
	if job.State != service.JobFailed || job.Error != "cancelled" {
		t.Errorf("job is %s %q", job.State, job.Error)
	}
	_, err = w.CancelLottery(t.Context(), w.registrar, waiting.ID)
	wantRefusal(t, err, service.KindConflict, "lottery_state")
}

func TestTheSameTermsGiveTheSameFile(t *testing.T) {
	w := newWorld(t)
	reg := w.frozenTown("town")
	in := w.newLottery(reg)
	ids := w.ids(t, reg)
	in.Seated, in.Excluded = []string{ids[40], ids[7]}, []string{ids[80], ids[2], ids[33]}
	a, b := w.lottery(in), w.lottery(in)
	if a.File != b.File || a.Root != b.Root || a.ID == b.ID {
		t.Errorf("files %s and %s", a.File, b.File)
	}
	var file bytes.Buffer
	_, err := w.LotteryFile(t.Context(), w.registrar, a.ID, &file)
	must(t, err)
	read, err := panelfile.Read(file.Bytes())
	must(t, err)
	slices.Sort(in.Seated)
	slices.Sort(in.Excluded)
	if !slices.Equal(read.Seated, in.Seated) || !slices.Equal(read.Excluded, in.Excluded) || read.Size != 12 || !read.OnePerHousehold {
		t.Errorf("terms of the file %+v", read.Terms)
	}
	rest := strings.Replace(file.String(), `"certificate":`, "", 1)
	if !strings.HasSuffix(rest, string(a.Terms[1:])) {
		t.Errorf("the terms are not those of the file: %s", a.Terms)
	}
	v := w.drawnPanel(a, "rest")
	if len(v.Panel.Seats) != 10 || !slices.Equal(v.Panel.Seated, in.Seated) {
		t.Errorf("panel %+v, want 10 seats beside the two held", v.Panel)
	}
	w.wantQuotas(t, reg, append(v.Panel.Seats, in.Seated...), panelQuotas())
}

// ids are those of a frozen register.
func (w *world) ids(t testing.TB, reg service.Register) (ids []string) {
	t.Helper()
	var file strings.Builder
	_, err := w.RegisterFile(t.Context(), reg.Root, &file)
	must(t, err)
	for line := range strings.Lines(file.String()) {
		ids = append(ids, audit.Hash(entryOf(t, line).ID).String())
	}
	return ids
}
