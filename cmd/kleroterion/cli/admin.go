package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/cmd/kleroterion/serve"
	"kleroterion/store"
	"kleroterion/store/publish"
)

type adminCommands struct {
	Create adminCreate `cmd:"" help:"Make an operator's key and print its token, once."`
}

type adminCreate struct {
	serveCommand
	Label string `default:"made on the server" help:"What the key is for."`
}

func (c *adminCreate) Run(s *call) error {
	return c.with(s, func(i *serve.Instance) error {
		key, token, err := i.Service.AddOperator(s.ctx, c.Label)
		if err != nil {
			return err
		}
		if s.json {
			_, err = fmt.Fprintf(s.Out, "{\"id\":%q,\"token\":%q}\n", key.ID, token)
			return err
		}
		_, err = fmt.Fprintf(s.Out, "%s\n", token)
		return err
	})
}

// with opens the instance of the settings for one action.
func (c *serveCommand) with(s *call, do func(*serve.Instance) error) error {
	world, err := c.open(s)
	if err != nil {
		return err
	}
	return serve.With(s.ctx, &c.Config, world, do)
}

// open checks settings and folder before anything is touched.
func (c *serveCommand) open(s *call) (serve.World, error) {
	if err := c.ready(); err != nil {
		return serve.World{}, err
	}
	if err := c.exists(); err != nil {
		return serve.World{}, err
	}
	return s.world(&c.Config)
}

// exists refuses to make a data folder by the way.
func (c *serveCommand) exists() error {
	if _, err := os.Stat(c.Data); err != nil {
		return offline.Unusable(fmt.Errorf("data folder: %w", err), "give --data, or start the service once")
	}
	return nil
}

type migrateCommands struct {
	Up     migrateUp     `cmd:"" help:"Apply pending migrations."`
	Status migrateStatus `cmd:"" help:"Say whether migrations are pending."`
}

type migrateUp struct{ serveCommand }

// Run opens the database, which migrates it.
func (c *migrateUp) Run(s *call) error {
	if err := c.ready(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return offline.Unusable(err, "give --data")
	}
	db, err := store.Open(s.ctx, store.Options{URL: c.StoreURL(), Migrate: true})
	if err != nil {
		return err
	}
	if err := errors.Join(db.MigrationsCurrent(s.ctx), db.Close()); err != nil {
		return err
	}
	return c.status(s)
}

type migrateStatus struct{ serveCommand }

func (c *migrateStatus) Run(s *call) error {
	if err := c.ready(); err != nil {
		return err
	}
	if err := c.exists(); err != nil {
		return err
	}
	return c.status(s)
}

// status says where the schema is; it changes nothing.
func (c *serveCommand) status(s *call) error {
	have, know, err := store.Version(s.ctx, c.StoreURL())
	if err != nil {
		return err
	}
	if have != know {
		return fmt.Errorf("%w: %w", offline.ErrFalse, offline.Unusable(&store.VersionError{Have: have, Know: know}, "kleroterion migrate up"))
	}
	_, err = fmt.Fprintf(s.Out, "the schema is up to date (version %d)\n", have)
	return err
}

type healthCommand struct {
	URL string `default:"http://127.0.0.1:8080" env:"KLERO_HEALTH_URL" help:"Where the service is."`
}

func (c *healthCommand) Run(s *call) error {
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/readyz", nil)
	if err != nil {
		return offline.Unusable(err, "give --url as http://host:port")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/readyz answers %s", c.URL, answer.Status)
	}
	_, err = fmt.Fprintln(s.Out, "ready")
	return err
}

type backupCommands struct {
	Create backupCreate `cmd:"" help:"Copy the embedded database to a file, while the service runs."`
}

type backupCreate struct {
	serveCommand
	To string `arg:"" type:"path" help:"File to write."`
}

func (c *backupCreate) Run(s *call) error {
	return c.with(s, func(i *serve.Instance) error {
		if err := i.DB().Backup(s.ctx, c.To); err != nil {
			return err
		}
		head, err := i.Service.LogHead(s.ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.Out, "%s holds the log up to at least %d records; keep %s with it, apart\n", c.To, head.SignedSize, c.KeyFile())
		return err
	})
}

type restoreCommand struct {
	config.Config
	From string `arg:"" type:"existingfile" help:"Backup to restore."`
}

// Run checks the backup in a folder of its own first: it must open, and be no older than what this
// instance has published. Only then does it take the place of the database, which is kept beside.
func (c *restoreCommand) Run(s *call) (err error) {
	if c.DatabaseURL != "" {
		return offline.Unusable(errors.New("this instance keeps its rows in PostgreSQL"), "restore with pg_restore, then start the service: it checks itself")
	}
	release, err := serve.Exclusive(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	trial := c.Config
	dir, err := os.MkdirTemp(c.Data, ".restore-*")
	if err != nil {
		return offline.Unusable(err, "give --data")
	}
	defer os.RemoveAll(dir)
	trial.Data = dir
	if err := errors.Join(copyFile(c.From, filepath.Join(dir, "kleroterion.db")), os.Symlink(c.abs(c.PublicDir()), filepath.Join(dir, "public"))); err != nil {
		return err
	}
	trial.LogKeyFile = c.KeyFile()
	cmd := serveCommand{trial}
	var size int64
	err = cmd.with(s, func(i *serve.Instance) error {
		head, err := i.Service.LogHead(s.ctx)
		size = head.Size
		return err
	})
	var refusal *publish.Refusal
	if errors.As(err, &refusal) {
		return fmt.Errorf("backup %s is not restored: %w", c.From, err)
	}
	if err != nil {
		return offline.Unusable(fmt.Errorf("backup %s is not restored: %w", c.From, err), "name a file that backup create wrote")
	}
	return c.swap(s, filepath.Join(dir, "kleroterion.db"), size)
}

func (c *restoreCommand) abs(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// swap puts the checked copy in place. If the process dies between the two renames the old database
// stands beside as .before-restore, whole.
func (c *restoreCommand) swap(s *call, from string, size int64) error {
	to := filepath.Join(c.Data, "kleroterion.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(to+suffix, to+".before-restore"+suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "restored %s: a log of %d records\n", c.From, size)
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
