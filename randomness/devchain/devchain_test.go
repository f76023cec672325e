package devchain_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

const genesis = 1_800_000_000

var schemes = []beacon.Scheme{
	beacon.SchemeG1RFC9380, beacon.SchemeChained, beacon.SchemeBN254,
	beacon.SchemeUnchained, beacon.SchemeUnchainedG1,
}

// clock is a hand-set time.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func at(unix int64) *clock { return &clock{at: time.Unix(unix, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// secret is the source 0, 1, 2, ... 31 that every test chain is made from.
func secret() io.Reader {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(i)
	}
	return bytes.NewReader(b)
}

// network makes the test chain of 3 s rounds with this scheme and clock.
func network(t testing.TB, scheme beacon.Scheme, c *clock) *devchain.Network {
	t.Helper()
	n, err := devchain.New(devchain.Options{
		Period: 3 * time.Second, Genesis: genesis, Scheme: scheme, Secret: secret(), Now: c.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEverySchemeSignsWhatBeaconVerifies(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(string(scheme), func(t *testing.T) {
			n := network(t, scheme, at(genesis))
			var bs []beacon.Beacon
			for _, round := range []uint64{1, 2, 3, 50} {
				b, err := n.Sign(round)
				if err != nil {
					t.Fatal(err)
				}
				if err := beacon.Verify(n.Chain(), round, b); err != nil {
					t.Error(err)
				}
				bs = append(bs, b)
			}
			if err := beacon.VerifyBatch(n.Chain(), bs); err != nil {
				t.Error(err)
			}
			bs[0].Round, bs[1].Round = 2, 1
			if err := beacon.VerifyBatch(n.Chain(), bs); err == nil {
				t.Error("a signature under another round's number is accepted")
			}
		})
	}
}

// The chain of a secret must never change: stored demos and evidence name it by its hash.
func TestSecretFixesTheChain(t *testing.T) {
	want := map[beacon.Scheme]string{}
	for line := range strings.Lines(frozenChains) {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		want[beacon.Scheme(scheme)] = rest
	}
	got := map[beacon.Scheme]string{}
	for _, scheme := range schemes {
		n := network(t, scheme, at(genesis))
		b, err := n.Sign(2)
		if err != nil {
			t.Fatal(err)
		}
		r := b.Randomness()
		got[scheme] = n.Chain().Hash.String() + " " + hex.EncodeToString(r[:])
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("chain hash and randomness of round 2 (-want +got):\n%s", d)
	}
}

func TestChainIsADevChain(t *testing.T) {
	c := network(t, "", at(genesis)).Chain()
	if c.Status != beacon.StatusDev || c.ID != devchain.DefaultID || c.Scheme != beacon.SchemeG1RFC9380 {
		t.Errorf("got status %s, id %s, scheme %s", c.Status, c.ID, c.Scheme)
	}
	if _, err := beacon.Pinned().With(c); err != nil {
		t.Errorf("cannot be added to the pinned chains: %v", err)
	}
	for name, info := range map[string][]byte{"v1": c.InfoV1(), "v2": c.InfoV2()} {
		read, err := beacon.ParseInfo(info)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.Matches(read); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnotherSecretGivesAnotherKeyAndSeed(t *testing.T) {
	mine := network(t, "", at(genesis)).Chain()
	n, err := devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Secret: rand.Reader, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if c := n.Chain(); bytes.Equal(c.PublicKey, mine.PublicKey) || c.GenesisSeed == mine.GenesisSeed || c.Hash == mine.Hash {
		t.Error("two secrets share key, seed or hash")
	}
}

func TestCallersCannotChangeTheChain(t *testing.T) {
	n := network(t, beacon.SchemeChained, at(genesis))
	for _, round := range []uint64{1, 2} {
		b, err := n.Sign(round)
		if err != nil {
			t.Fatal(err)
		}
		b.Signature[5]++
		b.Previous[5]++
	}
	n.Chain().PublicKey[5]++
	for _, round := range []uint64{1, 2, 3} {
		b, err := n.Sign(round)
		if err != nil {
			t.Fatal(err)
		}
		if err := beacon.Verify(n.Chain(), round, b); err != nil {
			t.Error(err)
		}
	}
}

func TestConcurrentSigningOfAChainedChainAgrees(t *testing.T) {
	n := network(t, beacon.SchemeChained, at(genesis))
	var wg sync.WaitGroup
	for round := uint64(1); round <= 20; round++ {
		wg.Go(func() {
			b, err := n.Sign(round)
			if err != nil {
				t.Error(err)
			} else if err := beacon.Verify(n.Chain(), round, b); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestUnusableOptionsAreRefused(t *testing.T) {
	good := func() devchain.Options {
		return devchain.Options{Period: time.Second, Genesis: genesis, Secret: secret(), Now: time.Now}
	}
	tests := map[string]struct {
		spoil func(*devchain.Options)
		want  string
	}{
		"no period":              {func(o *devchain.Options) { o.Period = 0 }, "period 0s"},
		"period below a second":  {func(o *devchain.Options) { o.Period = time.Second - 1 }, "want whole seconds"},
		"negative period":        {func(o *devchain.Options) { o.Period = -time.Second }, "want whole seconds"},
		"period with a fraction": {func(o *devchain.Options) { o.Period = 1500 * time.Millisecond }, "want whole seconds"},
		"period beyond 32 bits":  {func(o *devchain.Options) { o.Period = time.Second << 32 }, "period 4294967296 s"},
		"no genesis":             {func(o *devchain.Options) { o.Genesis = 0 }, "genesis time 0"},
		"negative genesis":       {func(o *devchain.Options) { o.Genesis = -1 }, "genesis time -1"},
		"unknown scheme":         {func(o *devchain.Options) { o.Scheme = "bls" }, `unknown scheme "bls"`},
		"no secret":              {func(o *devchain.Options) { o.Secret = nil }, "no source for the secret"},
		"empty secret":           {func(o *devchain.Options) { o.Secret = strings.NewReader("") }, "secret of 32 bytes"},
		"short secret":           {func(o *devchain.Options) { o.Secret = strings.NewReader("31 bytes are one byte too few…"[:31]) }, "secret of 32 bytes"},
		"no clock":               {func(o *devchain.Options) { o.Now = nil }, "no clock"},
		"id with a space":        {func(o *devchain.Options) { o.ID = "my chain" }, "printable ASCII"},
		"id too long":            {func(o *devchain.Options) { o.ID = strings.Repeat("i", 65) }, "65 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := good()
			tt.spoil(&o)
			_, err := devchain.New(o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := devchain.New(good()); err != nil {
		t.Errorf("the unbroken options are refused: %v", err)
	}
}

func TestFailingSecretSourceIsReported(t *testing.T) {
	broken := errors.New("no entropy")
	_, err := devchain.New(devchain.Options{Period: time.Second, Genesis: genesis, Now: time.Now,
		Secret: io.MultiReader(strings.NewReader("some"), failing{broken})})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want it to wrap %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestRoundsOutsideTheChainAreNotSigned(t *testing.T) {
	for name, tt := range map[string]struct {
		scheme beacon.Scheme
		round  uint64
	}{
		"round 0":                  {beacon.SchemeG1RFC9380, 0},
		"round above 2^53-1":       {beacon.SchemeG1RFC9380, beacon.MaxRound + 1},
		"chained above MaxChained": {beacon.SchemeChained, devchain.MaxChained + 1},
	} {
		t.Run(name, func(t *testing.T) {
			if b, err := network(t, tt.scheme, at(genesis)).Sign(tt.round); err == nil {
				t.Errorf("signed %x", b.Signature)
			}
		})
	}
	if _, err := network(t, "", at(genesis)).Sign(beacon.MaxRound); err != nil {
		t.Errorf("the last round: %v", err)
	}
}

func BenchmarkSign(b *testing.B) {
	for _, scheme := range schemes {
		b.Run(string(scheme), func(b *testing.B) {
			n := network(b, scheme, at(genesis))
			round := uint64(0)
			for b.Loop() {
				if round++; round > 1000 {
					n, round = network(b, scheme, at(genesis)), 1
				}
				if _, err := n.Sign(round); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
