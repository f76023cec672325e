package service

import (
	"context"
	"crypto/sha256"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
)

// RoundBundle writes everything an auditor needs about a round that has a result or is void: the records of
// community, members and round under the newest checkpoint, the bundle of the jury's poll, the roll and
// all files that the records name, and the beacon that opened sealed gifts. Public.
func (s *Service) RoundBundle(ctx context.Context, id string, w io.Writer) error {
	r, err := s.Round(ctx, id)
	if err != nil {
		return err
	}
	if r.State != RoundFinal && r.State != RoundVoid {
		return unresolved(r)
	}
	var head LogHead
	if err := s.Store.Read(ctx, func(tx Tx) error { head, err = tx.LogHead(); return err }); err != nil {
		return err
	}
	c := bundle.RoundContents{CreatedBy: "kleroterion " + s.Version, Subject: r.Subject, Rehearsal: r.Rehearsal, Policy: s.Policy}
	if err := s.addRoundThreads(ctx, &c, head, r); err != nil {
		return err
	}
	if err := s.addJuryPoll(ctx, &c, head, r); err != nil {
		return err
	}
	if r.Beacon != 0 && r.State == RoundFinal {
		b, err := s.Beacon(ctx, r.Chain, r.Beacon)
		if err != nil {
			return err
		}
		c.Beacons = []beacon.File{{Chain: r.Chain, Beacon: b.beacon()}}
	}
	return bundle.WriteRound(w, c)
}

// addRoundThreads adds records and the files that they name: what came after the checkpoint is not in it.
func (s *Service) addRoundThreads(ctx context.Context, c *bundle.RoundContents, head LogHead, r RoundView) error {
	chains := map[beacon.Hash]bool{r.Chain: true}
	var last *thread
	for _, subject := range []string{communitySubject(r.Community), membersSubject(r.Community), r.Subject} {
		last = &thread{subject: subject, hash: sha256.New(), chains: chains}
		out, err := s.covered(ctx, head, last)
		if err != nil {
			return err
		}
		c.Threads = append(c.Threads, out)
	}
	if !last.sealed {
		return unpublished()
	}
	c.Chains = s.ownChains(chains)
	var err error
	c.Blobs, err = s.blobs(ctx, append(last.files, r.Terms.Roll.File.SHA256))
	return err
}

// addJuryPoll nests the bundle of the poll that a result looked at. It is written twice
// from the same contents: once for its digest.
func (s *Service) addJuryPoll(ctx context.Context, c *bundle.RoundContents, head LogHead, r RoundView) error {
	if r.Terms.Jury == nil || r.State == RoundVoid {
		return nil
	}
	var p Poll
	var f facts
	err := s.Store.Read(ctx, func(tx Tx) (err error) {
		if err = juryOf(tx, r.Round, r.Terms, &f); err != nil || f.none == grants.JuryAbsent {
			return err
		}
		p, err = pollOn(tx, r.Terms.Jury.Poll)
		return err
	})
	if err != nil || f.none == grants.JuryAbsent {
		return err
	}
	contents, err := s.pollContents(ctx, p, head)
	if err != nil {
		return err
	}
	size, sum := new(counter), sha256.New()
	if err := bundle.WritePoll(io.MultiWriter(size, sum), contents); err != nil {
		return err
	}
	c.Polls = []bundle.Nested{{Subject: p.Subject, SHA256: audit.Hash(sum.Sum(nil)), Bytes: int64(*size),
		Open: piped(func(w io.Writer) error { return bundle.WritePoll(w, contents) })}}
	return nil
}
