package service

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
)

// round returns a verified round from the store, or fetches and keeps it.
func (s *Service) round(ctx context.Context, chain *beacon.Chain, round uint64) (beacon.Beacon, error) {
	kept, err := s.Beacon(ctx, chain.Hash, round)
	if err == nil {
		return kept.beacon(), nil
	}
	if KindOf(err) != KindNotFound {
		return beacon.Beacon{}, err
	}
	b, source, err := s.Rounds.Fetch(ctx, chain.Hash, round)
	if err != nil {
		return beacon.Beacon{}, err
	}
	_, err = s.keep(ctx, chain, round, b, source)
	return b, err
}

// keep verifies a beacon, whoever brought it, and stores it for ever.
func (s *Service) keep(ctx context.Context, chain *beacon.Chain, round uint64, b beacon.Beacon, source string) (StoredBeacon, error) {
	if err := beacon.Verify(chain, round, b); err != nil {
		return StoredBeacon{}, err
	}
	kept := StoredBeacon{Chain: chain.Hash, Round: round, Signature: b.Signature, Previous: b.Previous, Source: source, FetchedAt: s.now()}
	at, err := chain.TimeOf(round)
	if err != nil {
		return StoredBeacon{}, err
	}
	return kept, s.Store.Write(ctx, func(tx Tx) error {
		if err := s.closeBefore(tx, at); err != nil {
			return err
		}
		return tx.AddBeacon(kept)
	})
}

func (k StoredBeacon) beacon() beacon.Beacon {
	return beacon.Beacon{Round: k.Round, Signature: k.Signature, Previous: k.Previous}
}

// newest returns a verified round of the last few periods. A relay may lag by one or two.
func (s *Service) newest(ctx context.Context, chain *beacon.Chain) (beacon.Beacon, error) {
	now, err := chain.RoundAt(s.now())
	if err != nil {
		return beacon.Beacon{}, err
	}
	err = fmt.Errorf("chain %s has no round yet", chain.Name)
	for back := uint64(0); back < 4 && back < now; back++ {
		var b beacon.Beacon
		if b, err = s.round(ctx, chain, now-back); err == nil {
			return b, nil
		}
	}
	if b, kept := s.lastKept(ctx, chain, now); kept {
		return b, nil
	}
	return beacon.Beacon{}, err
}

// lastKept returns a kept round of the last ten minutes: a pasted one serves where no relay does.
func (s *Service) lastKept(ctx context.Context, chain *beacon.Chain, now uint64) (beacon.Beacon, bool) {
	var kept StoredBeacon
	err := s.Store.Read(ctx, func(tx Tx) (err error) { kept, err = tx.LatestBeacon(chain.Hash); return err })
	if err != nil || kept.Round > now || int64(now-kept.Round)*chain.Period > 600 {
		return beacon.Beacon{}, false
	}
	return kept.beacon(), true
}

// PasteBeacon keeps a round that somebody brought by hand. It proves itself, so it does not matter
// who did. A round that this machine's clock says is not due yet shows that the clock runs behind.
func (s *Service) PasteBeacon(ctx context.Context, a Actor, hash beacon.Hash, b beacon.Beacon) (StoredBeacon, error) {
	if err := a.authorise(pasteBeacons, ""); err != nil {
		return StoredBeacon{}, err
	}
	chain, ok := s.Chains.Lookup(hash)
	if !ok {
		return StoredBeacon{}, Refuse(KindInvalid, "chain_unknown", "no chain %s", hash).WithHint("GET /v1/chains lists the chains")
	}
	if kept, done, err := replay[StoredBeacon](ctx, s, a); done || err != nil {
		return kept, err
	}
	kept, err := s.keep(ctx, chain, b.Round, b, "pasted")
	var refusal *beacon.Refusal
	if errors.As(err, &refusal) {
		return StoredBeacon{}, Refuse(KindInvalid, "beacon_"+string(refusal.Rule), "%v", refusal)
	}
	return kept, err
}

// Beacon returns a kept round. Public.
func (s *Service) Beacon(ctx context.Context, chain beacon.Hash, round uint64) (b StoredBeacon, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { b, err = tx.Beacon(chain, round); return err })
	return b, absent(err, "kept beacon")
}

// Beacons lists kept rounds, the newest first. Public.
func (s *Service) Beacons(ctx context.Context, chain beacon.Hash, before uint64, limit int) (list []StoredBeacon, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Beacons(chain, before, limit); return err })
	return list, err
}

// ChainList returns all known chains. Public.
func (s *Service) ChainList() []*beacon.Chain { return s.Chains.All() }

// Relays tells how the relays do. Public.
func (s *Service) Relays() []RelayStatus { return s.Rounds.Relays() }
