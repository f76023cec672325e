package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// GiftReceipt promises that a gift is recorded; it shows neither the amount nor the project. The log's
// key signs it.
type GiftReceipt struct {
	Promise   grants.Receipt
	Signature []byte // Ed25519, over Promise as a receipt message
}

// giving is a gift on its way into the log.
type giving struct {
	grants.GiftAdd
	grants.Claim
	same beacon.Hash
	door *roundDoor
	took grants.Accepted
}

// Give takes a gift that its donor signed, or a payment that a connector signed; At is set here. When it
// returns, the gift is durable and has its place in the log; the proof of inclusion follows with the next
// checkpoint. Sending the same gift again, because the answer got lost, gives the same receipt byte for
// byte and records nothing, whatever has become of round, project or gift since.
func (s *Service) Give(ctx context.Context, roundID string, in grants.GiftAdd) (GiftReceipt, error) {
	g, err := s.claimed(in)
	if err != nil {
		return GiftReceipt{}, err
	}
	r, known, err := s.giftDoor(ctx, roundID, g)
	if err != nil {
		return GiftReceipt{}, err
	}
	entry, sent, err := s.examine(ctx, r, known, g)
	if err == nil && !sent {
		entry, err = s.post(ctx, touched{round: r.ID, donor: g.Donor, project: g.Project, once: g.Once}, func(tx Tx) (LogEntry, error) { return s.recordGift(tx, r.ID, g) })
	}
	if err != nil {
		return GiftReceipt{}, err
	}
	return s.giftReceipt(r, entry)
}

// claimed reads the gift strictly, before anything else is believed.
func (s *Service) claimed(in grants.GiftAdd) (*giving, error) {
	in.At = s.now()
	c, err := in.Claim()
	if err != nil {
		return nil, roundRefusal(err)
	}
	object := in.Gift
	if in.Connector != "" {
		object = in.Paid
	}
	return &giving{GiftAdd: in, Claim: c, same: sha256.Sum256(object)}, nil
}

// knocking is a gift at the door of its round.
type knocking struct {
	round, donor string
	door         *roundDoor
	key          []byte // of the donor, nil for a stranger
	err          error
}

// giftDoor reads the donor's key, and round and project where nobody has asked for them before: what a gift
// is checked by here, its manifest, never changes. The rest recordGift reads. Those who come together are
// read together.
func (s *Service) giftDoor(ctx context.Context, id string, g *giving) (r Round, known grants.Known, err error) {
	k := &knocking{round: id, donor: g.Donor}
	if err := s.box.doors.take(ctx, k, s.readDoors); err != nil {
		return Round{}, known, err
	}
	if k.err != nil {
		return Round{}, known, k.err
	}
	g.door = k.door
	if len(k.key) > 0 {
		if known.Key, err = donorKey(k.key, g.Donor); err != nil {
			return Round{}, known, err
		}
	}
	if kept, is := g.door.projects.Load(g.Project); is {
		known.Project = kept.(*grants.Project)
	} else if g.Project != "" {
		known.Project, err = s.projectAt(ctx, g.door, g.Project)
	}
	return g.door.round, known, err
}

// projectAt reads a project and remembers it, where there is one.
func (s *Service) projectAt(ctx context.Context, d *roundDoor, id string) (*grants.Project, error) {
	var p Project
	err := s.Store.Read(ctx, func(tx Tx) (err error) { p, err = tx.Project(d.round.ID, id); return err })
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	d.projects.Store(id, &p.Project)
	return &p.Project, nil
}

// readDoors answers all who ask from one snapshot. A refusal is its asker's own; any other error is
// everybody's.
func (s *Service) readDoors(ctx context.Context, batch []*errand[knocking]) {
	err := guarded(func() error {
		return s.Store.Read(ctx, func(tx Tx) error {
			table, all := sit(tx), make([]touched, len(batch))
			for i, e := range batch {
				all[i] = touched{round: e.what.round, donor: e.what.donor}
			}
			if err := foreseeAll(table, all); err != nil {
				return err
			}
			for _, e := range batch {
				if e.what.err = s.readDoor(table, e.what); KindOf(e.what.err) == KindInternal {
					return e.what.err
				}
			}
			return nil
		})
	})
	for _, e := range batch {
		e.err = err
	}
}

func (s *Service) readDoor(tx Tx, k *knocking) error {
	k.door = s.box.door.Load()
	if k.door == nil || k.door.round.ID != k.round {
		r, err := tx.Round(k.round)
		if err != nil {
			return absent(err, "funding round")
		}
		if k.door, err = s.box.keepDoor(r); err != nil {
			return err
		}
	}
	giver, err := tx.Giver(k.round, k.donor)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	k.key = giver.Key
	return err
}

