package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/serve"
)

// stepped is an upload whose second half is sent when the test says so.
type stepped struct {
	halves [2][]byte
	on     chan struct{} // closed when the second half may go
}

func (s *stepped) Read(p []byte) (int, error) {
	if len(s.halves[0]) == 0 {
		<-s.on
		s.halves[0], s.halves[1] = s.halves[1], nil
	}
	if len(s.halves[0]) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.halves[0])
	s.halves[0] = s.halves[0][n:]
	return n, nil
}

// TestAServiceThatStopsFinishesAnUpload: who was being served when it was asked to stop is served, and
// what was acknowledged is there after the next start.
func TestAServiceThatStopsFinishesAnUpload(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	made := got(o.registrar.AddRegisterWithResponse(t.Context(), nil, client.NewRegister{City: o.city, Name: "residents", Mapping: townMapping(t)}))(t)
	const people = 16_000
	csv := residents(t, 3, people)
	at := len(csv) - 50_000 // more than the first chunk of 1 MiB
	body := &stepped{halves: [2][]byte{csv[:at], csv[at:]}, on: make(chan struct{})}
	type outcome struct {
		job client.Job
		err error
	}
	uploaded := make(chan outcome, 1)
	go func() {
		job, err := o.registrar.Upload(t.Context(), client.Rows{Register: made.JSON201.ID, File: body})
		uploaded <- outcome{job, err}
	}()
	await(t, time.Minute, "a first chunk to be stored", func() bool {
		info, err := os.Stat(filepath.Join(s.config.Data, "kleroterion.db-wal"))
		return err == nil && info.Size() > 1<<20
	})
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	s.ended = true
	await(t, time.Minute, "the service to take no new requests", func() bool {
		_, err := got(client.New(s.URL, ""))(t).GetReadyWithResponse(t.Context())
		return err != nil
	})
	close(body.on)
	up := <-uploaded
	must(t, up.err)
	must(t, <-stopped)

	again := begin(t, s.config, &clock{})
	registrar := got(client.New(again.URL, s.config.AdminToken))(t)
	job := got(registrar.WaitJob(t.Context(), up.job.ID, nil))(t)
	if job.State != client.JobStateDone {
		t.Errorf("the job is %+v", job)
	}
	reg := got(registrar.GetRegisterWithResponse(t.Context(), made.JSON201.ID))(t).JSON200
	if reg.State != client.RegisterStateImported || reg.Rows != people {
		t.Errorf("the register is %s with %d rows, want all of them imported", reg.State, reg.Rows)
	}
}

// TestAServiceThatStopsGivesItsWorkBack: the clock stands still, so a lease that was kept would never end.
func TestAServiceThatStopsGivesItsWorkBack(t *testing.T) {
	t.Parallel()
	still := &clock{}
	still.stop()
	s := begin(t, settings(t.TempDir()), still)
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	made := got(o.registrar.AddRegisterWithResponse(t.Context(), nil, client.NewRegister{City: o.city, Name: "residents", Mapping: townMapping(t)}))(t)
	job := got(o.registrar.Upload(t.Context(), client.Rows{Register: made.JSON201.ID, File: bytes.NewReader(residents(t, 6, 6000))}))(t)
	// A clock that stands gives no new requests to the rate limit: ask rarely.
	watch(t, 250*time.Millisecond, 30*time.Second, func() bool {
		return got(o.registrar.GetJobWithResponse(t.Context(), job.ID))(t).JSON200.Attempt > 0
	})
	s.end(t)

	again := begin(t, s.config, still)
	registrar := got(client.New(again.URL, s.config.AdminToken))(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if done, err := registrar.WaitJob(ctx, job.ID, nil); err != nil {
		t.Errorf("the job of the service that stopped is %+v: %v", done, err)
	}
}

// TestAnUploadThatBreaksOffLeavesNothing: the register is as it was, and takes the rows later.
func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	reg := o.imported("residents", residents(t, 4, 300))
	broken := errors.New("the line is dead")
	file := io.MultiReader(strings.NewReader(strings.Repeat("Number;Surname\n", 100_000)), failing{broken})
	if _, err := o.registrar.Upload(t.Context(), client.Rows{Register: reg.ID, File: file}); !errors.Is(err, broken) {
		t.Fatalf("the upload: %v", err)
	}
	if now := o.register(reg.ID); now.State != client.RegisterStateImported || now.Rows != 300 {
		t.Errorf("the register is %s with %d rows, want it as it was", now.State, now.Rows)
	}
	job := got(o.registrar.Upload(t.Context(), client.Rows{Register: reg.ID, File: strings.NewReader(string(residents(t, 5, 200)))}))(t)
	got(o.registrar.WaitJob(t.Context(), job.ID, nil))(t)
	if now := o.register(reg.ID); now.Rows != 200 {
		t.Errorf("the register has %d rows, want the 200 of the second upload", now.Rows)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestADatabaseOlderThanWhatWasPublishedDoesNotStart, and says what record.md says.
func TestADatabaseOlderThanWhatWasPublishedDoesNotStart(t *testing.T) {
	t.Parallel()
	c := settings(t.TempDir())
	s := begin(t, c, &clock{})
	newOffice(t, s.URL, c.AdminToken, "one")
	s.end(t)
	database := filepath.Join(c.Data, "kleroterion.db")
	old := got(os.ReadFile(database))(t)

	s = begin(t, c, &clock{})
	newOffice(t, s.URL, c.AdminToken, "two")
	s.end(t)
	must(t, os.WriteFile(database, old, 0o600))
	err := startAgain(t, c.Data, s)
	if err == nil || !strings.Contains(err.Error(), "older than what was published; was a backup restored?") {
		t.Errorf("an older database: %v", err)
	}
	newAuditor(t, s.VKey).log(publicDir(c.Data)) // and what was published is as it was

	// Another log's database of the same size or more is refused as well.
	other := begin(t, settings(t.TempDir()), &clock{})
	for _, city := range []string{"three", "four", "five", "six"} {
		newOffice(t, other.URL, other.config.AdminToken, city)
	}
	other.end(t)
	must(t, os.WriteFile(database, got(os.ReadFile(filepath.Join(other.config.Data, "kleroterion.db")))(t), 0o600))
	if err := startAgain(t, c.Data, s); err == nil || !strings.Contains(err.Error(), "key") {
		t.Errorf("the database of another log: %v", err)
	}
}

// startAgain starts a service on a folder and returns why it did not.
func startAgain(t testing.TB, data string, like *service) error {
	t.Helper()
	c := like.config
	c.Data = data
	i, err := serve.Start(t.Context(), &c, serve.World{Now: time.Now, Entropy: rand.Reader, Logger: slog.New(slog.DiscardHandler), Version: "test"})
	if err == nil {
		must(t, i.Stop())
	}
	return err
}
