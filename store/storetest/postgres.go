package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Environment that changes which PostgreSQL tests use.
const (
	envPostgres = "KLERO_TEST_POSTGRES" // URL of a server where the user may create databases
	envCI       = "CI"                  // "true": a missing PostgreSQL is a failure
)

// errMissing reports that this machine has no PostgreSQL to start.
var errMissing = errors.New("PostgreSQL is missing")

// cluster is started by the first test that needs it and ends with the test binary.
var cluster = sync.OnceValues(startCluster)

// Postgres returns the URL of an empty database for this test, which is dropped after it. The server
// is that of KLERO_TEST_POSTGRES, or one of our own in a temporary directory, reached by a socket
// there. Tests kill its clients and never the machine, so it does not wait for the disk (fsync off). Its
// collation is not that of bytes, as on most servers in use.
func Postgres(tb testing.TB) string {
	tb.Helper()
	server, err := cluster()
	if errors.Is(err, errMissing) && os.Getenv(envCI) != "true" {
		tb.Skipf("%v: install it or set %s to a server's URL", err, envPostgres)
	}
	if err != nil {
		tb.Fatalf("test cluster: %v", err)
	}
	name := "klero_" + strings.ToLower(rand.Text())
	if err := server.run(`CREATE DATABASE ` + name); err != nil {
		tb.Fatalf("test database: %v", err)
	}
	tb.Cleanup(func() {
		if err := server.run(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			tb.Errorf("test database: %v", err)
		}
	})
	return server.url(name)
}

// server is a PostgreSQL where databases can be created.
type server struct {
	config *pgx.ConnConfig
	pipe   io.Closer // of the guard; collected, it would close
}

func startCluster() (*server, error) {
	url, s := os.Getenv(envPostgres), &server{}
	var err error
	if url == "" {
		if url, s.pipe, err = newCluster(); err != nil {
			return nil, err
		}
	}
	if s.config, err = pgx.ParseConfig(url); err != nil {
		return nil, fmt.Errorf("%s: %w", envPostgres, err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := s.run("SELECT 1")
		if err == nil || time.Now().After(deadline) {
			return s, err
		}
		time.Sleep(20 * time.Millisecond) // the server says nowhere that it is ready
	}
}

func (s *server) run(statement string) error {
	ctx := context.Background()
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// url writes the address as words; pgx takes a socket's directory as host.
func (s *server) url(database string) string {
	words := fmt.Sprintf("postgres:host=%s port=%d user=%s dbname=%s", s.config.Host, s.config.Port, s.config.User, database)
	if s.config.Password != "" {
		words += " password=" + s.config.Password
	}
	return words
}

// newCluster makes a data directory and starts a server on it. The shell that guards it reads from a
// pipe of ours: when this process ends, however it ends, the pipe closes, and the shell stops the
// server and removes the directory.
func newCluster() (url string, pipe io.Closer, err error) {
	bin, err := postgresBin()
	if err != nil {
		return "", nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return "", nil, err
	}
	dir, err := newDir(as)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync",
		"--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	pipe, err = guardServer(filepath.Join(bin, "postgres"), data, dir, as)
	return "postgres://postgres@/postgres?host=" + dir, pipe, err
}

// newDir makes the temporary directory and gives it to the server's user.
func newDir(as *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "klero-postgres-")
	if err != nil || as == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(as.Uid), int(as.Gid))
}

const guardScript = `"$1" -D "$2" -k "$3" -c listen_addresses= -c max_connections=200 -c fsync=off >"$3/log" 2>&1 &
pid=$!
cat >/dev/null
kill -INT $pid
wait $pid
rm -rf "$3"`

func guardServer(postgres, data, dir string, as *syscall.Credential) (io.Closer, error) {
	guard := exec.Command("/bin/sh", "-c", guardScript, "sh", postgres, data, dir)
	guard.Dir = dir
	guard.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setsid: true}
	pipe, err := guard.StdinPipe()
	if err != nil {
		return nil, err
	}
	return pipe, guard.Start()
}

// postgresBin finds the newest installed server.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("%w: no initdb in /usr/lib/postgresql/*/bin or the path", errMissing)
	}
	path, err = filepath.EvalSymlinks(path)
	return filepath.Dir(path), err
}

// version reads 15 from /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged is who runs the server: PostgreSQL refuses to run as root.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: we are root and there is no user postgres to run it as: %w", errMissing, err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}
