package poll

import (
	"bytes"
	"context"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/voting"
)

// Transcript is all that a tally says (docs/spec/poll.md). Equal input gives equal bytes.
type Transcript struct {
	Beacon     beacon.File   `json:"beacon"`
	Charter    beacon.Hash   `json:"charter"`
	Count      voting.Result `json:"count"`
	Poll       beacon.Hash   `json:"poll"`
	Records    int64         `json:"records"`
	Superseded int64         `json:"superseded"`
	V          int64         `json:"v"`
}

// openBatch is how many sealed ballots are opened between two calls of progress.
const openBatch = 2048

// Count opens what is sealed with the closing round and counts. progress may be nil; it is called
// with the ballots opened so far and their number.
func (b *Box) Count(ctx context.Context, chain *beacon.Chain, closing beacon.Beacon, progress func(done, total int64)) (Transcript, error) {
	if chain.Hash != b.m.Beacon.Chain || closing.Round != b.m.Beacon.Round {
		return Transcript{}, errNoBeacon
	}
	if err := beacon.Verify(chain, closing.Round, closing); err != nil {
		return Transcript{}, err
	}
	ballots, err := b.opened(ctx, chain, closing, progress)
	if err != nil {
		return Transcript{}, err
	}
	count, err := voting.Tally(&b.m.Rules, ballots, voting.NewTieKeys(b.hash, closing.Signature))
	if err != nil {
		return Transcript{}, err
	}
	return Transcript{
		Beacon: beacon.File{Chain: chain.Hash, Beacon: closing}, Charter: b.m.Charter, Count: count,
		Poll: b.hash, Records: b.records, Superseded: b.superseded, V: 1,
	}, nil
}

// Canonical returns the transcript's bytes.
func (t Transcript) Canonical() ([]byte, error) { return canonical.Marshal(t) }

// ParseTranscript reads a transcript strictly.
func ParseTranscript(b []byte) (Transcript, error) {
	var t Transcript
	if err := canonical.Unmarshal(b, &t); err != nil {
		return Transcript{}, fmt.Errorf("transcript: %w", err)
	}
	return t, nil
}

// opened turns what is kept into ballots to count.
func (b *Box) opened(ctx context.Context, chain *beacon.Chain, closing beacon.Beacon, progress func(done, total int64)) ([]voting.Ballot, error) {
	out := make([]voting.Ballot, len(b.last))
	for i, k := range b.last {
		out[i] = voting.Ballot{Chamber: k.chamber, Voter: k.voter, N: k.n, Choice: k.choice}
	}
	if b.m.Mode == ModeOpen || len(out) == 0 {
		return out, nil
	}
	opener, err := timelock.NewOpener(chain, closing)
	if err != nil {
		return nil, err
	}
	for from := 0; from < len(out); from += openBatch {
		part := out[from:min(from+openBatch, len(out))]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		parallel(len(part), func(i int) { b.unseal(opener, b.last[from+i].file, &part[i]) })
		if progress != nil {
			progress(int64(from+len(part)), int64(len(out)))
		}
	}
	return out, nil
}

// unseal opens one ballot; what fails makes it invalid with the rule's name.
func (b *Box) unseal(opener *timelock.Opener, file []byte, v *voting.Ballot) {
	text, err := opener.Open(file)
	if err != nil {
		v.Invalid = RuleUnopenable
		return
	}
	if v.Choice, err = b.inner(text, v.Voter); err != nil {
		v.Choice, v.Invalid = voting.Choice{}, ruleOf(err)
	}
}

func (b *Box) inner(text []byte, voter string) (voting.Choice, error) {
	body := bytes.TrimRight(text, " ")
	if int64(len(text)) != b.m.Size || !bytes.HasSuffix(body, []byte("}")) {
		return voting.Choice{}, refuse(RulePadding, "want an object and spaces after it, %d bytes in all", b.m.Size)
	}
	var in inner
	if err := canonical.Unmarshal(body, &in); err != nil {
		return voting.Choice{}, refuse(RuleInner, "%v", err)
	}
	if in.V != 1 {
		return voting.Choice{}, refuse(RuleInner, "v is %d, only 1 is understood", in.V)
	}
	if in.Voter != voter {
		return voting.Choice{}, refuse(RuleCopied, "sealed by %.80q", in.Voter)
	}
	if in.Poll != b.hash {
		return voting.Choice{}, refuse(RuleInnerPoll, "sealed for poll %s", in.Poll)
	}
	return voting.ParseChoice(&b.m.Rules, in.Choice)
}
