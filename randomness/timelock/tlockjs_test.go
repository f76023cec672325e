package timelock

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// jsRequest and jsAnswer are what testdata/tlock-js/check.mjs reads and prints.
type jsRequest struct {
	Seal []jsPlain `json:"seal"`
	Open []string  `json:"open"`
}

type jsPlain struct {
	Round     uint64 `json:"round"`
	Plaintext string `json:"plaintext"`
}

type jsAnswer struct {
	Sealed []string `json:"sealed"`
	Opened []string `json:"opened"`
}

// installTlockJS installs drand's JavaScript library as its lock file fixes it, once for all chains.
func installTlockJS(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/tlock-js")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("the check against drand's own library needs node and npm: npm ci: %v\n%s", err, out)
	}
	return dir
}

// askTlockJS runs the library against a chain served on loopback.
func askTlockJS(t *testing.T, dir string, n *devchain.Network, ask jsRequest) (answer jsAnswer, complaint string, err error) {
	t.Helper()
	server := httptest.NewServer(n.Handler())
	defer server.Close()
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := n.Chain()
	run := exec.CommandContext(ctx, "node", "check.mjs", server.URL+"/"+c.Hash.String(), c.Hash.String(), hex.EncodeToString(c.PublicKey))
	run.Dir, run.Stdin = dir, bytes.NewReader(in)
	var said strings.Builder
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		return jsAnswer{}, said.String(), err
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return answer, said.String(), nil
}

// runningNetwork is a chain whose tenth round or so is due now: the library asks by its own clock.
func runningNetwork(t *testing.T, scheme beacon.Scheme) *devchain.Network {
	t.Helper()
	n, err := devchain.New(devchain.Options{
		Period: 30 * time.Second, Genesis: time.Now().Unix() - 285, Scheme: scheme, Now: time.Now,
		Secret: strings.NewReader("timelock tests: a secret, told..")})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDrandsOwnLibraryAndThisOneOpenEachOthersFiles(t *testing.T) {
	dir := installTlockJS(t)
	plains := []string{"a ballot", "\x00", strings.Repeat("long ", 600)}
	for _, scheme := range []beacon.Scheme{beacon.SchemeG1RFC9380, beacon.SchemeUnchainedG1} {
		t.Run(string(scheme), func(t *testing.T) {
			n := runningNetwork(t, scheme)
			var ask jsRequest
			for i, plain := range plains {
				file, err := Seal(n.Chain(), 5, []byte(plain), testEntropy(byte(i)))
				if err != nil {
					t.Fatal(err)
				}
				ask.Open = append(ask.Open, string(Armor(file)))
				ask.Seal = append(ask.Seal, jsPlain{Round: 9, Plaintext: hex.EncodeToString([]byte(plain))})
			}
			answer, complaint, err := askTlockJS(t, dir, n, ask)
			if err != nil {
				t.Fatalf("%v: %s", err, complaint)
			}
			checkAnswer(t, n, plains, answer)
		})
	}
	t.Run("but its form of an empty file is not the one of age", func(t *testing.T) {
		n := runningNetwork(t, "")
		ours, err := Seal(n.Chain(), 5, nil, testEntropy(1))
		if err != nil {
			t.Fatal(err)
		}
		answer, complaint, err := askTlockJS(t, dir, n, jsRequest{Seal: []jsPlain{{Round: 9}}, Open: []string{string(Armor(ours))}})
		if err != nil || len(answer.Opened) != 1 || answer.Opened[0] != "" || len(answer.Sealed) != 1 {
			t.Fatalf("%+v, %v: %s", answer, err, complaint)
		}
		theirs, err := Dearmor([]byte(answer.Sealed[0]))
		if err != nil || len(theirs) != len(ours)-tagSize {
			t.Errorf("%d bytes, %v: the library used to leave out the tag, which makes %d", len(theirs), err, len(ours)-tagSize)
		}
		_, err = Open(n.Chain(), testBeacon(t, n, 9), theirs)
		wantRule(t, err, RuleSize)
	})
	t.Run("and it refuses what was changed", func(t *testing.T) {
		n := runningNetwork(t, "")
		file, err := Seal(n.Chain(), 5, []byte("a ballot"), testEntropy(1))
		if err != nil {
			t.Fatal(err)
		}
		file[len(file)-1] ^= 1
		if _, complaint, err := askTlockJS(t, dir, n, jsRequest{Open: []string{string(Armor(file))}}); err == nil {
			t.Errorf("opened: %s", complaint)
		}
	})
}

func checkAnswer(t *testing.T, n *devchain.Network, plains []string, answer jsAnswer) {
	t.Helper()
	if len(answer.Opened) != len(plains) || len(answer.Sealed) != len(plains) {
		t.Fatalf("%d opened and %d sealed, want %d", len(answer.Opened), len(answer.Sealed), len(plains))
	}
	for i, want := range plains {
		if got := answer.Opened[i]; got != hex.EncodeToString([]byte(want)) {
			t.Errorf("the library reads %.40q in our file %d", got, i)
		}
		file, err := Dearmor([]byte(answer.Sealed[i]))
		if err != nil {
			t.Fatalf("%v in %q", err, answer.Sealed[i])
		}
		if len(file) != SealedSize(9, len(want)) {
			t.Errorf("the library's file %d has %d bytes, want %d", i, len(file), SealedSize(9, len(want)))
		}
		if _, err := Inspect(file); err != nil {
			t.Error(err)
		}
		if got, err := Open(n.Chain(), testBeacon(t, n, 9), file); err != nil || string(got) != want {
			t.Errorf("we read %.40q, %v in the library's file %d", got, err, i)
		}
	}
}
