package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kleroterion/service"
)

func openFile(t testing.TB) (*DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kleroterion.db")
	return openURL(t, "sqlite:"+path), path
}

func TestWaitingWriteGoesWhenItsContextEnds(t *testing.T) {
	db, _ := openFile(t)
	begun, goOn, first, second := make(chan bool), make(chan bool), make(chan error, 1), make(chan error, 1)
	go func() {
		first <- db.Write(t.Context(), func(tx service.Tx) error {
			close(begun)
			<-goOn
			return tx.AddCity(service.City{Slug: "first"})
		})
	}()
	<-begun
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		second <- db.Write(ctx, func(service.Tx) error { t.Error("fn ran"); return nil })
	}()
	stop()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestContextThatEndsInsideDoesNotBreakTheCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		ctx, stop := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx service.Tx) error {
			err := tx.AddCity(service.City{Slug: "bonn"})
			stop()
			return err
		})
		if err != nil {
			t.Errorf("got %v for a transaction that had begun and did its work", err)
		}
		if list := cities(t, db); len(list) != 1 {
			t.Errorf("got cities %v", list)
		}
	})
}

func TestWritesShareCommits(t *testing.T) {
	db, _ := openFile(t)
	hold, held := make(chan bool), make(chan bool)
	var running sync.WaitGroup
	running.Go(func() {
		_ = db.Write(t.Context(), func(service.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	for i := range 64 {
		running.Go(func() {
			slug := fmt.Sprintf("city-%d", i)
			if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: slug}) }); err != nil {
				t.Error(err)
			}
		})
	}
	close(hold)
	running.Wait()
	s := db.Stats()
	if s.Writes != 65 || s.Groups >= 65 || s.Groups < 1 {
		t.Errorf("%d writes in %d commits, want 65 in fewer", s.Writes, s.Groups)
	}
	if list := cities(t, db); len(list) != 64 {
		t.Errorf("got %d cities", len(list))
	}
}

// A full disk makes SQLite roll back a whole group by itself. Nobody may be told that their write was
// stored when it was not, and the store works on when there is room again.
func TestFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	db, path := openFile(t)
	w := db.engine.(*sqliteEngine).writer
	pages := func(more int) {
		err := db.Write(t.Context(), func(service.Tx) error {
			var n int
			if err := w.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&n); err != nil {
				return err
			}
			return w.exec(fmt.Sprintf("PRAGMA max_page_count = %d", n+more))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	pages(60)
	var mu sync.Mutex
	stored := map[string]bool{}
	var running sync.WaitGroup
	for i := range 64 {
		running.Go(func() {
			name := fmt.Sprintf("upload-%d", i)
			err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddChunk(name, 0, make([]byte, 20_000), 1) })
			mu.Lock()
			defer mu.Unlock()
			stored[name] = err == nil
		})
	}
	running.Wait()
	pages(1_000_000)
	again := openURL(t, "sqlite:"+path)
	there, lost := 0, 0
	for name, want := range stored {
		err := again.Read(t.Context(), func(tx service.Tx) error { _, err := tx.Chunk(name, 0); return err })
		if want != (err == nil) {
			t.Errorf("%s: acknowledged %v, found: %v", name, want, err)
		}
		if want {
			there++
		} else {
			lost++
		}
	}
	if there == 0 && lost == 0 || lost == 0 {
		t.Errorf("%d stored, %d refused: the disk was not full", there, lost)
	}
	if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddChunk("afterwards", 0, make([]byte, 20_000), 1) }); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestBackupIsWholeWhileOthersWrite(t *testing.T) {
	db, path := openFile(t)
	stop := make(chan bool)
	var running sync.WaitGroup
	running.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			slug := fmt.Sprintf("city-%05d", i)
			if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: slug}) }); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 5 {
		before := len(cities(t, db))
		to := fmt.Sprintf("%s.copy-%d", path, i%2) // also over an older one
		if err := db.Backup(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		mode(t, to, 0o600)
		pool := rawPool(t, "sqlite:"+to)
		var sound string
		if err := pool.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("integrity: %s, error %v", sound, err)
		}
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM cities").Scan(&n); err != nil || n < before {
			t.Errorf("the copy has %d cities, there were %d before, error %v", n, before, err)
		}
		pool.Close()
	}
	close(stop)
	running.Wait()
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".backup-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, error %v", left, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	db, path := openFile(t)
	if err := db.Backup(t.Context(), filepath.Join(filepath.Dir(path), "no", "folder", "x.db")); err == nil {
		t.Error("got no error for a folder that is not there")
	}
	pg := openURL(t, databases[dialectPostgres](t))
	if err := pg.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("PostgreSQL: got %v, want the name of its tool", err)
	}
}

