package publish

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each case is a disaster after 300 published records; the publisher must name it and touch nothing.
func TestReconcileRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		rule     Rule
		disaster func(s *scene)
	}{
		{"a restored backup", ruleOlderDatabase, func(s *scene) { s.restore(0) }},
		{"a restored backup that went on and is still shorter", ruleOlderDatabase, func(s *scene) { s.restore(20) }},
		{"a restored backup that went on elsewhere", ruleOtherRoot, func(s *scene) {
			s.restore(0)
			s.result("other/draw", []byte("x"))
			s.beats(100)
		}},
		{"another log's directory", ruleOtherKey, func(s *scene) {
			other := newScene(s.t)
			other.beats(3)
			other.must(other.publisher().Step(s.t.Context()))
			s.dir = other.dir
		}},
		{"another key with the same name", ruleOtherKey, func(s *scene) { s.key = newKey(s.t, origin) }},
		{"another key with another name", ruleOtherKey, func(s *scene) { s.key = newKey(s.t, "other.example") }},
		{"a checkpoint of garbage", ruleOtherKey, func(s *scene) { s.overwrite("checkpoint", "garbage") }},
		{"an edited tile", RuleDamagedTile, func(s *scene) { s.overwrite("tile/0/001.p/44", strings.Repeat("x", 44*32)) }},
		{"a lost tile", RuleDamagedTile, func(s *scene) { s.must(os.Remove(filepath.Join(s.dir, "tile/0/001.p/44"))) }},
		{"an edited record", ruleDamagedLog, func(s *scene) { s.sql("UPDATE log_entries SET record = CAST('{}' AS BLOB) WHERE seq = 290") }},
		{"a lost record", ruleDamagedLog, func(s *scene) { s.sql("DELETE FROM log_entries WHERE seq = 299") }},
		{"an edited leaf", ruleDamagedLog, func(s *scene) { s.sql("UPDATE log_entries SET leaf = zeroblob(32) WHERE seq = 290") }},
		{"an edited root", ruleDamagedLog, func(s *scene) { s.sql("UPDATE log_head SET root = zeroblob(32)") }},
		{"an edited hash", ruleDamagedLog, func(s *scene) { s.sql("UPDATE log_nodes SET hash = zeroblob(32) WHERE idx > 500") }},
		{"a kept checkpoint of another size", ruleDamagedLog, func(s *scene) { s.sql("UPDATE log_signed SET size = 299") }},
		{"a kept checkpoint of garbage", ruleOtherKey, func(s *scene) { s.sql("UPDATE log_signed SET note = CAST('x' AS BLOB)") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := disasterScene(t)
			c.disaster(s)
			before := tree(t, s.dir)
			for name, try := range map[string]func(*Publisher) error{
				"Reconcile": func(p *Publisher) error { return p.Reconcile(t.Context()) },
				"Rebuild":   func(p *Publisher) error { return p.Rebuild(t.Context()) },
			} {
				if c.rule == RuleDamagedTile && name == "Rebuild" {
					continue // that is what it is for
				}
				var refusal *Refusal
				if err := try(s.publisher()); !errors.As(err, &refusal) || refusal.Rule != c.rule {
					t.Errorf("%s: got %v, want a refusal by %s", name, err, c.rule)
				}
			}
			if after := tree(t, s.dir); len(after) != len(before) || after["checkpoint"] != before["checkpoint"] {
				t.Error("the directory was changed")
			}
		})
	}
}

func TestStepRefusesAsReconcileDoes(t *testing.T) {
	for _, c := range []struct {
		name     string
		rule     Rule
		disaster func(s *scene)
	}{
		{"an older database", ruleOlderDatabase, func(s *scene) { s.restore(1) }},
		{"other records", ruleOtherRoot, func(s *scene) { s.restore(0); s.result("other/draw", []byte("x")); s.beats(100) }},
		{"other records, as many", ruleOtherRoot, func(s *scene) { s.restore(0); s.result("other/draw", []byte("x")); s.beats(49) }},
		{"an edited root", ruleDamagedLog, func(s *scene) { s.beats(1); s.sql("UPDATE log_head SET root = zeroblob(32)") }},
		{"an edited record", ruleDamagedLog, func(s *scene) {
			s.beats(1)
			s.sql("UPDATE log_entries SET record = CAST('{\"body\":{},\"kind\":\"heartbeat\",\"n\":291,\"prev\":\"' AS BLOB) WHERE seq = 290")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := disasterScene(t)
			c.disaster(s)
			before := tree(t, s.dir)
			var refusal *Refusal
			if err := s.publisher().Run(t.Context()); !errors.As(err, &refusal) || refusal.Rule != c.rule {
				t.Errorf("got %v, want a refusal by %s", err, c.rule)
			}
			if after := tree(t, s.dir); after["checkpoint"] != before["checkpoint"] {
				t.Error("the checkpoint was changed")
			}
		})
	}
}

func TestReconcileRefusesBeforeTheLogHasAKey(t *testing.T) {
	s := newScene(t)
	s.db = openDB(t, "sqlite:"+filepath.Join(t.TempDir(), "bare.db"))
	if err := s.publisher().Reconcile(t.Context()); err == nil {
		t.Error("got no error for a database without KeepInstance")
	}
}

func TestReconcileSweepsWhatHasNoName(t *testing.T) {
	s := newScene(t)
	s.beats(1)
	s.must(s.publisher().Step(t.Context()))
	left := filepath.Join(s.dir, tempDir, "new-1")
	s.must(os.WriteFile(left, []byte("half"), 0o600))
	s.must(s.publisher().Reconcile(t.Context()))
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the remains of an interrupted write are still there: %v", err)
	}
}

// disasterScene has a backup at 250 records and 300 published ones.
func disasterScene(t testing.TB) *scene {
	s := newScene(t)
	s.beats(250)
	s.must(s.publisher().Step(t.Context()))
	s.must(s.db.Backup(t.Context(), s.backup()))
	s.beats(50)
	s.must(s.publisher().Step(t.Context()))
	s.must(s.publisher().Reconcile(t.Context()))
	return s
}

func (s *scene) backup() string { return filepath.Join(filepath.Dir(s.dir), "backup.db") }

// restore goes on with the backup, by n records.
func (s *scene) restore(n int) {
	s.db = openDB(s.t, "sqlite:"+s.backup())
	if n > 0 {
		s.beats(n)
	}
}

// sql edits the database behind the store's back; the scene goes on with a copy that has the edit.
func (s *scene) sql(statement string) {
	path := filepath.Join(filepath.Dir(s.dir), "edited.db")
	s.must(s.db.Backup(s.t.Context(), path))
	edit, err := sql.Open("sqlite", path)
	s.must(err)
	res, err := edit.Exec(statement)
	s.must(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		s.t.Fatalf("%s changed %d rows: %v", statement, n, err)
	}
	s.must(edit.Close())
	s.db = openDB(s.t, "sqlite:"+path)
}

func (s *scene) overwrite(name, data string) {
	s.must(os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(name)), []byte(data), 0o644))
}
