package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"kleroterion/randomness/sortition/quota"
)

// race is ours beside the prototype over all instances.
type race struct {
	program      string
	ours, theirs time.Duration
	entered      int
}

// enter makes the prototype a contender for the instance, nil when there is none.
func (r *race) enter(ctx context.Context, b *bench, l lottery) (contender, error) {
	if b.peer == "" {
		return nil, nil
	}
	if r.program == "" {
		program := filepath.Join(b.dir, "prototype")
		build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
		build.Dir = b.peer
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("the prototype in %s: %w\n%s", b.peer, err, out)
		}
		r.program = program
	}
	dir, err := l.folder(b.dir)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (time.Duration, error) { return r.run(ctx, dir, l.address != "") }, nil
}

var itsTime = regexp.MustCompile(` proven=(true|false) .* cpu=([0-9.]+)ms`)

// run gives the prototype as long as it likes; what it did not prove counts all the same.
func (r *race) run(ctx context.Context, dir string, households bool) (time.Duration, error) {
	solve := exec.CommandContext(ctx, r.program, "solve", dir)
	solve.Env = append(os.Environ(), "LIM=60")
	if households {
		solve.Env = append(solve.Env, "HH=1")
	}
	out, err := solve.Output()
	if err != nil {
		return 0, fmt.Errorf("the prototype on %s: %w", dir, err)
	}
	found := itsTime.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("the prototype on %s says no time: %s", dir, out)
	}
	ms, err := strconv.ParseFloat(string(found[2]), 64)
	return time.Duration(ms * float64(time.Millisecond)), err
}

func (r *race) count(ours, theirs time.Duration) {
	r.ours, r.theirs, r.entered = r.ours+ours, r.theirs+theirs, r.entered+1
}

// rows is the sum of all instances, where there was a prototype.
func (r *race) rows(context.Context, *bench) ([]Row, error) {
	if r.entered == 0 {
		return nil, nil
	}
	row := Row{Name: "panels.sum", What: fmt.Sprintf("fairest lotteries of the %d instances above", r.entered), Figure: took(r.ours)}
	return []Row{row.against(took(r.theirs), "the prototype").promise(times(0.5))}, nil
}

// folder is where the instance's files are; those of an invented pool are written there first.
func (l lottery) folder(base string) (string, error) {
	if l.invented.people == 0 {
		return testdata(l.name)
	}
	dir := filepath.Join(base, l.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	quotas, people := l.invented.make()
	return dir, errors.Join(writeCSV(filepath.Join(dir, "categories.csv"), quotaTable(quotas)),
		writeCSV(filepath.Join(dir, "respondents.csv"), peopleTable(quotas, people)))
}

func quotaTable(quotas []quota.Quota) [][]string {
	out := [][]string{{"feature", "value", "min", "max"}}
	for _, q := range quotas {
		out = append(out, []string{q.Feature, q.Value, fmt.Sprint(q.Min), fmt.Sprint(q.Max)})
	}
	return out
}

func peopleTable(quotas []quota.Quota, people []quota.Person) [][]string {
	head := []string{"id"}
	for i, q := range quotas {
		if i == 0 || q.Feature != quotas[i-1].Feature {
			head = append(head, q.Feature)
		}
	}
	out := [][]string{head}
	for _, p := range people {
		out = append(out, append([]string{p.ID}, p.Values...))
	}
	return out
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	return errors.Join(w.WriteAll(rows), f.Close())
}
