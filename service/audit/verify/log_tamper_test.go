package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

func TestDishonestWholeLogsAreFound(t *testing.T) {
	for name, tc := range map[string]struct {
		log  func(*scene)
		want []int
		says string
	}{
		"a record that is not canonical": {func(s *scene) { s.raw("", []byte(`{"kind": "heartbeat"}`)) }, []int{3}, "entry 8"},
		"a record that is empty":         {func(s *scene) { s.raw("", nil) }, []int{3}, "entry 8"},
		"a body out of form": {func(s *scene) {
			s.raw("", []byte(`{"body":{},"kind":"city.add","n":1,"prev":"`+strings.Repeat("0", 64)+`","subject":"city/x","v":1}`))
		}, []int{3}, "rule body"},
		"two records out of form": {func(s *scene) { s.raw("", nil); s.raw("", nil) }, []int{3}, "and 1 more"},
		"a gap in a subject": {func(s *scene) {
			s.edit = func(r *audit.Record) { r.N++ }
			s.beat(1000)
			s.beat(1000)
		}, []int{4}, "rule n"},
		"a fork of a subject": {func(s *scene) {
			s.edit = func(r *audit.Record) { r.Prev[1] ^= 1 }
			s.beat(1000)
		}, []int{4}, "rule prev"},
		"a redraw":    {func(s *scene) { s.open(657413, 1000, nil) }, []int{5}, "drawn again"},
		"a late void": {func(s *scene) { s.manifest, s.commit = nil, audit.Hash{}; s.second(); s.secondVoid(1000, true) }, []int{5}, "after its round was due"},
		"a late void that says it is not": {func(s *scene) {
			s.second()
			s.beat(657413)
			s.secondVoid(657413, false)
		}, []int{5}, "had been seen"},
		"a second result": {func(s *scene) { s.outcome(1000, nil) }, []int{5}, "no_draw"},
		"a picked round":  {func(s *scene) { s.secondOn("city/example/jury/2", func(m *sortition.Manifest) { m.DrawTime -= 60 }) }, []int{5}, "first round"},
		"a register that was never committed": {func(s *scene) {
			s.secondOn("city/example/jury/2", func(m *sortition.Manifest) { m.Register.Size++ })
		}, []int{5}, "no register"},
		"a not_before after the round": {func(s *scene) {
			s.secondOn("city/example/jury/2", func(m *sortition.Manifest) { m.NotBefore.Round = 657413 })
		}, []int{5}, "not before round"},
		"a not_before that does not verify": {func(s *scene) {
			s.secondOn("city/example/jury/2", func(m *sortition.Manifest) { m.NotBefore.Round = 122 })
		}, []int{5}, "not_before"},
		"a draw on an unknown chain": {func(s *scene) {
			s.secondOn("city/example/jury/2", func(m *sortition.Manifest) { m.Beacon.Chain = audit.Hash{9} })
		}, []int{5}, "neither known nor described"},
		"a seen that goes back":      {func(s *scene) { s.beat(123) }, []int{6}, "goes back"},
		"a seen on an unknown chain": {func(s *scene) { s.edit = func(r *audit.Record) { r.Seen.Chain = audit.Hash{9} }; s.beat(1000) }, []int{6}, "neither known nor described"},
		"a seen that does not verify": {func(s *scene) {
			s.edit = func(r *audit.Record) { r.Seen.Round = 1001 }
			s.beat(1000)
			s.beat(657413)
		}, []int{6}, "entry 8: seen"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good(t)
			tc.log(s)
			r := checkLog(t, s.publish(), brought(t))
			if got := failed(r); !slices.Equal(got, tc.want) || r.OK {
				t.Fatalf("failed %v, want %v:\n%s", got, tc.want, text(t, r))
			}
			if got := r.Checks[tc.want[0]-1].Evidence; !strings.Contains(got, tc.says) {
				t.Errorf("%q is not in %q", tc.says, got)
			}
		})
	}
}

func TestAFalseSeedOrBeaconInALogIsFound(t *testing.T) {
	for says, change := range map[string]func(*audit.DrawResult){
		"the seed of the result is": func(r *audit.DrawResult) { r.Seed[0] ^= 1 },
		"beacon of the result": func(r *audit.DrawResult) {
			r.Beacon.Signature[0] ^= 0x20 // the negative of the point; the seed follows from it
			r.Seed = audit.Hash(randomness.NewSeed(r.Beacon.Signature, r.Commit, r.Beacon.Chain, r.Beacon.Round))
		},
	} {
		s := newScene(t)
		s.begin()
		s.open(1000, 123, nil)
		s.outcome(0, func(_ *sortition.Result, r *audit.DrawResult) { change(r) })
		r := checkLog(t, s.publish(), brought(t))
		if got := failed(r); !slices.Equal(got, []int{5}) || !strings.Contains(r.Checks[4].Evidence, says) {
			t.Errorf("%s: failed %v:\n%s", says, got, text(t, r))
		}
	}
}

