package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/quota"
)

// tiny are sizes at which everything runs and no time means anything.
func tiny(t *testing.T) *bench {
	return &bench{dir: t.TempDir(), status: newStatus(io.Discard), sizes: sizes{rounds: 2, batch: 3, people: 2000, many: 3000,
		appends: 40, writers: 4, records: 700, requests: 40, clients: 4,
		sealed: 30, ballots: 500, voters: 5, crowds: []int{2, 4}, gifts: 300, lotteries: 70}}
}

// wantRows are the rows of the table, at tiny sizes.
func wantRows() []string {
	rows := []string{
		"beacon.verify", "beacon.batch", "draw.2000", "draw.2000.memory", "draw.3000", "draw.3000.memory",
		"register.read.2000", "register.read.2000.memory", "import.2000", "import.2000.core", "import.2000.freeze", "import.2000.heap", "import.2000.resident",
		"import.postgres.2000", "bundle.verify.2000", "bundle.verify.2000.memory", "log.append", "log.verify", "log.publish", "http.get", "http.post",
		"polls.one.open", "polls.one.seal", "polls.one.check", "polls.open.30", "polls.tally.500", "polls.tally.500.memory", "polls.count.500",
		"polls.intake.sqlite.2", "polls.intake.sqlite.4", "polls.bundle", "polls.bundle.memory", "polls.intake.postgres.2", "polls.intake.postgres.4",
		"funding.qf.300", "funding.qf.300.peer", "funding.qf.3000", "funding.qf.3000.peer", "funding.pairwise.300", "funding.cocm.300",
		"funding.estimate.qf.300", "funding.estimate.pairwise.300",
		"funding.intake.sqlite.2", "funding.intake.sqlite.4", "funding.intake.postgres.2", "funding.intake.postgres.4",
		"funding.finalise.3000", "funding.finalise.3000.core", "funding.finalise.3000.heap",
		"panels.syn_m_24", "panels.syn_m_24.memory", "panels.new_60_20", "panels.new_60_20.memory",
	}
	return slices.DeleteFunc(rows, func(name string) bool {
		_, err := exec.LookPath("initdb")
		return strings.Contains(name, ".postgres.") && installed() == "" && err != nil || name == "import.2000.resident" && resident() == 0
	})
}

func TestEveryRowIsMeasured(t *testing.T) {
	rows, err := tiny(t).measure(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
		if r.What == "" || r.Figure.Value <= 0 && r.Figure.Unit != Bytes {
			t.Errorf("%s: figure %v, what %q", r.Name, r.Figure, r.What)
		}
		if r.Limit != nil && (r.Limit.Unit != r.Figure.Unit || r.Beside == "") {
			t.Errorf("%s: limit %v beside %q, the figure is %v", r.Name, r.Limit, r.Beside, r.Figure)
		}
		if r.OK != nil && r.Name != "beacon.verify" {
			t.Errorf("%s is judged at a size that nobody promised anything about", r.Name)
		}
	}
	if d := cmp.Diff(wantRows(), names); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestRunPrintsWhatIsAskedFor(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), options{Quick: true, JSON: true, Only: []string{"beacon.batch"}, Dir: t.TempDir()}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Rows []Row }
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Rows) != 1 || doc.Rows[0].Name != "beacon.batch" || doc.Rows[0].Ratio <= 0 {
		t.Errorf("got %+v", doc.Rows)
	}
}

