package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectorEntries reads the register of docs/spec/vectors/draw.json.
func vectorEntries(t testing.TB) []Entry {
	t.Helper()
	b, err := os.ReadFile("../../docs/spec/vectors/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Entries []struct {
			ID, Household, Sealed string
			Features              map[string]string
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for _, e := range file.Entries {
		id, err := hex.DecodeString(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, Entry{[32]byte(id), e.Features, e.Household, e.Sealed})
	}
	return entries
}

const vectorRoot = "f9b453c3a73b916d04f24e02ca02f0b093d806688ca430ec88e227128e7783ad"

func TestVectorRegisterHasThePublishedRoot(t *testing.T) {
	entries := vectorEntries(t)
	r, err := FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	if got := hexRoot(r); got != vectorRoot || r.Size() != 60 {
		t.Fatalf("root %s, size %d; want %s, 60", got, r.Size(), vectorRoot)
	}
	var file bytes.Buffer
	if _, err := r.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	if r.FileSHA256() != sha256.Sum256(file.Bytes()) || r.Bytes() != int64(file.Len()) {
		t.Error("file digest or length are not those of the file written")
	}
	for i, want := range entries {
		if diff := cmp.Diff(want, r.Entry(i)); diff != "" {
			t.Fatalf("entry %d (-want +got):\n%s", i, diff)
		}
	}
}

func hexRoot(r *Register) string {
	root := r.Root()
	return hex.EncodeToString(root[:])
}
