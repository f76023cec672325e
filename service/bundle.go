package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// Bundle writes everything an auditor needs about the draw's decision: its records with proofs under
// the newest checkpoint, the registers, results and beacons of all its draws. Public.
func (s *Service) Bundle(ctx context.Context, drawID string, w io.Writer) error {
	d, err := s.Draw(ctx, drawID)
	if err != nil {
		return err
	}
	if d.State != DrawDrawn {
		return Refuse(KindTooEarly, "not_drawn", "the draw is %s: there is no result to prove", d.Status)
	}
	var c bundle.Contents
	err = s.Store.Read(ctx, func(tx Tx) error {
		c, err = s.contents(ctx, tx, d.Draw)
		return err
	})
	if err != nil {
		return err
	}
	return bundle.Write(w, c)
}

// gathered is what a bundle is put together from, as far as the checkpoint covers it.
type gathered struct {
	head    LogHead
	entries []LogEntry
	draws   []Draw
	regs    map[string]Register
}

func (s *Service) contents(ctx context.Context, tx Tx, d Draw) (bundle.Contents, error) {
	g, err := s.gather(tx, d)
	if err != nil {
		return bundle.Contents{}, err
	}
	c := bundle.Contents{CreatedBy: "kleroterion " + s.Version, Subject: d.Subject, Policy: s.Policy}
	for _, e := range g.entries {
		proof, err := proofAt(tx, g.head, e.Seq)
		if err != nil {
			return bundle.Contents{}, err
		}
		c.Entries = append(c.Entries, bundle.Entry{Record: e.Record, Proof: proof})
	}
	for _, reg := range g.regs {
		c.Blobs = append(c.Blobs, bundle.Blob{Blob: audit.Blob{SHA256: reg.File, Bytes: reg.Bytes}, Open: s.registerReader(ctx, reg)})
	}
	if c.Chains, err = s.devChains(g); err != nil {
		return bundle.Contents{}, err
	}
	if err := s.addPanelFiles(ctx, tx, &c, g.draws); err != nil {
		return bundle.Contents{}, err
	}
	return c, s.addOutcomes(tx, &c, g.draws)
}

// devChains returns the dev chains that a draw or a seen beacon names: no verifier knows them.
func (s *Service) devChains(g gathered) ([]*beacon.Chain, error) {
	named := map[beacon.Hash]bool{}
	for _, d := range g.draws {
		named[d.Chain] = true
	}
	for _, e := range g.entries {
		rec, err := audit.Decode(e.Record)
		if err != nil {
			return nil, err
		}
		if rec.Seen != nil {
			named[rec.Seen.Chain] = true
		}
	}
	var list []*beacon.Chain
	for hash := range named {
		if chain, ok := s.Chains.Lookup(hash); ok && chain.Status == beacon.StatusDev {
			list = append(list, chain)
		}
	}
	return list, nil
}

// addOutcomes adds results, beacons and dev chains; what two draws share goes in once.
func (s *Service) addOutcomes(tx Tx, c *bundle.Contents, draws []Draw) error {
	results, rounds := map[audit.Hash]bool{}, map[string]bool{}
	for _, d := range draws {
		c.Rehearsal = c.Rehearsal || d.Rehearsal
		if d.State != DrawDrawn {
			continue
		}
		if blob := resultBlob(d); !results[blob.SHA256] {
			results[blob.SHA256] = true
			c.Blobs = append(c.Blobs, blob)
		}
		if at := fmt.Sprint(d.Chain, d.Round); !rounds[at] {
			rounds[at] = true
			b, err := tx.Beacon(d.Chain, d.Round)
			if err != nil {
				return err
			}
			c.Beacons = append(c.Beacons, beacon.File{Chain: d.Chain, Beacon: b.beacon()})
		}
	}
	return nil
}

func resultBlob(d Draw) bundle.Blob {
	return bundle.Blob{Blob: audit.Blob{SHA256: sha256.Sum256(d.Result), Bytes: int64(len(d.Result))}, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(d.Result)), nil
	}}
}

// gather collects the subject's records and those of its registers and city, in the order of the
// log. The draw's own result must be under the checkpoint; later records that are not are left out.
func (s *Service) gather(tx Tx, d Draw) (g gathered, err error) {
	if g.head, err = tx.LogHead(); err != nil {
		return g, err
	}
	subject, err := tx.EntriesOf(d.Subject)
	if err != nil {
		return g, err
	}
	covered := slices.DeleteFunc(subject, func(e LogEntry) bool { return e.Seq >= g.head.SignedSize })
	draws, err := tx.DrawsOf(d.Subject)
	if err != nil {
		return g, err
	}
	if g.draws, err = concluded(covered, draws); err != nil {
		return g, err
	}
	if !slices.ContainsFunc(g.draws, func(x Draw) bool { return x.ID == d.ID && x.State == DrawDrawn }) {
		return g, Refuse(KindTooEarly, "not_published", "the result is not under a checkpoint yet").WithHint("ask again in a second")
	}
	if err := g.addRegisters(tx); err != nil {
		return g, err
	}
	city, err := tx.EntriesOf(citySubject(d.City))
	if err != nil {
		return g, err
	}
	g.entries = append(append(g.entries, city...), covered...)
	slices.SortFunc(g.entries, func(a, b LogEntry) int { return int(a.Seq - b.Seq) })
	return g, nil
}

// concluded returns the draws as the covered records tell them: an opening that is covered while its
// result is not counts as open.
func concluded(covered []LogEntry, draws []Draw) (list []Draw, err error) {
	ended := map[beacon.Hash]bool{}
	for _, e := range covered {
		rec, err := audit.Decode(e.Record)
		if err != nil {
			return nil, err
		}
		switch body, err := rec.Decoded(); b := body.(type) {
		case audit.DrawOpen:
			i := slices.IndexFunc(draws, func(d Draw) bool { return d.Commit == b.Commit })
			if i < 0 {
				return nil, fmt.Errorf("log entry %d opens a draw that is not kept", e.Seq)
			}
			list = append(list, draws[i])
		case audit.DrawResult:
			ended[b.Commit] = true
		case audit.DrawVoid:
			ended[b.Commit] = true
		default:
			return nil, fmt.Errorf("log entry %d on the subject of a draw is %q: %w", e.Seq, rec.Kind, err)
		}
	}
	for i := range list {
		if !ended[list[i].Commit] {
			list[i].State = DrawOpen
		}
	}
	return list, nil
}

func (g *gathered) addRegisters(tx Tx) error {
	g.regs = map[string]Register{}
	for _, d := range g.draws {
		if _, have := g.regs[d.RegisterID]; have {
			continue
		}
		reg, err := tx.Register(d.RegisterID)
		if err != nil {
			return err
		}
		entries, err := tx.EntriesOf(registerSubject(reg))
		if err != nil {
			return err
		}
		g.regs[d.RegisterID] = reg
		g.entries = append(g.entries, entries...)
	}
	return nil
}

// registerReader streams the public file of a frozen register, page by page.
func (s *Service) registerReader(ctx context.Context, reg Register) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			w.CloseWithError(s.eachPage(ctx, reg.ID, func(p Page) error {
				_, err := w.Write(p.Data)
				return err
			}))
		}()
		return r, nil
	}
}
