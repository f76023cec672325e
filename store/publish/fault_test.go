package publish

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fate is what happens to the operation at which a publisher dies.
type fate string

const (
	before fate = "before" // it is not done
	midway fate = "midway" // a file is half written, a tree half removed; else as before
	after  fate = "after"  // it is done, and the publisher never hears of it
)

var errDead = errors.New("the publisher is dead")

// swift is the disk without waiting for it: what a test observes is the same while the machine runs.
type swift struct{ disk }

func (swift) syncDir(string) error { return nil }

func (swift) writeTemp(dir string, content func(io.Writer) error) (path string, err error) {
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(content(f), f.Close())
}

// mortal is a file system and a database on which a publisher dies at the at-th operation: nothing
// that it asks for afterwards is done.
type mortal struct {
	swift
	Database
	at   int
	fate fate
	n    int
	log  []string
}

// live runs one operation, or dies at it.
func (m *mortal) live(what string, do, half func() error) error {
	m.n++
	m.log = append(m.log, what)
	switch {
	case m.n > m.at && m.at > 0:
		return errDead
	case m.n < m.at || m.at == 0:
		return do()
	case m.fate == after:
		return errors.Join(do(), errDead)
	case m.fate == midway:
		return errors.Join(half(), errDead)
	}
	return errDead
}

func nothing() error { return nil }

func (m *mortal) writeTemp(dir string, content func(io.Writer) error) (path string, err error) {
	half := func() error {
		_, err := m.swift.writeTemp(dir, func(w io.Writer) error {
			return content(&halfWriter{w: w})
		})
		return err
	}
	err = m.live("write", func() error { path, err = m.swift.writeTemp(dir, content); return err }, half)
	return path, err
}

// halfWriter writes the first half of everything.
type halfWriter struct{ w io.Writer }

func (h *halfWriter) Write(b []byte) (int, error) {
	_, err := h.w.Write(b[:len(b)/2])
	return len(b), err
}

func (m *mortal) rename(from, to string) error {
	return m.live("rename "+filepath.Base(to), func() error { return m.swift.rename(from, to) }, nothing)
}

func (m *mortal) mkdir(path string) error {
	return m.live("mkdir "+path, func() error { return m.swift.mkdir(path) }, nothing)
}

func (m *mortal) syncDir(path string) error {
	return m.live("sync "+path, func() error { return m.swift.syncDir(path) }, nothing)
}

func (m *mortal) remove(path string) error {
	half := func() error {
		some, err := os.ReadDir(path)
		if err != nil || len(some) == 0 {
			return nil
		}
		return os.Remove(filepath.Join(path, some[0].Name()))
	}
	return m.live("remove "+path, func() error { return m.swift.remove(path) }, half)
}

func (m *mortal) KeepNote(ctx context.Context, size int64, note []byte) error {
	return m.live("keep note", func() error { return m.Database.KeepNote(ctx, size, note) }, nothing)
}

// moment is a state to publish from: what the database keeps as signed, and the public directory.
type moment struct {
	name  string
	size  int64
	note  []byte
	files map[string]string
}

// A publisher may die at any operation, in any way. What is public then is still a whole, signed log,
// and the next publisher ends where one that never died would have ended, byte for byte.
func TestDyingAnywhereDoesNoHarm(t *testing.T) {
	s := newScene(t)
	s.beats(250)
	s.must(s.publisher().Step(t.Context()))
	head, err := s.publisher().head(t.Context())
	s.must(err)
	moments := []moment{
		{name: "from nothing"},
		{name: "from 250 records", size: head.SignedSize, note: head.Note, files: tree(t, s.dir)},
	}
	s.freeze("jury", 120)
	s.result("draw/1", []byte(`{"seats":[1]}`))
	s.beats(10) // over the edge of a tile
	for _, from := range moments {
		t.Run(from.name, func(t *testing.T) { dieAnywhere(t, s, from) })
	}
}

