package audit

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition"
)

const jury = "city/lisboa/jury/1"

// writer appends records to subjects as a log does.
type writer struct {
	t     *testing.T
	chain Chain
	n     map[string]int64
	prev  map[string]Hash
	draw  DrawOpen // the newest opened
	round uint64
	seq   int64
}

func newWriter(t *testing.T) *writer {
	return &writer{t: t, n: map[string]int64{}, prev: map[string]Hash{}}
}

func (w *writer) record(subject string, kind Kind, body any) Record {
	return Record{Body: mustBody(w.t, body), Kind: kind, N: w.n[subject] + 1, Prev: w.prev[subject], Subject: subject}
}

// put adds r and remembers it when it was taken.
func (w *writer) put(r Record) error {
	b, err := r.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.chain.Add(r, LeafHash(b)); err != nil {
		return err
	}
	w.n[r.Subject], w.prev[r.Subject] = r.N, LeafHash(b)
	return nil
}

func (w *writer) must(subject string, kind Kind, body any) {
	w.t.Helper()
	if err := w.put(w.record(subject, kind, body)); err != nil {
		w.t.Fatal(err)
	}
}

// next is the draw that continues the subject, after change.
func (w *writer) next(change func(*sortition.Manifest)) DrawOpen {
	w.t.Helper()
	m := &sortition.Manifest{V: 1, Draw: jury, Seq: w.seq + 1, Prev: w.draw.Commit, Method: sortition.Simple,
		Register: sortition.RegisterRef{Root: hash(1), Size: 60}, Strata: []sortition.Stratum{{Seats: 3}},
		Beacon: sortition.Round{Chain: hash(0xc), Round: 1000 + uint64(w.seq)}}
	if change != nil {
		change(m)
	}
	b, err := m.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	return DrawOpen{Manifest: b, Commit: sortition.CommitBytes(b)}
}

func (w *writer) open() {
	w.t.Helper()
	d := w.next(nil)
	w.must(jury, KindDrawOpen, d)
	w.draw, w.seq, w.round = d, w.seq+1, 1000+uint64(w.seq)
}

func (w *writer) result() DrawResult {
	b := *seen(w.round)
	return DrawResult{Commit: w.draw.Commit, Seed: hash(4), Beacon: b, Result: Blob{SHA256: hash(5), Bytes: 9}}
}

func (w *writer) void() DrawVoid { return DrawVoid{Commit: w.draw.Commit, Reason: "a wrong list"} }

