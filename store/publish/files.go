package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// tempDir holds files that have no name yet, beside those that have: a rename must not cross file
// systems.
const tempDir = ".tmp"

// files is what a publisher does to a file system; tests make each of it fail.
type files interface {
	// writeTemp writes a new synced file in dir and returns its path.
	writeTemp(dir string, content func(io.Writer) error) (path string, err error)
	rename(from, to string) error
	mkdir(path string) error // with parents
	syncDir(path string) error
	remove(path string) error // with everything below; absent is well
}

// disk is the operating system's.
type disk struct{}

func (disk) writeTemp(dir string, content func(io.Writer) error) (path string, err error) {
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", err
	}
	err = errors.Join(content(f), f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func (disk) rename(from, to string) error { return os.Rename(from, to) }
func (disk) mkdir(path string) error      { return os.MkdirAll(path, 0o755) }
func (disk) remove(path string) error     { return os.RemoveAll(path) }

func (disk) syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// writer puts files into the public directory and remembers which directories are not on disk yet.
type writer struct {
	files   files
	dir     string
	again   bool // write also what is there
	touched map[string]bool
}

// replace gives name this content. If the process dies before the rename, a file without a name is
// left in tempDir, which Reconcile sweeps; after it, the name is right in memory and on disk once
// settle has returned.
func (w *writer) replace(name string, data []byte) error {
	return w.stream(name, func(to io.Writer) error {
		_, err := io.Copy(to, bytes.NewReader(data))
		return err
	})
}

func (w *writer) stream(name string, content func(io.Writer) error) error {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := w.touch(path); err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	temp, err := w.files.writeTemp(filepath.Join(w.dir, tempDir), content)
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	if err := w.files.rename(temp, path); err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	return nil
}

// touch makes the directory of path and marks it and those above: a new directory is an entry in its
// parent, which must reach the disk as well.
func (w *writer) touch(path string) error {
	dir := filepath.Dir(path)
	if w.touched[dir] {
		return nil
	}
	if err := w.files.mkdir(dir); err != nil {
		return err
	}
	for ; len(dir) >= len(w.dir); dir = filepath.Dir(dir) {
		w.touched[dir] = true
	}
	return nil
}

// has reports whether a content-addressed file is there. Its name was given to a whole file, but
// perhaps by a process that died before the name was on disk: so its directory counts as touched.
func (w *writer) has(name string, size int64) (bool, error) {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || w.again {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("publish %s: %w", name, err)
	}
	return info.Size() == size, w.touch(path)
}

// settle syncs every directory that changed, the deepest first.
func (w *writer) settle() error {
	dirs := make([]string, 0, len(w.touched))
	for dir := range w.touched {
		dirs = append(dirs, dir)
	}
	slices.SortFunc(dirs, func(a, b string) int { return len(b) - len(a) })
	for _, dir := range dirs {
		if err := w.files.syncDir(dir); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
	}
	clear(w.touched)
	return nil
}