func dieAnywhere(t *testing.T, s *scene, from moment) {
	whole := &mortal{Database: s.db}
	want, err := from.publish(t, s, whole)
	s.must(err)
	if whole.n < 25 {
		t.Fatalf("%d operations only: %q", whole.n, whole.log)
	}
	for _, f := range []fate{before, midway, after} {
		for at := 1; at <= whole.n; at++ {
			if f == midway && !hasMiddle(whole.log[at-1]) {
				continue
			}
			name := fmt.Sprintf("%s %d %s", f, at, whole.log[at-1])
			got, err := from.publish(t, s, &mortal{Database: s.db, at: at, fate: f})
			if !errors.Is(err, errDead) {
				t.Fatalf("%s: got error %v, want %v", name, err, errDead)
			}
			if name, whole := readable(t, s, from, got, want); !whole {
				t.Fatalf("%s: %s is public and not whole", name, name)
			}
			next := s.publisher()
			next.files = swift{}
			s.must(next.Reconcile(t.Context()))
			s.must(next.Step(t.Context()))
			if diff := cmp.Diff(want, tree(t, s.dir)); diff != "" {
				t.Fatalf("%s, then another publisher (-want +got):\n%s", name, diff)
			}
		}
	}
}

// hasMiddle reports whether an operation can be half done.
func hasMiddle(op string) bool { return op == "write" || strings.HasPrefix(op, "remove") }

// publish goes back to the moment and publishes from there in a new directory.
func (from moment) publish(t *testing.T, s *scene, m *mortal) (map[string]string, error) {
	s.dir = filepath.Join(t.TempDir(), "public")
	for name, data := range from.files {
		path := filepath.Join(s.dir, filepath.FromSlash(name))
		s.must(os.MkdirAll(filepath.Dir(path), 0o755))
		s.must(os.WriteFile(path, []byte(data), 0o644))
	}
	s.sign(from.size, from.note)
	p := s.publisher()
	p.files, p.o.DB = m, m
	err := p.Step(t.Context())
	return tree(t, s.dir), err
}

// sign changes what the database keeps as signed.
func (s *scene) sign(size int64, note []byte) {
	edit, err := sql.Open("sqlite", s.path+"?_pragma=busy_timeout(10000)")
	s.must(err)
	_, err = edit.Exec("UPDATE log_signed SET size = ?, note = ?", size, append([]byte{}, note...))
	s.must(errors.Join(err, edit.Close()))
}

// readable reports whether the directory holds the log of the old moment or of the new one, whole, and
// beside it only files that are whole as well. The checkpoint says which of the two it is.
func readable(t *testing.T, s *scene, from moment, got, want map[string]string) (bad string, whole bool) {
	size := s.verified(s.dir).Size
	if _, ok := got[checkpointName]; ok && got[checkpointName] != from.files[checkpointName] && got[checkpointName] != want[checkpointName] {
		return checkpointName, false
	}
	for name, data := range got {
		if name != checkpointName && data != from.files[name] && data != want[name] {
			return name, false
		}
	}
	if size == s.size() && !strings.HasPrefix(got["policy.txt"], "log ") {
		return "policy.txt", false
	}
	return "", size == from.size || size == s.size()
}

// Nothing is pointed at before it is on disk: when the checkpoint gets its name, every directory in
// which a file got one has been synced, and so has its own afterwards.
func TestCheckpointComesLast(t *testing.T) {
	s := newScene(t)
	s.beats(300)
	s.freeze("jury", 120)
	m := &mortal{Database: s.db}
	_, err := moment{}.publish(t, s, m)
	s.must(err)
	dirty := map[string]bool{}
	kept, last := false, ""
	for _, op := range m.log {
		verb, what, _ := strings.Cut(op, " ")
		switch {
		case op == "keep note":
			kept = true
		case verb == "mkdir":
			last = what
			for dir := what; len(dir) >= len(s.dir); dir = filepath.Dir(dir) {
				dirty[dir] = true
			}
		case verb == "sync":
			delete(dirty, what)
		case op == "rename "+checkpointName:
			delete(dirty, s.dir) // marked by the checkpoint itself
			if len(dirty) > 0 || !kept {
				t.Errorf("the checkpoint was published with %v not on disk, note kept: %v", dirty, kept)
			}
			dirty[s.dir] = true
		case verb == "write" || verb == "rename" || verb == "remove":
		default:
			t.Errorf("operation %q is not understood", op)
		}
	}
	if len(dirty) > 0 || last == "" {
		t.Errorf("not on disk at the end: %v", dirty)
	}
}
