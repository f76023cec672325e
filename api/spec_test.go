package api_test

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write api/openapi.json instead of comparing with it")

// TestCommittedSpecIsTheServedOne holds the committed document, from which the client is generated,
// against the one that the routes make.
func TestCommittedSpecIsTheServedOne(t *testing.T) {
	t.Parallel()
	got := newTown(t).api.Spec()
	if *update {
		if err := os.WriteFile("openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("openapi.json is not what the routes make: run go generate ./api/...")
	}
}
