package verify

import (
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

func TestAnHonestRoundHolds(t *testing.T) {
	r := checkBundle(t, spring(t, poll.ModeOpen).through(applied, paid).packRound(), brought(t))
	if !r.OK || len(r.Checks) != 13 || !r.Rehearsal {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for no, want := range map[int][]string{
		1:  {"18 files"},
		2:  {"the policy you brought", "no witness signed"},
		3:  {"29 records of community/garden/round/spring", "4 rounds seen, verified"},
		5:  {"when the round opened 8 active members and 2 active founders"},
		6:  {"REHEARSAL: ", "4 projects (1 withdrawn, 3 approved) in 12 moves", "reviewers: otto, rita"},
		7:  {"7 gifts, each by somebody on the roll", "1 refunded"},
		8:  {"100000 at the opening and 1 top-up make 102000, in EUR with 2 decimals"},
		9:  {"1 version, the newest of", `"the garden's vouching"`},
		10: {"closed at", "with 7 gifts; version 1: 3 projects share 91800, unallocated 0, solidarity 10200; version 2: "},
		11: {"version 2 at", "1 donor and 0 projects struck", `"the same person twice"`},
		12: {"3 payouts of 2200 to 2 projects, none above what version 2 gives"},
		13: {"10 members may give", "open gifts from", "1 connector"},
	} {
		for _, part := range want {
			if got := r.Checks[no-1].Evidence; !strings.Contains(got, part) {
				t.Errorf("check %d: %q is not in %q", no, part, got)
			}
		}
	}
	said := text(t, r)
	for _, part := range []string{"NOT A REAL FUNDING ROUND", "late insertion is not excluded", "each of them is one", "that money moved", "reasons of corrections", "All 13 checks hold"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not said:\n%s", part, said)
		}
	}
}

func TestOtherHonestRoundsHold(t *testing.T) {
	for name, build := range map[string]struct {
		of   func(t *testing.T) *giving
		says string // in some evidence
	}{
		"a sealed one": {func(t *testing.T) *giving {
			g := spring(t, poll.ModeSealed).through(applied, given)
			g.give(6, "fountain", "100")
			x := g.gift(7, "mill", "300")
			x.Sealed, x.Nonce = g.gift(8, "mill", "100").Sealed, strings.Repeat("a", 32)
			g.send(x, g.keyOf(member(7)))
			return g.through(closed, paid)
		}, "2 invalid (1 copied, 1 unknown_project)"},
		"one with a jury": {func(t *testing.T) *giving { return juried(t).through(counted1, paid) },
			"all 12 checks of community/garden/poll/well hold; version 1: 3 projects share 91800, unallocated 0, of the jury's part 45900"},
		"one whose jury was never asked": {func(t *testing.T) *giving {
			g := newGiving(garden(t))
			a := g.asked(poll.ModeOpen)
			a.Jury = &grants.Jury{Poll: pollSubject, Share: half}
			g.openRound(a, nil)
			return g.through(applied, paid)
		}, "no votes of the jury (absent)"},
		"one whose jury's poll was void": {func(t *testing.T) *giving {
			return juriedUpTo(t, func(g *giving) { g.voidPoll(false) }, grants.JuryVoid).through(counted1, counted1)
		}, "no votes of the jury (void)"},
		"no gift and no weights": {func(t *testing.T) *giving {
			return spring(t, poll.ModeOpen).through(applied, reviewed).through(closed, counted1)
		}, "no weights were published"},
		"no personal weights": {func(t *testing.T) *giving {
			g := newGiving(garden(t))
			a := g.asked(poll.ModeOpen)
			a.Weights = false
			g.openRound(a, nil)
			return g.through(applied, reviewed).through(closed, counted1)
		}, "the round has no personal weights"},
		"all changes taken back": {func(t *testing.T) *giving {
			g := spring(t, poll.ModeOpen).through(applied, corrected)
			g.result("they are two people after all", nil, nil)
			return g
		}, "all changes taken back"},
		"void before its gifts": {func(t *testing.T) *giving {
			g := spring(t, poll.ModeOpen).through(applied, reviewed)
			g.void()
			return g
		}, "no result: "},
		"void when the sealed gifts could be read": {func(t *testing.T) *giving {
			g := spring(t, poll.ModeSealed).through(applied, closed)
			g.now += 60
			g.void()
			return g
		}, "when its sealed gifts could be read"},
		"records of the community after the opening": {func(t *testing.T) *giving {
			g := spring(t, poll.ModeOpen)
			g.move(identity.ActionAdmit, memberID(40))
			return g.through(applied, counted1)
		}, "10 members may give"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := checkBundle(t, build.of(t).packRound(), brought(t))
			if said := text(t, r); !r.OK || !strings.Contains(said, build.says) {
				t.Errorf("%q is not in the report:\n%s", build.says, said)
			}
		})
	}
}

func (g *giving) void() {
	g.t.Helper()
	g.add(audit.KindRoundVoid, audit.RoundVoid{Void: grants.Void{At: g.now, Reason: "the pool was not there"}})
}

func TestARoundAnswersForItsOwnPolicyWhenNoneIsBrought(t *testing.T) {
	r := checkBundle(t, spring(t, poll.ModeOpen).through(applied, paid).packRound(), Options{})
	if !r.OK || !slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, "--policy") }) {
		t.Errorf("report:\n%s", text(t, r))
	}
}
