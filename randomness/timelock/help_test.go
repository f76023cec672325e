package timelock

import (
	"bytes"
	"crypto/sha3"
	"errors"
	"io"
	"testing"
	"time"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// testNetwork is always the same chain for the same scheme.
func testNetwork(t testing.TB, scheme beacon.Scheme) *devchain.Network {
	t.Helper()
	n, err := devchain.New(devchain.Options{
		Period: 3 * time.Second, Genesis: 1_700_000_000, Scheme: scheme, Now: time.Now,
		Secret: bytes.NewReader([]byte("timelock tests: a secret, told.."))})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func testBeacon(t testing.TB, n *devchain.Network, round uint64) beacon.Beacon {
	t.Helper()
	b, err := n.Sign(round)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testEntropy is a stream without end, the same for the same seed.
func testEntropy(seed byte) io.Reader {
	stream := sha3.NewSHAKE128()
	stream.Write([]byte{seed})
	return stream
}

func pointOf(t testing.TB, file []byte) bls.G2Affine {
	t.Helper()
	f, err := parse(file)
	if err != nil {
		t.Fatal(err)
	}
	p, fault := decodePoint(f.body.u())
	if fault != nil {
		t.Fatal(fault)
	}
	return p
}

// wantRule fails unless err is a Refusal by rule.
func wantRule(t *testing.T, err error, rule Rule) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a refusal by rule %s", err, rule)
	}
	if r.Rule != rule {
		t.Errorf("refused by rule %s (%s), want %s", r.Rule, r.Detail, rule)
	}
}
