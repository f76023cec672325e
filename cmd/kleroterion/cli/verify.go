package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/cmd/kleroterion/serve"
)

type verifyCommand struct {
	File      string `arg:"" type:"path" help:"Bundle (.klero)."`
	Policy    string `type:"path" help:"Policy file: the log's key and the witnesses to require."`
	LogKey    string `name:"log-key" help:"The log's verifier key, in place of a policy."`
	ChainInfo string `name:"chain-info" type:"path" help:"File with the info of a devchain."`
}

func (c *verifyCommand) Run(s *call) error {
	bar := &steps{s: s}
	err := offline.VerifyBundle(s.ctx, s.Out, offline.BundleCheck{File: c.File, Policy: c.Policy, LogKey: c.LogKey, ChainInfo: c.ChainInfo, Progress: bar.tell}, s.json)
	bar.end()
	return err
}

type logCommands struct {
	Verify  logVerify  `cmd:"" help:"Read a whole log and check it."`
	Rebuild logRebuild `cmd:"" help:"Write the published files anew from the database."`
	Vkey    logVkey    `cmd:"" help:"Print the log's verifier key."`
}

type logVerify struct {
	Where     string `arg:"" help:"Folder or URL with checkpoint and tile/."`
	Policy    string `type:"path" help:"Policy file: the log's key and the witnesses to require."`
	LogKey    string `name:"log-key" help:"The log's verifier key, in place of a policy."`
	ChainInfo string `name:"chain-info" type:"path" help:"File with the info of a devchain."`
	State     string `type:"path" help:"Folder that keeps the checkpoints of logs that were checked; your configuration folder when not given."`
	NoState   bool   `name:"no-state" help:"Keep nothing and compare with nothing."`
}

func (c *logVerify) Run(s *call) error {
	state := c.State
	if state == "" && !c.NoState {
		if home, err := os.UserConfigDir(); err == nil {
			state = filepath.Join(home, "kleroterion", "logs")
		}
	}
	bar := &steps{s: s}
	err := offline.VerifyLog(s.ctx, s.Out, offline.LogCheck{Where: c.Where, Policy: c.Policy, LogKey: c.LogKey, ChainInfo: c.ChainInfo,
		State: state, Progress: bar.tell}, s.json)
	bar.end()
	return err
}

// steps shows one bar after the other.
type steps struct {
	s    *call
	bar  *progress
	what string
}

func (p *steps) tell(what string, done, total int64) {
	if what != p.what {
		p.bar.end()
		p.bar, p.what = p.s.progress(what), what
	}
	p.bar.tell(done, total)
}

func (p *steps) end() { p.bar.end() }

type logRebuild struct{ serveCommand }

func (c *logRebuild) Run(s *call) error {
	world, err := c.open(s)
	if err != nil {
		return err
	}
	if err := serve.Rebuild(s.ctx, &c.Config, world); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s is rebuilt\n", c.PublicDir())
	return err
}

type logVkey struct{ serveCommand }

func (c *logVkey) Run(s *call) error {
	return c.with(s, func(i *serve.Instance) error {
		_, err := fmt.Fprintln(s.Out, i.VKey)
		return err
	})
}