func TestChainAddsUp(t *testing.T) {
	w := newWriter(t)
	w.must("city/lisboa", KindCityAdd, CityAdd{Name: "Lisboa", Slug: "lisboa"})
	w.open()
	first := w.draw.Commit
	w.must(LogSubject, KindHeartbeat, Heartbeat{})
	w.must(jury, KindDrawVoid, w.void())
	w.open()
	w.must(LogSubject, Kind("log.party"), struct{}{})
	w.must(jury, KindDrawResult, w.result())

	var got []Summary
	for s := range w.chain.Subjects() {
		got = append(got, s)
	}
	chain := hash(0xc)
	want := []Summary{
		{Subject: "city/lisboa", Records: 1, Last: w.prev["city/lisboa"]},
		{Subject: jury, Records: 4, Last: w.prev[jury], Draws: []Draw{
			{Seq: 1, Commit: first, Round: sortition.Round{Chain: chain, Round: 1000}, State: DrawStateVoid, Reason: "a wrong list"},
			{Seq: 2, Commit: w.draw.Commit, Round: sortition.Round{Chain: chain, Round: 1001}, State: DrawStateDrawn},
		}},
		{Subject: LogSubject, Records: 2, Last: w.prev[LogSubject], Unknown: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
	if _, ok := w.chain.Subject("city/porto"); ok {
		t.Error("a subject without records is known")
	}
}

func TestChainRefuses(t *testing.T) {
	change := func(f func(*sortition.Manifest)) func(*writer) Record {
		return func(w *writer) Record { return w.record(jury, KindDrawOpen, w.next(f)) }
	}
	for name, tc := range map[string]struct {
		before func(*writer)
		record func(*writer) Record
		want   Rule
	}{
		"a record that is left out": {(*writer).open, func(w *writer) Record {
			r := w.record(jury, KindDrawVoid, w.void())
			r.N++
			return r
		}, RuleNumber},
		"a chain that starts at 2": {nil, func(w *writer) Record {
			r := w.record(LogSubject, KindHeartbeat, Heartbeat{})
			r.N, r.Prev = 2, hash(1)
			return r
		}, RuleNumber},
		"a chain that starts again": {(*writer).open, func(w *writer) Record {
			r := w.record(jury, KindDrawVoid, w.void())
			r.N, r.Prev = 1, Hash{}
			return r
		}, RuleNumber},
		"a chain that forks": {(*writer).open, func(w *writer) Record {
			r := w.record(jury, KindDrawVoid, w.void())
			r.Prev[0] ^= 1
			return r
		}, RulePrev},
		"a manifest for another subject": {nil, change(func(m *sortition.Manifest) { m.Draw = "city/lisboa/jury/2" }), RuleManifest},
		"a manifest that is not one":     {nil, change(func(m *sortition.Manifest) { m.V = 2 }), RuleManifest},
		"a commit of another manifest": {nil, func(w *writer) Record {
			d := w.next(nil)
			d.Commit[0] ^= 1
			return w.record(jury, KindDrawOpen, d)
		}, RuleCommit},
		"a second draw while one is open": {(*writer).open, change(nil), RuleDrawOpen},
		"a draw that starts again at 1": {func(w *writer) { w.open(); w.must(jury, KindDrawVoid, w.void()) },
			change(func(m *sortition.Manifest) { m.Seq, m.Prev = 1, Hash{} }), RuleSequence},
		"a draw that skips a number": {func(w *writer) { w.open(); w.must(jury, KindDrawVoid, w.void()) },
			change(func(m *sortition.Manifest) { m.Seq++ }), RuleSequence},
		"a draw that names another before it": {func(w *writer) { w.open(); w.must(jury, KindDrawVoid, w.void()) },
			change(func(m *sortition.Manifest) { m.Prev = hash(9) }), RuleSequence},
		"a result without a draw": {nil, func(w *writer) Record { return w.record(jury, KindDrawResult, w.result0()) }, RuleNoDraw},
		"a void without a draw":   {nil, func(w *writer) Record { return w.record(jury, KindDrawVoid, w.void()) }, RuleNoDraw},
		"a second result": {func(w *writer) { w.open(); w.must(jury, KindDrawResult, w.result()) },
			func(w *writer) Record { return w.record(jury, KindDrawResult, w.result()) }, RuleNoDraw},
		"a void after the result": {func(w *writer) { w.open(); w.must(jury, KindDrawResult, w.result()) },
			func(w *writer) Record { return w.record(jury, KindDrawVoid, w.void()) }, RuleNoDraw},
		"a result for another draw": {(*writer).open, func(w *writer) Record {
			d := w.result()
			d.Commit = hash(8)
			return w.record(jury, KindDrawResult, d)
		}, RuleCommit},
		"a result of another round": {(*writer).open, func(w *writer) Record {
			d := w.result()
			d.Beacon.Round++
			return w.record(jury, KindDrawResult, d)
		}, RuleRound},
		"a result of another chain": {(*writer).open, func(w *writer) Record {
			d := w.result()
			d.Beacon.Chain = hash(0xd)
			return w.record(jury, KindDrawResult, d)
		}, RuleRound},
		"an unknown kind among draws":  {(*writer).open, func(w *writer) Record { return w.record(jury, "draw.replace", struct{}{}) }, RuleKind},
		"a draw after an unknown kind": {func(w *writer) { w.must(jury, "draw.prepare", struct{}{}) }, change(nil), RuleKind},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t)
			if tc.before != nil {
				tc.before(w)
			}
			r := tc.record(w)
			was, _ := w.chain.Subject(r.Subject)
			var got *Break
			if err := w.put(r); !errors.As(err, &got) {
				t.Fatalf("got %v, want a Break", err)
			}
			if got.Rule != tc.want || got.Subject != r.Subject || got.N != r.N {
				t.Errorf("got %v, want rule %s", got, tc.want)
			}
			if now, _ := w.chain.Subject(r.Subject); !cmp.Equal(was, now) {
				t.Errorf("a refused record changed the chain (-before +after):\n%s", cmp.Diff(was, now))
			}
		})
	}
}

// result0 is a result where no draw was ever opened.
func (w *writer) result0() DrawResult {
	w.round = 7
	return w.result()
}

func TestChainRefusesABodyOutOfForm(t *testing.T) {
	var c Chain
	r := Record{Body: []byte(`{"name":""}`), Kind: KindCityAdd, N: 1, Subject: "city/lisboa"}
	var got *Break
	if _, err := c.Add(r, hash(1)); !errors.As(err, &got) || got.Rule != RuleBody {
		t.Errorf("got %v, want rule body", err)
	}
}
