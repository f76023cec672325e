package timelock

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness/beacon"
)

func TestWhatWasSealedOpensAndHasTheStatedSize(t *testing.T) {
	for _, scheme := range []beacon.Scheme{beacon.SchemeG1RFC9380, beacon.SchemeUnchainedG1} {
		t.Run(string(scheme), func(t *testing.T) {
			n := testNetwork(t, scheme)
			rapid.Check(t, func(t *rapid.T) {
				plain := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "plain")
				round := rapid.Uint64Range(1, beacon.MaxRound).Draw(t, "round")
				file, err := Seal(n.Chain(), round, plain, testEntropy(rapid.Byte().Draw(t, "entropy")))
				if err != nil {
					t.Fatal(err)
				}
				want := Header{Chain: n.Chain().Hash, Round: round, Plaintext: len(plain)}
				if h, err := Inspect(file); err != nil || h != want || len(file) != SealedSize(round, len(plain)) {
					t.Fatalf("%+v, %v, %d bytes, want %+v, %d bytes", h, err, len(file), want, SealedSize(round, len(plain)))
				}
				b, err := n.Sign(round)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Open(n.Chain(), b, file)
				if err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%x, %v, want %x", got, err, plain)
				}
			})
		})
	}
}

func TestSizesAtTheEdges(t *testing.T) {
	n := testNetwork(t, "")
	for _, size := range []int{0, 1, 64, MaxPlaintext - 1, MaxPlaintext} {
		for _, round := range []uint64{1, 10, beacon.MaxRound} {
			plain := bytes.Repeat([]byte{7}, size)
			file, err := Seal(n.Chain(), round, plain, testEntropy(1))
			if err != nil {
				t.Fatal(err)
			}
			if want := 351 + len(fmt.Sprint(round)) + size; len(file) != want || SealedSize(round, size) != want {
				t.Errorf("round %d, %d bytes: file of %d, SealedSize %d, want %d", round, size, len(file), SealedSize(round, size), want)
			}
			got, err := Open(n.Chain(), testBeacon(t, n, round), file)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("round %d, %d bytes: %v", round, size, err)
			}
		}
	}
}

func TestFilesAboveTheLimitAreRefused(t *testing.T) {
	n := testNetwork(t, "")
	_, err := Seal(n.Chain(), 7, make([]byte, MaxPlaintext+1), testEntropy(1))
	wantRule(t, err, RuleSize)
	file, err := Seal(n.Chain(), 7, make([]byte, MaxPlaintext), testEntropy(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []int{1, 100} {
		_, err = Inspect(append(file, make([]byte, more)...))
		wantRule(t, err, RuleSize)
	}
}

func TestChainsThatCannotSealAreRefused(t *testing.T) {
	pinned := func(name string) *beacon.Chain {
		c, ok := beacon.Pinned().ByName(name)
		if !ok {
			t.Fatalf("no chain %s", name)
		}
		return c
	}
	relabelled := testNetwork(t, "").Chain()
	relabelled.Hash[0] ^= 1
	posing := testNetwork(t, "").Chain()
	posing.Status = beacon.StatusLive
	for name, c := range map[string]struct {
		chain *beacon.Chain
		round uint64
		rule  Rule
	}{
		"signatures on G2, chained":   {pinned("default"), 7, RuleScheme},
		"signatures on G2, unchained": {testNetwork(t, beacon.SchemeUnchained).Chain(), 7, RuleScheme},
		"another curve":               {pinned("evmnet"), 7, RuleScheme},
		"no scheme":                   {&beacon.Chain{}, 7, RuleScheme},
		"retired":                     {pinned("fastnet"), 7, RuleChain},
		"hash of other constants":     {relabelled, 7, RuleChain},
		"live without being pinned":   {posing, 7, RuleChain},
		"round 0":                     {pinned("quicknet"), 0, RuleRound},
		"round 2^53":                  {pinned("quicknet"), beacon.MaxRound + 1, RuleRound},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Seal(c.chain, c.round, nil, testEntropy(1))
			wantRule(t, err, c.rule)
		})
	}
}

func TestTooLittleEntropySealsNothing(t *testing.T) {
	n := testNetwork(t, "")
	for _, size := range []int{0, 47} {
		file, err := Seal(n.Chain(), 7, nil, io.LimitReader(testEntropy(1), int64(size)))
		if file != nil || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes of entropy: %d bytes, %v", size, len(file), err)
		}
	}
	if _, err := Seal(n.Chain(), 7, nil, io.LimitReader(testEntropy(1), 48)); err != nil {
		t.Errorf("48 bytes of entropy: %v", err)
	}
}
