package store

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"kleroterion/service"
)

// Another process may change the schema under the statements that were parsed before.
func TestKeptStatementsSeeANewSchema(t *testing.T) {
	url := databases[dialectSQLite](t)
	db := openURL(t, url)
	add := func(slug string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx service.Tx) error {
			if err := tx.AddCity(service.City{Slug: slug, Name: slug}); err != nil {
				return err
			}
			c, err := tx.City(slug)
			if err == nil && c.Name != slug {
				err = fmt.Errorf("got city %+v", c)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add("bonn")
	rawExec(t, rawPool(t, url), "ALTER TABLE cities ADD COLUMN mayor TEXT")
	add("kiel")
	if list := cities(t, db); len(list) != 2 {
		t.Errorf("got cities %v", list)
	}
}

func TestKeptStatementsAreBounded(t *testing.T) {
	url := databases[dialectSQLite](t)
	openURL(t, url)
	conn, err := rawPool(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := &prepared{conn: conn, kept: map[string]*sql.Stmt{}}
	long := "SELECT 1 " + strings.Repeat(" ", maxStatement)
	for i := range 3 * maxPrepared {
		for _, statement := range []string{long, "SELECT 1", fmt.Sprintf("SELECT %d - %d", i+1, i)} {
			var one int
			if err := p.QueryRowContext(t.Context(), statement).Scan(&one); err != nil || one != 1 {
				t.Fatalf("got %d, error %v", one, err)
			}
		}
	}
	if len(p.kept) != maxPrepared || p.kept[long] != nil || p.kept["SELECT 1"] == nil {
		t.Errorf("%d statements are kept, want %d of the short ones", len(p.kept), maxPrepared)
	}
	if _, err := p.ExecContext(t.Context(), "INSERT INTO nowhere VALUES (1)"); err == nil {
		t.Error("a statement that cannot be parsed ran")
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if _, err := p.ExecContext(t.Context(), "SELECT 1"); err == nil {
		t.Error("a statement ran on a closed connection")
	}
}
