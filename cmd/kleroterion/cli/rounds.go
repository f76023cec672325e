package cli

import (
	"crypto/rand"

	"kleroterion/cmd/kleroterion/offline"
)

type giftCommand struct {
	Round     string `required:"" type:"path" help:"Manifest of the funding round."`
	Key       string `required:"" type:"path" help:"The donor's key file."`
	Donor     string `required:"" help:"members/<id>, as on the roll."`
	Project   string `required:"" help:"The project's id."`
	Amount    string `required:"" help:"Whole minor units: 1250 is 12.50 of an asset with two decimals."`
	Nonce     string `help:"32 hex digits, one for each gift; a new one when not given."`
	ChainInfo string `name:"chain-info" aliases:"chain" type:"path" help:"File with the info of a devchain."`
}

func (c *giftCommand) Run(s *call) error {
	return offline.Gift(s.Out, s.Err, offline.Giving{Round: c.Round, Key: c.Key, Donor: c.Donor, Project: c.Project, Amount: c.Amount,
		Nonce: c.Nonce, ChainInfo: c.ChainInfo, Entropy: rand.Reader})
}

type paymentsCommand struct {
	Round     string `required:"" type:"path" help:"Manifest of the funding round."`
	Key       string `required:"" type:"path" help:"The connector's key file."`
	Connector string `required:"" help:"The connector's id in the manifest."`
	CSV       string `required:"" name:"csv" type:"path" help:"CSV file with the columns donor, project, amount, reference."`
}

func (c *paymentsCommand) Run(s *call) error { return offline.Payments(s.Out, offline.PaidList(*c)) }

type projectCommand struct {
	Act     string `arg:"" enum:"apply,change,appeal,withdraw" help:"apply, change, appeal or withdraw."`
	Round   string `required:"" type:"path" help:"Manifest of the funding round."`
	Key     string `required:"" type:"path" help:"The owner's key file."`
	Project string `required:"" help:"The project's id, a slug."`
	Owner   string `help:"The owner's member id, of apply and change."`
	Title   string `help:"Of apply and change."`
	Text    string `type:"path" help:"File with the description, or of an appeal why."`
	Account string `help:"Where a payout goes, of apply and change."`
	Seq     int64  `default:"1" help:"1 + the moves that the project has had."`
}

func (c *projectCommand) Run(s *call) error {
	return offline.SignMove(s.Out, offline.Applying{Round: c.Round, Key: c.Key, Act: c.Act, Project: c.Project, Owner: c.Owner,
		Title: c.Title, Text: c.Text, Account: c.Account, Seq: c.Seq})
}