func TestTamperedFilesOfALogAreFound(t *testing.T) {
	tile := tilePath(0, 8)
	for name, tc := range map[string]struct {
		change func(files)
		want   []int
	}{
		"no checkpoint":           {func(f files) { delete(f, "checkpoint") }, []int{1}},
		"a changed checkpoint":    {func(f files) { f["checkpoint"] = bytes.Replace(f["checkpoint"], []byte("\n8\n"), []byte("\n7\n"), 1) }, []int{1}},
		"no tile":                 {func(f files) { delete(f, tile) }, []int{2}},
		"a byte of an entry":      {func(f files) { f[tile][20] ^= 1 }, []int{2}},
		"a tile cut off":          {func(f files) { f[tile] = f[tile][:len(f[tile])-1] }, []int{2}},
		"a tile with half length": {func(f files) { f[tile] = append(f[tile], 0) }, []int{2}},
		"an entry too many":       {func(f files) { f[tile] = append(f[tile], 0, 1, 'x') }, []int{2}},
		"two entries exchanged": {func(f files) {
			list, _ := splitTile(f[tile], 8)
			list[0], list[1] = list[1], list[0]
			f[tile] = tileOf(list)
		}, []int{2}},
	} {
		t.Run(name, func(t *testing.T) {
			f := good(t).publish()
			tc.change(f)
			r := checkLog(t, f, brought(t))
			if got := failed(r); !slices.Equal(got, tc.want) || r.OK {
				t.Errorf("failed %v, want %v:\n%s", got, tc.want, text(t, r))
			}
		})
	}
}

// brokenSource fails for names with this prefix.
type brokenSource struct {
	files
	prefix string
}

func (b brokenSource) Read(ctx context.Context, name string) ([]byte, error) {
	if strings.HasPrefix(name, b.prefix) {
		return nil, errDisk
	}
	return b.files.Read(ctx, name)
}

func TestASourceThatFailsEndsTheVerification(t *testing.T) {
	s := newScene(t)
	s.rehearse()
	s.begin()
	f := s.publish()
	for _, prefix := range []string{"checkpoint", "policy.txt", "tile/", "chains/"} {
		if _, err := Log(t.Context(), brokenSource{f, prefix}, Options{}); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v, want the disk's error", prefix, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Log(ctx, f, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// cancelling ends the context after some tiles.
type cancelling struct {
	files
	mu     sync.Mutex
	left   int
	cancel func()
}

func (c *cancelling) Read(ctx context.Context, name string) ([]byte, error) {
	c.mu.Lock()
	if c.left--; c.left == 0 {
		c.cancel()
	}
	c.mu.Unlock()
	return c.files.Read(ctx, name)
}

func TestCancellingInTheMiddleEndsIt(t *testing.T) {
	s := newScene(t)
	for range 30 * tileWidth {
		s.beat(0)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Log(ctx, &cancelling{files: s.publish(), left: 10, cancel: cancel}, brought(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestTilePath(t *testing.T) {
	for want, tc := range map[string]struct {
		n     int64
		width int
	}{
		"tile/entries/000":               {0, 256},
		"tile/entries/001.p/44":          {1, 44},
		"tile/entries/x001/x234/067":     {1234067, 256},
		"tile/entries/x001/000.p/1":      {1000, 1},
		"tile/entries/x999/x999/999.p/7": {999999999, 7},
	} {
		if got := tilePath(tc.n, tc.width); got != want {
			t.Errorf("tile %d of width %d: got %s, want %s", tc.n, tc.width, got, want)
		}
	}
}

func TestTreeAgreesWithTheLogLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "leaves")
		var own tree
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(at))
			for i, a := range at {
				out[i] = stored[a]
			}
			return out, nil
		})
		for i := range n {
			leaf := audit.LeafHash(fmt.Appendf(nil, "%d", i))
			own.add(leaf)
			more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(leaf), reader)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, more...)
		}
		want, err := tlog.TreeHash(int64(n), reader)
		if err != nil || own.root() != audit.Hash(want) {
			t.Fatalf("%d leaves: got %s, want %x, %v", n, own.root(), want, err)
		}
	})
}

func FuzzSplitTile(f *testing.F) {
	f.Add(tileOf([][]byte{[]byte("a"), nil, []byte("ccc")}), 3)
	f.Add([]byte{0}, 1)
	f.Add([]byte{0, 5, 1}, 1)
	f.Fuzz(func(t *testing.T, b []byte, width int) {
		if width < 0 || width > tileWidth {
			return
		}
		list, err := splitTile(b, width)
		if err == nil && !bytes.Equal(tileOf(list), b) {
			t.Fatalf("%x is read as %q", b, list)
		}
	})
}

// second opens a draw on another decision; secondVoid ends it.
func (s *scene) second() { s.secondOn("city/example/jury/2", nil) }

func (s *scene) secondOn(subject string, change func(*sortition.Manifest)) {
	s.t.Helper()
	s.manifest, s.commit = nil, audit.Hash{}
	inner := s.edit
	s.edit = func(r *audit.Record) {
		r.Subject, r.N, r.Prev = subject, s.n[subject]+1, s.prev[subject]
		if inner != nil {
			inner(r)
		}
	}
	s.open(657413, 1000, func(m *sortition.Manifest) {
		m.Draw = subject
		if change != nil {
			change(m)
		}
	})
	last := s.entries[len(s.entries)-1]
	s.n[subject], s.prev[subject] = 1, audit.LeafHash(last)
}

func (s *scene) secondVoid(seen uint64, late bool) {
	s.t.Helper()
	s.put(audit.KindDrawVoid, "city/example/jury/2", seen, audit.DrawVoid{Commit: s.commit, Reason: "no reason", Late: late})
}
