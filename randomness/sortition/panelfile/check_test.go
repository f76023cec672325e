package panelfile_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
)

func TestEveryPanelMeetsTheTerms(t *testing.T) {
	b := build(t, terms(), town(), 50)
	l, err := panelfile.Check(b.file, all(b.entries))
	if err != nil {
		t.Fatal(err)
	}
	if !l.Verdict.Optimal || l.List != b.list || len(l.Panels) != 50 {
		t.Errorf("%+v, %d panels, list %+v, built %+v", l.Verdict, len(l.Panels), l.List, b.list)
	}
	for k, ids := range l.Panels {
		counts, homes := map[string]int64{}, map[string]bool{}
		for i, e := range b.entries {
			if slices.Contains(ids, hexOf(i)) == (i == 3) {
				continue
			}
			for _, v := range e.Features {
				counts[v]++
			}
			if i == 20 || i == 21 || homes[e.Household] {
				t.Errorf("panel %d: person %d is left out, or the second of a household", k, i)
			}
			homes[e.Household] = e.Household != ""
		}
		for _, q := range b.terms.Quotas {
			if n := counts[q.Value]; n < q.Min || n > q.Max {
				t.Errorf("panel %d has %d of %s", k, n, q.Value)
			}
		}
		again, err := panelfile.Panel(b.file, all(b.entries), int64(k))
		if err != nil || len(ids) != 5 {
			t.Fatalf("%d people, %v", len(ids), err)
		}
		if diff := cmp.Diff(ids, again); diff != "" {
			t.Error(diff)
		}
	}
}

