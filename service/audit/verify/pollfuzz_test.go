package verify

import (
	"bytes"
	"slices"
	"testing"

	"kleroterion/service/audit/bundle"
)

// again is the commune as it stands, for changes that leave the first one alone.
func (c *commune) again(t testing.TB) *commune {
	s := *c.scene
	s.t, s.entries, s.subjects, s.stored = t, slices.Clip(s.entries), slices.Clip(s.subjects), slices.Clip(s.stored)
	next := *c
	next.scene = &s
	return &next
}

// Whatever stands in a properly proved record of any thread, verification ends with a report, and with a
// failed check unless the record is an honest one.
func FuzzPollWithAnyRecord(f *testing.F) {
	base := polled(f)
	for i := 0; i < len(base.entries); i += 7 {
		f.Add(byte(i), base.entries[i])
	}
	f.Add(byte(3), []byte(`{"body":{},"kind":"poll.void","n":1}`))
	subjects := []string{communeSubject, membersSubject, seatsSubject, pollSubject}
	f.Fuzz(func(t *testing.T, thread byte, record []byte) {
		if len(record) > 1<<12 || bytes.Contains(record, []byte("\n")) {
			return
		}
		c := base.again(t)
		c.raw(subjects[int(thread)%len(subjects)], record)
		r := checkBundle(t, c.packPoll(), brought(t))
		if len(r.Checks) != 12 || r.OK {
			t.Fatalf("report:\n%s", text(t, r))
		}
		if _, err := Log(t.Context(), c.publish(), brought(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever bytes are changed in a poll's bundle that still opens, verification ends, and never with "all
// hold".
func FuzzChangedPoll(f *testing.F) {
	raw := polled(f).packPoll()
	for _, at := range []uint32{100, uint32(len(raw) / 4), uint32(len(raw) / 2), uint32(len(raw) * 3 / 4), uint32(len(raw) - 5000)} {
		f.Add(at, byte(1))
	}
	f.Fuzz(func(t *testing.T, at uint32, by byte) {
		b := bytes.Clone(raw)
		b[int(at)%len(b)] ^= by
		opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil || by == 0 {
			return
		}
		r, err := Bundle(t.Context(), opened, brought(t))
		if err != nil {
			t.Fatal(err)
		}
		if r.OK && opened.Index.CreatedBy == "kleroterion test" {
			t.Fatalf("byte %d changed by %#x:\n%s", int(at)%len(b), by, text(t, r))
		}
	})
}
