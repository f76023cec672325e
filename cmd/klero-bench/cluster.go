package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// cluster is a PostgreSQL of our own, reached by a socket in its folder.
type cluster struct {
	dir   string
	guard *exec.Cmd
	leash io.Closer // what the guard reads from: it ends the server when this process ends, however it ends
}

const guardScript = `"$1" -D "$2" -k "$3" -c listen_addresses= >"$3/log" 2>&1 &
pid=$!
cat >/dev/null
kill -INT $pid
wait $pid
rm -rf "$3"`

// startCluster starts a server with its files below dir, "" for the system's temporary folder. It is
// nil when none is installed, or when we are root and there is nobody whom PostgreSQL would accept in
// our place.
func startCluster(ctx context.Context, dir string) (*cluster, error) {
	initdb := installed()
	as, err := unprivileged()
	if initdb == "" || err != nil {
		return nil, nil
	}
	if dir, err = os.MkdirTemp(dir, "klero-bench-postgres-"); err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if err := c.create(ctx, initdb, as); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.start(filepath.Join(filepath.Dir(initdb), "postgres"), as); err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// create makes the files of the server.
func (c *cluster) create(ctx context.Context, initdb string, as *syscall.Credential) error {
	if as != nil {
		if err := os.Chown(c.dir, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	create := exec.CommandContext(ctx, initdb, "-D", c.data(), "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
	create.Dir, create.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: as}
	if out, err := create.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) start(postgres string, as *syscall.Credential) (err error) {
	c.guard = exec.Command("/bin/sh", "-c", guardScript, "sh", postgres, c.data(), c.dir)
	c.guard.Dir, c.guard.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: as, Setsid: true}
	if c.leash, err = c.guard.StdinPipe(); err != nil {
		return err
	}
	return c.guard.Start()
}

// installed returns the newest initdb, "" for none.
func installed() string {
	newest, best := "", 0
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is sound
	for _, path := range found {
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))); err == nil && v > best {
			newest, best = path, v
		}
	}
	if newest == "" {
		if path, err := exec.LookPath("initdb"); err == nil {
			newest, _ = filepath.EvalSymlinks(path)
		}
	}
	return newest
}

// unprivileged is who runs the server where we are root.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (c *cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + c.dir
}

// ready waits until the server answers.
func (c *cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := onServer(ctx, c.url("postgres"), "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// stop ends the server at once and cleanly, and removes its files.
func (c *cluster) stop() error { return errors.Join(c.leash.Close(), c.guard.Wait()) }
