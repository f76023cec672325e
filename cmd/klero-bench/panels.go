package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kleroterion/randomness/sortition/quota"
)

// lottery is an instance: a folder of the repository's test data, or an invented pool.
type lottery struct {
	name     string
	seats    int64
	address  string // column of the address: one person of a household
	invented invented
	rounds   int
	bound    time.Duration // 0: nothing is promised
	race     *race
	measure  func(context.Context, *bench) ([]Row, error) // instead of the instance's own rows
}

// lotteries are the instances with at most most people, in the order of the table.
func lotteries(most int) []lottery {
	all := &race{}
	var out []lottery
	for _, l := range append(filed(), newcomers()...) {
		if l.people <= most {
			l.race = all
			out = append(out, l.lottery)
		}
	}
	out = append(out, lottery{name: "sum", measure: all.rows})
	if most >= 100_000 {
		out = append(out, lottery{name: "sweep", measure: sweepRows})
	}
	return out
}

type sized struct {
	people int
	lottery
}

// filed are the instances of the test data.
func filed() []sized {
	var out []sized
	for _, l := range []sized{
		{100, lottery{name: "opendlp_monitoring_30", seats: 30}}, {70, lottery{name: "syn_m_24", seats: 24}},
		{250, lottery{name: "syn_a_20", seats: 20}}, {404, lottery{name: "syn_b_40", seats: 40}},
		{825, lottery{name: "syn_c_75", seats: 75}}, {1000, lottery{name: "syn_d_100", seats: 100}},
		{1727, lottery{name: "syn_e_110", seats: 110, bound: time.Second}}, {2000, lottery{name: "syn_f_200", seats: 200}},
		{342, lottery{name: "syn_n_170", seats: 170}}, {1727, lottery{name: "syn_e_110", seats: 110, address: "address"}},
	} {
		if l.rounds = 5; l.address != "" {
			l.rounds = 1
		}
		out = append(out, l)
	}
	return out
}

// newcomers are invented.
func newcomers() []sized {
	var out []sized
	for _, in := range []invented{
		{seed: 1, people: 60, seats: 20, features: 6, values: 4}, {seed: 2, people: 320, seats: 30, features: 8, values: 8, slack: 1},
		{seed: 8, people: 240, seats: 30, features: 8, values: 6}, {seed: 4, people: 1000, seats: 100, features: 6, values: 8, slack: 1},
		{seed: 5, people: 2000, seats: 200, features: 7, values: 8, slack: 1}, {seed: 7, people: 100_000, seats: 200, features: 6, values: 6, slack: 1},
	} {
		l := lottery{name: fmt.Sprintf("new_%d_%d", in.people, in.seats), seats: in.seats, invented: in, rounds: 1, bound: time.Minute}
		if in.people == 100_000 {
			l.bound = 5 * time.Second
		}
		out = append(out, sized{in.people, l})
	}
	return out
}

// rows compute the fairest lottery of one instance, with its certificate. The second row is the memory
// that this takes.
func (l lottery) rows(ctx context.Context, b *bench) ([]Row, error) {
	if l.measure != nil {
		return l.measure(ctx, b)
	}
	p, err := l.problem()
	if err != nil {
		return nil, err
	}
	s := solving{ctx: ctx, problem: p}
	all := []contender{onCore(s.solve)}
	peer, err := l.race.enter(ctx, b, l)
	if err != nil {
		return nil, err
	}
	if peer != nil {
		all = append(all, peer)
	}
	t, err := b.medians(ctx, min(l.rounds, b.sizes.some()), all...)
	if err != nil {
		return nil, err
	}
	grown, err := watch(s.solve)
	if err != nil {
		return nil, err
	}
	what, err := s.said()
	if err != nil {
		return nil, err
	}
	row := Row{Name: "panels." + l.row(), What: what, Figure: took(t[0])}
	if peer != nil {
		l.race.count(t[0], t[1])
		row = row.against(took(t[1]), "the prototype, without equal panels and without the check")
	}
	memory := Row{Name: row.Name + ".memory", What: "what the heap grows by meanwhile", Figure: size(grown.heap)}
	if b.sizes.lotteries >= 100_000 {
		memory = memory.promise(within(size(100_000_000)))
		row = row.promise(l.promised())
	}
	return []Row{row, memory}, nil
}

// row is the name of the instance in the table.
func (l lottery) row() string {
	if l.address != "" {
		return l.name + ".households"
	}
	return l.name
}

func (l lottery) promised() *Bound {
	if l.bound == 0 {
		return nil
	}
	return within(took(l.bound))
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
	var columns quota.Columns
	if l.address != "" {
		columns.Address = []string{l.address}
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
	in, err := quota.Read(quota.Files{Size: l.seats, Quotas: quotas, People: people, Columns: columns})
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
