// Command kleroterion is the service and its command line: `kleroterion demo` shows the whole story,
// `kleroterion serve` runs the service, and everything that proves something also works on files.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"kleroterion/cmd/kleroterion/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
