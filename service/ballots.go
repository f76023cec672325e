package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Receipt promises that a ballot is recorded; it never shows the choice. The log's key signs it.
type Receipt struct {
	Promise   poll.Receipt
	Signature []byte // Ed25519, over Promise as a receipt message
}

// Cast takes a signed ballot. When it returns, the ballot is durable and has its place in the log; the
// proof of inclusion follows with the next checkpoint. Sending the same ballot again, because the
// answer got lost, gives the receipt of the first time and records nothing.
func (s *Service) Cast(ctx context.Context, pollID string, in poll.Cast) (Receipt, error) {
	voter, err := voterOf(in)
	if err != nil {
		return Receipt{}, err
	}
	p, e, err := s.atDoor(ctx, pollID, voter)
	if err != nil {
		return Receipt{}, err
	}
	if err := s.check(p, e, in); err != nil {
		return Receipt{}, err
	}
	body, err := in.CanonicalBody()
	if err != nil {
		return Receipt{}, Refuse(KindInvalid, poll.RuleBallot, "the ballot: %v", err)
	}
	entry, err := s.post(ctx, touched{poll: p.ID, voter: voter}, func(tx Tx) (LogEntry, error) { return s.record(tx, p, voter, in, body) })
	if err != nil {
		return Receipt{}, err
	}
	return s.receipt(p, entry, body)
}

// voterOf reads who the ballot says it is from, before anything else is believed.
func voterOf(in poll.Cast) (string, error) {
	var head struct {
		Voter string `json:"voter"`
	}
	if err := json.Unmarshal(in.Ballot, &head); err != nil || head.Voter == "" || len(head.Voter) > 80 {
		return "", Refuse(KindInvalid, poll.RuleBallot, "the ballot names no voter")
	}
	return head.Voter, nil
}

// atDoor reads poll and elector.
func (s *Service) atDoor(ctx context.Context, pollID, voter string) (p Poll, e Elector, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if p, err = tx.Poll(pollID); err != nil {
			return absent(err, "poll")
		}
		e, err = tx.Elector(pollID, voter)
		if errors.Is(err, ErrNotFound) {
			return Refuse(KindForbidden, poll.RuleNotOnRoll, "%.80q is not on the roll of this poll", voter).
				WithHint("the roll was frozen when the poll opened; whoever joined later votes in the next one")
		}
		return err
	})
	return p, e, err
}

// check does what costs time, signature and point, outside the transaction.
func (s *Service) check(p Poll, e Elector, in poll.Cast) error {
	m, err := s.box.manifest(p)
	if err != nil {
		return err
	}
	var key *identity.Key
	if len(e.Key) > 0 {
		if key, err = poll.ParseKey(e.Key); err != nil {
			return fmt.Errorf("key of elector %s: %w", e.Voter, err)
		}
	}
	_, err = poll.CheckCast(m, p.Hash, key, in)
	return pollRefusal(err)
}

// record counts and logs the ballot in the caller's transaction: whoever gets a receipt is in the log, and
// a crash before the commit leaves nothing.
func (s *Service) record(tx Tx, seen Poll, voter string, in poll.Cast, body []byte) (LogEntry, error) {
	p, err := tx.Poll(seen.ID)
	if err != nil {
		return LogEntry{}, err
	}
	e, err := tx.Elector(p.ID, voter)
	if err != nil {
		return LogEntry{}, err
	}
	if same, ok, err := repeated(tx, p, e, body); ok || err != nil {
		return same, err
	}
	if err := s.closed(tx, p); err != nil {
		return LogEntry{}, err
	}
	if e.Casts >= poll.MaxCasts {
		return LogEntry{}, Refuse(KindConflict, poll.RuleTooMany, "%d ballots of this voter are recorded: the last one counts", e.Casts)
	}
	entry, err := s.append(tx, audit.KindBallotCast, p.Subject, audit.BallotCast{Cast: in})
	if err != nil {
		return LogEntry{}, err
	}
	e.Last = entry.N
	return entry, tx.CastBallot(e)
}

