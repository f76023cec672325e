package sortition

import (
	"encoding/hex"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
)

// Draw performs the draw of m on the register with the beacon of its round. The beacon must have
// been verified (beacon.Verify); Draw checks that it is the manifest's round and that the register
// is the manifest's. Cost: one HMAC per entry, on all cores, and 16 bytes of memory per entry.
func Draw(m *Manifest, r *register.Register, b beacon.Beacon) (Result, error) {
	commit, err := m.Commit()
	if err != nil {
		return Result{}, err
	}
	if b.Round != m.Beacon.Round {
		return Result{}, refuse("round_rule", "the beacon is of round %d, the manifest's is %d", b.Round, m.Beacon.Round)
	}
	if err := m.matches(r); err != nil {
		return Result{}, err
	}
	seed := randomness.NewSeed(b.Signature, commit, m.Beacon.Chain, m.Beacon.Round)
	res := Result{Commit: commit, Seed: beacon.Hash(seed), V: 1}
	if m.Method == Panels {
		panel := int64(seed.Uniform("panel", uint64(m.Panels.Count)))
		res.Panel = &panel
		return res, nil
	}
	res.Strata, err = m.drawStrata(r, seed)
	return res, err
}

func (m *Manifest) drawStrata(r *register.Register, seed randomness.Seed) ([]Places, error) {
	of, err := m.strataOf(r)
	if err != nil {
		return nil, err
	}
	queues := order(r, seed, m.wanted(of), len(m.Strata))
	d := drawing{register: r, homes: map[uint64]bool{}, oneEach: m.OnePerHousehold}
	out := make([]Places, len(m.Strata))
	for i, s := range m.Strata {
		out[i] = Places{Stratum: s.Stratum, Seats: d.take(queues[i], s.Seats)}
	}
	for i, s := range m.Strata {
		out[i].Alternates = d.take(queues[i], s.Alternates)
	}
	return out, nil
}

// wanted drops the strata from which nobody is drawn, so that their tickets are not computed.
func (m *Manifest) wanted(of []int) []int {
	out := make([]int, len(of))
	for c, s := range of {
		if out[c] = s; s != none && m.Strata[s].Seats+m.Strata[s].Alternates == 0 {
			out[c] = none
		}
	}
	return out
}

// drawing is the state that seats and alternates of all strata share: whose household has a place.
type drawing struct {
	register *register.Register
	homes    map[uint64]bool
	oneEach  bool
}

// take returns up to n ids in ticket order, passing over households that already hold a place.
// Fewer come back when the stratum runs out.
func (d *drawing) take(q *queue, n int64) []string {
	ids := []string{}
	for int64(len(ids)) < n {
		i, ok := q.next()
		if !ok {
			break
		}
		if h, has := d.register.Household(i); d.oneEach && has {
			if d.homes[h] {
				continue
			}
			d.homes[h] = true
		}
		ids = append(ids, hex.EncodeToString(d.register.IDs()[i][:]))
	}
	return ids
}
