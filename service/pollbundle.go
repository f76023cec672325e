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
	var head LogHead
	if err := s.Store.Read(ctx, func(tx Tx) error { head, err = tx.LogHead(); return err }); err != nil {
		return err
	}
	c, err := s.pollContents(ctx, p.Poll, head)
	if err != nil {
		return err
	}
	return bundle.WritePoll(w, c)
}

// pollContents gathers the bundle of a poll under the checkpoint of head.
func (s *Service) pollContents(ctx context.Context, p Poll, head LogHead) (bundle.PollContents, error) {
	c := bundle.PollContents{CreatedBy: "kleroterion " + s.Version, Subject: p.Subject, Rehearsal: p.Rehearsal, Policy: s.Policy}
	m, err := poll.ParseManifest(p.Manifest)
	if err != nil {
		return c, err
	}
	if err := s.addThreads(ctx, &c, head, m); err != nil {
		return c, err
	}
	if err := s.addJuryDraw(ctx, &c, m); err != nil {
		return c, err
	}
	return c, s.addFiles(ctx, &c, p, m)
}

// thread is what one pass over a subject finds: records never change, so a second pass writes the same.
type thread struct {
	subject string
	hash    hash.Hash
	bytes   int64
	last    LogEntry
	chains  map[beacon.Hash]bool // of seen beacons
	sealed  bool                 // a result or void of the poll or round is among the records
	files   []audit.Hash         // that the records of a round name
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
		out, err := s.covered(ctx, head, t)
		if err != nil {
			return err
		}
		if subject == m.Poll && !t.sealed {
			return unpublished()
		}
		c.Threads = append(c.Threads, out)
	}
	c.Chains = s.ownChains(chains)
	return nil
}

// covered walks a subject up to the checkpoint.
func (s *Service) covered(ctx context.Context, head LogHead, t *thread) (out bundle.Thread, err error) {
	if err := s.eachCovered(ctx, t.subject, head.SignedSize, t.add); err != nil {
		return out, err
	}
	if t.last.N == 0 {
		return out, unpublished()
	}
	out = bundle.Thread{Subject: t.subject, Open: s.threadReader(ctx, t.subject, head.SignedSize), Bytes: t.bytes, SHA256: audit.Hash(t.hash.Sum(nil))}
	err = s.Store.Read(ctx, func(tx Tx) (err error) { out.Proof, err = proofAt(tx, head, t.last.Seq); return err })
	return out, err
}

func unpublished() *Error {
	return Refuse(KindTooEarly, "not_published", "the result is not under a checkpoint yet").WithHint("ask again in a second")
}

// ownChains are those that a bundle brings along: nobody else knows them.
func (s *Service) ownChains(named map[beacon.Hash]bool) (list []*beacon.Chain) {
	for hash := range named {
		if chain, ok := s.Chains.Lookup(hash); ok && chain.Status == beacon.StatusDev {
			list = append(list, chain)
		}
	}
	return list
}

func (t *thread) add(e LogEntry) error {
	t.last = e
	t.bytes += int64(len(e.Record)) + 1
	t.hash.Write(e.Record)
	t.hash.Write([]byte("\n"))
	switch e.Kind {
	case audit.KindPollResult, audit.KindPollVoid, audit.KindRoundResult, audit.KindRoundVoid:
		t.sealed = true
	}
	rec, err := audit.Decode(e.Record)
	if err != nil {
		return err
	}
	if rec.Seen != nil {
		t.chains[rec.Seen.Chain] = true
	}
	return t.name(rec)
}

// name keeps the files that a record of a round names.
func (t *thread) name(rec audit.Record) error {
	switch rec.Kind {
	case audit.KindProjectMove, audit.KindRoundWeights, audit.KindRoundResult:
	default:
		return nil
	}
	body, err := rec.Decoded()
	if err != nil {
		return err
	}
	switch b := body.(type) {
	case audit.ProjectMove:
		if b.Text != nil {
			t.files = append(t.files, b.Text.SHA256)
		}
	case audit.RoundWeights:
		t.files = append(t.files, b.File.SHA256)
	case audit.RoundResult:
		t.files = append(t.files, b.File.SHA256)
	}
	return nil
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
	var err error
	if c.Blobs, err = s.blobs(ctx, names); err != nil || p.State == PollVoid {
		return err
	}
	b, err := s.Beacon(ctx, p.Chain, p.Round)
	c.Beacons = []beacon.File{{Chain: p.Chain, Beacon: b.beacon()}}
	return err
}

// blobs lists files, each once. They are read again when they are written: a bundle may hold more than memory.
func (s *Service) blobs(ctx context.Context, names []audit.Hash) (list []bundle.Blob, err error) {
	have := map[audit.Hash]bool{}
	for _, name := range names {
		if have[name] {
			continue
		}
		have[name] = true
		data, err := s.Blob(ctx, name)
		if err != nil {
			return nil, err
		}
		list = append(list, bundle.Blob{Blob: audit.Blob{SHA256: name, Bytes: int64(len(data))}, Open: func() (io.ReadCloser, error) {
			data, err := s.Blob(ctx, name)
			return io.NopCloser(bytes.NewReader(data)), err
		}})
	}
	return list, nil
}
