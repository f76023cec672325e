package cli

import (
	"crypto/rand"
	"fmt"

	"kleroterion/cmd/kleroterion/offline"
)

type beaconCommands struct {
	Verify beaconVerify `cmd:"" help:"Verify one round strictly and print its randomness."`
}

type beaconVerify struct {
	Chain     string `required:"" help:"Name or hash of the chain."`
	Round     uint64 `required:"" help:"Number of the round."`
	Signature string `required:"" help:"Signature in hex."`
	Previous  string `help:"Signature of the round before, in hex; for chained schemes."`
	ChainInfo string `type:"path" help:"File with the info of a devchain."`
}

func (c *beaconVerify) Run(s *call) error {
	return offline.VerifyBeacon(s.Out, offline.Beacon(*c), s.json)
}

type registerCommand struct {
	Build registerBuild `cmd:"" help:"Make private rows, public entries and root of a CSV file."`
}

type registerBuild struct {
	In                string `required:"" type:"path" help:"Residents' list: CSV in UTF-8, with a header."`
	Out               string `type:"path" help:"New folder for the register."`
	Mapping           string `type:"path" help:"File that says which columns are what; guessed from the header when not given."`
	K                 int    `short:"k" default:"5" help:"Smallest number of people of one combination of features that may be published."`
	PublishSmallCells bool   `help:"Publish smaller combinations nevertheless."`
	DryRun            bool   `help:"Check and report; write nothing."`
}

func (c *registerBuild) Run(s *call) error {
	if c.Out == "" && !c.DryRun {
		return offline.Unusable(errOut, "or add --dry-run to check the file only")
	}
	if c.K < 1 || c.K > 1000 {
		return offline.Unusable(fmt.Errorf("-k is %d, want 1 to 1000", c.K), "the default is 5")
	}
	bar := s.progress("reading")
	err := offline.BuildRegister(s.Out, s.Err, offline.Build{In: c.In, Out: c.Out, Mapping: c.Mapping, K: c.K,
		PublishSmallCells: c.PublishSmallCells, DryRun: c.DryRun, Entropy: rand.Reader, Progress: bar.tell})
	bar.end()
	return err
}

type drawCommand struct {
	Manifest  string `required:"" type:"path" help:"Manifest of the draw."`
	Register  string `required:"" type:"path" help:"Public file of the register."`
	Beacon    string `required:"" type:"path" help:"The round, as a relay answers it."`
	ChainInfo string `type:"path" help:"File with the info of a devchain."`
}

func (c *drawCommand) Run(s *call) error {
	return offline.Draw(s.Out, s.Err, offline.Files(*c))
}
