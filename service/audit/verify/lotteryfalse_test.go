package verify

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service/audit/bundle"
)

// falseLottery is a draw over panels that is false in one way. All else is as an honest service would have
// made it, signed by the log.
type falseLottery struct {
	name  string
	fails []int // the checks that fail by themselves
	says  string
	make  func(p *panelled) []byte
}

// lotteries is a lottery that was changed before a draw committed to it.
func lotteries(change func(p *panelled)) func(p *panelled) []byte {
	return func(p *panelled) []byte { change(p); p.forged(); return p.through().pack() }
}

// manifests is a draw whose manifest says something else than its list.
func manifests(change func(*sortition.Manifest)) func(p *panelled) []byte {
	return func(p *panelled) []byte {
		p.begin()
		p.ask(1000, 123, change)
		p.outcome(1000, nil)
		return p.pack()
	}
}

// exchanged is an honest draw in whose bundle something else is packed for the list of panels: the last
// blob but the result.
func exchanged(change func(p *panelled, blobs []bundle.Blob) []bundle.Blob) func(p *panelled) []byte {
	return func(p *panelled) []byte {
		c := p.through().contents(p.note())
		c.Blobs = change(p, c.Blobs)
		return packed(p.t, c)
	}
}

func falseLotteries() []falseLottery {
	return slices.Concat(falseFiles(), falseLists(), []falseLottery{
		{"another root", []int{10}, "root: the panels have root", manifests(func(m *sortition.Manifest) { m.Panels.Root[3] ^= 1 })},
		{"another number of panels", []int{10}, "count: the file has 20 panels, the manifest says 19", manifests(func(m *sortition.Manifest) { m.Panels.Count-- })},
		{"another digest", []int{1, 10}, "is not in the bundle", manifests(func(m *sortition.Manifest) { m.Panels.FileSHA256[3] ^= 1 })},
		{"households in the list alone", []int{10}, "households: one_per_household is true in the file and false in the manifest",
			manifests(func(m *sortition.Manifest) { m.OnePerHousehold = false })},
		{"another panel", []int{10}, "the result says panel 13, the draw gives panel 12", func(p *panelled) []byte {
			p.begin()
			p.ask(1000, 123, nil)
			p.outcome(1000, nextPanel)
			return p.pack()
		}},
		{"a false list of a draw that was voided", []int{10}, "draw 1: panel file: certificate", func(p *panelled) []byte {
			honest, named := p.list, p.named
			p.result.Probabilities[0] = panels.Ratio{Rat: big.NewRat(1, 2)}
			p.forged()
			p.begin()
			p.ask(1000, 123, nil)
			p.void(123, false)
			p.list, p.named = honest, named
			p.ask(657413, 123, nil)
			p.outcome(657413, nil)
			return p.pack()
		}},
		{"a false list of a draw that is open", []int{9, 10}, "draw 1: panel file: certificate", func(p *panelled) []byte {
			p.result.Probabilities[0] = panels.Ratio{Rat: big.NewRat(1, 2)}
			p.forged()
			p.begin()
			p.ask(1000, 123, nil)
			return p.pack()
		}},
	})
}

// falseFiles are bundles without the list that was committed to.
func falseFiles() []falseLottery {
	return []falseLottery{
		{"a list left out", []int{10}, "is not in the bundle", exchanged(func(_ *panelled, b []bundle.Blob) []bundle.Blob { return slices.Delete(b, 1, 2) })},
		{"a list with looser quotas in its place", []int{1, 10}, "is not in the bundle", exchanged(func(p *panelled, b []bundle.Blob) []bundle.Blob {
			p.terms.Quotas[4].Max++
			p.forged()
			b[1] = blobOf(p.list)
			return b
		})},
		{"a flipped byte of the list", []int{1, 10}, "digest: the file's SHA-256 is", func(p *panelled) []byte {
			b := p.through().pack()
			b[bytes.Index(b, []byte(`"copies":6`))+9]++
			return b
		}},
	}
}

