package devchain_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// readings is what testdata/drand-client/check.mjs prints.
type readings struct {
	Chains  []string  `json:"chains"`
	Health  int       `json:"health"`
	Scheme  string    `json:"scheme"`
	Period  int64     `json:"period"`
	Beacons []reading `json:"beacons"`
	Latest  uint64    `json:"latest"`
}

type reading struct {
	Round      uint64 `json:"round"`
	Randomness string `json:"randomness"`
	Time       int64  `json:"time"`
}

// drandClient installs drand's JavaScript client as its lock file fixes it, once for all schemes.
func drandClient(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("the check against drand's own client needs %s: %v", tool, err)
			}
			t.Skipf("not checked against drand's own client: %v", err)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/drand-client")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// read runs the client against a network served on loopback.
func readWithDrandClient(t *testing.T, dir string, n *devchain.Network) (readings, string, error) {
	t.Helper()
	server := httptest.NewServer(n.Handler())
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := n.Chain()
	run := exec.CommandContext(ctx, "node", "check.mjs", server.URL, c.Hash.String(), hex.EncodeToString(c.PublicKey), "1", "2", "9")
	run.Dir = dir
	var complaint strings.Builder
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		return readings{}, complaint.String(), err
	}
	var got readings
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return got, complaint.String(), nil
}

// running is a chain whose tenth round or so is due now: the client asks by its own clock.
func running(t *testing.T, scheme beacon.Scheme) *devchain.Network {
	t.Helper()
	n, err := devchain.New(devchain.Options{
		Period: 30 * time.Second, Genesis: time.Now().Unix() - 285, Scheme: scheme, Secret: secret(), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDrandsOwnClientReadsTheChain(t *testing.T) {
	dir := drandClient(t)
	for _, scheme := range schemes {
		t.Run(string(scheme), func(t *testing.T) {
			n := running(t, scheme)
			c := n.Chain()
			want := readings{Chains: []string{c.Hash.String()}, Health: 200, Scheme: string(scheme), Period: c.Period}
			for _, round := range []uint64{1, 2, 9} {
				due, err := c.TimeOf(round)
				if err != nil {
					t.Fatal(err)
				}
				want.Beacons = append(want.Beacons, reading{round, hexOf(sign(t, n, round).Randomness()), due})
			}
			got, complaint, err := readWithDrandClient(t, dir, n)
			if err != nil {
				t.Fatalf("%v: %s", err, complaint)
			}
			if got.Latest < 10 {
				t.Errorf("newest round is %d, want at least 10", got.Latest)
			}
			got.Latest = 0
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	t.Run("and refuses a wrong signature", func(t *testing.T) {
		n := running(t, "")
		n.SetFault(devchain.WrongSignature)
		_, complaint, err := readWithDrandClient(t, dir, n)
		if err == nil || !strings.Contains(complaint, "not valid") {
			t.Errorf("error %v, complaint %q, want that the beacon is not valid", err, complaint)
		}
	})
}
