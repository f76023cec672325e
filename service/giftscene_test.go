package service_test

import (
	"fmt"
	"testing"

	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// bank is the connector of rounds that giversRound opens.
const bank = "bank"

// giversRound is a round with gifts being taken, by a bank too; member i owns the i-th project.
func (c *polity) giversRound(in service.NewRound, projects ...string) service.RoundView {
	c.t.Helper()
	in.Connectors = []grants.Connector{{ID: bank, Key: publicKey(person(bank))}}
	r := c.openedRound(in)
	c.approvedProjects(r, projects...)
	c.clock.Store(r.GiftsStart)
	return r
}

// gift is one of member i, as its program makes it: sealed in a sealed round.
func (c *polity) gift(r service.RoundView, i int, project, amount string, nonce int) grants.GiftAdd {
	c.t.Helper()
	g := grants.Gift{Amount: amount, Donor: poll.MemberVoter("members", token(i)), Nonce: fmt.Sprintf("%032x", nonce), Project: project, Round: r.Hash}
	var err error
	if r.Terms.Mode == poll.ModeSealed {
		g, err = grants.Door{Manifest: r.Terms, Hash: r.Hash}.Seal(c.network.Chain(), g, c.Entropy)
		must(c.t, err)
	}
	add, err := g.Sign(c.keys[poll.MemberVoter("members", token(i))], 0)
	must(c.t, err)
	return add
}

// payment is one that the bank saw of member i.
func (c *polity) payment(r service.RoundView, i int, project, amount, reference string) grants.GiftAdd {
	c.t.Helper()
	x := grants.Paid{Amount: amount, Donor: poll.MemberVoter("members", token(i)), Project: project, Reference: reference, Round: r.Hash}
	add, err := x.Sign(person(bank), bank, 0)
	must(c.t, err)
	return add
}

func (c *polity) gave(r service.RoundView, list ...grants.GiftAdd) (receipts []service.GiftReceipt) {
	c.t.Helper()
	for _, g := range list {
		got, err := c.Give(c.t.Context(), r.ID, g)
		must(c.t, err)
		receipts = append(receipts, got)
	}
	return receipts
}

// bothModes runs a test in an open and in a sealed round with a mill of member 0 and a weir of member 1.
func bothModes(t *testing.T, members int, do func(t *testing.T, c *polity, r service.RoundView)) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newGivers(t, members)
			in := c.newRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			do(t, c, c.giversRound(in, "mill", "weir"))
		})
	}
}
