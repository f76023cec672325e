package serve

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// logKey is the log's signing key and the verifier key that goes with it.
type logKey struct {
	signer note.Signer
	vkey   string
}

// readKey reads the key file: the signing key on the first line, the verifier key on the second.
func readKey(path string) (logKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return logKey{}, err
	}
	skey, vkey, ok := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if !ok {
		return logKey{}, fmt.Errorf("log key %s: want two lines, the signing key and the verifier key", path)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return logKey{}, fmt.Errorf("log key %s: %w", path, err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return logKey{}, fmt.Errorf("log key %s: %w", path, err)
	}
	if verifier.Name() != signer.Name() || verifier.KeyHash() != signer.KeyHash() {
		return logKey{}, fmt.Errorf("log key %s: the two lines are not one key", path)
	}
	return logKey{signer, vkey}, nil
}

// ensureKey reads the key file, or makes one where fresh says that the log does not exist yet. A log
// that exists with another key, or with none at hand, cannot be continued: its start fails.
func ensureKey(path, origin string, fresh bool, entropy io.Reader) (logKey, error) {
	k, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if !fresh {
		return logKey{}, fmt.Errorf("log key %s is missing, but the database has a log: restore the key file; a log cannot go on under another key", path)
	}
	if origin == "" {
		var id [4]byte
		if _, err := io.ReadFull(entropy, id[:]); err != nil {
			return logKey{}, err
		}
		origin = "kleroterion/" + hex.EncodeToString(id[:])
	}
	skey, vkey, err := note.GenerateKey(entropy, origin)
	if err != nil {
		return logKey{}, fmt.Errorf("log key: %w", err)
	}
	if err := writeNew(path, skey+"\n"+vkey+"\n"); err != nil {
		return logKey{}, fmt.Errorf("log key: %w", err)
	}
	return readKey(path)
}

// writeNew writes a file for the owner alone. It appears whole and on disk, or not at all: the log
// must never be signed by a key that a crash could lose.
func writeNew(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, fails when another process was first
	}
	err = errors.Join(err, os.Remove(f.Name()))
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
