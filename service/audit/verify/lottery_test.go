package verify

import (
	"bytes"
	"math/big"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service/audit"
)

func TestAnHonestDrawOverPanelsHolds(t *testing.T) {
	p := newPanelled(t)
	r := checkBundle(t, p.through().pack(), brought(t))
	if !r.OK {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for _, part := range []string{
		"panel 12 (from 0) of 20 panels, 5 people drawn among 24 people", "each of 20 panels has 5 people beside 1 seated before, meets 5 quotas and has one person of a household at most",
		"each of 20 candidates is on 4 to 6 of them; 2 people excluded; 1 person left out, for their household has a seat already", "proved: no lottery is fairer by more than 1 in 20 (leximin: the lowest chance",
	} {
		if got := r.Checks[9].Evidence; !strings.Contains(got, part) {
			t.Errorf("%q is not in %q", part, got)
		}
	}
	said := strings.Join(r.NotShown, "\n")
	for _, part := range []string{"draw 1: that 2 people were excluded by id rightly", "draw 1: that 1 person was seated before the draw rightly", "how the quotas were chosen"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not in %q", part, said)
		}
	}
	if strings.Contains(said, "not in this bundle") || strings.Contains(said, "not checked") {
		t.Errorf("not shown: %q", said)
	}
}

// A list that was committed to is checked although nothing was drawn from it, and once for all draws.
func TestAListOfPanelsHoldsWithoutAResult(t *testing.T) {
	p := newPanelled(t)
	p.begin()
	p.ask(1000, 123, nil)
	p.void(123, false)
	r := checkBundle(t, p.pack(), brought(t))
	if got := r.Checks[9].Evidence; !r.OK || !strings.Contains(got, "nothing to recompute; draw 1: each of 20 panels has 5 people") {
		t.Errorf("a void draw:\n%s", text(t, r))
	}
	p.ask(657413, 123, nil)
	r = checkBundle(t, p.pack(), brought(t))
	if got := r.Checks[9].Evidence; !slices.Equal(failed(r), []int{9}) || !strings.HasPrefix(got, "not checked: it needs check 9; draw 1: each of") || !strings.Contains(got, "; draw 2: each of 20") {
		t.Errorf("an open draw:\n%s", text(t, r))
	}
	p.outcome(657413, nil)
	opts, told := brought(t), 0
	opts.Progress = func(step string, done, _ int64) {
		if step == "panels" && done == 0 {
			told++
		}
	}
	r = checkBundle(t, p.pack(), opts)
	if got := r.Checks[9].Evidence; !r.OK || !strings.HasPrefix(got, "draw 1: each of 20 panels") || !strings.Contains(got, "; draw 2: seed") || told != 1 {
		t.Errorf("checked %d times:\n%s", told, text(t, r))
	}
}

// weaker takes the multipliers away: what is left of the proof is how many seats one panel can give to people
// of one type.
func (p *panelled) weaker() {
	p.t.Helper()
	problem, err := p.terms.Problem(panelfile.Entries(p.register))
	if err != nil {
		p.t.Fatal(err)
	}
	var caps []*big.Rat
	for _, ty := range problem.Types {
		caps = append(caps, big.NewRat(min(ty.Cap, problem.Size), int64(len(ty.Members))))
	}
	slices.SortFunc(caps, (*big.Rat).Cmp)
	p.result.Levels = nil
	for _, c := range slices.CompactFunc(caps, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 }) {
		p.result.Levels = append(p.result.Levels, panels.Level{Probability: panels.Ratio{Rat: c}, Multipliers: []panels.Multiplier{}})
	}
	p.forged()
}

