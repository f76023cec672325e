package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kleroterion/store/publish"
)

// TestCommandLine runs the stories of testdata with the real command line.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: surroundings,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "flip": flip, "cut": cut, "await": awaitFile, "match": match, "edge": edge,
		},
	})
}

// surroundings gives scripts the vectors, and a home so that nothing is kept outside.
func surroundings(e *testscript.Env) error {
	vectors, err := filepath.Abs("../../../docs/spec/vectors/draw.json")
	if err != nil {
		return err
	}
	b, err := os.ReadFile(vectors)
	if err != nil {
		return err
	}
	var v drawVectors
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	e.Setenv("VECTORS", vectors)
	e.Setenv("SIGNATURE", v.Signature)
	e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
	e.Setenv("XDG_CONFIG_HOME", "")
	return nil
}

// exits runs a program and compares its exit code: `exits 2 kleroterion --frobnicate`.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code, err := 0, ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// flip changes the lowest bit of one byte: `flip FILE OFFSET`, from the end when it is negative.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	path, at := ts.MkAbs(args[0]), number(ts, args[1])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(path, data, 0o600))
}

// cut shortens a file: `cut FILE SIZE`.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.Truncate(ts.MkAbs(args[0]), int64(number(ts, args[1]))))
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// awaitFile waits for a file that a program in the background makes.
func awaitFile(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(time.Minute); ; {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s did not come within a minute", args[0])
		}
	}
}

// match puts the name of the one file that a pattern matches into a variable: `match NAME PATTERN`.
func match(ts *testscript.TestScript, neg bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s matches %q, want one file", args[1], found)
	}
	ts.Setenv(args[0], found[0])
}

// edge puts the name of the newest bundle of records of a published log into a variable: `edge NAME
// FOLDER`. The log has fewer than 256 records.
func edge(ts *testscript.TestScript, neg bool, args []string) {
	note := strings.Split(ts.ReadFile(filepath.Join(args[1], "checkpoint")), "\n")
	if len(note) < 3 {
		ts.Fatalf("%s has no checkpoint", args[1])
	}
	ts.Setenv(args[0], publish.EntriesName(0, number(ts, note[1])))
}