// repeated finds the voter's last ballot and says whether it is this one.
func repeated(tx Tx, p Poll, e Elector, body []byte) (LogEntry, bool, error) {
	if e.Last == 0 {
		return LogEntry{}, false, nil
	}
	list, err := tx.EntriesAfter(p.Subject, e.Last-1, 1)
	if err != nil || len(list) == 0 {
		return LogEntry{}, false, firstOf(err, fmt.Errorf("record %d of %s is not there", e.Last, p.Subject))
	}
	// A record is canonical, so its body comes first and its kind behind it.
	start := append(append([]byte(`{"body":`), body...), `,"kind":`...)
	return list[0], bytes.HasPrefix(list[0].Record, start), nil
}

// closed refuses when the poll takes no more ballots: by state, by clock, or by a round that shows
// that the clock is behind.
func (s *Service) closed(tx Tx, p Poll) error {
	refusal := Refuse(KindConflict, "closed", "the poll closed at %s", stamp(p.Closes))
	if p.State != PollOpen {
		return refusal
	}
	if over, err := s.over(tx, p.Chain, p.Closes); err != nil || over {
		return firstOf(err, refusal)
	}
	return nil
}

// over reports whether a time has come: by the clock, or by a round of that time of one of the chains that
// records name, which shows that the clock is behind.
func (s *Service) over(tx Tx, hash beacon.Hash, end int64) (bool, error) {
	if s.now() >= end {
		return true, nil
	}
	chain, ok := s.Chains.Lookup(hash)
	if !ok {
		return false, Refuse(KindUnavailable, "chain_unknown", "this instance does not know chain %s", hash)
	}
	for _, c := range slices.Compact([]*beacon.Chain{chain, s.defaultChain()}) {
		b, err := tx.LatestBeacon(c.Hash)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if at, err := c.TimeOf(b.Round); err != nil || at >= end {
			return err == nil, err
		}
	}
	return false, nil
}

func (s *Service) defaultChain() *beacon.Chain {
	c, _ := s.Chains.Lookup(s.DefaultChain)
	return c
}

// receipt signs the promise. It is made from what is durable, so it can be made again at any time.
func (s *Service) receipt(p Poll, e LogEntry, body []byte) (Receipt, error) {
	r := Receipt{Promise: poll.Receipt{
		At: s.now(), Ballot: sha256.Sum256(body), Index: e.Seq, Leaf: e.Leaf, Log: s.Origin, N: e.N, Poll: p.Hash, V: 1,
	}}
	var err error
	r.Signature, err = s.Receipts.Sign(identity.Message(identity.ThingReceipt, r.Promise.Canonical()))
	return r, err
}

// BallotAt tells what became of the ballot with this leaf hash in a poll: where it stands, whether a
// later one superseded it, and, once counted, whether it was invalid. It never shows the choice.
type BallotAt struct {
	N          int64
	Index      int64
	Superseded bool
	Counted    bool
	Invalid    string // rule, once counted
}

// Ballot finds a ballot by its number in the poll's subject. Public.
func (s *Service) Ballot(ctx context.Context, pollID string, n int64) (v BallotAt, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		p, err := tx.Poll(pollID)
		if err != nil {
			return absent(err, "poll")
		}
		list, err := tx.EntriesAfter(p.Subject, n-1, 1)
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].N != n || list[0].Kind != audit.KindBallotCast {
			return Refuse(KindNotFound, "not_found", "record %d of the poll is no ballot", n)
		}
		v, err = ballotAt(tx, p, list[0])
		return err
	})
	return v, err
}

func ballotAt(tx Tx, p Poll, entry LogEntry) (v BallotAt, err error) {
	rec, err := audit.Decode(entry.Record)
	if err != nil {
		return v, err
	}
	body, err := rec.Decoded()
	if err != nil {
		return v, err
	}
	voter, err := voterOf(body.(audit.BallotCast).Cast)
	if err != nil {
		return v, err
	}
	e, err := tx.Elector(p.ID, voter)
	if err != nil {
		return v, err
	}
	v = BallotAt{N: entry.N, Index: entry.Seq, Superseded: e.Last != entry.N, Counted: p.State == PollCounted}
	if !v.Counted || v.Superseded {
		return v, nil
	}
	text, err := tx.Blob(p.Transcript)
	if err != nil {
		return v, err
	}
	t, err := poll.ParseTranscript(text)
	for _, i := range t.Count.Invalid {
		if i.Voter == voter {
			v.Invalid = i.Rule
		}
	}
	return v, err
}