// TestRootIsTheTreeOfRFC9162 computes the root by the recursion of RFC 9162 2.1.1 over lines written
// out by hand.
func TestRootIsTheTreeOfRFC9162(t *testing.T) {
	b := build(t, terms(), town(), 13)
	l, err := panelfile.Check(b.file, all(b.entries))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for k, ids := range l.Panels {
		lines = append(lines, fmt.Sprintf(`{"panel":%d,"seats":["%s"]}`, k, strings.Join(ids, `","`)))
	}
	var root func([]string) [32]byte
	root = func(lines []string) [32]byte {
		if len(lines) == 1 {
			return sha256.Sum256([]byte("\x00" + lines[0]))
		}
		half := 1
		for half*2 < len(lines) {
			half *= 2
		}
		left, right := root(lines[:half]), root(lines[half:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
	want := sortition.PanelList{Count: 13, FileSHA256: sha256.Sum256(b.file), Root: root(lines)}
	if diff := cmp.Diff(want, l.List); diff != "" {
		t.Error(diff)
	}
}

func TestFileDoesNotDependOnTheOrderOfPeople(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	want := build(t, terms(), town(), 20)
	for range 5 {
		mixed := terms()
		mixed.Excluded = shuffled(rng, mixed.Excluded)
		got := build(t, mixed, shuffled(rng, town()), 20)
		if !bytes.Equal(want.file, got.file) || want.list != got.list {
			t.Fatal("another order of people or ids gives another file")
		}
	}
}

func TestHouseholdsCountOnlyWhereTheTermsSaySo(t *testing.T) {
	free := terms()
	free.OnePerHousehold = false
	p, err := free.Problem(all(town()))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Classes) != 0 || len(p.Barred) != 0 {
		t.Errorf("%d classes, %d barred", len(p.Classes), len(p.Barred))
	}
	if p, err = terms().Problem(all(town())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{hexOf(2)}, p.Barred); diff != "" || len(p.Classes) == 0 {
		t.Errorf("%d classes, %s", len(p.Classes), diff)
	}
}

func TestReadGivesBackWhatWasBuilt(t *testing.T) {
	b := build(t, terms(), town(), 20)
	f, err := panelfile.Read(b.file)
	if err != nil {
		t.Fatal(err)
	}
	want := terms()
	slices.Sort(want.Excluded)
	if diff := cmp.Diff(want, f.Terms); diff != "" {
		t.Error(diff)
	}
	mine, err := panels.Marshal(b.result)
	if err != nil {
		t.Fatal(err)
	}
	if his, err := panels.Marshal(f.Result); err != nil || !bytes.Equal(mine, his) {
		t.Errorf("the certificate is another, %v", err)
	}
}

func TestTermsThatDoNotFitTheRegister(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*panelfile.Terms, []register.Entry)
		want   panelfile.Rule
	}{
		"a stranger seated":       {func(m *panelfile.Terms, _ []register.Entry) { m.Seated[0] = hexOf(99) }, "unknown_id"},
		"a stranger excluded":     {func(m *panelfile.Terms, _ []register.Entry) { m.Excluded[0] = hexOf(99) }, "unknown_id"},
		"excluded twice":          {func(m *panelfile.Terms, _ []register.Entry) { m.Excluded[0] = m.Excluded[1] }, "ids"},
		"a feature not disclosed": {func(_ *panelfile.Terms, e []register.Entry) { delete(e[7].Features, "age") }, "undisclosed"},
		"not disclosed by one left out": {
			func(_ *panelfile.Terms, e []register.Entry) { delete(e[20].Features, "age") }, "undisclosed",
		},
		"a value in another spelling": {func(m *panelfile.Terms, _ []register.Entry) { m.Quotas[0].Value = "North" }, "quotas"},
		"an entry twice":              {func(_ *panelfile.Terms, e []register.Entry) { e[7] = e[6] }, "quotas"},
		"a minimum above its maximum": {func(m *panelfile.Terms, _ []register.Entry) { m.Quotas[0].Min = 9 }, "quotas"},
		"a quota twice":               {func(m *panelfile.Terms, _ []register.Entry) { m.Quotas[1] = m.Quotas[3] }, "quotas"},
		"no UTF-8":                    {func(m *panelfile.Terms, _ []register.Entry) { m.Quotas[0].Value = "\xff" }, "quotas"},
		"nobody to draw":              {func(m *panelfile.Terms, _ []register.Entry) { m.Size = 1 }, "no_seats"},
		"too many seated":             {func(m *panelfile.Terms, _ []register.Entry) { m.Size = 0 }, "quotas"},
	} {
		t.Run(name, func(t *testing.T) {
			good := build(t, terms(), town(), 10)
			m, entries := terms(), town()
			tc.change(&m, entries)
			if _, _, err := panelfile.Build(all(entries), m, good.result); rule(err) != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// TestAnotherLotteryIsRefused changes the lottery where the proof cannot notice, and the proof.
func TestAnotherLotteryIsRefused(t *testing.T) {
	for name, change := range map[string]func(*panels.Result){
		"a panel with a person less":   func(r *panels.Result) { r.Lottery[0].Seats = r.Lottery[0].Seats[1:] },
		"a panel with one person more": func(r *panels.Result) { r.Lottery[0].Seats[0].Count++ },
		"always the same panel": func(r *panels.Result) {
			r.Lottery = r.Lottery[:1]
			r.Lottery[0].Copies = r.Panels
		},
		"a bound that is not proved":  func(r *panels.Result) { r.Levels[0].Probability.Num().SetInt64(0) },
		"no bounds":                   func(r *panels.Result) { r.Levels = []panels.Level{} },
		"a number of panels too high": func(r *panels.Result) { r.Panels++ },
		"a method that is not known":  func(r *panels.Result) { r.Method = "lottery" },
		"no panels":                   func(r *panels.Result) { r.Lottery, r.Panels = []panels.Panel{}, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			b := build(t, terms(), town(), 20)
			change(b.result)
			if _, _, err := panelfile.Build(all(b.entries), b.terms, b.result); rule(err) != panelfile.RuleCertificate {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnotherRegisterIsNoticed(t *testing.T) {
	b := build(t, terms(), town(), 20)
	for name, change := range map[string]func([]register.Entry) []register.Entry{
		"somebody struck":    func(e []register.Entry) []register.Entry { return e[:23] },
		"somebody moved":     func(e []register.Entry) []register.Entry { e[9].Features["district"] = "north"; return e },
		"somebody else":      func(e []register.Entry) []register.Entry { e[9].ID = idOf(77); return e },
		"a household parted": func(e []register.Entry) []register.Entry { e[1].Household = ""; return e },
		"nobody":             func(e []register.Entry) []register.Entry { return nil },
		"households exchanged": func(e []register.Entry) []register.Entry {
			e[0].Household, e[4].Household = e[4].Household, e[0].Household
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := panelfile.Check(b.file, all(change(town())))
			if err != nil && rule(err) != "" {
				return
			}
			if err != nil || rule(l.Is(b.list, true)) != panelfile.RuleRoot {
				t.Errorf("not noticed: %v", err)
			}
		})
	}
}

func TestAManifestThatSaysSomethingElse(t *testing.T) {
	b := build(t, terms(), town(), 20)
	l, err := panelfile.Check(b.file, all(b.entries))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Is(b.list, true); err != nil {
		t.Error(err)
	}
	digest, count, root := b.list, b.list, b.list
	digest.FileSHA256[0]++
	count.Count++
	root.Root[31]++
	for want, got := range map[panelfile.Rule]error{
		"digest": l.Is(digest, true), "count": l.Is(count, true), "root": l.Is(root, true), "households": l.Is(b.list, false),
	} {
		if rule(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	for _, k := range []int64{-1, 20} {
		if _, err := l.Panel(k); rule(err) != panelfile.RulePanel {
			t.Errorf("panel %d: %v", k, err)
		}
	}
}

// TestFromTheManifestToThePeople draws with a beacon, and finds the people again in file and register.
func TestFromTheManifestToThePeople(t *testing.T) {
	reg, err := register.FromEntries(town())
	if err != nil {
		t.Fatal(err)
	}
	b := build(t, terms(), slices.Collect(panelfile.Entries(reg)), 20)
	m := sortition.Manifest{
		V: 1, Draw: "city/town/draw/canal", Seq: 1, Method: sortition.Panels, Panels: &b.list, OnePerHousehold: true,
		Register: sortition.RegisterRef{Root: beacon.Hash(reg.Root()), Size: int64(reg.Size())}, Beacon: sortition.Round{Round: 7},
	}
	if err := m.CheckForm(); err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for i := range 30 {
		res, err := sortition.Draw(&m, reg, beacon.Beacon{Round: 7, Signature: fmt.Append(nil, "signature ", i)})
		if err != nil {
			t.Fatal(err)
		}
		l, err := panelfile.Check(b.file, panelfile.Entries(reg))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Is(*m.Panels, m.OnePerHousehold); err != nil {
			t.Fatal(err)
		}
		ids, err := l.Panel(*res.Panel)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			raw, err := hex.DecodeString(id)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := reg.Find([32]byte(raw)); !ok {
				t.Errorf("%s is not in the register", id)
			}
		}
		seen[*res.Panel] = true
	}
	if len(seen) < 10 {
		t.Errorf("30 rounds drew %d panels", len(seen))
	}
}
