package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store/storetest"
)

func TestPublishedLogIsVerified(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "kleroterion.db") },
		"postgres": storetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSceneOn(t, url(t))
			p := s.publisher()
			s.must(p.Reconcile(t.Context()))
			for _, n := range []int{1, 1, 3, 250, 1, 1, 300, 700} { // to both sides of a full tile
				s.beats(n)
				s.must(p.Step(t.Context()))
				if got, want := s.verified(s.dir).Size, s.size(); got != want || p.Size() != want {
					t.Fatalf("published %d records, Size says %d, want %d", got, p.Size(), want)
				}
			}
			s.must(s.publisher().Reconcile(t.Context()))
		})
	}
}

func TestEmptyLogPublishesNothing(t *testing.T) {
	s := newScene(t)
	s.must(s.publisher().Step(t.Context()))
	if got := tree(t, s.dir); len(got) != 0 {
		t.Errorf("got files %v", got)
	}
}

func TestFilesAreThoseOfTheSpecification(t *testing.T) {
	s := newScene(t)
	s.beats(257)
	file := s.freeze("jury", 250)
	small := s.result("draw/1", []byte(`{"seats":[]}`))
	o := s.options()
	o.Files = map[string][]byte{"chains/aa.json": []byte("{}")}
	p, err := New(o)
	s.must(err)
	s.must(p.Step(t.Context()))
	got := tree(t, s.dir)
	large := audit.Blob{Bytes: int64(len(file))}
	for name, data := range got {
		if data == string(file) {
			large.SHA256 = hashOfName(t, name)
		}
	}
	want := []string{
		BlobName(small.SHA256), BlobName(large.SHA256), "chains/aa.json", "checkpoint", "policy.txt",
		"tile/0/000", "tile/0/001.p/3", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/3", "vkey",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(keys(got))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got["vkey"] != s.key.vkey+"\n" || got["chains/aa.json"] != "{}" {
		t.Errorf("vkey %q, chain %q", got["vkey"], got["chains/aa.json"])
	}
	if _, err := checkpoint.ParsePolicy([]byte(got["policy.txt"])); err != nil {
		t.Errorf("policy.txt: %v", err)
	}
	info, err := os.Stat(filepath.Join(s.dir, "checkpoint"))
	s.must(err)
	if info.Mode().Perm() != 0o644 {
		t.Errorf("checkpoint has mode %v, want one that a web server can read", info.Mode())
	}
}

