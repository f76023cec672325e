package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is the real program in a process of its own.
type child struct {
	cmd  *exec.Cmd
	url  string
	vkey string
	out  chan string // its answers, line by line
}

// place is where a program runs: a data folder, a database and a token, the same after every start.
type place struct {
	t     *testing.T
	dir   string // data folder
	log   string // file with all that its processes said
	token string
	env   []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	top := t.TempDir()
	p := &place{t: t, dir: filepath.Join(top, "data"), log: filepath.Join(top, "log"), token: newToken()}
	p.env = append(os.Environ(), "KLERO_ADMIN_TOKEN="+p.token, "KLERO_LOG_FORMAT=json", "KLERO_MIGRATE=true")
	t.Cleanup(func() {
		if text, err := os.ReadFile(p.log); err == nil && t.Failed() {
			t.Logf("what the service said, but for requests:\n%s", besidesRequests(text))
		}
	})
	return p
}

func besidesRequests(log []byte) []byte {
	var rest []byte
	for line := range bytes.Lines(log) {
		if !bytes.Contains(line, []byte(`"msg":"request"`)) || bytes.Contains(line, []byte(`"cause"`)) {
			rest = append(rest, line...)
		}
	}
	return rest[max(0, len(rest)-8000):]
}

// launch starts the program and returns before it is ready.
func (p *place) launch() *child {
	p.t.Helper()
	log := got(os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))(p.t)
	defer log.Close() // the child has its own
	c := &child{cmd: exec.Command(got(binary())(p.t), "serve", "--devchain", "--devchain-period", "1s", "--rehearsal-lead", "2s",
		"--data", p.dir, "--listen", "127.0.0.1:0"), out: make(chan string, 16)}
	c.cmd.Env, c.cmd.Stderr = p.env, log
	// Should this process die without its cleanups, the child goes with it.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out := got(c.cmd.StdoutPipe())(p.t)
	must(p.t, c.cmd.Start())
	go c.read(out)
	p.t.Cleanup(func() { c.kill() })
	return c
}

func (c *child) read(out io.Reader) {
	defer close(c.out)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		c.out <- lines.Text()
	}
}

// start starts the program and waits until it serves.
func (p *place) start() *child {
	p.t.Helper()
	c := p.launch()
	late := time.After(time.Minute)
	for c.url == "" || c.vkey == "" {
		select {
		case line, ok := <-c.out:
			if !ok {
				p.t.Fatalf("the service did not start: %v", c.cmd.Wait())
			}
			c.take(line)
		case <-late:
			p.t.Fatal("the service did not start within a minute")
		}
	}
	return c
}

func (c *child) take(line string) {
	if url, ok := strings.CutPrefix(line, "kleroterion is at "); ok {
		c.url = url
	}
	if vkey, ok := strings.CutPrefix(line, "log key: "); ok {
		c.vkey = vkey
	}
}

// kill ends the process at once, wherever it is. It may be called again.
func (c *child) kill() {
	if c.cmd.ProcessState != nil {
		return
	}
	c.cmd.Process.Kill() // an error says that it has ended already
	c.drain()
	c.cmd.Wait() // says that it was killed
}

func (c *child) drain() {
	for range c.out {
	}
}

// stop asks the process to end and returns how it did.
func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		c.drain()
		ended <- c.cmd.Wait()
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		return fmt.Errorf("process %d did not end within a minute of SIGTERM", c.cmd.Process.Pid)
	}
}
