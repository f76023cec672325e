package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// BenchmarkPanels is the time to verify the bundle of a draw of one of 1,000 panels of 110, among 1,727
// people, and the most memory that it takes at a time.
func BenchmarkPanels(b *testing.B) {
	for _, households := range []bool{false, true} {
		b.Run(map[bool]string{false: "people", true: "households"}[households], func(b *testing.B) {
			raw := largePanels(b, households)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			before, rounds := cpu(), 0.0
			for b.Loop() {
				rounds++
				opened, err := bundle.Open(bytes.NewReader(raw), int64(len(raw)))
				if err != nil {
					b.Fatal(err)
				}
				if r, err := Bundle(b.Context(), opened, brought(b)); err != nil || !r.OK {
					b.Fatalf("%v\n%s", err, text(b, r))
				}
			}
			b.ReportMetric((cpu()-before)/rounds, "cpu-ms/op")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys>>20), "heap-MiB")
		})
	}
}

// cpu is the processor time of this process so far, in milliseconds.
func cpu() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e6
}

func largePanels(b *testing.B, households bool) []byte {
	b.Helper()
	const dir = "../../../randomness/sortition/panels/testdata/syn_e_110/"
	var files [2][]byte
	for i, name := range []string{"categories.csv", "respondents.csv"} {
		var err error
		if files[i], err = os.ReadFile(dir + name); err != nil {
			b.Fatal(err)
		}
	}
	in, err := quota.Read(quota.Files{Size: 110, Quotas: bytes.NewReader(files[0]), People: bytes.NewReader(files[1]), Columns: quota.Columns{Address: []string{"address"}}})
	if err != nil {
		b.Fatal(err)
	}
	p := &panelled{scene: newScene(b), terms: panelfile.Terms{Size: 110, Quotas: in.Quotas, OnePerHousehold: households, Seated: []string{}, Excluded: []string{}}}
	p.enter(entriesOf(in))
	problem, err := p.terms.Problem(panelfile.Entries(p.register))
	if err != nil {
		b.Fatal(err)
	}
	if p.result, err = panels.Solve(b.Context(), problem, panels.Options{Panels: 1000}); err != nil {
		b.Fatal(err)
	}
	if p.list, p.named, err = panelfile.Build(panelfile.Entries(p.register), p.terms, p.result); err != nil {
		b.Fatal(err)
	}
	p.beat(2)
	p.city()
	c := p.commitment()
	c.Features, c.SmallCells = nil, audit.SmallCellsPublished
	for _, f := range in.Problem.Features {
		c.Features = append(c.Features, f.Name)
	}
	slices.Sort(c.Features)
	p.freeze(c)
	p.ask(1000, 123, func(m *sortition.Manifest) { m.OnePerHousehold = households })
	p.outcome(1000, nil)
	return p.pack()
}

// entriesOf are people as a register has them.
func entriesOf(in *quota.Input) (entries []register.Entry) {
	for _, person := range in.People {
		e := register.Entry{ID: sha256.Sum256([]byte(person.ID)), Features: map[string]string{}}
		for f, value := range person.Values {
			e.Features[in.Problem.Features[f].Name] = value
		}
		home := sha256.Sum256([]byte(person.Household))
		e.Household = hex.EncodeToString(home[:8])
		entries = append(entries, e)
	}
	return entries
}
