package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
)

const usage = `usage: klero-verify FILE [--policy FILE | --log-key VKEY] [--chain-info FILE] [--json]

Checks the bundle FILE (- reads standard input) and says of each check what was found.

  --policy FILE      whose log you believe: a C2SP log policy, with witnesses if you like
  --log-key VKEY     the same for one log: its key, name+id+base64
  --chain-info FILE  a dev chain you know, as drand describes it; for rehearsals
  --json             one line of JSON

Without --policy and --log-key the bundle's own policy is used, and the report says so.
Exit: 0 all checks hold, 1 a check failed, 2 the file cannot be read.
`

// The exit codes of docs/spec/bundle.md.
const (
	exitHolds  = 0
	exitFailed = 1
	exitUnread = 2
)

// command is one call of the program.
type command struct {
	file, policy, logKey, chainInfo string
	json                            bool
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitHolds
	}
	if err != nil {
		return refuse(stderr, fmt.Errorf("%w; klero-verify --help shows the usage", err))
	}
	report, err := c.verify(ctx, stdin)
	if err != nil {
		return refuse(stderr, err)
	}
	show := verify.Fprint
	if c.json {
		show = verify.FprintJSON
	}
	if err := show(stdout, report); err != nil {
		return refuse(stderr, fmt.Errorf("writing the report: %w", err))
	}
	if !report.OK {
		return exitFailed
	}
	return exitHolds
}

func refuse(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "klero-verify: %v\n", err)
	return exitUnread
}

// parse takes flags before and after the file.
func parse(args []string) (command, error) {
	var c command
	set := flag.NewFlagSet("klero-verify", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&c.policy, "policy", "", "")
	set.StringVar(&c.logKey, "log-key", "", "")
	set.StringVar(&c.chainInfo, "chain-info", "", "")
	set.BoolVar(&c.json, "json", false, "")
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return command{}, err
		}
		if args = set.Args(); len(args) == 0 {
			break
		}
		if c.file != "" {
			return command{}, fmt.Errorf("two files, %s and %s: check one at a time", c.file, args[0])
		}
		c.file, args = args[0], args[1:]
	}
	if c.file == "" {
		return command{}, errors.New("no file to check")
	}
	return c, nil
}

func (c command) verify(ctx context.Context, stdin io.Reader) (verify.Report, error) {
	opts, err := c.options()
	if err != nil {
		return verify.Report{}, err
	}
	r, size, done, err := c.open(stdin)
	if err != nil {
		return verify.Report{}, err
	}
	defer done()
	b, err := bundle.Open(r, size)
	if err != nil {
		return verify.Report{}, fmt.Errorf("%s cannot be read: %w; fetch the bundle again", c.file, err)
	}
	report, err := verify.Bundle(ctx, b, opts)
	if err != nil {
		return verify.Report{}, fmt.Errorf("%s: %w", c.file, err)
	}
	return report, nil
}

func (c command) options() (verify.Options, error) {
	brought := verify.Brought{LogKey: c.logKey}
	var err error
	if c.policy != "" {
		if brought.Policy, err = os.ReadFile(c.policy); err != nil {
			return verify.Options{}, fmt.Errorf("--policy: %w", err)
		}
	}
	if c.chainInfo != "" {
		if brought.ChainInfo, err = os.ReadFile(c.chainInfo); err != nil {
			return verify.Options{}, fmt.Errorf("--chain-info: %w", err)
		}
	}
	return brought.Options()
}

// open returns the bundle's bytes and what to do when they are no longer needed.
func (c command) open(stdin io.Reader) (io.ReaderAt, int64, func(), error) {
	if c.file == "-" {
		b, err := io.ReadAll(stdin)
		if err != nil {
			return nil, 0, nil, fmt.Errorf("standard input: %w", err)
		}
		return bytes.NewReader(b), int64(len(b)), func() {}, nil
	}
	f, err := os.Open(c.file)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file: name a bundle (.klero)", c.file)
	}
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	return f, info.Size(), func() { f.Close() }, nil
}
