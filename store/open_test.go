package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kleroterion/service"
	"kleroterion/store/storetest"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ url, want string }{
		"nothing":                  {"", "scheme"},
		"a bare path":              {"/var/lib/x.db", "scheme"},
		"another database":         {"mysql://root@localhost/x", "scheme"},
		"sqlite without a path":    {"sqlite:", "name a file"},
		"sqlite in memory":         {"sqlite::memory:", "name a file"},
		"a directory":              {"sqlite:" + dir, "open database"},
		"a path through a file":    {"sqlite:" + filepath.Join(fileIn(t, dir), "x.db"), "directory"},
		"a port that is no number": {"postgres://u:geheim@localhost:port/x", "address"},
		"an unknown setting":       {"postgres://u:geheim@localhost/x?sslmode=perhaps", "address"},
		"words that are none":      {"postgres:host", "address"},
		"a server that is away":    {"postgres://u:geheim@/x?host=" + dir, "reach the database"},
	} {
		db, err := Open(t.Context(), Options{URL: c.url})
		if err == nil || db != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got %v, want an error about %q that keeps the password", name, err, c.want)
		}
	}
}

func fileIn(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPathsOfEveryKind(t *testing.T) {
	for _, name := range []string{"plain.db", "with space.db", "per%20cent.db", "question?mode=ro.db", "hash#.db", "ümläut.db", "a&b=c.db"} {
		path := filepath.Join(t.TempDir(), "new", "folder", name)
		for _, url := range []string{"sqlite:" + path, "sqlite://" + path} {
			db := openURL(t, url)
			if err := db.Ping(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		mode(t, path, 0o600)
		mode(t, path+"-wal", 0o600)
		mode(t, path+"-shm", 0o600)
		mode(t, filepath.Dir(path), 0o700)
	}
}

func TestPostgresThatDoesNotSyncIsRefused(t *testing.T) {
	url := storetest.Postgres(t)
	_, err := Open(t.Context(), Options{URL: url + " options='-c synchronous_commit=off'", Migrate: true})
	if err == nil || !strings.Contains(err.Error(), "synchronous_commit") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestCloseWaitsForWhatHasBegun(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db, err := Open(t.Context(), Options{URL: url, Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		begun, goOn := make(chan bool), make(chan bool)
		wrote, closed := make(chan error, 1), make(chan error, 1)
		var worked atomic.Bool
		go func() {
			wrote <- db.Write(t.Context(), func(tx service.Tx) error {
				close(begun)
				<-goOn
				err := tx.AddCity(service.City{Slug: "bonn"})
				worked.Store(true)
				return err
			})
		}()
		<-begun
		go func() {
			err := db.Close()
			if !worked.Load() {
				t.Error("Close returned while a transaction ran")
			}
			closed <- err
		}()
		for err := error(nil); !errors.Is(err, ErrClosed); { // until Close has begun
			err = db.Write(t.Context(), func(service.Tx) error { return nil })
		}
		close(goOn)
		if err := <-wrote; err != nil {
			t.Errorf("the write that had begun: %v", err)
		}
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		for name, run := range map[string]func(context.Context, func(service.Tx) error) error{"read": db.Read, "write": db.Write} {
			if err := run(t.Context(), func(service.Tx) error { return nil }); !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: got %v, want %v", name, err, ErrClosed)
			}
		}
		if list := cities(t, openURL(t, url)); len(list) != 1 {
			t.Errorf("got cities %v, want the one that was acknowledged", list)
		}
	})
}

func TestQueriesAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		var good, bad atomic.Int64
		db, err := Open(t.Context(), Options{URL: url, Migrate: true, OnQuery: func(took time.Duration, err error) {
			if took <= 0 {
				t.Errorf("a statement took %s", took)
			}
			if good.Add(1); err != nil {
				bad.Add(1)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		write := func(city string) error {
			return db.Write(t.Context(), func(tx service.Tx) error {
				if err := tx.AddCity(service.City{Slug: city}); err != nil {
					return err
				}
				return tx.AddRegister(service.Register{ID: city, City: city, State: "no such state"})
			})
		}
		if err := write("bonn"); err == nil {
			t.Fatal("a register of no state was added")
		}
		if good.Load() < 2 || bad.Load() != 1 {
			t.Errorf("heard of %d statements, %d failed, want two and one", good.Load(), bad.Load())
		}
		if s := db.Stats(); s.Connections.MaxOpenConnections != 16 || s.Database == "" {
			t.Errorf("got %+v", s)
		}
	})
}

func TestInstanceIsWrittenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		if _, err := db.Instance(t.Context()); !errors.Is(err, service.ErrNotFound) {
			t.Errorf("before: got %v, want %v", err, service.ErrNotFound)
		}
		first := Instance{Origin: "log.example", VKey: "log.example+1+A", CreatedAt: 7}
		again := Instance{Origin: "log.example", VKey: "log.example+1+A", CreatedAt: 8}
		for _, i := range []Instance{first, again} {
			if err := db.KeepInstance(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range []Instance{{Origin: "log.example", VKey: "log.example+2+B"}, {Origin: "other", VKey: first.VKey}} {
			if err := db.KeepInstance(t.Context(), i); !errors.Is(err, ErrOtherLog) {
				t.Errorf("%v: got %v, want %v", i, err, ErrOtherLog)
			}
		}
		if got, err := db.Instance(t.Context()); err != nil || got != first {
			t.Errorf("got %v, error %v, want %v", got, err, first)
		}
		if err := db.Read(t.Context(), func(tx service.Tx) error {
			head, err := tx.LogHead()
			if head.Origin != first.Origin {
				t.Errorf("got origin %q", head.Origin)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestNotesOnlyGrow(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		for _, c := range []struct {
			size int64
			want error
		}{{3, nil}, {3, service.ErrStale}, {2, service.ErrStale}, {5, nil}, {4, service.ErrStale}} {
			if err := db.KeepNote(t.Context(), c.size, []byte{byte(c.size)}); !errors.Is(err, c.want) {
				t.Errorf("note of %d records: got %v, want %v", c.size, err, c.want)
			}
		}
		if err := db.Read(t.Context(), func(tx service.Tx) error {
			head, err := tx.LogHead()
			if head.SignedSize != 5 || string(head.Note) != "\x05" {
				t.Errorf("kept the note %v of %d records", head.Note, head.SignedSize)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}