// people are residents whose private parts can be searched for in a file.
func people(t testing.TB, n int) []service.Resident {
	t.Helper()
	all := make([]service.Resident, n)
	for i := range all {
		var b [96]byte
		if _, err := rand.Read(b[:]); err != nil {
			t.Fatal(err)
		}
		all[i] = service.Resident{
			RegisterID: "r1", Row: int64(i), ID: [32]byte(b[:32]), Salt: b[32:64],
			Record: []byte(`{"name":"` + strings.Repeat(hex.EncodeToString(b[64:]), 1+i%40) + `"}`), Line: []byte("{}"),
		}
	}
	return all
}

// files is everything that the database has on disk.
func files(t testing.TB, path string) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// mark says of each key whether the disk has it. All are of one length, so the disk is read once.
func mark(disk []byte, keys map[string]bool) {
	length := 0
	for k := range keys {
		length = len(k)
		break
	}
	for i := range len(disk) - length + 1 {
		if found, ok := keys[string(disk[i:i+length])]; ok && !found {
			keys[string(disk[i:i+length])] = true
		}
	}
}

func TestErasedBytesLeaveTheDisk(t *testing.T) {
	db, path := openFile(t)
	all := people(t, 6000)
	for i := 0; i < len(all); i += 1000 { // the salts pass through the log and through page splits
		if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddResidents(all[i : i+1000]) }); err != nil {
			t.Fatal(err)
		}
	}
	disk := files(t, path)
	for _, i := range []int{0, 2500, 5999} {
		if !bytes.Contains(disk, all[i].Salt) || !bytes.Contains(disk, all[i].Record) {
			t.Fatalf("person %d is not found before: the search is wrong", i)
		}
	}
	erase := func(tx service.Tx) error {
		for i := 0; i < len(all); i += 17 {
			if err := tx.EraseResident("r1", all[i].ID); err != nil {
				return err
			}
		}
		return nil
	}
	if err := db.Write(t.Context(), erase); err != nil {
		t.Fatal(err)
	}
	disk = files(t, path)
	salts, records := map[string]bool{}, map[string]bool{}
	for _, p := range all {
		salts[string(p.Salt)], records[string(p.Record[:40])] = false, false
	}
	mark(disk, salts)
	mark(disk, records)
	for i, p := range all {
		salt, record := salts[string(p.Salt)], records[string(p.Record[:40])]
		if erased := i%17 == 0; salt == erased || record == erased && len(p.Record) < 900 {
			t.Fatalf("person %d, erased %v: salt found %v, record found %v", i, erased, salt, record)
		}
	}
}

func TestDroppedRowsLeaveTheDisk(t *testing.T) {
	db, path := openFile(t)
	all := people(t, 500)
	upload := []byte("Nr;Name\n" + strings.Repeat("4711;Erika Mustermann\n", 5000))
	err := db.Write(t.Context(), func(tx service.Tx) error {
		return errors.Join(tx.AddResidents(all), tx.AddChunk("u1", 0, upload, 1), tx.AddChunk("u2", 0, upload, 2))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx service.Tx) error {
		_, err := tx.DropResidents("r1", len(all))
		return errors.Join(err, tx.DropUpload("u1"), tx.DropUploadsBefore(9))
	})
	if err != nil {
		t.Fatal(err)
	}
	disk := files(t, path)
	for i, p := range all {
		if bytes.Contains(disk, p.Salt) || bytes.Contains(disk, p.Record) || bytes.Contains(disk, p.ID[:]) {
			t.Fatalf("person %d is still on the disk", i)
		}
	}
	if bytes.Contains(disk, []byte("Mustermann")) {
		t.Error("the upload is still on the disk")
	}
}

// A reader that holds an old snapshot keeps the write-ahead log from being emptied. The store does not
// forget: the next commit after the reader has gone empties it.
func TestErasureWaitsForReaders(t *testing.T) {
	db, path := openFile(t)
	all := people(t, 10)
	if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddResidents(all) }); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), func(tx service.Tx) error {
		if _, err := tx.Resident("r1", all[3].ID); err != nil {
			return err
		}
		return db.Write(t.Context(), func(tx service.Tx) error { return tx.EraseResident("r1", all[3].ID) })
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: "bonn"}) }); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(files(t, path), all[3].Salt) {
		t.Error("the salt is still on the disk")
	}
}
