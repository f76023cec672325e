package publish

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
	"kleroterion/store"
)

const origin = "log.example/kleroterion"

// logKey is a key pair of a log.
type logKey struct {
	signer note.Signer
	vkey   string
}

func newKey(t testing.TB, name string) logKey {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return logKey{signer, vkey}
}

// scene is a log on a database, and the directory that it is published in.
type scene struct {
	t    testing.TB
	path string // of the SQLite file
	db   *store.DB
	key  logKey
	dir  string
}

func newScene(t testing.TB) *scene {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kleroterion.db")
	s := newSceneOn(t, "sqlite:"+path)
	s.path = path
	return s
}

func newSceneOn(t testing.TB, url string) *scene {
	t.Helper()
	s := &scene{t: t, db: openDB(t, url), key: newKey(t, origin), dir: filepath.Join(t.TempDir(), "public")}
	s.must(s.db.KeepInstance(t.Context(), store.Instance{Origin: origin, VKey: s.key.vkey}))
	return s
}

func openDB(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: url, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) write(fn func(service.Tx) error) {
	s.t.Helper()
	s.must(s.db.Write(s.t.Context(), fn))
}

// options are those of a publisher of this scene.
func (s *scene) options() Options {
	return Options{DB: s.db, Signer: s.key.signer, VKey: s.key.vkey, Dir: s.dir}
}

// publisher is one that has just been started.
func (s *scene) publisher() *Publisher {
	s.t.Helper()
	p, err := New(s.options())
	s.must(err)
	return p
}

// beats appends n heartbeats.
func (s *scene) beats(n int) {
	s.t.Helper()
	s.write(func(tx service.Tx) error {
		for range n {
			if _, err := tx.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *scene) size() int64 {
	s.t.Helper()
	head, err := s.publisher().head(s.t.Context())
	s.must(err)
	return head.Size
}

// freeze adds a frozen register of n people with its record, and returns its file.
func (s *scene) freeze(name string, n int) []byte {
	s.t.Helper()
	ids := map[[32]byte][]byte{}
	var sorted [][32]byte
	for i := range n {
		e := register.Entry{ID: sha256.Sum256(fmt.Append(nil, name, i)), Features: map[string]string{"age": fmt.Sprint(i % 7)}}
		line, err := e.Line()
		s.must(err)
		ids[e.ID], sorted = line, append(sorted, e.ID)
	}
	sortIDs(sorted)
	var file []byte
	var tree register.Tree
	var pages []service.Page
	for _, id := range sorted {
		line := append(bytes.Clone(ids[id]), '\n')
		file = append(file, line...)
		tree.Append(ids[id])
		if len(pages) == 0 || bytes.Count(pages[len(pages)-1].Data, []byte("\n")) == 100 {
			pages = append(pages, service.Page{N: int64(len(pages))})
		}
		last := &pages[len(pages)-1]
		last.Data = append(last.Data, line...)
	}
	s.write(func(tx service.Tx) error { return logRegister(tx, name, file, tree, pages) })
	return file
}

func sortIDs(ids [][32]byte) {
	for i := range ids {
		for j := i; j > 0 && bytes.Compare(ids[j-1][:], ids[j][:]) > 0; j-- {
			ids[j-1], ids[j] = ids[j], ids[j-1]
		}
	}
}

func logRegister(tx service.Tx, name string, file []byte, tree register.Tree, pages []service.Page) error {
	subject := "city/bonn/register/" + name
	if err := tx.AddCity(service.City{Slug: "bonn", Name: "Bonn"}); err != nil && !errors.Is(err, service.ErrExists) {
		return err
	}
	r := service.Register{
		ID: name, City: "bonn", Name: name, State: service.RegisterFrozen, Root: tree.Root(),
		File: sha256.Sum256(file), Bytes: int64(len(file)),
	}
	if err := tx.AddRegister(r); err != nil {
		return err
	}
	if err := tx.AddPages(name, pages); err != nil {
		return err
	}
	_, err := tx.Append(audit.KindRegisterCommit, subject, nil, audit.RegisterCommit{
		Root: r.Root, Size: tree.Size(), File: r.File, Bytes: r.Bytes, Features: []string{"age"}, SmallCells: audit.SmallCellsNone, K: 5,
	})
	return err
}

// result adds a record that names a small blob.
func (s *scene) result(subject string, data []byte) audit.Blob {
	s.t.Helper()
	var b audit.Blob
	s.write(func(tx service.Tx) (err error) {
		if b, err = tx.AddBlob(data); err != nil {
			return err
		}
		_, err = tx.Append(audit.KindDrawResult, subject, nil, audit.DrawResult{
			Beacon: beacon.File{Chain: beacon.Hash{1}, Beacon: beacon.Beacon{Round: 1, Signature: make([]byte, 48)}}, Result: b,
		})
		return err
	})
	return b
}

// folder is verify.Source on a directory.
type folder string

func (f folder) Read(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(name)))
}

// verified checks the published log as an auditor does, and returns its checkpoint. A directory
// without a checkpoint is a log of which nothing was published yet.
func (s *scene) verified(dir string) checkpoint.Checkpoint {
	s.t.Helper()
	if _, err := os.Stat(filepath.Join(dir, checkpointName)); errors.Is(err, fs.ErrNotExist) {
		return checkpoint.Checkpoint{}
	}
	pol, err := checkpoint.LogPolicy(s.key.vkey)
	s.must(err)
	report, err := verify.Log(s.t.Context(), folder(dir), verify.Options{Policy: &pol})
	s.must(err)
	for _, c := range report.Checks[:4] { // results of this scene belong to no draw
		if !c.OK {
			s.t.Fatalf("published log: check %d, %s: %s", c.No, c.Name, c.Evidence)
		}
	}
	b, err := folder(dir).Read(s.t.Context(), checkpointName)
	s.must(err)
	head, _, err := checkpoint.Open(b, pol)
	s.must(err)
	return head
}

// tree reads every public file of a directory.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		if err != nil || d.IsDir() || strings.HasPrefix(name, ".") {
			return err
		}
		b, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
