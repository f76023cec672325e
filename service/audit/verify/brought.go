package verify

import (
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit/checkpoint"
)

// Brought is what an auditor brings, as text. All of it is optional.
type Brought struct {
	Policy    []byte // a C2SP log policy
	LogKey    string // a log's vkey, in place of a policy
	ChainInfo []byte // the description of a dev chain, as drand serves it
}

// Options reads it.
func (b Brought) Options() (Options, error) {
	var o Options
	switch {
	case b.Policy != nil && b.LogKey != "":
		return Options{}, errors.New("a policy and a log key: bring one of them, the policy names the log")
	case b.Policy != nil:
		p, err := checkpoint.ParsePolicy(b.Policy)
		if err != nil {
			return Options{}, err
		}
		o.Policy = &p
	case b.LogKey != "":
		p, err := checkpoint.LogPolicy(b.LogKey)
		if err != nil {
			return Options{}, err
		}
		o.Policy = &p
	}
	if b.ChainInfo == nil {
		return o, nil
	}
	c, err := beacon.ParseInfo(b.ChainInfo)
	if err != nil {
		return Options{}, err
	}
	if _, known := beacon.Pinned().Lookup(c.Hash); known {
		return o, nil
	}
	if o.Chains, err = beacon.Pinned().With(c); err != nil {
		return Options{}, fmt.Errorf("chain info: %w", err)
	}
	return o, nil
}
