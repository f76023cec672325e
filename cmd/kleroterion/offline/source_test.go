package offline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kleroterion/cmd/kleroterion/offline"
)

// A tile is small by its form; a blob may be a list of panels.
func TestOnlyBlobsOfALogMayBeLarge(t *testing.T) {
	dir := t.TempDir()
	large := make([]byte, 5<<20)
	for name, content := range map[string][]byte{"checkpoint": nil, "tile/0/000": large, "blob/sha256/00/00": large} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := offline.Source(dir)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := log.Read(t.Context(), "blob/sha256/00/00"); err != nil || len(b) != len(large) {
		t.Errorf("a blob of 5 MiB: %d bytes, %v", len(b), err)
	}
	if _, err := log.Read(t.Context(), "tile/0/000"); err == nil || !strings.Contains(err.Error(), "larger than 4194304 bytes") {
		t.Errorf("a tile of 5 MiB: %v", err)
	}
}
