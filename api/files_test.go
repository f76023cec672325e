package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kleroterion/service/audit/checkpoint"
)

func TestPublishedFiles(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.frozen("adults")
	w.published()
	note := w.ask("GET", "/log/checkpoint", "", "")
	if note.status != 200 || note.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(note.header.Get("Content-Type"), "text/plain") {
		t.Fatalf("checkpoint: %d %v", note.status, note.header)
	}
	policy, err := checkpoint.LogPolicy(w.vkey)
	must(t, err)
	head, _, err := checkpoint.Open([]byte(note.body), policy)
	must(t, err)
	if head.Origin != "test/log" || head.Size < 3 {
		t.Errorf("checkpoint: %+v", head)
	}
	for _, name := range []string{"policy.txt", "vkey"} {
		if got := w.ask("GET", "/log/"+name, "", ""); got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %v", name, got.status, got.header)
		}
	}
	tiles := w.files("tile")
	if len(tiles) == 0 {
		t.Fatal("no tiles were published")
	}
	for _, name := range append(tiles, w.files("blob")...) {
		got := w.ask("GET", "/log/"+name, "", "")
		want, err := os.ReadFile(filepath.Join(w.public, name))
		must(t, err)
		if got.status != 200 || got.body != string(want) {
			t.Errorf("%s: %d with %d bytes, want %d", name, got.status, len(got.body), len(want))
		}
		if cache := got.header.Get("Cache-Control"); cache != "public, max-age=31536000, immutable" || got.header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: Cache-Control %q, Content-Type %q", name, cache, got.header.Get("Content-Type"))
		}
		if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s cannot be read by other origins: %v", name, got.header)
		}
	}
}

// files lists published files below a folder, as paths in the public folder.
func (w *town) files(below string) (names []string) {
	w.t.Helper()
	root := filepath.Join(w.public, below)
	if _, err := os.Stat(root); os.IsNotExist(err) {
		return nil
	}
	must(w.t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(w.public, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}

func TestPathsDoNotEscape(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	secret := filepath.Join(filepath.Dir(w.public), "secret.txt")
	must(t, os.WriteFile(secret, []byte("top secret"), 0o600))
	must(t, os.MkdirAll(filepath.Join(w.public, "blob/sha256/aa"), 0o755))
	link := strings.Repeat("a", 64)
	must(t, os.Symlink(secret, filepath.Join(w.public, "blob/sha256/aa", link)))
	must(t, os.WriteFile(filepath.Join(w.public, "notes.txt"), []byte("top secret"), 0o600))
	for _, path := range []string{
		"/log/", "/log", "/log/tile", "/log/tile/", "/log/tile/0", "/log/blob/sha256/aa", "/log/blob/sha256/aa/", "/log/notes.txt",
		"/log/../secret.txt", "/log/..%2fsecret.txt", "/log/%2e%2e/secret.txt", "/log/%2e%2e%2fsecret.txt", "/log/..%5csecret.txt",
		"/log/tile/../../secret.txt", "/log//etc/passwd", "/log/%2fetc%2fpasswd", "/log/./checkpoint", "/log/checkpoint/", "/log/checkpoint%00.txt",
		"/log/tile/0/..%2f..%2f..%2fsecret.txt", "/log/blob/sha256/aa/" + link, "/log/CHECKPOINT", "/log/tile/64/000", "/log/tile/0/1",
		"/assets/x/../../../etc/passwd", "/assets/x/style.css",
	} {
		status, body := w.raw(path)
		if status < 400 || strings.Contains(body, "secret\n") || strings.Contains(body, "top secret") || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
}

// raw sends a path as it is, without the cleaning that http.Client does.
func (w *town) raw(path string) (status int, body string) {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	must(w.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	must(w.t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(w.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(w.t, err)
	return res.StatusCode, string(b)
}