// knownTo returns what a round knows about a claim.
func knownTo(tx Tx, round string, c grants.Claim) (known grants.Known, err error) {
	giver, err := tx.Giver(round, c.Donor)
	switch {
	case err == nil:
		if known.Key, err = donorKey(giver.Key, c.Donor); err != nil {
			return known, err
		}
	case !errors.Is(err, ErrNotFound):
		return known, err
	}
	if c.Project == "" {
		return known, nil
	}
	p, err := tx.Project(round, c.Project)
	switch {
	case err == nil:
		known.Project = &p.Project
	case !errors.Is(err, ErrNotFound):
		return known, err
	}
	return known, nil
}

func donorKey(text []byte, donor string) (*identity.Key, error) {
	k, err := poll.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("key of donor %s: %w", donor, err)
	}
	return k, nil
}

// examine does what costs time, signature and point, outside the transaction. What the door refuses may
// still be recorded already: the round may have ended since, or the project gone.
func (s *Service) examine(ctx context.Context, r Round, known grants.Known, g *giving) (entry LogEntry, sent bool, err error) {
	var refused error
	g.took, refused = g.door.door.CheckGift(known, g.GiftAdd)
	if known.Project != nil && aboutProject(refused) { // as it was when somebody asked
		if known.Project, err = s.projectAt(ctx, g.door, g.Project); err != nil {
			return LogEntry{}, false, err
		}
		g.took, refused = g.door.door.CheckGift(known, g.GiftAdd)
	}
	if refused == nil {
		return LogEntry{}, false, nil
	}
	err = s.Store.Read(ctx, func(tx Tx) error { entry, sent, err = given(tx, r, g); return err })
	if err == nil && !sent {
		err = roundRefusal(refused)
	}
	return entry, sent, err
}

func aboutProject(refused error) bool {
	var g *grants.Refusal
	return errors.As(refused, &g) && slices.Contains([]string{grants.RuleUnknown, grants.RuleNotApproved, grants.RuleOwn}, g.Rule)
}

// recordGift counts and logs the gift in the caller's transaction: whoever gets a receipt is in the log,
// and a crash before the commit leaves nothing.
func (s *Service) recordGift(tx Tx, id string, g *giving) (LogEntry, error) {
	r, err := tx.Round(id)
	if err != nil {
		return LogEntry{}, err
	}
	if same, sent, err := given(tx, r, g); sent || err != nil {
		return same, err
	}
	return s.recordNew(tx, r, g)
}

func (s *Service) recordNew(tx Tx, r Round, g *giving) (LogEntry, error) {
	at, err := s.giftTime(tx, r)
	if err != nil {
		return LogEntry{}, err
	}
	g.At = at
	giver, err := mayGive(tx, r.ID, g)
	if err != nil {
		return LogEntry{}, err
	}
	entry, err := s.append(tx, audit.KindGiftAdd, r.Subject, audit.GiftAdd{GiftAdd: g.GiftAdd})
	if err != nil {
		return LogEntry{}, err
	}
	row := Gift{
		Round: r.ID, N: entry.N, Donor: g.Donor, Once: g.Once, Same: g.same, Project: g.Project, Amount: g.took.Amount,
		Paid: g.Connector != "", At: at,
	}
	err = tx.AddGift(row, giver)
	if errors.Is(err, ErrExists) { // by another process, after this transaction looked
		err = fmt.Errorf("%w: %w", ErrStale, err)
	}
	return entry, err
}

// given finds the record of a gift that is sent again, and refuses another one under its nonce or
// reference.
func given(tx Tx, r Round, g *giving) (LogEntry, bool, error) {
	before, err := tx.GiftByOnce(r.ID, g.Once)
	switch {
	case errors.Is(err, ErrNotFound):
		return LogEntry{}, false, nil
	case err != nil:
		return LogEntry{}, false, err
	case before.Same != g.same:
		return LogEntry{}, false, Refuse(KindConflict, grants.RuleRepeated, "the nonce or reference is that of record %d, which says something else", before.N).
			WithHint("a nonce is used for one gift, a reference for one payment")
	}
	entry, err := giftEntry(tx, r, before.N)
	return entry, err == nil, err
}

// giftTime returns the time of the round's next gift, and refuses when it takes none: by state, by clock,
// or by a round that shows that the clock is behind.
func (s *Service) giftTime(tx Tx, r Round) (int64, error) {
	if err := s.inWindow(tx, r); err != nil {
		return 0, err
	}
	at, err := s.moment(tx, r.LastAt)
	if err != nil {
		return 0, err
	}
	if at < r.GiftsStart || at >= r.GiftsEnd {
		return 0, Refuse(KindConflict, grants.RuleWindow, "this round takes gifts from %s to before %s", stamp(r.GiftsStart), stamp(r.GiftsEnd))
	}
	return at, nil
}

