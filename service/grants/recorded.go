package grants

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
)

// Recorded is a gift of an open round as the service keeps it that examined and recorded it.
type Recorded struct {
	N       int64 // of its record in the round's subject
	At      int64 // Unix seconds
	Donor   string
	Project string
	Once    string      // of its Claim
	Same    beacon.Hash // as Accepted
	Amount  funding.Amount
	Paid    bool // by a connector
}

// NewRecorded is [New] for the service that opened the round itself, which takes its gifts by [Round.ApplyRecorded]
// and by nothing else. The keys of the roll were checked when it was frozen: what is compared here is its digest.
func NewRecorded(manifest, roll []byte, gifts int64) (*Round, error) {
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Mode != poll.ModeOpen:
		return nil, refuse(RuleStage, "what is in sealed gifts nobody examined when they were recorded: their records have to be replayed")
	case m.Roll.File != poll.FileOf(roll):
		return nil, refuse(RuleRoll, "the roll has %d bytes, or another digest than the manifest says", len(roll))
	case gifts < 0 || gifts > maxInteger:
		return nil, refuse(RuleRecord, "%d gifts", gifts)
	}
	r, err := newRound(Door{m, HashBytes(manifest)}, roll)
	if err != nil {
		return nil, err
	}
	r.recorded, r.gifts = true, make([]gift, 0, gifts)
	return r, nil
}

// ApplyRecorded takes the next gift.add records as their service kept them, without their signatures, in a round
// made with [NewRecorded]. It stops at the first that is refused: applied is its index, and the round stands as
// before it.
//
// It is for the service that recorded them, and for nobody else. There each signature was verified before the
// record, each nonce and reference is there once by a constraint of the database, and gift and record came in one
// transaction. What a gift says is held here against the digest of what was signed, and against all other rules
// of intake: a gift that is damaged is refused. Whoever writes gifts and digests of their own into the database
// gets a result that every verifier refuses, because it replays the signed records.
func (r *Round) ApplyRecorded(list []Recorded) (applied int, err error) {
	if !r.recorded {
		return 0, refuse(RuleStage, "gifts without their signatures are taken by a round that was made for them")
	}
	found := slices.Grow(r.found[:0], len(list))[:len(list)]
	r.found = found
	parallel(len(list), func(i int) { found[i] = r.names(&list[i]) })
	for i := range list {
		if err := r.keepRecorded(&list[i], found[i]); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

// named is whom and what a gift names, nil where the round does not know them, and why it is refused.
type named struct {
	donor   *donor
	project *Project
	err     error
}

// names looks up what a gift names and compares its digest: what costs time of a gift and changes nothing.
func (r *Round) names(g *Recorded) named {
	return named{r.donors[g.Donor], r.projects[g.Project], r.door.restores(g)}
}

// keepRecorded holds a gift against the round as it stood when it was recorded.
func (r *Round) keepRecorded(g *Recorded, of named) error {
	d, p, m := of.donor, of.project, r.door.Manifest
	switch {
	case of.err != nil:
		return of.err
	case d == nil:
		return refuse(RuleNotOnRoll, "%s is not on the roll", g.Donor)
	case g.At < m.GiftsStart || g.At >= m.GiftsEnd:
		return refuse(RuleWindow, "a gift at %d, they are taken from %d to before %d", g.At, m.GiftsStart, m.GiftsEnd)
	case !g.Paid && d.gifts >= MaxGifts:
		return refuse(RuleTooMany, "%s has given %d times, no more are recorded", g.Donor, d.gifts)
	}
	if k := len(r.gifts); g.N < 1 || k > 0 && g.N <= r.gifts[k-1].n {
		return refuse(RuleRecord, "gift.add with number %d does not come after the one before", g.N)
	}
	if err := firstError(r.admits("gift.add", g.At, running), r.door.mayGet(p, g.Donor, g.Project)); err != nil {
		return err
	}
	r.gifts = append(r.gifts, gift{n: g.N, donor: d, project: p, amount: g.Amount})
	if !g.Paid {
		d.gifts++
	}
	r.last = g.At
	return nil
}

// restores writes what donor or connector signed again, from what is kept of it, and compares its digest.
func (d Door) restores(g *Recorded) error {
	amount := g.Amount.String()
	if err := checkWorth(g.Amount, amount); err != nil {
		return err
	}
	by, word, _ := strings.Cut(g.Once, " ")
	text := append(make([]byte, 0, 384), `{"amount":"`...)
	text = append(append(text, amount...), `","donor":"`...)
	text = append(text, g.Donor...)
	if g.Paid {
		if d.Manifest.connector(by) == nil {
			return refuse(RuleConnector, "connector %.40q is not one of this round", by)
		}
		reference, err := canonical.Marshal(word)
		if err != nil {
			return refuse(RuleGift, "paid: reference: %v", err)
		}
		text = append(append(text, `","project":"`...), g.Project...)
		text = append(append(text, `","reference":`...), reference...)
		text = append(text, `,"round":"`...)
	} else {
		text = append(append(text, `","nonce":"`...), word...)
		text = append(append(text, `","project":"`...), g.Project...)
		text = append(text, `","round":"`...)
	}
	text = append(hex.AppendEncode(text, d.Hash[:]), `","v":1}`...)
	if sha256.Sum256(text) != g.Same || !g.Paid && by != g.Donor {
		return refuse(RuleSignature, "what is kept of the gift of %s is not what was signed: its digest is not %s", g.Donor, g.Same)
	}
	return nil
}
