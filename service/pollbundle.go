package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/poll"
)

// PollBundle writes everything an auditor needs about a counted or void poll: the records of community, members,
// seats and poll under the newest checkpoint, the draw of the jury, rolls, transcript and closing
// round. Public.
func (s *Service) PollBundle(ctx context.Context, id string, w io.Writer) error {
	p, err := s.Poll(ctx, id)
	if err != nil {
		return err
	}
	if p.State != PollCounted && p.State != PollVoid {
		return uncounted(p)
	}
	m, err := poll.ParseManifest(p.Manifest)
	if err != nil {
		return err
	}
	var head LogHead
	if err := s.Store.Read(ctx, func(tx Tx) error { head, err = tx.LogHead(); return err }); err != nil {
		return err
	}
	c := bundle.PollContents{CreatedBy: "kleroterion " + s.Version, Subject: p.Subject, Rehearsal: p.Rehearsal, Policy: s.Policy}
	if err := s.addThreads(ctx, &c, head, m); err != nil {
		return err
	}
	if err := s.addJuryDraw(ctx, &c, m); err != nil {
		return err
	}
	if err := s.addFiles(ctx, &c, p.Poll, m); err != nil {
		return err
	}
	return bundle.WritePoll(w, c)
}

// thread is what one pass over a subject finds: records never change, so a second pass writes the same.
type thread struct {
	subject string
	hash    hash.Hash
	bytes   int64
	last    LogEntry
	chains  map[beacon.Hash]bool // of seen beacons
	sealed  bool                 // the poll's result or void is among the records
}

// addThreads walks each subject up to the checkpoint.
func (s *Service) addThreads(ctx context.Context, c *bundle.PollContents, head LogHead, m *poll.Manifest) error {
	chains := map[beacon.Hash]bool{m.Beacon.Chain: true}
	subjects := []string{communitySubject(m.Community), membersSubject(m.Community)}
	if m.Jury != nil {
		subjects = append(subjects, m.Jury.Seats)
	}
	for _, subject := range append(subjects, m.Poll) {
		t := &thread{subject: subject, hash: sha256.New(), chains: chains}
		if err := s.eachCovered(ctx, subject, head.SignedSize, t.add); err != nil {
			return err
		}
		if t.last.N == 0 || subject == m.Poll && !t.sealed {
			return Refuse(KindTooEarly, "not_published", "the result is not under a checkpoint yet").WithHint("ask again in a second")
		}
		var proof []byte
		err := s.Store.Read(ctx, func(tx Tx) (err error) { proof, err = proofAt(tx, head, t.last.Seq); return err })
		if err != nil {
			return err
		}
		c.Threads = append(c.Threads, bundle.Thread{Subject: subject, Open: s.threadReader(ctx, subject, head.SignedSize),
			Bytes: t.bytes, SHA256: audit.Hash(t.hash.Sum(nil)), Proof: proof})
	}
	for hash := range chains {
		if chain, ok := s.Chains.Lookup(hash); ok && chain.Status == beacon.StatusDev {
			c.Chains = append(c.Chains, chain)
		}
	}
	return nil
}

func (t *thread) add(e LogEntry) error {
	t.last = e
	t.bytes += int64(len(e.Record)) + 1
	t.hash.Write(e.Record)
	t.hash.Write([]byte("\n"))
	t.sealed = t.sealed || e.Kind == audit.KindPollResult || e.Kind == audit.KindPollVoid
	rec, err := audit.Decode(e.Record)
	if err == nil && rec.Seen != nil {
		t.chains[rec.Seen.Chain] = true
	}
	return err
}

// eachCovered visits a subject's records among the first size of the log.
func (s *Service) eachCovered(ctx context.Context, subject string, size int64, visit func(LogEntry) error) error {
	for n := int64(0); ; {
		var page []LogEntry
		err := s.Store.Read(ctx, func(tx Tx) (err error) { page, err = tx.EntriesAfter(subject, n, readBatch); return err })
		if err != nil {
			return err
		}
		for _, e := range page {
			n = e.N
			if e.Seq >= size {
				return nil
			}
			if err := visit(e); err != nil {
				return err
			}
		}
		if len(page) < readBatch {
			return nil
		}
	}
}

func (s *Service) threadReader(ctx context.Context, subject string, size int64) func() (io.ReadCloser, error) {
	return piped(func(w io.Writer) error {
		return s.eachCovered(ctx, subject, size, func(e LogEntry) error {
			_, err := w.Write(append(e.Record, '\n'))
			return err
		})
	})
}

// piped turns a writer of bytes into a reader of them.
func piped(write func(io.Writer) error) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() { w.CloseWithError(write(w)) }()
		return r, nil
	}
}

// addJuryDraw nests the bundle of the draw that gave the seats. It is written twice from the same
// contents: once for its digest.
func (s *Service) addJuryDraw(ctx context.Context, c *bundle.PollContents, m *poll.Manifest) error {
	if m.Jury == nil {
		return nil
	}
	var draw Draw
	var contents bundle.Contents
	err := s.Store.Read(ctx, func(tx Tx) error {
		row, err := tx.Jury(m.Jury.Seats)
		if err != nil {
			return err
		}
		if draw, err = tx.Draw(row.DrawID); err != nil {
			return err
		}
		contents, err = s.contents(ctx, tx, draw)
		return err
	})
	if err != nil {
		return err
	}
	size, sum := new(counter), sha256.New()
	if err := bundle.Write(io.MultiWriter(size, sum), contents); err != nil {
		return err
	}
	c.Draws = []bundle.Draw{{Subject: draw.Subject, SHA256: audit.Hash(sum.Sum(nil)), Bytes: int64(*size),
		Open: piped(func(w io.Writer) error { return bundle.Write(w, contents) })}}
	return nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// addFiles adds rolls, transcript, a proposed charter and the closing round; equal files go in once.
func (s *Service) addFiles(ctx context.Context, c *bundle.PollContents, p Poll, m *poll.Manifest) error {
	var names []audit.Hash
	if p.State == PollCounted {
		names = append(names, p.Transcript)
	}
	for _, r := range m.Rolls {
		names = append(names, r.File.SHA256)
	}
	if m.Amends != nil {
		names = append(names, m.Amends.SHA256)
	}
	have := map[audit.Hash]bool{}
	for _, name := range names {
		if have[name] {
			continue
		}
		have[name] = true
		data, err := s.Blob(ctx, name)
		if err != nil {
			return err
		}
		c.Blobs = append(c.Blobs, bundle.Blob{Blob: audit.Blob{SHA256: name, Bytes: int64(len(data))},
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	}
	if p.State == PollVoid {
		return nil
	}
	b, err := s.Beacon(ctx, p.Chain, p.Round)
	c.Beacons = []beacon.File{{Chain: p.Chain, Beacon: b.beacon()}}
	return err
}
