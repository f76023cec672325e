package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const bundles = "../../docs/spec/vectors/bundles/"

// call runs the program and returns its exit code and what it wrote.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestVectorsExitAsExpected(t *testing.T) {
	var expect struct {
		Bundles []struct {
			File           string
			OK, Unreadable bool
			Failed         []int
		}
	}
	raw, err := os.ReadFile(bundles + "expect.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &expect); err != nil || len(expect.Bundles) < 15 {
		t.Fatalf("%d bundles, %v", len(expect.Bundles), err)
	}
	for _, b := range expect.Bundles {
		want := exitFailed
		if b.OK {
			want = exitHolds
		} else if b.Unreadable {
			want = exitUnread
		}
		code, stdout, stderr := call(t, "", bundles+b.File, "--policy", bundles+"policy.txt", "--json")
		if code != want {
			t.Errorf("%s: exit %d, want %d\n%s%s", b.File, code, want, stdout, stderr)
		}
		if b.Unreadable {
			if stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "fetch the bundle again") {
				t.Errorf("%s: stdout %q, stderr %q", b.File, stdout, stderr)
			}
			continue
		}
		checks := 11
		if strings.HasPrefix(b.File, "poll-") {
			checks = 12
		}
		if strings.HasPrefix(b.File, "round-") {
			checks = 13
		}
		report, err := parseReport(stdout)
		if err != nil || len(report.Checks) != checks || *report.OK != b.OK || !slices.Equal(report.failed(), b.Failed) || stderr != "" {
			t.Errorf("%s: %v\n%s%s", b.File, err, stdout, stderr)
		}
	}
}

// report is the JSON of docs/spec/bundle.md, the same for draws, polls and rounds.
type report struct {
	OK     *bool `json:"ok"`
	Checks []struct {
		No       int    `json:"no"`
		Name     string `json:"name"`
		OK       bool   `json:"ok"`
		Evidence string `json:"evidence"`
	} `json:"checks"`
	NotShown  []string `json:"not_shown"`
	Rehearsal bool     `json:"rehearsal"`
	Subject   string   `json:"subject"`
}

func parseReport(text string) (r report, err error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err = dec.Decode(&r); err == nil && (r.OK == nil || r.Subject == "" || len(r.NotShown) == 0) {
		err = errors.New("a member is missing")
	}
	return r, err
}

// failed lists the checks that failed by themselves.
func (r report) failed() (list []int) {
	for _, c := range r.Checks {
		if !c.OK && !strings.HasPrefix(c.Evidence, "not checked") {
			list = append(list, c.No)
		}
	}
	return list
}

func TestReportOfAPoll(t *testing.T) {
	code, stdout, stderr := call(t, "", bundles+"poll-good-rehearsal.klero")
	if code != exitHolds || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		"REHEARSAL: THIS WAS NOT A REAL POLL.", "\ncommunity/garden/poll/well\n", "\n11 ballots opened and tally recomputed ok   REHEARSAL: 17 ballots of 38 electors",
		"late insertion is not excluded", "\nAll 12 checks hold.\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

func TestReportOfAGoodBundle(t *testing.T) {
	code, stdout, stderr := call(t, "", bundles+"good.klero")
	if code != exitHolds || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		"city/example/jury/1\n 1 files match their digests          ok   12 files",
		"\n11 no redraw                          ok   ",
		"\nNot shown by this file:\n", "the policy came with the bundle", "\nAll 11 checks hold.\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

func TestReportOfADrawOverPanels(t *testing.T) {
	code, stdout, stderr := call(t, "", bundles+"panels-good.klero")
	if code != exitHolds || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		"\n10 draw recomputed                    ok   draw 1: seed ", "; panel 12 (from 0) of 20 panels, 5 people drawn among 24 people; ",
		"; proved: no lottery is fairer by more than 1 in 20 (leximin: ", "\n   - draw 1: that 2 people were excluded by id rightly\n", "\n   - how the quotas were chosen",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

func TestRehearsalIsSaidFirstAndLast(t *testing.T) {
	code, stdout, _ := call(t, "", bundles+"good-rehearsal.klero")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitHolds || !strings.HasPrefix(lines[0], "REHEARSAL") || lines[len(lines)-1] != lines[0] {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestStandardInputIsRead(t *testing.T) {
	b, err := os.ReadFile(bundles + "good.klero")
	if err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := call(t, string(b), "-"); code != exitHolds {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestALogKeyStandsForAPolicy(t *testing.T) {
	b, err := os.ReadFile(bundles + "policy.txt")
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Fields(string(b))[1]
	if code, stdout, _ := call(t, "", "--log-key", key, bundles+"good.klero"); code != exitHolds || strings.Contains(stdout, "--log-key") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if code, _, _ := call(t, "", "--log-key="+key, bundles+"bad-2-foreign-log.klero"); code != exitFailed {
		t.Errorf("a foreign log: exit %d", code)
	}
}

func TestHelpIsNoError(t *testing.T) {
	if code, stdout, _ := call(t, "", "--help"); code != exitHolds || stdout != usage {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestUnusableCallsSayWhyInOneLine(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := bundles + "good.klero"
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"no file":                  {nil, "no file to check"},
		"two files":                {[]string{good, good}, "one at a time"},
		"an unknown flag":          {[]string{good, "--fast"}, "-fast"},
		"a flag without value":     {[]string{good, "--policy"}, "policy"},
		"a file that is missing":   {[]string{filepath.Join(dir, "none.klero")}, "none.klero"},
		"a folder":                 {[]string{dir}, "not a file"},
		"an empty file":            {[]string{empty}, "too short"},
		"a policy that is none":    {[]string{good, "--policy", good}, "policy"},
		"a policy that is missing": {[]string{good, "--policy", filepath.Join(dir, "p")}, "--policy"},
		"a policy and a key":       {[]string{good, "--policy", bundles + "policy.txt", "--log-key", "x"}, "bring one"},
		"a key that is none":       {[]string{good, "--log-key", "x"}, "name+id+base64"},
		"a chain that is none":     {[]string{good, "--chain-info", empty}, "chain info"},
		"a chain that is missing":  {[]string{good, "--chain-info", filepath.Join(dir, "c")}, "--chain-info"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(t, "", tc.args...)
			if code != exitUnread || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tc.says) {
				t.Errorf("exit %d, stdout %q, stderr %q, want %q in it", code, stdout, stderr, tc.says)
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	var errs bytes.Buffer
	if code := run(t.Context(), []string{bundles + "good.klero"}, nil, full{}, &errs); code != exitUnread || !strings.Contains(errs.String(), "disk full") {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}
