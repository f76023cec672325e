package timelock

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"

	"kleroterion/randomness/beacon"
)

func TestAnOpenerWantsTheBeaconOfItsRound(t *testing.T) {
	n := testNetwork(t, "")
	good := testBeacon(t, n, 7)
	other := good
	other.Round = 8
	long := good
	long.Signature = append(bytes.Clone(good.Signature), 0)
	unpinned := n.Chain()
	unpinned.Status = beacon.StatusLive
	for name, c := range map[string]struct {
		chain *beacon.Chain
		b     beacon.Beacon
		of    beacon.Rule
	}{
		"signature of another round": {n.Chain(), other, beacon.RulePairing},
		"padded signature":           {n.Chain(), long, beacon.RuleLength},
		"no signature":               {n.Chain(), beacon.Beacon{Round: 7}, beacon.RuleLength},
		"another chain":              {testNetwork(t, beacon.SchemeUnchainedG1).Chain(), good, beacon.RulePairing},
		"chain that is not valid":    {unpinned, good, beacon.RuleChain},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewOpener(c.chain, c.b)
			wantRule(t, err, RuleBeacon)
			var r *beacon.Refusal
			if !errors.As(err, &r) || r.Rule != c.of {
				t.Errorf("%v, want the beacon's rule %s in it", err, c.of)
			}
		})
	}
	t.Run("scheme that cannot seal", func(t *testing.T) {
		g2 := testNetwork(t, beacon.SchemeUnchained)
		_, err := Open(g2.Chain(), testBeacon(t, g2, 7), nil)
		wantRule(t, err, RuleScheme)
	})
}

func TestARetiredChainStillOpens(t *testing.T) {
	fastnet, ok := beacon.Pinned().ByName("fastnet")
	if !ok {
		t.Fatal("no chain fastnet")
	}
	// Round 1 of fastnet as it was published.
	sig, err := hex.DecodeString("9544ddce2fdbe8688d6f5b4f98eed5d63eee3902e7e162050ac0f45905a55657714880adabe3c3096b92767d886567d0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSealer(fastnet, 1) // as if the chain still lived
	if err != nil {
		t.Fatal(err)
	}
	file, err := s.Seal([]byte("an old ballot"), testEntropy(1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open(fastnet, beacon.Beacon{Round: 1, Signature: sig}, file)
	if err != nil || string(got) != "an old ballot" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOneOpenerServesManyGoroutines(t *testing.T) {
	n := testNetwork(t, "")
	o, err := NewOpener(n.Chain(), testBeacon(t, n, 7))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSealer(n.Chain(), 7)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range byte(8) {
		wg.Go(func() {
			want := fmt.Sprintf("ballot %d", i)
			for range 5 {
				file, err := s.Seal([]byte(want), testEntropy(i))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := o.Open(file); err != nil || string(got) != want {
					t.Errorf("%q, %v, want %q", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestARefusalNamesItsRule(t *testing.T) {
	_, err := Inspect([]byte("age-encryption.org/v1\n"))
	const want = "timelock refused: rule size: 22 bytes, a file has 352 to 65903"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
