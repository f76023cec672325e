package verify

import (
	"bytes"
	"slices"
	"testing"

	"kleroterion/service/audit/bundle"
	"kleroterion/service/poll"
)

// Whatever stands in a properly proved record of any thread of a round, verification ends with a report, and
// with a failed check unless the record is an honest one.
func FuzzRoundWithAnyRecord(f *testing.F) {
	base := spring(f, poll.ModeSealed).through(applied, paid)
	for i := 0; i < len(base.entries); i += 5 {
		f.Add(byte(i), base.entries[i])
	}
	f.Add(byte(2), []byte(`{"body":{},"kind":"round.void","n":1}`))
	subjects := []string{communeSubject, membersSubject, roundSubject}
	f.Fuzz(func(t *testing.T, thread byte, record []byte) {
		if len(record) > 1<<12 || bytes.Contains(record, []byte("\n")) {
			return
		}
		g := base.again(t)
		g.raw(subjects[int(thread)%len(subjects)], record)
		r := checkBundle(t, g.packRound(), brought(t))
		if len(r.Checks) != 13 || r.OK {
			t.Fatalf("report:\n%s", text(t, r))
		}
		if _, err := Log(t.Context(), g.publish(), brought(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever bytes are changed in a round's bundle that still opens, verification ends, and never with "all
// hold".
func FuzzChangedRound(f *testing.F) {
	raw := spring(f, poll.ModeOpen).through(applied, paid).packRound()
	for _, at := range []uint32{100, uint32(len(raw) / 4), uint32(len(raw) / 2), uint32(len(raw) * 3 / 4), uint32(len(raw) - 3000)} {
		f.Add(at, byte(1))
	}
	f.Fuzz(func(t *testing.T, at uint32, by byte) {
		if by != 0 {
			neverHolds(t, raw, int(at)%len(raw), by)
		}
	})
}

// neverHolds changes one byte, and reports whether the bundle still opened.
func neverHolds(t *testing.T, raw []byte, at int, by byte) bool {
	t.Helper()
	b := bytes.Clone(raw)
	b[at] ^= by
	opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return false
	}
	r, err := Bundle(t.Context(), opened, brought(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.OK && opened.Index.CreatedBy == "kleroterion test" {
		t.Fatalf("byte %d changed by %#x:\n%s", at, by, text(t, r))
	}
	return true
}

func TestNoFlippedBitOfARoundHolds(t *testing.T) {
	raw := spring(t, poll.ModeOpen).through(applied, paid).packRound()
	opened := 0
	for at := 37; at < len(raw); at += len(raw) / 40 {
		if neverHolds(t, raw, at, 1<<(at%8)) {
			opened++
		}
	}
	if opened < 10 {
		t.Errorf("%d of 40 changed bundles could be read: too few to say anything", opened)
	}
}

// A failed check names the record, its kind and the rule.
func TestFaultsOfARoundNameTheirRecord(t *testing.T) {
	g := spring(t, poll.ModeOpen).through(applied, given)
	g.give(3, "mill", "100")
	g.through(closed, paid)
	r := checkBundle(t, g.packRound(), brought(t))
	if got := failed(r); !slices.Equal(got, []int{7}) {
		t.Fatalf("failed %v, want 7:\n%s", got, text(t, r))
	}
	want := "record 24, gift.add: own_project: " + member(3) + " owns project mill, and this round refuses gifts to one's own"
	if got := r.Checks[6].Evidence; got != want {
		t.Errorf("evidence %q, want %q", got, want)
	}
	for _, c := range r.Checks[9:12] {
		if c.OK || c.Evidence != "not checked: it needs check 7" {
			t.Errorf("check %d after the fault: %t, %q", c.No, c.OK, c.Evidence)
		}
	}
	if !r.Checks[7].OK || !r.Checks[8].OK || !r.Checks[12].OK {
		t.Errorf("checks that the fault does not touch fail:\n%s", text(t, r))
	}
}
