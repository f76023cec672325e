package charter

import (
	"slices"

	"kleroterion/service/ratio"
)

// TierEvent says why a tier came into force: at the end of which epoch, and what was counted then.
type TierEvent struct {
	Epoch   int64       `json:"epoch"`
	Tier    int         `json:"tier"`
	At      int64       `json:"at"`      // Unix seconds: the end of the epoch
	Members int64       `json:"members"` // the count at that second
	Share   ratio.Ratio `json:"share"`   // of the founders from then on
	By      string      `json:"by"`
}

// The values of TierEvent.By.
const (
	ByMembers = "members" // enough members for long enough
	ByAfter   = "after"   // the time passed
)

// progress is a ratchet on its way: everything that later epochs depend on.
type progress struct {
	epochs  int64   // evaluated so far; the next epoch has this number
	tier    int     // in force
	reached []int64 // by tier: epoch ends in a row, up to now, at which its members were counted
	events  []TierEvent
}

func (p progress) copy() progress {
	p.reached, p.events = slices.Clone(p.reached), slices.Clone(p.events)
	return p
}

// end returns the second at which an epoch ends.
func (r *Ratchet) end(epoch int64) int64 { return r.Start + (epoch+1)*r.Epoch }

// ended is the number of epochs that ended at or before t.
func (r *Ratchet) ended(t int64) int64 {
	if t < r.Start {
		return 0
	}
	return (t - r.Start) / r.Epoch
}

// under makes p fit the tiers of c, which takes effect. A tier that is new in c was never reached.
func (p *progress) under(c *Charter) {
	n := 0
	if c.Ratchet != nil {
		n = len(c.Ratchet.Tiers)
	}
	p.reached = p.reached[:min(n, len(p.reached))]
	p.reached = append(p.reached, make([]int64, n-len(p.reached))...)
}

// advance evaluates every epoch of c that ended at or before t, with the members as they stand. Where
// nobody comes of age nothing can change from one epoch to the next but the length of the row, so such a
// stretch is one step however many epochs it has.
func (p *progress) advance(c *Charter, ms *Members, t int64) {
	r := c.Ratchet
	if r == nil {
		return
	}
	total := r.ended(t)
	for p.epochs < total && p.tier < len(r.Tiers)-1 {
		end := r.end(p.epochs)
		n := total - p.epochs
		if admitted, more := ms.admitted.next(end - r.Age); more {
			// The epochs that end before this person has been a member for the whole age.
			n = min(n, r.ended(admitted+r.Age-1)-p.epochs)
		}
		p.stretch(r, n, ms.CountAt(c, end))
	}
	p.epochs = max(p.epochs, total)
}

// stretch evaluates n ≥ 1 epochs at whose ends the same count of members is found.
func (p *progress) stretch(r *Ratchet, n, count int64) {
	for n > 0 && p.tier < len(r.Tiers)-1 {
		step, by := p.rise(r, count)
		rises := step <= n
		step = min(step, n)
		p.count(r, step, count)
		p.epochs += step
		n -= step
		if rises {
			p.tier++
			p.events = append(p.events, TierEvent{Epoch: p.epochs - 1, Tier: p.tier, At: r.end(p.epochs - 1),
				Members: count, Share: r.Tiers[p.tier].Share, By: by})
		}
	}
}

// rise says after how many epochs, 1 or more, the next tier comes if the count stays, and why.
func (p *progress) rise(r *Ratchet, count int64) (epochs int64, by string) {
	next := r.Tiers[p.tier+1]
	passed := max(1, (next.After+r.Epoch-1)/r.Epoch-p.epochs)
	if count < next.Members {
		return passed, ByAfter
	}
	held := max(1, next.Hold-p.reached[p.tier+1])
	if passed < held {
		return passed, ByAfter
	}
	return held, ByMembers
}

// count lengthens or ends the row of every tier.
func (p *progress) count(r *Ratchet, epochs, count int64) {
	for i, t := range r.Tiers {
		if count >= t.Members {
			p.reached[i] += epochs
		} else {
			p.reached[i] = 0
		}
	}
}
