package charter

import (
	"fmt"
	"slices"

	"kleroterion/service/ratio"
)

const ruleIrrevocable = "irrevocable"

// Amend refuses a next charter that may not follow old, whatever the vote. tier is the one in force when
// next is adopted; dev says whether the community rehearses on a dev chain. Rules: charter.md,
// "Amendment". It joins all refusals.
func Amend(old, next *Charter, tier int, dev bool) error {
	if err := next.Check(dev); err != nil {
		return err
	}
	hash, err := old.Hash()
	if err != nil {
		return err
	}
	var f faults
	f.unless(next.Seq == old.Seq+1, ruleSequence, "/seq", "%d, the charter after %d is %d", next.Seq, old.Seq, old.Seq+1)
	f.unless(next.Prev == hash, ruleSequence, "/prev", "%s, the charter before has hash %s", next.Prev, hash)
	f.unless(next.Community == old.Community, ruleIrrevocable, "/community", "%q cannot become %q", old.Community, next.Community)
	f.unless(!dev || next.Chain == old.Chain, ruleIrrevocable, "/chain", "%s cannot become the dev chain %s", old.Chain, next.Chain)
	f.notLower("/amendment/threshold", old.Amendment.Threshold, next.Amendment.Threshold)
	f.amendJury(old, next)
	f.amendFounders(old, next)
	if old.Ratchet != nil && next.Ratchet != nil {
		f.amendRatchet(old.Ratchet, next.Ratchet, tier)
	}
	return f.err()
}

func (f *faults) notLower(pointer string, old, next ratio.Ratio) {
	f.unless(next.Cmp(old) >= 0, ruleIrrevocable, pointer, "%s cannot be lowered to %s", old, next)
}

func (f *faults) notHigher(pointer string, old, next int64) {
	f.unless(next <= old, ruleIrrevocable, pointer, "%d cannot be raised to %d", old, next)
}

func (f *faults) amendJury(old, next *Charter) {
	was, had := old.Chamber(ChamberJury)
	is, has := next.Chamber(ChamberJury)
	if !had {
		return
	}
	if !has {
		f.add(ruleIrrevocable, "/chambers", "the jury, with a share of %s, cannot be removed", was.Share)
		return
	}
	p := fmt.Sprintf("/chambers/%d", slices.IndexFunc(next.Chambers, func(ch Chamber) bool { return ch.ID == ChamberJury }))
	f.notLower(p+"/share", was.Share, is.Share)
	f.notLower(p+"/quorum/min", was.Quorum.Min, is.Quorum.Min)
	f.notLower(p+"/floor", *was.Floor, *is.Floor)
	f.unless(is.Seats >= was.Seats, ruleIrrevocable, p+"/seats", "%d cannot be lowered to %d", was.Seats, is.Seats)
	f.unless(is.City == was.City, ruleIrrevocable, p+"/city", "%q cannot become %q", was.City, is.City)
}

func (f *faults) amendFounders(old, next *Charter) {
	if next.Founders == nil {
		return
	}
	if old.Founders == nil {
		f.add(ruleIrrevocable, "/founders", "a founders' chamber cannot be added: the charter before has none")
		return
	}
	for i, id := range next.Founders.Members {
		f.unless(slices.Contains(old.Founders.Members, id), ruleIrrevocable, fmt.Sprintf("/founders/members/%d", i),
			"%s cannot be added: the founders are those %d of the charter before", id, len(old.Founders.Members))
	}
}

// amendRatchet compares tiers by number: each new one must give the founders no more, and come no later.
func (f *faults) amendRatchet(old, next *Ratchet, tier int) {
	f.notHigher("/ratchet/age", old.Age, next.Age)
	f.unless(next.Start == old.Start, ruleIrrevocable, "/ratchet/start", "%d cannot become %d", old.Start, next.Start)
	f.unless(next.Epoch == old.Epoch, ruleIrrevocable, "/ratchet/epoch", "%d cannot become %d", old.Epoch, next.Epoch)
	for i := range min(len(old.Tiers), len(next.Tiers)) {
		f.amendTier(i, old.Tiers[i], next.Tiers[i], i <= tier)
	}
	last, end := len(next.Tiers)-1, old.Tiers[len(old.Tiers)-1]
	if last >= len(old.Tiers)-1 {
		return
	}
	f.unless(last >= tier, ruleIrrevocable, "/ratchet/tiers", "tier %d is in force: the list cannot end at tier %d", tier, last)
	f.unless(next.Tiers[last].Share.Cmp(end.Share) <= 0, ruleIrrevocable, fmt.Sprintf("/ratchet/tiers/%d/share", last),
		"a shorter list must end at %s or less, as the one before does, not at %s", end.Share, next.Tiers[last].Share)
}

func (f *faults) amendTier(i int, was, is Tier, reached bool) {
	p := fmt.Sprintf("/ratchet/tiers/%d", i)
	if reached {
		f.unless(is.Share.Equal(was.Share) && is.Members == was.Members && is.Hold == was.Hold && is.After == was.After,
			ruleIrrevocable, p, "the tier was reached and stays as it is: %s, not %s", was, is)
		return
	}
	f.unless(is.Share.Cmp(was.Share) <= 0, ruleIrrevocable, p+"/share", "%s cannot be raised to %s", was.Share, is.Share)
	f.notHigher(p+"/members", was.Members, is.Members)
	f.notHigher(p+"/hold", was.Hold, is.Hold)
	f.notHigher(p+"/after", was.After, is.After)
}

func (t Tier) String() string {
	return fmt.Sprintf("{share %s, members %d, hold %d, after %d}", t.Share, t.Members, t.Hold, t.After)
}
