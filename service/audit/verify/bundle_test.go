package verify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit/bundle"
)

func TestAnHonestBundleHolds(t *testing.T) {
	r := checkBundle(t, good(t).pack(), brought(t))
	if !r.OK || len(r.Checks) != 11 {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for i, c := range r.Checks {
		if c.No != i+1 || !c.OK || c.Evidence == "" {
			t.Errorf("check %+v", c)
		}
	}
	if r.Rehearsal || strings.Contains(text(t, r), "REHEARSAL") {
		t.Error("a real draw is called a rehearsal")
	}
}

func TestEvidenceNamesWhatPeopleAskFor(t *testing.T) {
	r := checkBundle(t, good(t).pack(), brought(t))
	for no, want := range map[int][]string{
		1:  {"12 files"},
		2:  {"log.example/kleroterion signed 8 records", "the policy you brought", "no witness"},
		3:  {"4 records", "at 1, 3, 4, 6 of 8"},
		4:  {"2 records of city/example/jury/1", "n 1 to 2", "1 draw"},
		5:  {"city/example/register/2023", "60 people", "f9b453c3a73b"},
		6:  {"draw 1", "at 4 of the log", "at 3"},
		7:  {"round 1000 of quicknet (live)", "2023-08-23T15:59:24Z"},
		8:  {"not_before is round 123", "newest round seen by then is of 2023-08-23T15:15:33Z", "2023-08-23T15:15:33Z", "no witness"},
		9:  {"round 1000 of quicknet", "83cf0f2896ad"},
		10: {"9 seats and 6 alternates", "north 6+3", "south 3+3", "60 people"},
		11: {"1 draw for this decision", "draw 1 has a result"},
	} {
		for _, part := range want {
			if got := r.Checks[no-1].Evidence; !strings.Contains(got, part) {
				t.Errorf("check %d: %q is not in %q", no, part, got)
			}
		}
	}
}

func TestWithoutAPolicyTheReportSaysSo(t *testing.T) {
	b := good(t).pack()
	own := checkBundle(t, b, Options{})
	if !own.OK || !strings.Contains(own.Checks[1].Evidence, "own policy") {
		t.Errorf("report:\n%s", text(t, own))
	}
	said := func(r Report) bool {
		return slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, "--policy") })
	}
	if !said(own) || said(checkBundle(t, b, brought(t))) {
		t.Errorf("not shown: %q", own.NotShown)
	}
}

func TestAVoidInTimeIsNoRedraw(t *testing.T) {
	s := newScene(t)
	s.begin()
	s.open(1000, 123, nil)
	s.void(123, false)
	s.open(657413, 123, nil)
	s.outcome(657413, nil)
	r := checkBundle(t, s.pack(), brought(t))
	if !r.OK || !strings.Contains(r.Checks[10].Evidence, "2 draws for this decision: draw 1 was voided before its round was due: \"a street was missing") {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestADecisionThatWasVoidedHasNothingToRecompute(t *testing.T) {
	s := newScene(t)
	s.begin()
	s.open(1000, 123, nil)
	s.void(123, false)
	r := checkBundle(t, s.pack(), brought(t))
	if !r.OK || !strings.Contains(r.Checks[9].Evidence, "nothing to recompute") {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestARehearsalIsMarkedEverywhere(t *testing.T) {
	s := newScene(t)
	s.rehearse()
	s.begin()
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	r := checkBundle(t, s.pack(), brought(t))
	if !r.OK || !r.Rehearsal {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for _, no := range []int{7, 8, 9, 10} {
		if !strings.HasPrefix(r.Checks[no-1].Evidence, "REHEARSAL: ") {
			t.Errorf("check %d: %s", no, r.Checks[no-1].Evidence)
		}
	}
	lines := strings.Split(strings.TrimSpace(text(t, r)), "\n")
	if lines[0] != rehearsalLine || lines[len(lines)-1] != rehearsalLine {
		t.Errorf("first and last line: %q, %q", lines[0], lines[len(lines)-1])
	}
}

func TestAKnownDevChainMustBeTheSame(t *testing.T) {
	s := newScene(t)
	s.rehearse()
	s.begin()
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	opts := brought(t)
	with, err := opts.chains().With(s.chain)
	if err != nil {
		t.Fatal(err)
	}
	opts.Chains = with
	if r := checkBundle(t, s.pack(), opts); !r.OK {
		t.Errorf("the chain is known beforehand:\n%s", text(t, r))
	}
	c := s.contents(s.note())
	c.Chains = nil
	if r := checkBundle(t, packed(t, c), opts); !r.OK {
		t.Errorf("the chain is known and not described:\n%s", text(t, r))
	}
}

func TestWitnessesShowThatTheListWasFixedInTime(t *testing.T) {
	s := newScene(t)
	s.begin()
	s.open(1000, 123, nil)
	due, err := s.chain.TimeOf(1000)
	if err != nil {
		t.Fatal(err)
	}
	wkey, _, _ := keyOf("press.example/w", 4)
	vkey, _, _ := keyOf(origin, 1)
	opts := Options{Policy: policyOf(t, "log "+vkey+"\nwitness press "+wkey+"\nquorum press\n")}
	r := checkBundle(t, packed(t, s.contents(cosign("press.example/w", s.note(), due-900))), opts)
	if got := r.Checks[7]; !got.OK || !strings.Contains(got.Evidence, "cosigned by the quorum before it") {
		t.Errorf("in time: %+v", got)
	}
	if slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, "no witness") }) {
		t.Errorf("not shown: %q", r.NotShown)
	}
	r = checkBundle(t, packed(t, s.contents(cosign("press.example/w", s.note(), due))), opts)
	if got := r.Checks[7]; !got.OK || !strings.Contains(got.Evidence, "no witness cosigned it in time") {
		t.Errorf("too late: %+v", got)
	}
	r = checkBundle(t, s.pack(), opts)
	if got := failed(r); !slices.Equal(got, []int{2}) {
		t.Errorf("without the witness: %v", got)
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	opts := brought(t)
	steps := map[string]int64{}
	opts.Progress = func(step string, done, total int64) {
		if done > total {
			t.Errorf("%s: %d of %d", step, done, total)
		}
		steps[step] = max(steps[step], done)
	}
	s := good(t)
	checkBundle(t, s.pack(), opts)
	if steps["files"] != int64(len(s.file)) {
		t.Errorf("progress %v, want files %d", steps, len(s.file))
	}
}

func TestACancelledContextEndsIt(t *testing.T) {
	b := good(t).pack()
	opened, err := bundle.Open(strings.NewReader(string(b)), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Bundle(ctx, opened, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// brokenDisk fails after Open has read the layout.
type brokenDisk struct {
	*strings.Reader
	broken bool
}

var errDisk = errors.New("disk")

func (d *brokenDisk) ReadAt(p []byte, off int64) (int, error) {
	if d.broken {
		return 0, errDisk
	}
	return d.Reader.ReadAt(p, off)
}

func TestAFileThatCannotBeReadIsAnErrorAndNotAFinding(t *testing.T) {
	b := good(t).pack()
	d := &brokenDisk{Reader: strings.NewReader(string(b))}
	opened, err := bundle.Open(d, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	d.broken = true
	if _, err := Bundle(t.Context(), opened, Options{}); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the disk's error", err)
	}
}
