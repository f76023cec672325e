package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kleroterion/cmd/kleroterion/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"kleroterion": commandLine, "vectors": writeVectors})
}

// envBin names the folder of the built binary.
const envBin = "KLERO_E2E_BIN"

// tidy gives the built binary a folder and removes it when all tests are over.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	dir, err := os.MkdirTemp("", "klero-e2e-")
	if err == nil {
		err = os.Setenv(envBin, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	// Most of these tests wait: for a round, a lease, a kill. More of them at once than there are processors.
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return m.M.Run()
}

// commandLine is main of cmd/kleroterion.
func commandLine() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// binary builds the program as it is shipped, once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv(envBin), "kleroterion")
	build := exec.Command("go", "build", "-tags", "nomsgpack", "-o", path, "kleroterion/cmd/kleroterion")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// await asks until ok says yes. At the limit the test fails with what it waited for.
func await(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	if !watch(t, 50*time.Millisecond, limit, ok) {
		t.Fatalf("waited %s for %s", limit, what)
	}
}

// watch asks every so often until ok says yes, and reports whether it did before the limit.
func watch(t testing.TB, every, limit time.Duration, ok func() bool) bool {
	t.Helper()
	tick := time.NewTicker(every)
	defer tick.Stop()
	late := time.After(limit)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			return false
		case <-t.Context().Done():
			return false
		}
	}
	return true
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got returns the value of a call that may not fail.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}