func TestRunSaysWhatItCannotDo(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, tc := range map[string]struct {
		ctx  context.Context
		o    options
		want string
	}{
		"an unknown row":             {t.Context(), options{Only: []string{"beacons"}}, `no row begins with ["beacons"]`},
		"a folder that is not one":   {t.Context(), options{Dir: "/dev/null"}, "not a directory"},
		"a profile without a place":  {t.Context(), options{Profile: "/dev/null/x"}, "not a directory"},
		"stopped":                    {stopped, options{Only: []string{"beacon.verify"}}, "context canceled"},
		"a database of another kind": {t.Context(), options{Quick: true, Only: []string{"import.postgres"}, Postgres: "mysql://x/y"}, "invalid keyword/value"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.o.Dir == "" {
				tc.o.Dir = t.TempDir()
			}
			err := run(tc.ctx, tc.o, io.Discard, io.Discard)
			if err == nil || errors.Is(err, errOver) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestPromisesAreJudged(t *testing.T) {
	second := took(time.Second)
	row := Row{Figure: second}.against(took(2*time.Second), "x")
	for name, tc := range map[string]struct {
		row  Row
		want string
	}{
		"nothing promised":         {row, "-"},
		"at another size":          {row.promise(at(999_999, times(0.1))), "-"},
		"ratio kept":               {row.promise(at(1_000_000, times(0.5))), "ok"},
		"ratio broken":             {row.promise(times(0.4999)), "OVER"},
		"figure kept":              {row.promise(within(second)), "ok"},
		"figure broken":            {row.promise(within(took(999 * time.Millisecond))), "OVER"},
		"half the rate is twice":   {Row{Figure: rate(10, time.Second)}.against(rate(20, time.Second), "x").promise(times(1.9)), "OVER"},
		"twice the rate is a half": {Row{Figure: rate(20, time.Second)}.against(rate(10, time.Second), "x").promise(times(0.5)), "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.row.verdict(); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got := anyOver([]Row{row, tc.row}); got != (tc.want == "OVER") {
				t.Errorf("any over: got %t", got)
			}
		})
	}
}

func TestQuantitiesReadEasily(t *testing.T) {
	for want, got := range map[string]string{
		"1.19ms": took(1193 * time.Microsecond).String(), "211.3µs": took(211304 * time.Nanosecond).String(), "5m25.13s": took(325130 * time.Millisecond).String(),
		"16.1 MB": size(16_100_000).String(), "1218/s": rate(2436, 2*time.Second).String(), "≤ 1.2x": times(1.2).String(), "≤ 3s": within(took(3 * time.Second)).String(),
		"1e6": short(1_000_000), "100": short(100), "1100000": short(1_100_000), "2000": short(2000),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMediansRunInTurns(t *testing.T) {
	var order string
	turn := func(name string, times ...time.Duration) contender {
		return func(context.Context) (time.Duration, error) {
			order += name
			d := times[0]
			times = times[1:]
			return d, nil
		}
	}
	b := tiny(t)
	got, err := b.medians(t.Context(), 3, turn("a", 100, 3, 1, 2), turn("b", 100, 5, 6, 4))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]time.Duration{2, 5}, got); d != "" || order != "abababab" {
		t.Errorf("order %s, medians (-want +got):\n%s", order, d)
	}
	if got, err := b.medians(t.Context(), 1, turn("a", 7)); err != nil || got[0] != 7 {
		t.Errorf("one round: got %v, %v", got, err)
	}
}

func TestPeopleAreARegister(t *testing.T) {
	r, err := register.Read(newPeople(5000))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := r.Household(0)
	second, _ := r.Household(1)
	third, _ := r.Household(2)
	if r.Size() != 5000 || len(r.Cells()) != 20 || first != second || second == third {
		t.Errorf("got %d entries, %d cells, households %x %x %x", r.Size(), len(r.Cells()), first, second, third)
	}
}

func TestInventedPoolsAreTheSameEverywhere(t *testing.T) {
	in := invented{seed: 1, people: 500, seats: 50, features: 5, values: 6, slack: 1}
	quotas, people := in.make()
	p, err := quota.New(in.seats, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(quotas, people)
	if again, more := in.make(); fmt.Sprint(again, more) != text {
		t.Error("made twice, it differs")
	}
	sum := sha256.Sum256([]byte(text))
	if got := hex.EncodeToString(sum[:4]); len(people) != 500 || len(p.Features) != 5 || got != "1ab62c11" {
		t.Errorf("got %d people, %d features, digest %s", len(people), len(p.Features), got)
	}
}

func TestMemoryIsSeen(t *testing.T) {
	var list [][]byte
	fill := func() error {
		for range 8 {
			list = append(list, make([]byte, 1<<20))
		}
		return nil
	}
	const about = 8<<20 - 1<<18 // others may let go of a little meanwhile
	grown, err := watch(func() error { return errors.Join(fill(), fill()) })
	if err != nil || grown.heap < 2*about || grown.heap > 64<<20 {
		t.Errorf("got %+v, %v: want at least the 16 MiB that are in use", grown, err)
	}
	list = nil
	stays, err := kept(fill)
	if err != nil || stays < about || stays > 12<<20 {
		t.Errorf("got %d, %v: want the 8 MiB that stay", stays, err)
	}
	for _, page := range list { // in use until here
		page[0] = 1
	}
}

func TestDatabasesAreNamedBesideOthers(t *testing.T) {
	for server, want := range map[string]string{
		"postgres://u:p@h:5432/postgres":        "postgres://u:p@h:5432/new",
		"postgres://u@/postgres?host=/tmp/sock": "postgres://u@/new?host=/tmp/sock",
		"postgresql://h/a?sslmode=disable&x=/y": "postgresql://h/new?sslmode=disable&x=/y",
	} {
		if got, err := inDatabase(server, "new"); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	for _, server := range []string{"", "postgres", "host=/tmp dbname=x", "mysql://h/a", "postgres://"} {
		if got, err := inDatabase(server, "new"); err == nil {
			t.Errorf("%q: got %s, want an error", server, got)
		}
	}
}