func TestAProofWithAGapIsShownAndDoesNotFail(t *testing.T) {
	p := newPanelled(t)
	p.weaker()
	r := checkBundle(t, p.through().pack(), brought(t))
	if got := r.Checks[9].Evidence; !r.OK || strings.Contains(got, "proved: ") || !strings.Contains(got, "the proof has a gap: no lottery is fairer by more than 80.0000 % and 1 in 20 (leximin)") {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestWhatIsProvedIsSaidByMethod(t *testing.T) {
	for method, want := range map[panels.Method][2]string{
		panels.Leximin: {"proved: no lottery is fairer by more than 1 in 1,000 (leximin: the lowest chance is as high as it can be, then the next lowest, and so on)",
			"the proof has a gap: no lottery is fairer by more than 33.3334 % and 1 in 1,000 (leximin)"},
		panels.Maximin: {"proved: no lottery is fairer by more than 1 in 1,000 (maximin: the lowest chance is as high as it can be)",
			"the proof has a gap: no lottery is fairer by more than 33.3334 % and 1 in 1,000 (maximin)"},
		panels.Nash: {"proved: no lottery is fairer by more than 1 in 1,000 (nash: the product of all chances is as high as it can be)",
			"the proof has a gap: no lottery has a geometric mean of chances of more than e to the power of 0.333334 times this one's (nash)"},
		panels.Goldilocks: {"proved: no lottery is fairer by more than 1 in 1,000 (goldilocks: chances are as far from very low and very high as they can be)",
			"the proof has a gap: no lottery has a measure that is better by more than 33.3334 % (goldilocks)"},
	} {
		for optimal, want := range map[bool]string{true: want[0], false: want[1]} {
			l := lottery{method: method, panels: 1000, verdict: panels.Verdict{Optimal: optimal, Gap: big.NewRat(1, 3)}}
			if got := l.fairness(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func TestAGapIsRoundedUp(t *testing.T) {
	for want, r := range map[string]*big.Rat{"0.25": big.NewRat(1, 4), "0.34": big.NewRat(1, 3), "0.01": big.NewRat(1, 1_000_000), "12.00": big.NewRat(12, 1)} {
		if got := above(r, 2); got != want {
			t.Errorf("%s is %s, want %s", r, got, want)
		}
	}
}

func TestALogOfDrawsOverPanelsHolds(t *testing.T) {
	p := newPanelled(t).through()
	f := p.publish()
	f[blobName(p.list)] = p.list
	r := checkLog(t, f, brought(t))
	if !r.OK || !strings.Contains(r.Checks[4].Evidence, "1 of them over panels, whose lists are published and of their form") {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func blobName(b []byte) string {
	name := blobOf(b).SHA256.String()
	return "blob/sha256/" + name[:2] + "/" + name
}

func TestLogsOfFalseDrawsOverPanelsAreFound(t *testing.T) {
	opened := func(change func(*sortition.Manifest)) func(*panelled, files) {
		return func(p *panelled, _ files) { p.begin(); p.ask(1000, 123, change); p.outcome(1000, nil) }
	}
	for name, tc := range map[string]struct {
		log  func(p *panelled, f files)
		says string
	}{
		"a list that is not published": {func(p *panelled, f files) { p.through(); delete(f, blobName(p.list)) }, "is not published"},
		"another file in its place": {func(p *panelled, f files) {
			p.through()
			f[blobName(p.list)] = append(bytes.Clone(p.list), '\n')
		}, "has SHA-256"},
		"a list that is none": {func(p *panelled, f files) {
			p.publishes([]byte("the panels"))
			f[blobName(p.list)] = p.list
			p.through()
		}, "file_form"},
		"another number of panels": {opened(func(m *sortition.Manifest) { m.Panels.Count++ }), "the list has 20 panels, the manifest says 21"},
		"households":               {opened(func(m *sortition.Manifest) { m.OnePerHousehold = false }), "one_per_household is true in the list"},
		"another panel": {func(p *panelled, _ files) {
			p.begin()
			p.ask(1000, 123, nil)
			p.outcome(1000, nextPanel)
		}, "the result is not panel 12"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPanelled(t)
			blobs := files{blobName(p.list): p.list}
			tc.log(p, blobs)
			f := p.publish()
			for name, b := range blobs {
				f[name] = b
			}
			r := checkLog(t, f, brought(t))
			if got := failed(r); !slices.Equal(got, []int{5}) || !strings.Contains(r.Checks[4].Evidence, tc.says) {
				t.Errorf("failed %v, want 5 and %q:\n%s", got, tc.says, text(t, r))
			}
		})
	}
}

func nextPanel(r *sortition.Result, _ *audit.DrawResult) { other := *r.Panel + 1; r.Panel = &other }
