package grants

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"kleroterion/service/poll"
)

// Sent is how a gift stands that comes to the door: N is the record of the same gift sent before, 0 for
// a new one.
type Sent struct {
	Accepted
	N int64
}

// CheckGift says what intake does with a gift: it takes it, gives the receipt of the same one sent
// before (N), or refuses. Nothing is changed.
func (r *Round) CheckGift(g GiftAdd) (Sent, error) {
	c, err := g.Claim()
	if err != nil {
		return Sent{}, err
	}
	a, err := r.door.check(r.known(c), g, c, true)
	if err != nil {
		return Sent{}, err
	}
	if err := r.admits("gift.add", g.At, running); err != nil {
		return Sent{}, err
	}
	if i, held := r.once[c.Once]; held && r.gifts[i].same == a.Same {
		return Sent{a, r.gifts[i].n}, nil
	}
	return Sent{Accepted: a}, r.fits(g, a)
}

func (r *Round) known(c Claim) Known {
	k := Known{Project: r.projects[c.Project]}
	if d := r.donors[c.Donor]; d != nil {
		k.Key = &d.key
	}
	return k
}

// fits holds a gift against those recorded.
func (r *Round) fits(g GiftAdd, a Accepted) error {
	if r.recorded {
		return refuse(RuleStage, "the round holds gifts of which it does not know nonces and references: it cannot tell a repeated one")
	}
	if i, held := r.once[a.Once]; held {
		return refuse(RuleRepeated, "%s: its nonce or reference is that of record %d", a.Donor, r.gifts[i].n)
	}
	if d := r.donors[a.Donor]; g.Connector == "" && d.gifts >= MaxGifts {
		return refuse(RuleTooMany, "%s has given %d times, no more are recorded", a.Donor, d.gifts)
	}
	return nil
}

// ApplyGift takes the gift.add with number n in the round's subject. A gift recorded twice is refused.
func (r *Round) ApplyGift(n int64, g GiftAdd) error {
	return r.keep(n, r.examine(g))
}

// Record is one gift.add: its number in the round's subject and its body.
type Record = poll.Record

// ApplyGifts takes the next gift.add records, checked on all cores. It stops at the first that is
// refused: applied is that record's index, and the round stands as before it. A batch of some thousands
// keeps all cores busy.
func (r *Round) ApplyGifts(ctx context.Context, records []Record) (applied int, err error) {
	results := make([]examined, len(records))
	parallel(len(records), func(i int) {
		if ctx.Err() != nil {
			return
		}
		g, err := ParseGiftAdd(records[i].Body)
		if err != nil {
			results[i].err = err
			return
		}
		results[i] = r.examine(g)
	})
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for i := range results {
		if err := r.keep(records[i].N, results[i]); err != nil {
			return i, err
		}
	}
	return len(records), nil
}

// examined is a gift on its way from the workers into the round.
type examined struct {
	GiftAdd
	Accepted
	err error
}

func (r *Round) examine(g GiftAdd) examined {
	c, err := g.Claim()
	if err != nil {
		return examined{err: err}
	}
	a, err := r.door.check(r.known(c), g, c, false)
	return examined{g, a, err}
}

func (r *Round) keep(n int64, x examined) error {
	if x.err != nil {
		return x.err
	}
	if err := firstError(r.admits("gift.add", x.At, running), r.fits(x.GiftAdd, x.Accepted)); err != nil {
		return err
	}
	if k := len(r.gifts); n < 1 || k > 0 && n <= r.gifts[k-1].n {
		return refuse(RuleRecord, "gift.add with number %d does not come after the one before", n)
	}
	d := r.donors[x.Donor]
	r.once[x.Once] = int32(len(r.gifts))
	r.gifts = append(r.gifts, gift{
		n: n, donor: d, project: r.projects[x.Accepted.Project], amount: x.Amount, same: x.Same, nonce: x.nonce, file: x.file,
	})
	if x.Connector == "" {
		d.gifts++
	}
	r.last = x.At
	return nil
}

// ApplyRefund takes a gift back.
func (r *Round) ApplyRefund(f Refund) error {
	if err := firstError(f.Check(), r.admits("gift.refund", f.At, running)); err != nil {
		return err
	}
	if end := r.door.Manifest.GiftsEnd; f.At >= end {
		return refuse(RuleWindow, "gift.refund at %d, gifts ended at %d", f.At, end)
	}
	i, found := slices.BinarySearchFunc(r.gifts, f.N, func(g gift, n int64) int { return cmp.Compare(g.n, n) })
	if !found {
		return refuse(RuleRefund, "gift.refund: record %d is no gift", f.N)
	}
	if r.gifts[i].refunded {
		return refuse(RuleRefund, "gift.refund: record %d was refunded already", f.N)
	}
	r.gifts[i].refunded, r.last = true, f.At
	return nil
}

// parallel calls do for 0 to n-1 on all cores and returns when all are done.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				do(i)
			}
		})
	}
	group.Wait()
}
