package panels_test

import (
	"os"
	"strings"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// instances are the folders of testdata, or those named in KLERO_INSTANCES, separated by colons.
func instances(b *testing.B) []string {
	b.Helper()
	if dirs := os.Getenv("KLERO_INSTANCES"); dirs != "" {
		return strings.Split(dirs, ":")
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		b.Fatal(err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "fuzz" {
			dirs = append(dirs, "testdata/"+e.Name())
		}
	}
	return dirs
}

// BenchmarkSolve is the whole computation: levels, lottery, equal panels, certificate, and its check.
func BenchmarkSolve(b *testing.B) {
	for _, dir := range instances(b) {
		b.Run(dir[strings.LastIndexByte(dir, '/')+1:], func(b *testing.B) {
			p := load(b, dir, quota.Columns{})
			b.ReportAllocs()
			for b.Loop() {
				r, err := panels.Solve(b.Context(), p, panels.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(p.Types)), "types")
				b.ReportMetric(float64(len(r.Levels)), "levels")
				b.ReportMetric(float64(len(r.Lottery)), "distinct")
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	p := load(b, "testdata/syn_e_110", quota.Columns{})
	r, err := panels.Solve(b.Context(), p, panels.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := panels.Verify(p, r); err != nil {
			b.Fatal(err)
		}
	}
}