// mayGive holds against the rows what may have changed since the gift was checked: its project, and how
// often the donor has given. The giver is nil for a payment.
func mayGive(tx Tx, round string, g *giving) (*Giver, error) {
	if g.Project != "" {
		p, err := tx.Project(round, g.Project)
		if err != nil {
			return nil, err
		}
		if err := g.door.door.MayGet(&p.Project, g.Donor, g.Project); err != nil {
			return nil, roundRefusal(err)
		}
	}
	if g.Connector != "" {
		return nil, nil
	}
	giver, err := tx.Giver(round, g.Donor)
	if err != nil {
		return nil, err
	}
	if giver.Gifts >= grants.MaxGifts {
		return nil, Refuse(KindConflict, grants.RuleTooMany, "%s has given %d times in this round, no more are recorded", g.Donor, giver.Gifts)
	}
	return &giver, nil
}

// giftEntry returns the record of a gift.
func giftEntry(tx Tx, r Round, n int64) (LogEntry, error) {
	list, err := tx.EntriesAfter(r.Subject, n-1, 1)
	if err != nil {
		return LogEntry{}, err
	}
	if len(list) == 0 || list[0].N != n || list[0].Kind != audit.KindGiftAdd {
		return LogEntry{}, fmt.Errorf("gift %d of %s is not in the log", n, r.Subject)
	}
	return list[0], nil
}

// giftReceipt signs the promise. All of it is in the record, so the same receipt can be made again at any
// time.
func (s *Service) giftReceipt(r Round, e LogEntry) (GiftReceipt, error) {
	at, body, err := giftIn(e.Record)
	if err != nil {
		return GiftReceipt{}, fmt.Errorf("gift %d of %s: %w", e.N, e.Subject, err)
	}
	out := GiftReceipt{Promise: grants.Receipt{
		At: at, Gift: sha256.Sum256(body), Index: e.Seq, Leaf: e.Leaf, Log: s.Origin, N: e.N, Round: r.Hash, V: 1,
	}}
	out.Signature, err = s.Receipts.Sign(identity.Message(identity.ThingReceipt, out.Promise.Canonical()))
	return out, err
}

// giftIn finds time and body in the record of a gift. It is this service's own, canonical and read strictly
// when it was made: its body stands first, and kind and n behind it; nothing after these has a member kind.
func giftIn(record []byte) (at int64, body []byte, err error) {
	const head, kind, time = `{"body":`, `,"kind":"gift.add","n":`, `{"at":`
	end := bytes.LastIndex(record, []byte(kind))
	if end < len(head) || !bytes.HasPrefix(record, []byte(head)) {
		return 0, nil, errors.New("its record has no body")
	}
	body = record[len(head):end]
	digits, _, _ := bytes.Cut(bytes.TrimPrefix(body, []byte(time)), []byte(","))
	at, err = strconv.ParseInt(string(digits), 10, 64)
	return at, body, err
}

// GiftReceipt gives the receipt of the gift with this number again. Public.
func (s *Service) GiftReceipt(ctx context.Context, roundID string, n int64) (GiftReceipt, error) {
	var r Round
	var entry LogEntry
	err := s.Store.Read(ctx, func(tx Tx) (err error) {
		if r, err = tx.Round(roundID); err != nil {
			return absent(err, "funding round")
		}
		if _, err = tx.Gift(roundID, n); err != nil {
			return absent(err, "gift")
		}
		entry, err = giftEntry(tx, r, n)
		return err
	})
	if err != nil {
		return GiftReceipt{}, err
	}
	return s.giftReceipt(r, entry)
}

// Gift returns the gift with this number in the round's subject. Public: of a sealed gift it shows the
// donor and the time.
func (s *Service) Gift(ctx context.Context, roundID string, n int64) (g Gift, err error) {
	err = s.Store.Read(ctx, func(tx Tx) (err error) { g, err = tx.Gift(roundID, n); return err })
	return g, absent(err, "gift")
}

// GiftWindow is a page of gifts: those with a number above After, at most Limit.
type GiftWindow struct {
	After int64
	Limit int
}

// Gifts lists gifts of a round by number, those of one donor where donor is not empty. Public.
func (s *Service) Gifts(ctx context.Context, roundID, donor string, w GiftWindow) (list []Gift, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if _, err := tx.Round(roundID); err != nil {
			return absent(err, "funding round")
		}
		list, err = tx.Gifts(roundID, donor, w.After, w.Limit)
		return err
	})
	return list, err
}
