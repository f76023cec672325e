package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that package store uses
)

// onPostgres gives do a fresh database, where there is a PostgreSQL, and drops it.
func onPostgres(ctx context.Context, b *bench, do func(url string) error) (err error) {
	server := b.postgres
	if server == "" {
		c, started := startCluster(ctx, b.base)
		if c == nil || started != nil {
			return started
		}
		defer func() { err = errors.Join(err, c.stop()) }()
		server = c.url("postgres")
	}
	name := "klero_bench_" + strings.ToLower(rand.Text())
	if err := onServer(ctx, server, "CREATE DATABASE "+name); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, onServer(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)"))
	}()
	url, err := inDatabase(server, name)
	if err != nil {
		return err
	}
	return do(url)
}

// postgresRows imports into PostgreSQL. Without one there is no row.
func postgresRows(ctx context.Context, b *bench) (rows []Row, err error) {
	err = onPostgres(ctx, b, func(url string) error {
		n := b.sizes.people
		in, err := b.take(ctx, url, n)
		if err != nil {
			return err
		}
		if err := in.house.close(); err != nil {
			return err
		}
		b.status.say("bare insert of the same rows")
		insert, err := barePostgres(ctx, url)
		if err != nil {
			return err
		}
		row := Row{Name: "import.postgres." + short(n), What: "the same import into PostgreSQL", Figure: took(in.imported)}
		rows = []Row{row.against(took(insert), "insert of the same rows, 500 a statement")}
		return nil
	})
	return rows, err
}

// inDatabase is a server's URL with another database in it.
func inDatabase(server, name string) (string, error) {
	before, after, ok := strings.Cut(server, "?")
	i := strings.LastIndexByte(before, '/')
	if !strings.HasPrefix(server, "postgres") || i < len("postgres://") {
		return "", fmt.Errorf("PostgreSQL is named as postgres://user@host/database, got %d bytes of another form", len(server))
	}
	if url := before[:i+1] + name; !ok {
		return url, nil
	}
	return before[:i+1] + name + "?" + after, nil
}

func onServer(ctx context.Context, url, statement string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// barePostgres inserts the residents into a table of the same layout beside their own.
func barePostgres(ctx context.Context, url string) (time.Duration, error) {
	if err := onServer(ctx, url, "CREATE TABLE bare (LIKE residents INCLUDING ALL)"); err != nil {
		return 0, err
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, err
	}
	d, err := bareInsert(ctx, db, table{db: db, name: "bare", numbered: true})
	return d, errors.Join(err, db.Close())
}
