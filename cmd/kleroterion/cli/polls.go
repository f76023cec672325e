package cli

import (
	"crypto/rand"

	"kleroterion/cmd/kleroterion/offline"
)

type tallyCommand struct {
	Poll      string   `required:"" type:"path" help:"Manifest of the poll."`
	Ballots   string   `required:"" type:"path" help:"The ballots: records of the poll's subject, or bare ballots in their order, one a line."`
	Roll      []string `required:"" sep:"none" type:"path" help:"Roll of a chamber; repeat for each."`
	Beacon    string   `type:"path" help:"The closing round, as a relay answers it; that of the poll's result when not given."`
	ChainInfo string   `name:"chain-info" aliases:"chain" type:"path" help:"File with the info of a devchain."`
}

func (c *tallyCommand) Run(s *call) error {
	bar := &steps{s: s}
	err := offline.Tally(s.ctx, s.Out, s.Err, offline.Count{Poll: c.Poll, Ballots: c.Ballots, Rolls: c.Roll, Beacon: c.Beacon,
		ChainInfo: c.ChainInfo, Progress: bar.tell}, s.json)
	bar.end()
	return err
}

type ballotCommand struct {
	Poll      string `required:"" type:"path" help:"Manifest of the poll."`
	Key       string `required:"" type:"path" help:"The voter's key file."`
	Voter     string `required:"" help:"members/<id>, founders/<id> or jury/<seat>, as on the roll."`
	Choice    string `required:"" help:"The choice in JSON, such as {\"vote\":\"yes\"}."`
	ChainInfo string `name:"chain-info" aliases:"chain" type:"path" help:"File with the info of a devchain."`
}

func (c *ballotCommand) Run(s *call) error {
	return offline.Ballot(s.Out, s.Err, offline.Vote{Poll: c.Poll, Key: c.Key, Voter: c.Voter, Choice: c.Choice, ChainInfo: c.ChainInfo, Entropy: rand.Reader})
}

type receiptCommand struct {
	Receipt string `required:"" type:"path" help:"The answer to the ballot or gift, as it came."`
	VKey    string `required:"" name:"vkey" help:"The log's verifier key."`
	Bundle  string `type:"path" help:"The bundle (.klero) of the poll or round, to see whether the ballot or gift is in it."`
}

func (c *receiptCommand) Run(s *call) error {
	return offline.CheckReceipt(s.Out, offline.ReceiptCheck(*c), s.json)
}

type sealCommand struct {
	Chain string `required:"" help:"Name or hash of the chain, or a file with the info of a devchain."`
	Round uint64 `required:"" help:"Number of the round that opens it."`
	In    string `help:"File to seal; standard input when not given."`
	Out   string `help:"New file; standard output when not given."`
	Armor bool   `aliases:"armour" help:"Write text, for mail and terminals."`
}

func (c *sealCommand) Run(s *call) error {
	return offline.SealUntil(offline.Lock{Chain: c.Chain, Round: c.Round, In: c.In, Out: c.Out, Armor: c.Armor, Stdin: s.In, Stdout: s.Out, Entropy: rand.Reader})
}

type openCommand struct {
	Chain     string `required:"" help:"Name or hash of the chain, or a file with the info of a devchain."`
	Beacon    string `type:"path" xor:"beacon" help:"The round, as a relay answers it."`
	Round     uint64 `help:"Number of the round, with --signature."`
	Signature string `xor:"beacon" help:"Signature of the round in hex, with --round."`
	In        string `help:"Sealed file, binary or text; standard input when not given."`
	Out       string `help:"New file; standard output when not given."`
}

func (c *openCommand) Run(s *call) error {
	return offline.OpenSealed(offline.Lock{Chain: c.Chain, Round: c.Round, Beacon: c.Beacon, Signature: c.Signature, In: c.In, Out: c.Out, Stdin: s.In, Stdout: s.Out})
}
