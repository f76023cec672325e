// Package cli is kleroterion's command line: it parses, calls the package that does the work, and
// turns errors into one line, a hint and an exit code.
//
// The rules of its output: answers go to the standard output, everything said to people to the
// standard error; `--json` makes the answer JSON; an error is `kleroterion: error: what, where` and,
// where there is a next step, `kleroterion: hint: …`; no colour, and no progress bar unless a person
// is watching.
//
// It exits 0 when it is done, 1 when something is false or failed, 2 when the input is unusable.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"kleroterion/api/problem"
	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/service"
)

// Streams are where a command reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// commands is the whole command line.
type commands struct {
	JSON bool `name:"json" help:"Answer in JSON."`

	Demo        demoCommand      `cmd:"" help:"Play the whole story on this machine, then leave the service running."`
	Serve       serveCommand     `cmd:"" help:"Run the service."`
	Beacon      beaconCommands   `cmd:"" help:"Check a beacon of a drand chain."`
	Register    registerCommand  `cmd:"" help:"Make a register from a residents' list."`
	Draw        drawCommand      `cmd:"" help:"Recompute a draw from its files."`
	Panels      panelsCommands   `cmd:"" help:"Compute, prove and draw the fairest lottery over panels that meet quotas."`
	Lottery     lotteryCommands  `cmd:"" help:"Ask a service for a lottery over panels: quotas, progress, report."`
	Charter     charterCommands  `cmd:"" help:"Write or check a community's charter."`
	Member      memberCommands   `cmd:"" help:"Compute member ids."`
	Attest      attestCommand    `cmd:"" help:"Sign a statement about a member, as an attester."`
	Statement   statementCommand `cmd:"" help:"Sign a statement about yourself, as a member."`
	Key         keyCommands      `cmd:"" help:"Make a key of your own, or print its public key."`
	Match       matchCommand     `cmd:"" help:"Share a matching pool by quadratic funding."`
	Seat        seatCommand      `cmd:"" help:"Sign for a seat with a key, to answer an invitation with it."`
	Ballot      ballotCommand    `cmd:"" help:"Make a signed ballot, sealed where the poll is."`
	Receipt     receiptCommand   `cmd:"" help:"Check the receipt of a ballot or a gift."`
	Project     projectCommand   `cmd:"" help:"Sign what a project's owner does in a funding round."`
	Gift        giftCommand      `cmd:"" help:"Make a signed gift to a project, sealed where the round is."`
	Payments    paymentsCommand  `cmd:"" help:"Sign a list of payments, as a round's payment connector."`
	Tally       tallyCommand     `cmd:"" help:"Count a poll again from its files."`
	Seal        sealCommand      `cmd:"" help:"Seal bytes until a round of a chain."`
	Open        openCommand      `cmd:"" help:"Open what was sealed, with its round."`
	Verify      verifyCommand    `cmd:"" help:"Check a bundle, as klero-verify does."`
	Log         logCommands      `cmd:"" help:"Check or rebuild a public log."`
	Config      configCommands   `cmd:"" help:"Check or show the settings of the service."`
	Admin       adminCommands    `cmd:"" help:"Make operators' keys on the server itself."`
	Backup      backupCommands   `cmd:"" help:"Copy the embedded database while it runs, and check such a copy."`
	Restore     restoreCommand   `cmd:"" help:"Put a backup in the place of the embedded database."`
	Migrate     migrateCommands  `cmd:"" help:"Bring the database's schema up to date, or show where it is."`
	Healthcheck healthCommand    `cmd:"" help:"Ask a running service whether it is ready (for containers)."`
	Version     versionCommand   `cmd:"" help:"Print the version."`
}

// call is what a command works with.
type call struct {
	Streams
	ctx  context.Context
	json bool
	set  func(flag string) bool // whether a flag stood on the command line
}

// exited carries kong's wish to exit (after --help) through its call stack.
type exited int

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case exited:
			code = int(x)
		default:
			panic(x)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("kleroterion"), kong.Writers(s.Out, s.Err), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Description("Draws juries by lot from public randomness, so that anyone can check them."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}), kong.UsageOnError())
	if err != nil {
		return s.fail(err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return s.fail(offline.Unusable(err, "kleroterion --help lists the commands"))
	}
	return s.fail(parsed.Run(&call{ctx: ctx, Streams: s, json: c.JSON, set: flagsOf(parsed)}))
}

func flagsOf(parsed *kong.Context) func(string) bool {
	given := map[string]bool{}
	for _, p := range parsed.Path {
		if p.Flag != nil && !p.Resolved {
			given[p.Flag.Name] = true
		}
	}
	return func(flag string) bool { return given[flag] }
}

// fail prints an error and its hint, and returns the exit code.
func (s Streams) fail(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(s.Err, "kleroterion: error: %v\n", err)
	hint, code := advice(err)
	if hint != "" {
		fmt.Fprintf(s.Err, "kleroterion: hint: %s\n", hint)
	}
	return code
}

func advice(err error) (hint string, code int) {
	var unusable interface{ Hint() string }
	var refusal *service.Error
	var setting config.Problem
	var answer *problem.Problem
	switch {
	case errors.As(err, &unusable):
		return unusable.Hint(), 2
	case errors.As(err, &answer):
		return "", refusedInput(answer.Status)
	case errors.As(err, &setting):
		return "kleroterion config show lists all settings", 2
	case errors.As(err, &refusal):
		return refusal.Hint, 1
	default:
		return "", 1
	}
}

// refusedInput is 2 for what a service cannot use, 1 for what it refuses otherwise.
func refusedInput(status int) int {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return 2
	}
	return 1
}

// watched reports whether a person is looking at the standard error.
func (s *call) watched() bool {
	f, ok := s.Err.(*os.File)
	return ok && !s.json && term.IsTerminal(int(f.Fd()))
}
