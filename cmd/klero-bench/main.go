package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// options are the command line.
type options struct {
	Quick    bool     `help:"One tenth of the sizes and fewer repetitions; promises about a whole size are not judged."`
	JSON     bool     `name:"json" help:"Print the rows as JSON."`
	Only     []string `placeholder:"NAME" help:"Measure only the rows whose name begins with NAME; may be repeated."`
	Dir      string   `type:"path" help:"Folder for the databases and files, on the disk to be measured; the system's temporary folder when empty."`
	Profile  string   `type:"path" help:"Write a CPU profile of the whole run to this file."`
	Panels   string   `type:"existingdir" name:"panels-peer" placeholder:"DIR" help:"Source of another program for panel lotteries, to be measured in turns with ours: 'go build' makes it, 'PROGRAM solve DIR' prints cpu=…ms."`
	Postgres string   `env:"KLERO_TEST_POSTGRES" placeholder:"URL" help:"PostgreSQL where databases may be created; one is started here when empty and installed."`
}

// errOver says that a promise is broken.
var errOver = errors.New("a figure is over its bound")

func main() {
	var o options
	kong.Parse(&o, kong.Name("klero-bench"), kong.Description("Every figure we claim, measured beside its limit."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, o, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, errOver):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "klero-bench:", err)
		os.Exit(2)
	}
}

// run measures and prints. Rows that were measured before an error are printed too.
func run(ctx context.Context, o options, out, notes io.Writer) error {
	dir, err := os.MkdirTemp(o.Dir, "klero-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stop, err := profile(o.Profile)
	if err != nil {
		return err
	}
	defer stop()
	s := fullSizes()
	if o.Quick {
		s = quickSizes()
	}
	b := &bench{sizes: s, dir: dir, base: o.Dir, postgres: o.Postgres, peer: o.Panels, status: newStatus(notes)}
	rows, err := b.measure(ctx, o.Only)
	b.status.clear()
	if o.JSON {
		err = errors.Join(err, printJSON(out, rows))
	} else {
		err = errors.Join(err, printTable(out, rows))
	}
	if err == nil && anyOver(rows) {
		return errOver
	}
	return err
}

// profile starts a CPU profile where a file is named.
func profile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close() // a profile that was cut short is no proof of anything
	}, nil
}

// bench is what every group of rows works with.
type bench struct {
	sizes    sizes
	dir      string // for the files of this run
	base     string // where dir is, "" for the system's temporary folder
	postgres string
	peer     string // source of another program for panels, "" without one
	status   *status
}

// group is a set of rows that are measured together; its name begins the names of its rows.
type group struct {
	name    string
	measure func(context.Context, *bench) ([]Row, error)
}

func (b *bench) measure(ctx context.Context, only []string) ([]Row, error) {
	var rows []Row
	var failed []error
	chosen := choose(b.groups(), only)
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no row begins with %q", only)
	}
	for i, g := range chosen {
		b.status.begin(i+1, len(chosen), g.name)
		more, err := g.measure(ctx, b)
		rows = append(rows, more...)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", g.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return rows, errors.Join(failed...)
}

// choose keeps the groups that one of the names asks for, all when there are none.
func choose(all []group, only []string) []group {
	var chosen []group
	for _, g := range all {
		wanted := len(only) == 0
		for _, name := range only {
			wanted = wanted || strings.HasPrefix(g.name, name)
		}
		if wanted {
			chosen = append(chosen, g)
		}
	}
	return chosen
}