// falseLists are lists that a draw committed to and that do not hold.
func falseLists() []falseLottery {
	return []falseLottery{
		{"two panels exchanged", []int{10}, "root", lotteries(func(p *panelled) {
			l := p.result.Lottery
			l[0], l[1] = l[1], l[0]
		})},
		{"a panel of other people", []int{10}, "certificate", lotteries(func(p *panelled) { p.result.Lottery[0].Seats[0].Type++ })},
		{"two people exchanged between panels", []int{10}, "root: the panels have root", lotteries(func(p *panelled) {
			// Of types 6 and 7 only households differ: quotas are met, and everybody stays on as many panels.
			l := p.result.Lottery
			l[2].Seats[3].Type, l[3].Seats[3].Type = l[3].Seats[3].Type, l[2].Seats[3].Type
		})},
		{"a copy taken from one panel for another", []int{10}, "certificate", lotteries(func(p *panelled) {
			p.result.Lottery[1].Copies -= 5
			p.result.Lottery[0].Copies += 5
		})},
		{"a quota loosened", []int{10}, "certificate", lotteries(func(p *panelled) { p.terms.Quotas[1].Max++ })},
		{"somebody excluded more", []int{10}, "certificate", lotteries(func(p *panelled) { p.terms.Excluded = append(p.terms.Excluded, p.hexOf(13)) })},
		{"somebody else excluded", []int{10}, "", lotteries(func(p *panelled) { p.terms.Excluded[0] = p.hexOf(11) })},
		{"a stranger excluded", []int{10}, "unknown_id", lotteries(func(p *panelled) { p.terms.Excluded[0] = strings.Repeat("ab", 32) })},
		{"somebody seated more", []int{10}, "certificate", lotteries(func(p *panelled) { p.terms.Seated = append(p.terms.Seated, p.hexOf(13)) })},
		{"a smaller panel", []int{10}, "certificate", lotteries(func(p *panelled) { p.terms.Size-- })},
		{"households left aside in the list alone", []int{10}, "", lotteries(func(p *panelled) { p.terms.OnePerHousehold = false })},
		{"a probability changed", []int{10}, "certificate", lotteries(func(p *panelled) { p.result.Probabilities[8] = panels.Ratio{Rat: big.NewRat(3, 7)} })},
		{"a proof that proves another bound", []int{10}, "certificate", lotteries(func(p *panelled) { p.result.Levels[0].Multipliers[0].Row++ })},
		{"a bound without its proof", []int{10}, "certificate", lotteries(func(p *panelled) { p.result.Levels[0].Multipliers = []panels.Multiplier{} })},
		{"a list of another register", []int{10}, "", func(p *panelled) []byte {
			entries := slices.Collect(panelfile.Entries(p.register))
			p.enter(slices.Delete(entries, 15, 16))
			return p.through().pack()
		}},
		{"a quota on what people do not disclose", []int{10}, "undisclosed", lotteries(func(p *panelled) {
			for i := range p.terms.Quotas {
				p.terms.Quotas[i].Feature = strings.Replace(p.terms.Quotas[i].Feature, "age", "income", 1)
			}
		})},
		{"no list at all", []int{10}, "file_form", func(p *panelled) []byte {
			p.publishes([]byte("the panels"))
			return p.through().pack()
		}},
	}
}

func TestEveryFalseDrawOverPanelsIsFound(t *testing.T) {
	for _, f := range falseLotteries() {
		t.Run(f.name, func(t *testing.T) {
			r := checkBundle(t, f.make(newPanelled(t)), brought(t))
			if got := failed(r); !slices.Equal(got, f.fails) || r.OK {
				t.Fatalf("failed %v, want %v:\n%s", got, f.fails, text(t, r))
			}
			if got := r.Checks[9].Evidence; !strings.Contains(got, f.says) {
				t.Errorf("%q is not in %q", f.says, got)
			}
		})
	}
}

// Whatever file a draw commits to, it is never unreadable, and holds only when the list does. Beacons and
// signatures are left out, for they take most of the time.
func FuzzAnyListOfPanels(f *testing.F) {
	p := newPanelled(f)
	f.Add(p.list)
	f.Add([]byte("{}"))
	f.Add(bytes.Replace(p.list, []byte(`"max":3`), []byte(`"max":4`), 1))
	p.weaker()
	f.Add(p.list)
	f.Fuzz(func(t *testing.T, list []byte) {
		if len(list) > 1<<14 {
			return
		}
		p := newPanelled(t)
		want := false
		if l, err := panelfile.Check(list, panelfile.Entries(p.register)); err == nil {
			p.named, want = l.List, l.File.OnePerHousehold
		}
		p.publishes(list)
		p.begin()
		p.ask(1000, 123, nil)
		e := evidenceOf(t, p.pack())
		var stop unreadable
		if err := e.lotteriesHold(); (err == nil) != want || errors.As(err, &stop) {
			t.Fatalf("want a list that holds %t: %v", want, err)
		}
	})
}

// evidenceOf takes a bundle apart, with check 6 made.
func evidenceOf(t *testing.T, b []byte) *evidence {
	t.Helper()
	opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	e := &evidence{unpacked: unpack(t.Context(), opened, Options{})}
	if err := e.load(); err != nil {
		t.Fatal(err)
	}
	e.follow()
	if said, err := e.manifestCommitted(); err != nil || len(e.damage) > 0 {
		t.Fatalf("%s, %v, %v", said, err, e.damage)
	}
	return e
}
