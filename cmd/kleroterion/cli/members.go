package cli

import (
	"crypto/rand"

	"kleroterion/cmd/kleroterion/offline"
)

type keyCommands struct {
	New  keyNew  `cmd:"" help:"Make an Ed25519 key in a new file and print its public key."`
	Show keyShow `cmd:"" help:"Print the public key of a key file."`
}

type keyNew struct {
	Out string `required:"" type:"path" help:"New file for the key; only you can read it."`
}

func (c *keyNew) Run(s *call) error { return offline.NewKey(s.Out, c.Out, rand.Reader) }

type keyShow struct {
	File string `arg:"" type:"path" help:"Key file."`
}

func (c *keyShow) Run(s *call) error { return offline.ShowKey(s.Out, c.File) }

// about is what every statement about a member says.
type about struct {
	Key       string `required:"" type:"path" help:"Key file of the signer."`
	Community string `required:"" help:"Slug of the community."`
	Member    string `required:"" help:"Member id: 64 hex digits."`
	Public    string `type:"path" help:"File with the public key that the statement names."`
	Seq       int64  `required:"" help:"1 + the number of statements that took effect about this member."`
}

func (a about) claim(action string) offline.Claim {
	return offline.Claim{Key: a.Key, Action: action, Community: a.Community, Member: a.Member, Public: a.Public, Seq: a.Seq}
}

type attestCommand struct {
	about    `embed:""`
	Attester string `required:"" help:"The attester's id in the charter."`
	Action   string `required:"" enum:"admit,rekey,suspend,restore,rotate,leave" help:"admit, rekey, suspend or restore."`
}

func (c *attestCommand) Run(s *call) error {
	claim := c.claim(c.Action)
	claim.Attester = c.Attester
	return offline.Attest(s.Out, claim)
}

type statementCommand struct {
	about  `embed:""`
	Action string `required:"" enum:"admit,rekey,suspend,restore,rotate,leave" help:"rotate or leave."`
}

func (c *statementCommand) Run(s *call) error { return offline.State(s.Out, c.claim(c.Action)) }

type memberCommands struct {
	Token memberToken `cmd:"" help:"Compute the member id of an identity document's number."`
}

type memberToken struct {
	Secret   string `required:"" type:"path" help:"File with the attesters' secret, 32 bytes at least."`
	Document string `required:"" help:"Number of the document."`
}

func (c *memberToken) Run(s *call) error {
	return offline.MemberToken(s.Out, c.Secret, c.Document, s.json)
}

type charterCommands struct {
	New   charterNew   `cmd:"" help:"Print a charter to begin with."`
	Check charterCheck `cmd:"" help:"Name all faults of a charter, or what it gives to whom."`
}

type charterNew struct {
	Community string            `required:"" help:"Slug of the community."`
	Name      string            `required:"" help:"Name of the community."`
	City      string            `required:"" help:"Slug of the city whose draws fill the jury."`
	Chain     string            `required:"" help:"Name or hash of the chain, or a file with the info of a devchain."`
	Attester  map[string]string `required:"" mapsep:"none" help:"Attester and the file with the public key: id=KEY.json; repeat for each."`
}

func (c *charterNew) Run(s *call) error {
	return offline.NewCharter(s.Out, offline.Founding{Community: c.Community, Name: c.Name, City: c.City, Chain: c.Chain, Attesters: c.Attester})
}

type charterCheck struct {
	File      string `arg:"" type:"path" help:"Charter."`
	Old       string `type:"path" help:"The charter in force, when this one amends it."`
	Tier      int    `help:"Tier in force when this one is adopted."`
	ChainInfo string `name:"chain-info" aliases:"chain" type:"path" help:"File with the info of a devchain."`
}

func (c *charterCheck) Run(s *call) error {
	return offline.CheckCharter(s.Out, offline.CharterCheck(*c), s.json)
}
