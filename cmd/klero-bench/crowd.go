package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/devchain"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// elector is a member with a key.
type elector struct {
	id      string // of the member
	private ed25519.PrivateKey
}

func (e elector) voter() string { return poll.MemberVoter(charter.ChamberMembers, e.id) }

func (e elector) key() identity.Key {
	return identity.Ed25519Key(e.private.Public().(ed25519.PublicKey))
}

// choices are what the ballots of a crowd say, in turns.
var choices = []string{`{"vote":"yes"}`, `{"vote":"no"}`}

// newElectors makes n members, ascending, the same every time.
func newElectors(n int) []elector {
	list := make([]elector, n)
	_ = inParts(n, func(i int) error { // none fails
		seed := sha256.Sum256(fmt.Appendf(nil, "klero-bench elector %d", i))
		id := sha256.Sum256(seed[:])
		list[i] = elector{hex.EncodeToString(id[:]), ed25519.NewKeyFromSeed(seed[:])}
		return nil
	})
	slices.SortFunc(list, func(a, b elector) int { return strings.Compare(a.id, b.id) })
	return list
}

// attester admits all members of the benchmark.
func attester() elector { return newElectors(1)[0] }

// newCharter is that of a community without a jury.
func newCharter(chain beacon.Hash, mode poll.Mode) (*charter.Charter, error) {
	c := charter.Example("crowd", "Crowd", chain, []identity.Attester{{ID: "hall", Key: attester().key()}}, city)
	c.Chambers = c.Chambers[:1]
	c.Chambers[0].Share = ratio.New(1, 1)
	c.Ballot.Mode, c.Ballot.Notice, c.Amendment.Delay = string(mode), 1, 0
	return c, c.Check(true)
}

// crowd is an open poll of many members, with what its voters and its counter need.
type crowd struct {
	network  *devchain.Network
	electors []elector
	m        *poll.Manifest
	hash     beacon.Hash
	rolls    [][]byte
}

func newCrowd(n int, mode poll.Mode) (*crowd, error) {
	network, err := rehearsal()
	if err != nil {
		return nil, err
	}
	chain := network.Chain()
	rules, err := newCharter(chain.Hash, mode)
	if err != nil {
		return nil, err
	}
	hash, err := rules.Hash()
	if err != nil {
		return nil, err
	}
	c := &crowd{network: network, electors: newElectors(n)}
	state := poll.State{Charter: rules, Hash: hash, Chain: chain, Counted: []poll.Counted{
		{Last: hash, Records: 1, Subject: "community/crowd"}, {Last: hash, Records: int64(n), Subject: "community/crowd/members"}}}
	for _, e := range c.electors {
		state.Members = append(state.Members, charter.Elector{Member: e.id, Key: e.key()})
	}
	opens := int64(1_750_000_000)
	c.m, c.rolls, err = poll.Build(state, poll.Question{Name: "lock", Text: "Shall the lock be repaired?", Class: poll.ClassOrdinary, Method: voting.YesNo,
		Opens: opens, Closes: opens + 3600})
	if err != nil {
		return nil, err
	}
	text, err := c.m.Canonical()
	c.hash = poll.HashBytes(text)
	return c, err
}

func (c *crowd) closing() (beacon.Beacon, error) { return c.network.Sign(c.m.Beacon.Round) }

// box is empty, with the roll read anew.
func (c *crowd) box() (*poll.Box, error) {
	roll := new(poll.Roll)
	for i, ref := range c.m.Rolls {
		if err := roll.ReadRoll(ref, bytes.NewReader(c.rolls[i])); err != nil {
			return nil, err
		}
	}
	return poll.NewBox(c.m, c.hash, roll), nil
}

// ballot of elector i.
func (c *crowd) ballot(i int) (poll.Cast, error) {
	b := poll.Ballot{Choice: []byte(choices[i%len(choices)]), Poll: c.hash, Voter: c.electors[i].voter()}
	if c.m.Mode == poll.ModeSealed {
		var err error
		if b, err = poll.Seal(c.m, c.network.Chain(), b, rand.Reader); err != nil {
			return poll.Cast{}, err
		}
	}
	return b.Sign(c.electors[i].private)
}

// records of the ballots of all electors, as the log has them.
func (c *crowd) records() ([]poll.Record, []poll.Cast, error) {
	out, casts := make([]poll.Record, len(c.electors)), make([]poll.Cast, len(c.electors))
	err := inParts(len(out), func(i int) (err error) {
		if casts[i], err = c.ballot(i); err != nil {
			return err
		}
		out[i].N = int64(i + 2)
		out[i].Body, err = canonical.Marshal(casts[i])
		return err
	})
	return out, casts, err
}

// inParts does 0 to n-1 on all cores.
func inParts(n int, do func(i int) error) error {
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers && errs[w] == nil; i++ {
				errs[w] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
