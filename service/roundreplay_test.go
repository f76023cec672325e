package service_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// roundReplay applies a round's records as somebody does who has nothing but the log and its files.
type roundReplay struct {
	*grants.Round
	c    *polity
	m    *grants.Manifest
	acts []service.Act // that the rows should hold
}

// replayRound replays the whole subject of a round, fails the test at the first record that is refused, and
// compares what the rows say.
func (c *polity) replayRound(t testing.TB, id string) *grants.Round {
	t.Helper()
	v, err := c.Round(t.Context(), id)
	must(t, err)
	entries, err := c.SubjectEntries(t.Context(), v.Subject)
	must(t, err)
	roll, err := c.Blob(t.Context(), v.Terms.Roll.File.SHA256)
	must(t, err)
	round, err := grants.New(v.Manifest, roll)
	must(t, err)
	r := &roundReplay{Round: round, c: c, m: v.Terms}
	for i, e := range entries {
		rec, err := audit.Decode(e.Record)
		must(t, err)
		if (i == 0) != (e.Kind == audit.KindRoundOpen) {
			t.Fatalf("record %d of the round is a %s", e.N, e.Kind)
		}
		if e.Kind != audit.KindGiftAdd {
			r.acts = append(r.acts, service.Act{Round: id, N: e.N, Kind: e.Kind, Body: rec.Body})
		}
		if err := r.apply(t, v, rec); err != nil {
			t.Fatalf("record %d, %s %s: %v", rec.N, rec.Kind, rec.Body, err)
		}
		r.unseen(t, rec)
	}
	r.sameRows(t, v)
	return r.Round
}

// apply takes one record of any kind.
func (r *roundReplay) apply(t testing.TB, v service.RoundView, rec audit.Record) error {
	t.Helper()
	body, err := rec.Decoded()
	must(t, err)
	switch b := body.(type) {
	case audit.RoundOpen:
		if string(b.Manifest) != string(v.Manifest) || b.Hash != v.Hash {
			t.Errorf("the log opens round %s, the row is %s", b.Hash, v.Hash)
		}
		return b.Check()
	case audit.RoundTopup:
		return r.ApplyTopup(b.Topup)
	case audit.ProjectMove:
		if b.Text != nil {
			r.blob(t, *b.Text)
		}
		return r.ApplyMove(b.Move)
	case audit.GiftAdd:
		return r.ApplyGift(rec.N, b.GiftAdd)
	case audit.GiftRefund:
		return r.ApplyRefund(b.Refund)
	case audit.RoundWeights:
		return r.ApplyWeights(b.Weights, r.blob(t, b.File))
	case audit.RoundClose:
		return r.ApplyClose(b.Close)
	case audit.RoundResult:
		return r.applyResult(t, b.ResultRecord)
	case audit.PayoutDone:
		return r.ApplyPayout(b.Payout)
	case audit.RoundVoid:
		return r.ApplyVoid(b.Void)
	}
	t.Fatalf("a round has no records of kind %s", rec.Kind)
	return nil
}

// applyResult computes the version itself and compares the published file to the byte.
func (r *roundReplay) applyResult(t testing.TB, rec grants.ResultRecord) error {
	t.Helper()
	if r.m.Mode == poll.ModeSealed && len(r.Versions()) == 0 {
		if err := r.Open(t.Context(), r.c.network.Chain(), rec.Beacon.Beacon, nil); err != nil {
			return err
		}
	}
	version, err := r.Compute(rec.Changes, r.jury(t))
	if err != nil {
		return err
	}
	if got := r.blob(t, rec.File); string(got) != string(version.Bytes) {
		t.Errorf("version %d: the published file is not what the records give", rec.Version)
	}
	return r.ApplyResult(rec, version)
}

// jury is the count of the jury's poll, nil where nobody has votes by it: then the round is told why.
func (r *roundReplay) jury(t testing.TB) *voting.Result {
	t.Helper()
	if r.m.Jury == nil {
		return nil
	}
	polls, err := r.c.Polls(t.Context(), r.m.Community, service.Window{Limit: 100})
	must(t, err)
	i := slices.IndexFunc(polls, func(p service.PollView) bool { return p.Subject == r.m.Jury.Poll && p.Opens < r.m.GiftsEnd })
	if i < 0 {
		must(t, r.WithoutJury(grants.JuryAbsent))
		return nil
	}
	if polls[i].State == service.PollVoid {
		must(t, r.WithoutJury(grants.JuryVoid))
		return nil
	}
	text, err := r.c.Transcript(t.Context(), polls[i].ID)
	must(t, err)
	transcript, err := poll.ParseTranscript(text)
	must(t, err)
	if r.CheckJury(&transcript.Count) != nil {
		must(t, r.WithoutJury(grants.JuryForm))
		return nil
	}
	return &transcript.Count
}

func (r *roundReplay) blob(t testing.TB, f poll.File) []byte {
	t.Helper()
	data, err := r.c.Blob(t.Context(), f.SHA256)
	must(t, err)
	if poll.FileOf(data) != f {
		t.Errorf("file %s: %d bytes, the record says %d", f.SHA256, len(data), f.Bytes)
	}
	return data
}

// unseen holds what a verifier does in a sealed round: who wrote this record could not open a gift.
func (r *roundReplay) unseen(t testing.TB, rec audit.Record) {
	t.Helper()
	early := []audit.Kind{audit.KindProjectMove, audit.KindGiftAdd, audit.KindGiftRefund, audit.KindRoundWeights}
	if r.m.Beacon == nil || rec.Seen == nil || !slices.Contains(early, rec.Kind) {
		return
	}
	if rec.Seen.Chain == r.m.Beacon.Chain && rec.Seen.Round >= r.m.Beacon.Round {
		t.Errorf("record %d, %s, has seen round %d, gifts open with %d", rec.N, rec.Kind, rec.Seen.Round, r.m.Beacon.Round)
	}
}

// sameRows compares the rows with what the log says.
func (r *roundReplay) sameRows(t testing.TB, v service.RoundView) {
	t.Helper()
	if !v.Pool.Equal(r.Pool()) || v.Gifts != r.Gifts() || v.Versions != int64(len(r.Versions())) || r.Last() > 0 && v.LastAt != r.Last() {
		t.Errorf("row: pool %s, %d gifts, %d versions, last at %d; log: %s, %d, %d, %d",
			v.Pool, v.Gifts, v.Versions, v.LastAt, r.Pool(), r.Gifts(), len(r.Versions()), r.Last())
	}
	var acts []service.Act
	projects := []grants.Project{}
	must(t, r.c.db.Read(t.Context(), func(tx service.Tx) (err error) {
		if acts, err = tx.Acts(v.ID, "", 0, 10_000); err != nil {
			return err
		}
		rows, err := tx.Projects(v.ID, "", 10_000)
		for _, p := range rows {
			projects = append(projects, p.Project)
		}
		return err
	}))
	if diff := cmp.Diff(r.acts, acts); diff != "" {
		t.Errorf("acts of the log and of the rows: %s", diff)
	}
	if diff := cmp.Diff(r.Projects(), projects, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("projects of the log and of the rows: %s", diff)
	}
}
