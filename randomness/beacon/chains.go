package beacon

import (
	"fmt"
	"slices"
)

// Chains is a set of valid chains that never changes. The zero value is empty.
type Chains struct {
	list []*Chain
}

// Lookup returns the chain with this hash. The caller owns the returned copy.
func (cs Chains) Lookup(h Hash) (*Chain, bool) {
	return cs.find(func(c *Chain) bool { return c.Hash == h })
}

// ByName returns the chain with this name. The caller owns the returned copy.
func (cs Chains) ByName(name string) (*Chain, bool) {
	return cs.find(func(c *Chain) bool { return c.Name == name })
}

// All returns the chains in a fixed order: pinned ones first, then in the order they were added.
func (cs Chains) All() []*Chain {
	out := make([]*Chain, len(cs.list))
	for i, c := range cs.list {
		out[i] = c.clone()
	}
	return out
}

// With returns a set that has c as well. It adds dev chains only, and refuses a hash or a name that
// the set already has: a pinned chain is never replaced or shadowed.
func (cs Chains) With(c *Chain) (Chains, error) {
	own, err := New(*c)
	if err != nil {
		return Chains{}, err
	}
	if own.Status != StatusDev {
		return Chains{}, fmt.Errorf("chain %.40q: status %q, only a %q chain can be added", c.Name, c.Status, StatusDev)
	}
	if _, ok := cs.Lookup(own.Hash); ok {
		return Chains{}, fmt.Errorf("chain %.40q: hash %s is taken", c.Name, c.Hash)
	}
	if _, ok := cs.ByName(own.Name); ok {
		return Chains{}, fmt.Errorf("chain %.40q: name is taken", c.Name)
	}
	return Chains{append(slices.Clone(cs.list), own)}, nil
}

func (cs Chains) find(match func(*Chain) bool) (*Chain, bool) {
	i := slices.IndexFunc(cs.list, match)
	if i < 0 {
		return nil, false
	}
	return cs.list[i].clone(), true
}

func (c *Chain) clone() *Chain {
	own := *c
	own.PublicKey = slices.Clone(c.PublicKey)
	return &own
}
