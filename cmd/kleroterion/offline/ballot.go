package offline

import (
	"fmt"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// Vote names what a ballot is made of.
type Vote struct {
	Poll      string // file with the manifest
	Key       string // file with the voter's key
	Voter     string
	Choice    string // JSON
	ChainInfo string
	Entropy   io.Reader // for sealing
}

const pollHint = "docs/spec/poll.md lists the members; GET /v1/polls/{poll}/manifest gives it"

// whatSealingDoesNotGive is said beside every sealed ballot: docs/spec/poll.md has the long form.
const whatSealingDoesNotGive = `note: until %s nobody can read this ballot, unless a threshold of the network's operators colludes.
note: after it everybody can, for ever, beside your public id. Sealing does not protect a voter who is watched
note: or paid. If the network dies before that round, the ballot is lost. Not for public office.
`

// Ballot writes a signed ballot, sealed in a sealed poll, as POST /v1/polls/{poll}/ballots takes it. It
// refuses what intake would refuse, so that a mistake shows here.
func Ballot(w, notes io.Writer, in Vote) error {
	m, hash, err := readPoll(in.Poll)
	if err != nil {
		return err
	}
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	choice, err := canonical.Transform([]byte(in.Choice))
	if err != nil {
		return unusablef(`write JSON, such as {"vote":"yes"}`, "choice: %w", err)
	}
	if _, err := voting.ParseChoice(&m.Rules, choice); err != nil {
		return unusablef("docs/spec/tally.md shows the choices of each method", "choice: %w", err)
	}
	if !poll.IsVoter(in.Voter) {
		return unusablef("write members/<id>, founders/<id> or jury/<seat>, as on the roll", "voter %.80q is of no chamber's form", in.Voter)
	}
	b := poll.Ballot{Choice: choice, Poll: hash, Voter: in.Voter}
	if m.Mode == poll.ModeSealed {
		if b, err = in.seal(notes, m, b); err != nil {
			return err
		}
	}
	c, err := b.Sign(private)
	if err != nil {
		return err
	}
	key := publicOf(private)
	if _, err := poll.CheckCast(m, hash, &key, c); err != nil {
		return fmt.Errorf("the ballot would be refused: %w", err)
	}
	return writeJSON(w, c)
}

func (in Vote) seal(notes io.Writer, m *poll.Manifest, b poll.Ballot) (poll.Ballot, error) {
	chain, err := findChain(m.Beacon.Chain.String(), in.ChainInfo)
	if err != nil {
		return b, err
	}
	b, err = poll.Seal(m, chain, b, in.Entropy)
	if err != nil {
		return b, Unusable(err, "")
	}
	fmt.Fprintf(notes, whatSealingDoesNotGive, when(chain, m.Beacon.Round))
	return b, nil
}

func when(chain *beacon.Chain, round uint64) string {
	at, err := chain.TimeOf(round)
	if err != nil {
		return fmt.Sprintf("round %d of %s", round, chain.Name)
	}
	return fmt.Sprintf("round %d of %s, %s,", round, chain.Name, utc(at))
}

// readPoll reads a manifest as a person may have laid it out, with its hash.
func readPoll(file string) (*poll.Manifest, beacon.Hash, error) {
	plain, err := readPlain(file, pollHint)
	if err != nil {
		return nil, beacon.Hash{}, err
	}
	m, err := poll.ParseManifest(plain)
	if err != nil {
		return nil, beacon.Hash{}, unusablef(pollHint, "%s: %w", file, err)
	}
	return m, poll.HashBytes(plain), nil
}