func keys(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func hashOfName(t testing.TB, name string) (h audit.Hash) {
	t.Helper()
	if err := h.UnmarshalText([]byte(filepath.Base(name))); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestTileNames(t *testing.T) {
	for _, c := range []struct {
		n     int64
		width int
		want  string
	}{
		{0, 256, "000"}, {7, 1, "007.p/1"}, {999, 255, "999.p/255"}, {1000, 256, "x001/000"},
		{1234067, 256, "x001/x234/067"}, {123456789, 3, "x123/x456/789.p/3"},
	} {
		if got := TileName(2, c.n, c.width); got != "tile/2/"+c.want {
			t.Errorf("tile %d of width %d: got %s, want %s", c.n, c.width, got, c.want)
		}
		if got := EntriesName(c.n, c.width); got != "tile/entries/"+c.want {
			t.Errorf("bundle %d of width %d: got %s, want %s", c.n, c.width, got, c.want)
		}
	}
}

func TestSecondStepChangesNothing(t *testing.T) {
	s := newScene(t)
	s.beats(300)
	s.must(s.publisher().Step(t.Context()))
	before := tree(t, s.dir)
	s.must(s.publisher().Step(t.Context()))
	if diff := cmp.Diff(before, tree(t, s.dir)); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
}

func TestPartialTilesGoWhenTheyAreFull(t *testing.T) {
	s := newScene(t)
	p := s.publisher()
	for _, n := range []int{100, 100, 100} {
		s.beats(n)
		s.must(p.Step(t.Context()))
	}
	want := []string{
		"checkpoint", "policy.txt", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
		"tile/entries/000", "tile/entries/001.p/44", "vkey",
	}
	if diff := cmp.Diff(want, slices.Sorted(keys(tree(t, s.dir)))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestRebuildGivesTheSameBytes(t *testing.T) {
	s := newScene(t)
	s.beats(200)
	s.freeze("jury", 300)
	s.must(s.publisher().Step(t.Context()))
	s.result("draw/1", []byte("result"))
	s.beats(100)
	s.must(s.publisher().Step(t.Context()))
	want := tree(t, s.dir)

	s.must(os.Remove(filepath.Join(s.dir, "tile/0/000")))
	for name, data := range want {
		if data == "result" || name == "tile/entries/000" {
			s.must(os.WriteFile(filepath.Join(s.dir, name), []byte("rotten"), 0o644))
		}
	}
	s.must(s.publisher().Rebuild(t.Context()))
	if diff := cmp.Diff(want, tree(t, s.dir)); diff != "" {
		t.Errorf("mended directory (-want +got):\n%s", diff)
	}
	s.dir = filepath.Join(t.TempDir(), "elsewhere")
	s.must(s.publisher().Rebuild(t.Context()))
	if diff := cmp.Diff(want, tree(t, s.dir)); diff != "" {
		t.Errorf("new directory (-want +got):\n%s", diff)
	}
}

// Replicas publish while others append: into one directory and into directories of their own.
func TestReplicasPublishSideBySide(t *testing.T) {
	url := storetest.Postgres(t)
	first := newSceneOn(t, url)
	replicas := []*scene{first}
	for i := range 3 {
		r := &scene{t: t, db: openDB(t, url), key: first.key, dir: first.dir}
		if i == 2 {
			r.dir = filepath.Join(t.TempDir(), "own")
		}
		replicas = append(replicas, r)
	}
	var running sync.WaitGroup
	for _, r := range replicas {
		running.Go(func() {
			p := r.publisher()
			for range 12 {
				r.beats(7)
				if err := p.Step(t.Context()); err != nil {
					t.Errorf("step: %v", err)
				}
				if r.dir == first.dir {
					continue
				}
				r.verified(r.dir)
			}
		})
	}
	running.Wait()
	for _, r := range replicas {
		s := r.publisher()
		r.must(s.Step(t.Context()))
		r.must(s.Reconcile(t.Context()))
		if got := r.verified(r.dir).Size; got != int64(len(replicas)*12*7) {
			t.Errorf("published %d records, want %d", got, len(replicas)*12*7)
		}
	}
}

func TestRunPublishesAndTells(t *testing.T) {
	s := newScene(t)
	o := s.options()
	o.Interval = time.Hour // only Kick makes it go on
	p, err := New(o)
	s.must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()

	for i := range 5 {
		s.beats(1)
		p.Kick()
		s.must(p.Published(t.Context(), int64(i+1)))
		if got := s.verified(s.dir).Size; got < int64(i+1) {
			t.Errorf("told of %d records, %d are published", i+1, got)
		}
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Published(late, 6); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for the future: got %v, want %v", err, context.Canceled)
	}
	s.beats(1) // logged, and nobody kicks
	stop()
	s.must(<-ended)
	if got := s.verified(s.dir).Size; got != 6 {
		t.Errorf("published %d records at the end, want all 6", got)
	}
}

func TestRunPublishesEachInterval(t *testing.T) {
	s := newScene(t)
	o := s.options()
	o.Interval = time.Millisecond
	p, err := New(o)
	s.must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	for i := range 3 {
		s.beats(1)
		s.must(p.Published(t.Context(), int64(i+1)))
	}
	stop()
	s.must(<-ended)
}

// full is a disk without room for the first files.
type full struct {
	disk
	left *atomic.Int64
}

func (f full) writeTemp(dir string, content func(io.Writer) error) (string, error) {
	if f.left.Add(-1) >= 0 {
		return "", errors.New("no space left")
	}
	return f.disk.writeTemp(dir, content)
}

// An error that may pass is told, and tried again; what is published stays.
func TestRunTriesAgain(t *testing.T) {
	s := newScene(t)
	s.beats(1)
	s.must(s.publisher().Step(t.Context()))
	var told bytes.Buffer
	o := s.options()
	o.Interval, o.Logger = time.Millisecond, slog.New(slog.NewTextHandler(&told, nil))
	p, err := New(o)
	s.must(err)
	left := &atomic.Int64{}
	left.Store(3)
	p.files = full{left: left}
	s.beats(1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	s.must(p.Published(t.Context(), 2))
	stop()
	s.must(<-ended)
	if n := strings.Count(told.String(), "no space left"); n != 3 {
		t.Errorf("told of %d failures, want 3:\n%s", n, told.String())
	}
	if got := s.verified(s.dir).Size; got != 2 {
		t.Errorf("published %d records, want 2", got)
	}
}

func TestNewRefuses(t *testing.T) {
	s := newScene(t)
	other := newKey(t, origin)
	for name, change := range map[string]func(*Options){
		"no database":            func(o *Options) { o.DB = nil },
		"no directory":           func(o *Options) { o.Dir = "" },
		"no signer":              func(o *Options) { o.Signer = nil },
		"no verifier key":        func(o *Options) { o.VKey = "" },
		"another verifier key":   func(o *Options) { o.VKey = other.vkey },
		"another signer":         func(o *Options) { o.Signer = other.signer },
		"a file above":           func(o *Options) { o.Files = map[string][]byte{"../x": nil} },
		"an absolute file":       func(o *Options) { o.Files = map[string][]byte{"/x": nil} },
		"a file with taken name": func(o *Options) { o.Files = map[string][]byte{"vkey": nil} },
		"a second checkpoint":    func(o *Options) { o.Files = map[string][]byte{"checkpoint": nil} },
	} {
		o := s.options()
		change(&o)
		if p, err := New(o); err == nil || p != nil {
			t.Errorf("%s: got %v, want an error", name, p)
		}
	}
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	for rule := range hints {
		text := refuse(rule, "detail").Error()
		if want := fmt.Sprintf("%s: detail (%s)", rule, hints[rule]); text != want {
			t.Errorf("got %q, want %q", text, want)
		}
	}
}
