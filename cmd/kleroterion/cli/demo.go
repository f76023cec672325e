package cli

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/demo"
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/cmd/kleroterion/serve"
)

type demoCommand struct {
	Dir       string        `type:"path" help:"Empty folder for everything that the demonstration makes; a temporary one when not given."`
	Exit      bool          `help:"Stop at the end instead of leaving the service running."`
	Residents int           `default:"20000" help:"Size of the town."`
	Seats     int64         `default:"51" help:"Size of the jury."`
	Members   int           `default:"400" help:"Size of the community that votes beside the jury."`
	Wait      time.Duration `default:"10s" help:"Time between the commitment and the round."`
	Listen    string        `default:"127.0.0.1:0" help:"Address of the service."`
	Verbose   bool          `short:"v" help:"Show the service's log."`
}

func (c *demoCommand) Run(s *call) error {
	settings, err := defaults()
	if err != nil {
		return err
	}
	if c.Wait < 2*time.Second || c.Residents < 1 || c.Seats < 1 || c.Members < 10 {
		return offline.Unusable(errors.New("a demonstration needs a resident, a seat, ten members and 2s to wait"), "")
	}
	settings.Listen, settings.DevchainPeriod, settings.RehearsalLead = c.Listen, time.Second, min(settings.RehearsalLead, c.Wait/2)
	if c.Dir == "" {
		if c.Dir, err = os.MkdirTemp("", "kleroterion-demo-"); err != nil {
			return err
		}
	}
	bar := &steps{s: s}
	err = demo.Run(s.ctx, s.Out, demo.Options{Dir: c.Dir, Residents: c.Residents, Seats: c.Seats, Members: c.Members, Wait: c.Wait, Stay: !c.Exit, Config: settings,
		World:    serve.World{Now: time.Now, Entropy: rand.Reader, Logger: c.logger(s.Err), Version: Version()},
		Progress: bar.tell})
	bar.end()
	if errors.Is(err, demo.ErrFolder) {
		return offline.Unusable(err, "choose another folder with --dir")
	}
	return err
}

func (c *demoCommand) logger(w io.Writer) *slog.Logger {
	if c.Verbose {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// defaults are the settings without flags or environment.
func defaults() (c config.Config, err error) {
	parser, err := kong.New(&c, kong.Exit(func(int) {}))
	if err != nil {
		return c, err
	}
	_, err = parser.Parse(nil)
	return c, err
}
