package panels_test

import (
	"os"
	"strings"
	"syscall"
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

// cpu is the processor time of this process so far, in milliseconds: the wall clock says little on a
// machine that others use too.
func cpu() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e6
}

// BenchmarkSolve is the whole computation: levels, lottery, equal panels, certificate, and its check.
func BenchmarkSolve(b *testing.B) {
	for _, dir := range instances(b) {
		b.Run(dir[strings.LastIndexByte(dir, '/')+1:], func(b *testing.B) {
			p := load(b, dir, quota.Columns{})
			b.ReportAllocs()
			before, rounds := cpu(), 0.0
			for b.Loop() {
				rounds++
				r, err := panels.Solve(b.Context(), p, panels.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(p.Types)), "types")
				b.ReportMetric(float64(len(r.Levels)), "levels")
				b.ReportMetric(float64(len(r.Lottery)), "distinct")
			}
			b.ReportMetric((cpu()-before)/rounds, "cpu-ms/op")
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
