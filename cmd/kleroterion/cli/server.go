package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/serve"
)

type serveCommand struct {
	config.Config
}

func (c *serveCommand) Run(s *call) error {
	if err := c.ready(); err != nil {
		return err
	}
	world, err := s.world(&c.Config)
	if err != nil {
		return err
	}
	i, err := serve.Start(s.ctx, &c.Config, world)
	if s.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop before it had started
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "kleroterion is at %s\nlog key: %s\n", i.URL, i.VKey)
	if i.OwnerLink != "" {
		fmt.Fprintf(s.Out, "become its operator (one use, 24 hours): %s\n", i.OwnerLink)
	}
	if d := i.Devchain(); d != nil {
		fmt.Fprintf(s.Out, "devchain %s: every draw on it is a REHEARSAL\n", d.Chain().Hash)
	}
	return i.Wait()
}

// ready resolves and checks the settings.
func (c *serveCommand) ready() error {
	if err := c.Resolve(); err != nil {
		return err
	}
	return c.Check()
}

// world is the real one: this machine's clock and entropy.
func (s *call) world(c *config.Config) (serve.World, error) {
	log, err := serve.Logger(s.Err, c.LogFormat, c.LogLevel)
	return serve.World{Now: time.Now, Entropy: rand.Reader, Logger: log, Version: Version()}, err
}

type configCommands struct {
	Check configCheck `cmd:"" help:"Check the settings and exit."`
	Show  configShow  `cmd:"" help:"Print each setting with its origin; secrets are left out."`
}

type configCheck struct{ serveCommand }

func (c *configCheck) Run(s *call) error {
	if err := c.ready(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.Out, "the settings are fine")
	return err
}

type configShow struct{ config.Config }

func (c *configShow) Run(s *call) error {
	if err := c.Resolve(); err != nil {
		return err
	}
	return c.Show(s.Out, s.set, s.json)
}

type versionCommand struct{}

func (c *versionCommand) Run(s *call) error {
	if s.json {
		_, err := fmt.Fprintf(s.Out, "{\"version\":%q}\n", Version())
		return err
	}
	_, err := fmt.Fprintln(s.Out, "kleroterion", Version())
	return err
}

// Version is the module's version, with the revision it was built from where that is known.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "0.1.0-dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + " " + s.Value[:12]
		}
	}
	return version
}
