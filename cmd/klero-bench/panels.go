package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// lottery is an instance: a folder of the repository's test data, or an invented pool.
type lottery struct {
	name     string
	seats    int64
	invented invented
	rounds   int
	bound    time.Duration // 0: nothing is promised
}

// lotteries are the instances with at most most people, in the order of the table.
func lotteries(most int) []lottery {
	var out []lottery
	for _, l := range []struct {
		people int
		lottery
	}{
		{100, lottery{name: "opendlp_monitoring_30", seats: 30}}, {70, lottery{name: "syn_m_24", seats: 24}},
		{250, lottery{name: "syn_a_20", seats: 20}}, {404, lottery{name: "syn_b_40", seats: 40}},
		{825, lottery{name: "syn_c_75", seats: 75}}, {1000, lottery{name: "syn_d_100", seats: 100}},
		{1727, lottery{name: "syn_e_110", seats: 110, bound: time.Second}}, {2000, lottery{name: "syn_f_200", seats: 200}},
		{342, lottery{name: "syn_n_170", seats: 170}},
	} {
		if l.rounds = 5; l.people <= most {
			out = append(out, l.lottery)
		}
	}
	for _, in := range []invented{
		{seed: 1, people: 60, seats: 20, features: 6, values: 4}, {seed: 2, people: 320, seats: 30, features: 8, values: 8, slack: 1},
		{seed: 8, people: 240, seats: 30, features: 8, values: 6}, {seed: 4, people: 1000, seats: 100, features: 6, values: 8, slack: 1},
		{seed: 5, people: 2000, seats: 200, features: 7, values: 8, slack: 1}, {seed: 7, people: 100_000, seats: 200, features: 6, values: 6, slack: 1},
	} {
		l := lottery{name: fmt.Sprintf("new_%d_%d", in.people, in.seats), seats: in.seats, invented: in, rounds: 1, bound: time.Minute}
		if in.people == 100_000 {
			l.bound = 5 * time.Second
		}
		if in.people <= most {
			out = append(out, l)
		}
	}
	return out
}

// rows compute the fairest lottery of one instance, and beside it only check its certificate. The
// second row is the memory that computing it takes.
func (l lottery) rows(ctx context.Context, b *bench) ([]Row, error) {
	p, err := l.problem()
	if err != nil {
		return nil, err
	}
	var result *panels.Result
	var verdict panels.Verdict
	solve := func() (err error) {
		result, err = panels.Solve(ctx, p, panels.Options{})
		return err
	}
	check := func() (err error) {
		verdict, err = panels.Verify(p, result)
		return err
	}
	t, err := b.medians(ctx, min(l.rounds, b.sizes.some()), onCore(solve), onCore(check))
	if err != nil {
		return nil, err
	}
	grown, err := watch(solve)
	if err != nil {
		return nil, err
	}
	row := Row{Name: "panels." + l.name, What: said(p, result, verdict), Figure: took(t[0])}.against(took(t[1]), "its certificate checked")
	memory := Row{Name: row.Name + ".memory", What: "what the heap grows by meanwhile", Figure: size(grown.heap)}
	if b.sizes.lotteries >= 100_000 {
		memory = memory.promise(within(size(100_000_000)))
		row = row.promise(l.promised())
	}
	return []Row{row, memory}, nil
}

func (l lottery) promised() *Bound {
	if l.bound == 0 {
		return nil
	}
	return within(took(l.bound))
}

// said is what the row is about, and whether the result is proved.
func said(p *quota.Problem, r *panels.Result, v panels.Verdict) string {
	proof := "proved"
	if !v.Optimal {
		proof = "gap " + v.Gap.FloatString(5)
	}
	return fmt.Sprintf("fairest lottery: %d people, %d types, %d rows; %d levels, %d panels (%d different), %s",
		p.People(), len(p.Types), len(p.Rows), len(r.Levels), r.Panels, len(r.Lottery), proof)
}

func (l lottery) problem() (*quota.Problem, error) {
	if l.invented.people > 0 {
		quotas, people := l.invented.make()
		return quota.New(l.seats, quotas, people)
	}
	dir, err := testdata(l.name)
	if err != nil {
		return nil, err
	}
	quotas, err := os.Open(filepath.Join(dir, "categories.csv"))
	if err != nil {
		return nil, err
	}
	defer quotas.Close()
	people, err := os.Open(filepath.Join(dir, "respondents.csv"))
	if err != nil {
		return nil, err
	}
	defer people.Close()
	in, err := quota.Read(quota.Files{Size: l.seats, Quotas: quotas, People: people})
	if err != nil {
		return nil, err
	}
	return in.Problem, nil
}

// testdata finds an instance in the checkout that holds the current folder.
func testdata(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		found := filepath.Join(dir, "randomness", "sortition", "panels", "testdata", name)
		_, err := os.Stat(found)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no test data %s above this folder: run it in the checkout", name)
		}
		dir = up
	}
}
