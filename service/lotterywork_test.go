package service_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

// claimed starts a lottery and leases its job to a worker that does nothing yet.
func (w *world) claimed(in service.NewLottery) (service.Lottery, service.Job) {
	w.t.Helper()
	l, err := w.StartLottery(w.t.Context(), w.registrar, in)
	must(w.t, err)
	return l, w.claim(l)
}

func (w *world) claim(l service.Lottery) service.Job {
	w.t.Helper()
	jobs, err := w.Claim(w.t.Context())
	must(w.t, err)
	for _, job := range jobs {
		if job.ID == l.Job {
			return job
		}
	}
	w.t.Fatalf("no worker got the job of lottery %s", l.ID)
	return service.Job{}
}

func TestALotteryWhoseWorkerDiedIsComputedAgainWithTheSameBytes(t *testing.T) {
	w := newWorld(t)
	in := w.newLottery(w.frozenTown("town"))
	want := w.lottery(in)
	l, dead := w.claimed(in)
	w.clock.Add(31) // its lease ends
	alive := w.claim(l)
	done := make(chan struct{}, 2)
	for _, job := range []service.Job{dead, alive} { // the dead one was only slow
		go func() { w.Perform(t.Context(), job); done <- struct{}{} }()
	}
	<-done
	<-done
	got, err := w.Service.Lottery(t.Context(), w.registrar, l.ID)
	must(t, err)
	job, err := w.Job(t.Context(), w.registrar, l.Job)
	must(t, err)
	if got.State != service.LotteryReady || got.File != want.File || job.State != service.JobDone || job.Attempt != 2 || job.Fence != alive.Fence {
		t.Errorf("lottery %s with file %s, job %+v; want file %s", got.State, got.File, job, want.File)
	}
}

// until is work that ends with its context.
func until(ctx context.Context, tell func(panels.Progress)) error {
	tell(panels.Progress{Phase: "levels", Done: 2, Of: 7})
	<-ctx.Done()
	return ctx.Err()
}

func TestASolverStopsSoonAfterItsJobIsGone(t *testing.T) {
	w := newWorld(t)
	in := w.newLottery(w.frozenTown("town"))
	for name, take := range map[string]func(l service.Lottery){
		"cancelled": func(l service.Lottery) {
			_, err := w.CancelLottery(t.Context(), w.registrar, l.ID)
			must(t, err)
		},
		"lost": func(l service.Lottery) { w.clock.Add(31); w.claim(l) },
	} {
		t.Run(name, func(t *testing.T) {
			l, job := w.claimed(in)
			ended := make(chan error, 1)
			begun := make(chan struct{})
			go func() {
				ended <- w.Watched(t.Context(), job, func(ctx context.Context, tell func(panels.Progress)) error {
					close(begun)
					return until(ctx, tell)
				})
			}()
			<-begun
			start := time.Now()
			take(l)
			if err := <-ended; !errors.Is(err, service.ErrStale) {
				t.Errorf("got %v, want that the job is another's", err)
			}
			if took := time.Since(start); took > 20*time.Second { // half a second where the machine is free
				t.Errorf("the solver went on for %s", took)
			}
		})
	}
}

func TestASolverTellsItsProgressAndKeepsItsLease(t *testing.T) {
	w := newWorld(t)
	_, job := w.claimed(w.newLottery(w.frozenTown("town")))
	w.clock.Add(11)
	err := w.Watched(t.Context(), job, func(ctx context.Context, tell func(panels.Progress)) error {
		tell(panels.Progress{Phase: "levels", Done: 2, Of: 7})
		for ctx.Err() == nil {
			now, err := w.Job(ctx, w.registrar, job.ID)
			if err != nil {
				return err
			}
			if now.Step == "levels" && now.Done == 2 && now.Total == 7 && now.LeaseUntil > job.LeaseUntil {
				return nil
			}
		}
		return ctx.Err()
	})
	must(t, err)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Watched(stopped, job, until); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v where the service ends", err)
	}
}

func TestNothingIsDrawnFromAFileThatIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	w := newWorldOn(t, "sqlite:"+path)
	l := w.lottery(w.newLottery(w.frozenTown("town")))
	d, err := w.OpenDraw(t.Context(), w.registrar, w.panelDraw(l, "gone"))
	must(t, err)
	edit, err := sql.Open("sqlite", path)
	must(t, err)
	defer edit.Close()
	exec := func(statement string, args ...any) {
		_, err := edit.ExecContext(t.Context(), "PRAGMA busy_timeout = 10000; "+statement, args...)
		must(t, err)
	}
	var file []byte
	must(t, edit.QueryRowContext(t.Context(), "SELECT data FROM blobs WHERE sha256 = $1", l.File[:]).Scan(&file))
	w.clock.Store(d.DueAt + 5)
	for _, damage := range []string{"DELETE FROM blobs", "INSERT INTO blobs VALUES ($1, CAST('{}' AS BLOB))"} {
		args := []any{}
		if damage[0] == 'I' {
			args = append(args, l.File[:])
		}
		exec(damage, args...)
		_, err := w.Step(t.Context())
		must(t, err)
		if v, err := w.Draw(t.Context(), d.ID); err != nil || v.State != service.DrawOpen {
			t.Fatalf("after %s: draw is %s, %v", damage, v.State, err)
		}
		w.clock.Add(61)
	}
	exec("UPDATE blobs SET data = $1 WHERE sha256 = $2", file, l.File[:])
	w.work()
	if v, err := w.Draw(t.Context(), d.ID); err != nil || v.State != service.DrawDrawn || len(v.Panel.Seats) != 12 {
		t.Errorf("draw is %s, %v", v.State, err)
	}
	in := w.newLottery(service.Register{ID: l.RegisterID})
	in.Panels = 50
	other := new(bytes.Buffer)
	_, err = w.LotteryFile(t.Context(), w.registrar, w.lottery(in).ID, other)
	must(t, err)
	exec("UPDATE blobs SET data = $1 WHERE sha256 = $2", other.Bytes(), l.File[:])
	fresh, err := service.New(w.Options)
	must(t, err)
	if _, err := fresh.Draw(t.Context(), d.ID); service.KindOf(err) != service.KindInternal || !strings.Contains(err.Error(), "digest") {
		t.Errorf("seats from another lottery's file: %v", err)
	}
}

func TestLotteriesTakeOnePlaceAndNoDrawWaitsForThem(t *testing.T) {
	w := newWorld(t)
	d := w.opened("park")
	in := w.newLottery(w.frozenTown("town"))
	for range 3 {
		_, err := w.StartLottery(t.Context(), w.registrar, in)
		must(t, err)
	}
	w.clock.Store(d.DueAt)
	for _, want := range []string{"draw lottery", "", "lottery"} {
		jobs, err := w.ClaimPlaced(t.Context())
		must(t, err)
		var kinds []string
		for _, job := range jobs {
			kinds = append(kinds, string(job.Kind))
		}
		slices.Sort(kinds)
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("jobs %q begin, want %q", got, want)
		}
		if want == "" {
			w.clock.Add(5) // those without a place are looked at again
		}
	}
}
