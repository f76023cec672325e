package seating_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"testing"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/seating"
)

// assembly is 110 seats among 1,727 people, of households, with 35 quotas.
func assembly(b *testing.B) chamber {
	b.Helper()
	const folder = "../../randomness/sortition/panels/testdata/syn_e_110/"
	quotas, err := os.Open(folder + "categories.csv")
	if err != nil {
		b.Fatal(err)
	}
	defer quotas.Close()
	respondents, err := os.Open(folder + "respondents.csv")
	if err != nil {
		b.Fatal(err)
	}
	defer respondents.Close()
	in, err := quota.Read(quota.Files{Size: 110, Quotas: quotas, People: respondents, Columns: quota.Columns{Address: []string{"address"}}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range in.People {
		in.People[i].ID = fmt.Sprintf("%x", sha256.Sum256([]byte(in.People[i].ID)))
	}
	problem, err := quota.New(110, in.Quotas, in.People)
	if err != nil {
		b.Fatal(err)
	}
	pool, err := alternates.NewPool(problem, randomness.Seed{5})
	if err != nil {
		b.Fatal(err)
	}
	line, err := pool.Fill(alternates.State{Open: 110})
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(line)
	drawn := int64(1)
	return chamber{result: sortition.Result{Commit: beacon.Hash{1}, Panel: &drawn, V: 1}, panel: seating.Panel{Line: line, Pool: pool}}
}

// BenchmarkReplayOfAnAssembly: everybody is invited and 60 people drop out, one at a time, or all at once.
func BenchmarkReplayOfAnAssembly(b *testing.B) {
	c := assembly(b)
	for _, at := range []struct {
		name  string
		apart int64 // seconds between two dropouts
	}{{"one at a time", 100}, {"60 at once", 0}} {
		j := c.jury(b)
		log := j.Due(opened)
		apply(b, j, log...)
		for n := range int64(60) {
			m := decline(1+n*at.apart, n+1, c.panel.Line[n])
			log = append(log, m)
			apply(b, j, m)
			if at.apart > 0 || n == 59 {
				due := j.Due(m.At)
				log = append(log, due...)
				apply(b, j, due...)
			}
		}
		b.Run(at.name, func(b *testing.B) {
			for b.Loop() {
				apply(b, c.jury(b), log...)
			}
			b.ReportMetric(float64(len(log)), "moves")
		})
	}
}
