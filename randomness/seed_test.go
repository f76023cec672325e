package randomness_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness"
)

type vectors struct {
	Signature string
	Entries   []struct{ ID string }
	Vectors   []struct {
		Manifest struct {
			Beacon struct {
				Chain string
				Round uint64
			}
		}
		Commit, Seed       string
		TicketOfFirstEntry string `json:"ticket_of_first_entry"`
		UniformBig         uint64 `json:"uniform_big,string"`
		Panel              *uint64
	}
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("../docs/spec/vectors/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) < 4 {
		t.Fatalf("got %d vectors, want at least 4", len(v.Vectors))
	}
	return v
}

func bytes32(t *testing.T, s string) (out [32]byte) {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		t.Fatalf("bad hex %q: %v", s, err)
	}
	return [32]byte(b)
}

func TestSeedTicketAndUniformVectors(t *testing.T) {
	v := readVectors(t)
	signature, _ := hex.DecodeString(v.Signature)
	for _, c := range v.Vectors {
		seed := randomness.NewSeed(signature, bytes32(t, c.Commit), bytes32(t, c.Manifest.Beacon.Chain), c.Manifest.Beacon.Round)
		if want := bytes32(t, c.Seed); seed != want {
			t.Errorf("seed of %s: got %x, want %s", c.Commit, seed, c.Seed)
		}
		if got := seed.Ticket(bytes32(t, v.Entries[0].ID)); got != bytes32(t, c.TicketOfFirstEntry) {
			t.Errorf("ticket: got %x, want %s", got, c.TicketOfFirstEntry)
		}
		if got := seed.Uniform("big", 1<<63+1); got != c.UniformBig {
			t.Errorf("uniform: got %d, want %d", got, c.UniformBig)
		}
		if c.Panel != nil && seed.Uniform("panel", 1000) != *c.Panel {
			t.Errorf("panel: got %d, want %d", seed.Uniform("panel", 1000), *c.Panel)
		}
	}
}

func TestUniformStaysInRangeAndSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := randomness.Seed(sha256.Sum256([]byte(rapid.String().Draw(t, "seed"))))
		n := rapid.Uint64Min(1).Draw(t, "n")
		if got := seed.Uniform(rapid.String().Draw(t, "label"), n); got >= n {
			t.Fatalf("uniform below %d gave %d", n, got)
		}
	})
}

// A chi-square test of 60,000 draws below 6. The seeds are fixed, so the figure is too; 20.5 is the
// 0.1 % point of 5 degrees of freedom.
func TestUniformIsEven(t *testing.T) {
	const n, total = 6, 60_000
	var count [n]int
	for i := range total {
		seed := randomness.Seed(sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)}))
		count[seed.Uniform("die", n)]++
	}
	chi := 0
	for _, c := range count {
		chi += (c - total/n) * (c - total/n)
	}
	if got := chi / (total / n); got > 20 {
		t.Errorf("chi-square %d for %v", got, count)
	}
}

func TestTicketsAgreeWithPlainHMAC(t *testing.T) {
	seed := randomness.Seed(sha256.Sum256([]byte("seed")))
	tickets := seed.Tickets()
	for i := range 100 {
		id := sha256.Sum256([]byte{byte(i)})
		mac := hmac.New(sha256.New, seed[:])
		mac.Write([]byte("ticket\n" + hex.EncodeToString(id[:])))
		if got := tickets.Of(id); string(got[:]) != string(mac.Sum(nil)) {
			t.Fatalf("ticket of %x: got %x", id, got)
		}
	}
	id := [32]byte{}
	if n := testing.AllocsPerRun(100, func() { tickets.Of(id) }); n > 0 {
		t.Errorf("a ticket allocates %v times, want none", n)
	}
}
