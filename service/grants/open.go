package grants

import (
	"bytes"
	"context"
	"errors"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/poll"
)

// openBatch is how many sealed gifts are opened between two calls of progress.
const openBatch = 2048

// unsealed is what a sealed gift turned out to be.
type unsealed struct {
	gift int
	Gift
	found gift
}

// Open opens what is sealed with the round's beacon, on all cores, once the round is closed. progress
// may be nil; it is called with the gifts opened so far and their number. A gift that does not open or
// does not hold is invalid and named with its rule; after an error nothing has changed.
func (r *Round) Open(ctx context.Context, chain *beacon.Chain, closing beacon.Beacon, progress func(done, total int64)) error {
	m := r.door.Manifest
	if m.Mode != poll.ModeSealed || r.stage != closed || r.opened != nil {
		return refuse(RuleStage, "gifts are opened once, in a sealed round that is closed")
	}
	if chain.Hash != m.Beacon.Chain || closing.Round != m.Beacon.Round {
		return refuse(RuleBeacon, "round %d of chain %s does not open gifts sealed to %d of %s", closing.Round, chain.Hash, m.Beacon.Round, m.Beacon.Chain)
	}
	if err := beacon.Verify(chain, closing.Round, closing); err != nil {
		return refuse(RuleBeacon, "%v", err)
	}
	opener, err := timelock.NewOpener(chain, closing)
	if err != nil {
		return refuse(RuleBeacon, "%v", err)
	}
	list := r.sealed()
	for from := 0; from < len(list); from += openBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := list[from:min(from+openBatch, len(list))]
		parallel(len(part), func(i int) { part[i].found = r.unseal(opener, r.gifts[part[i].gift]) })
		if progress != nil {
			progress(int64(from+len(part)), int64(len(list)))
		}
	}
	for _, u := range list {
		r.gifts[u.gift] = u.found
	}
	r.opened = &beacon.File{Chain: chain.Hash, Beacon: closing}
	return nil
}

// sealed lists the gifts to open: what was refunded never counts, whatever is in it.
func (r *Round) sealed() (list []unsealed) {
	for i, g := range r.gifts {
		if g.file != nil && !g.refunded {
			list = append(list, unsealed{gift: i})
		}
	}
	return list
}

// unseal opens one gift; what fails makes it invalid with the rule's name.
func (r *Round) unseal(opener *timelock.Opener, g gift) gift {
	text, err := opener.Open(g.file)
	g.file = nil
	if err != nil {
		g.invalid = RuleUnopenable
		return g
	}
	x, err := r.inner(text, g)
	if err == nil {
		g.amount, err = r.door.worth(r.projects[x.Project], x)
	}
	if err != nil {
		g.invalid = ruleOf(err)
		return g
	}
	g.project = r.projects[x.Project]
	return g
}

// inner reads the plaintext. It names round, donor and nonce again: sealed bytes can be copied by
// whoever sees them.
func (r *Round) inner(text []byte, g gift) (Gift, error) {
	body := bytes.TrimRight(text, " ")
	if int64(len(text)) != r.door.Manifest.Size || !bytes.HasSuffix(body, []byte("}")) {
		return Gift{}, refuse(RulePadding, "want an object and spaces after it, %d bytes in all", r.door.Manifest.Size)
	}
	var x Gift
	if err := canonical.Unmarshal(body, &x); err != nil {
		return Gift{}, refuse(RuleInner, "%v", err)
	}
	if err := x.check(); err != nil || x.Sealed != "" {
		return Gift{}, refuse(RuleInner, "want the members of an open gift")
	}
	if x.Donor != g.donor.name || x.Nonce != g.nonce {
		return Gift{}, refuse(RuleCopied, "sealed by %.80q as gift %s", x.Donor, x.Nonce)
	}
	if x.Round != r.door.Hash {
		return Gift{}, refuse(RuleInnerRound, "sealed for round %s", x.Round)
	}
	return x, nil
}

func ruleOf(err error) string {
	var ours *Refusal
	if errors.As(err, &ours) {
		return ours.Rule
	}
	return RuleInner
}
