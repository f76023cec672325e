package charter

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/identity"
	"kleroterion/service/ratio"
)

// secret is the name of somebody whose Ed25519 key is made from it.
type secret string

func (s secret) private() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(s))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (s secret) key() identity.Key {
	return identity.Ed25519Key(s.private().Public().(ed25519.PublicKey))
}

func (s secret) id() string {
	sum := sha256.Sum256([]byte("member " + s))
	return hex.EncodeToString(sum[:])
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func devChain() (h beacon.Hash) {
	copy(h[:], strings.Repeat("\xde", len(h)))
	return h
}

// small is a rehearsal with one attester and founders ada and bo: 1/2, then 1/4, 1/10 and none.
func small() *Charter {
	c := Example("porto-novo", "Porto Novo Commons", devChain(), []identity.Attester{{ID: "city", Key: secret("city").key()}}, "lisboa")
	c.Amendment.Delay, c.Ballot.Notice = 20, 0
	c.Chambers = append([]Chamber{{ID: ChamberFounders, Share: ratio.New(1, 2)}}, c.Chambers...)
	c.Chambers[1].Share = ratio.New(3, 10)
	c.Founders = &Founders{Members: slices.Sorted(slices.Values([]string{secret("ada").id(), secret("bo").id()}))}
	c.Ratchet = &Ratchet{Epoch: 10, Start: 1000, Tiers: []Tier{{Share: ratio.New(1, 2)},
		{Share: ratio.New(1, 4), Members: 2, Hold: 2, After: 100},
		{Share: ratio.New(1, 10), Members: 4, Hold: 2, After: 200},
		{Share: ratio.New(0, 1), Members: 8, Hold: 1, After: 400}}}
	return c
}

// signed makes a move that the attester "city", or by, signed.
func signed(at int64, s identity.Statement, by secret) Move {
	s.V = 1
	if s.Community == "" {
		s.Community = "porto-novo"
	}
	signature := identity.Sign(by.private(), identity.ThingStatement, must(s.Canonical()))
	if s.Action.Own() {
		return Move{At: at, Statement: s, Signature: &signature}
	}
	return Move{At: at, Statement: s, Attestations: []identity.Attestation{{Attester: string(by), Signature: signature}}}
}

func about(action identity.Action, who secret, seq int64, key secret) identity.Statement {
	s := identity.Statement{Action: action, Member: who.id(), Seq: seq}
	if key != "" {
		k := key.key()
		s.Key = &k
	}
	return s
}

// adoption makes the record that adopts c at a time, with its effect after delay.
func adoption(c *Charter, at, delay int64) Adopt {
	b := must(c.Canonical())
	a := Adopt{At: at, Charter: b, Effective: at + delay, Hash: HashBytes(b)}
	if c.Seq > 1 {
		a.Poll = &PollRef{Hash: a.Hash, Record: a.Hash}
	}
	return a
}

// copyOf returns a deep copy through the canonical form.
func copyOf(c *Charter) *Charter { return must(Parse(must(c.Canonical()), c.Chain == devChain())) }

// successor is a copy of c that is numbered as the next one.
func successor(c *Charter) *Charter {
	next := copyOf(c)
	next.Seq, next.Prev = c.Seq+1, must(c.Hash())
	return next
}

func checkShares(t testing.TB, c *Charter, tier int) {
	t.Helper()
	for founders := range int64(2) {
		list, err := c.SharesAt(tier, founders)
		if err != nil {
			t.Fatal(err)
		}
		sum := ratio.Ratio{}
		for _, s := range list {
			if s.Share.Sign() <= 0 {
				t.Fatalf("tier %d: %s has %s", tier, s.ID, s.Share)
			}
			sum = sum.Add(s.Share)
		}
		if !sum.Equal(ratio.New(1, 1)) {
			t.Fatalf("tier %d with %d founders sums to %s: %v", tier, founders, sum, list)
		}
	}
}
