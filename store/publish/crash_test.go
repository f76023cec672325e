package publish

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

// The environment that turns the test binary into the victim of a crash test.
const (
	envVictim = "KLERO_TEST_VICTIM" // which run it is
	envURL    = "KLERO_TEST_VICTIM_URL"
	envDir    = "KLERO_TEST_VICTIM_DIR"
	envKey    = "KLERO_TEST_VICTIM_KEY"
)

const (
	kills   = 30
	writers = 4
)

func TestMain(m *testing.M) {
	if run := os.Getenv(envVictim); run != "" {
		fmt.Fprintln(os.Stderr, victim(run)) // it never ends well: it is killed
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim starts as a service does, then appends and publishes for ever, and says on standard output
// what it has been told: "stored <slug> <seq>" and "public <size>".
func victim(run string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: os.Getenv(envURL)})
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(os.Getenv(envKey))
	if err != nil {
		return err
	}
	of, err := db.Instance(ctx)
	if err != nil {
		return err
	}
	p, err := New(Options{DB: db, Signer: signer, VKey: of.VKey, Dir: os.Getenv(envDir), Interval: time.Millisecond})
	if err != nil {
		return err
	}
	if err := p.Reconcile(ctx); err != nil {
		return err
	}
	failed := make(chan error)
	go func() { failed <- p.Run(ctx) }()
	for w := range writers {
		go func() { failed <- appendForEver(ctx, db, p, fmt.Sprintf("run%s-%d", run, w)) }()
	}
	return <-failed
}

func appendForEver(ctx context.Context, db *store.DB, p *Publisher, name string) error {
	for i := 0; ; i++ {
		slug := fmt.Sprintf("%s-%d", name, i)
		var e service.LogEntry
		err := db.Write(ctx, func(tx service.Tx) (err error) {
			if err := tx.AddCity(service.City{Slug: slug, Name: slug}); err != nil {
				return err
			}
			e, err = tx.Append(audit.KindCityAdd, "city/"+slug, nil, audit.CityAdd{Name: slug, Slug: slug})
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("stored %s %d\n", slug, e.Seq)
		if i%3 == 2 {
			if err := p.Published(ctx, e.Seq+1); err != nil {
				return err
			}
			fmt.Printf("public %d\n", e.Seq+1)
		}
	}
}

func TestKilledServiceLosesNothing(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "kleroterion.db") },
		"postgres": storetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) { killRepeatedly(t, url(t)) })
	}
}

func killRepeatedly(t *testing.T, url string) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, db: openDB(t, url), dir: filepath.Join(t.TempDir(), "public")}
	s.key.vkey = vkey
	s.key.signer, err = note.NewSigner(skey)
	s.must(err)
	s.must(s.db.KeepInstance(t.Context(), store.Instance{Origin: origin, VKey: vkey}))

	behind, stored := 0, 0
	for run := range kills {
		told := killOne(t, run, url, s.dir, skey)
		if len(told) == 0 {
			t.Fatalf("run %d said nothing", run)
		}
		stored += s.checkTold(told)
		published := s.verified(s.dir).Size
		if published < s.size() {
			behind++
		}
		if run%5 == 4 {
			storetest.CheckLog(t, s.db)
		}
	}
	s.must(s.publisher().Reconcile(t.Context()))
	s.must(s.publisher().Step(t.Context()))
	head := storetest.CheckLog(t, s.db)
	var cities []service.City
	s.must(s.db.Read(t.Context(), func(tx service.Tx) (err error) {
		cities, err = tx.Cities("", int(head.Size)+1)
		return err
	}))
	if int64(len(cities)) != head.Size {
		t.Errorf("%d cities, %d records: each is written with the other", len(cities), head.Size)
	}
	if got := s.verified(s.dir).Size; got != head.Size || got < int64(stored) {
		t.Errorf("published %d of %d records, %d were acknowledged", got, head.Size, stored)
	}
	t.Logf("%d kills, %d records, %d acknowledged, the publisher was found behind %d times", kills, head.Size, stored, behind)
}

// killOne starts a victim, kills it at a random moment of its work and returns what it had said.
func killOne(t *testing.T, run int, url, dir, skey string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", envVictim, run), envURL+"="+url, envDir+"="+dir, envKey+"="+skey)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := listen(out, 1+randomByte(t)%100, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("run %d ended by itself: %v\n%s", run, err, stderr.String())
	}
	return told
}

// listen reads whole lines, kills the speaker after so many, and reads on to the last one.
func listen(r io.Reader, patience int, kill func()) (lines []string) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			kill()
			return lines
		}
		if lines = append(lines, strings.TrimSpace(line)); len(lines) == patience {
			kill()
		}
	}
}

func randomByte(t *testing.T) int {
	var b [1]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return int(b[0])
}

// checkTold wants everything that was said to be true, and returns the number of stored records.
func (s *scene) checkTold(told []string) (stored int) {
	s.t.Helper()
	published := s.verified(s.dir).Size
	s.must(s.db.Read(s.t.Context(), func(tx service.Tx) error {
		for _, line := range told {
			var slug string
			var n int64
			if _, err := fmt.Sscanf(line, "stored %s %d", &slug, &n); err == nil {
				stored++
				if err := holds(tx, slug, n); err != nil {
					return fmt.Errorf("%q: %w", line, err)
				}
				continue
			}
			if _, err := fmt.Sscanf(line, "public %d", &n); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			if published < n {
				return fmt.Errorf("%q, and %d are published", line, published)
			}
		}
		return nil
	}))
	return stored
}

// holds wants the domain row and the record that were acknowledged together.
func holds(tx service.Tx, slug string, seq int64) error {
	_, cityErr := tx.City(slug)
	e, entryErr := tx.Entry(seq)
	if err := errors.Join(cityErr, entryErr); err != nil {
		return err
	}
	if e.Subject != "city/"+slug {
		return fmt.Errorf("record %d is of %s", seq, e.Subject)
	}
	return nil
}
