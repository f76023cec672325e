package verify

import (
	"bytes"
	"testing"

	"kleroterion/service/audit/bundle"
)

// Whatever stands in a properly proved record, verification ends with a report.
func FuzzBundleWithAnyRecord(f *testing.F) {
	for _, r := range good(f).entries {
		f.Add(r)
	}
	f.Add([]byte(`{"body":{},"kind":"draw.void","n":1}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		if len(record) > 1<<12 {
			return
		}
		s := newScene(t)
		s.begin()
		s.raw(jury, record)
		raw := s.pack()
		opened, err := bundle.Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Bundle(t.Context(), opened, brought(t))
		if err != nil || len(r.Checks) != 11 || r.OK {
			t.Fatalf("%v\n%s", err, text(t, r))
		}
		if _, err := Log(t.Context(), s.publish(), brought(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever bytes are changed in a bundle that still opens, verification ends, and never with "all hold".
func FuzzChangedBundle(f *testing.F) {
	raw, panels := good(f).pack(), newPanelled(f).through().pack()
	f.Add(uint32(100), byte(1))
	f.Add(uint32(len(raw)/2), byte(0x20))
	f.Add(uint32(len(raw)+bytes.Index(panels, []byte(`"copies"`))), byte(0x04))
	f.Fuzz(func(t *testing.T, at uint32, by byte) {
		b, i := bytes.Clone(raw), int(at)%(len(raw)+len(panels))
		if i >= len(raw) {
			b, i = bytes.Clone(panels), i-len(raw)
		}
		if by == 0 {
			return
		}
		b[i] ^= by
		opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		r, err := Bundle(t.Context(), opened, brought(t))
		if err != nil {
			t.Fatal(err)
		}
		if r.OK && opened.Index.CreatedBy == "kleroterion test" {
			t.Fatalf("byte %d changed by %#x:\n%s", i, by, text(t, r))
		}
	})
}
