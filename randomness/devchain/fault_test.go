package devchain_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// told is a round as the relay tells it.
type told struct {
	Round      uint64 `json:"round"`
	Randomness string `json:"randomness"`
	Signature  string `json:"signature"`
	Previous   string `json:"previous_signature"`
}

func (r told) beacon(t *testing.T) beacon.Beacon {
	t.Helper()
	sig, err := hex.DecodeString(r.Signature)
	if err != nil {
		t.Fatal(err)
	}
	b := beacon.Beacon{Round: r.Round, Signature: sig}
	if r.Previous != "" {
		if b.Previous, err = hex.DecodeString(r.Previous); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func askRound(t *testing.T, n *devchain.Network, round uint64) told {
	t.Helper()
	a := ask(t, n, fmt.Sprint("/public/", round))
	var r told
	if err := json.Unmarshal([]byte(a.Body), &r); a.Status != 200 || err != nil {
		t.Fatalf("round %d: status %d, %v", round, a.Status, err)
	}
	return r
}

func TestHaltedRelayStandsStillAndThenHasEveryRound(t *testing.T) {
	c := at(genesis + 28)
	n := network(t, "", c)
	n.SetFault(devchain.Halted)
	c.advance(time.Minute) // round 30 is due
	for path, want := range map[string]answer{
		"/public/10":     {Status: 200},
		"/public/11":     {Status: 500, Body: "Failed to get beacon\n"},
		"/public/30":     {Status: 500, Body: "Failed to get beacon\n"},
		"/public/31":     {Status: 425, Body: "Requested future beacon\n"},
		"/health":        {Status: 503, Body: `{"current":10,"expected":30}`},
		"/public/latest": {Status: 200, Body: v1(sign(t, n, 10))},
	} {
		got := ask(t, n, path)
		if got.Status != want.Status || want.Body != "" && got.Body != want.Body {
			t.Errorf("halted, GET %s: %d %q, want %d %q", path, got.Status, got.Body, want.Status, want.Body)
		}
	}
	n.SetFault(devchain.None)
	for round := uint64(11); round <= 30; round++ {
		if err := beacon.Verify(n.Chain(), round, askRound(t, n, round).beacon(t)); err != nil {
			t.Error(err)
		}
	}
}

func TestLateRelayPublishesAfterTheDelay(t *testing.T) {
	c := at(genesis + 27) // round 10
	n := network(t, "", c)
	n.SetFault(devchain.Late(2 * time.Second))
	for _, step := range []struct {
		advance time.Duration
		want    int
	}{{0, 500}, {1999 * time.Millisecond, 500}, {time.Millisecond, 200}} {
		c.advance(step.advance)
		if got := ask(t, n, "/public/10").Status; got != step.want {
			t.Errorf("after another %s: status %d, want %d", step.advance, got, step.want)
		}
	}
	if got := ask(t, n, "/public/11").Status; got != 425 {
		t.Errorf("a future round: status %d, want 425", got)
	}
}

func TestStatusFaults(t *testing.T) {
	tests := map[string]struct {
		fault devchain.Fault
		path  string
		want  int
	}{
		"too early, due round":  {devchain.TooEarly425, "/public/7", 425},
		"too early, v2":         {devchain.TooEarly425, "/v2/beacons/kleroterion-dev/rounds/7", 425},
		"too early, info":       {devchain.TooEarly425, "/info", 200},
		"error, due round":      {devchain.Error500, "/public/7", 500},
		"error, info":           {devchain.Error500, "/info", 500},
		"error, unknown path":   {devchain.Error500, "/foo", 500},
		"none, after all these": {devchain.None, "/public/7", 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := network(t, "", at(genesis+60))
			n.SetFault(tt.fault)
			if got := ask(t, n, tt.path).Status; got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

func TestWrongRoundIsAnotherTruthfulRound(t *testing.T) {
	for _, scheme := range schemes {
		n := network(t, scheme, at(genesis+60))
		n.SetFault(devchain.WrongRound)
		for asked, want := range map[uint64]uint64{1: 2, 2: 1, 7: 6} {
			got := askRound(t, n, asked)
			if got.Round != want {
				t.Errorf("%s: asked for %d, told %d, want %d", scheme, asked, got.Round, want)
			}
			if err := beacon.Verify(n.Chain(), want, got.beacon(t)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestWrongSignatureIsRefused(t *testing.T) {
	for _, scheme := range schemes {
		n := network(t, scheme, at(genesis+60))
		n.SetFault(devchain.WrongSignature)
		for _, round := range []uint64{1, 2, 7} {
			if err := beacon.Verify(n.Chain(), round, askRound(t, n, round).beacon(t)); err == nil {
				t.Errorf("%s: round %d is accepted", scheme, round)
			}
		}
	}
}

func TestWrongRandomnessComesWithTheRightSignature(t *testing.T) {
	n := network(t, "", at(genesis+60))
	n.SetFault(devchain.WrongRandomness)
	got := askRound(t, n, 7)
	b := got.beacon(t)
	if err := beacon.Verify(n.Chain(), 7, b); err != nil {
		t.Error(err)
	}
	if hexOf(b.Randomness()) == got.Randomness {
		t.Error("the randomness is the true one")
	}
}

// Enough rounds for both forms on G1: x+p has room for about one point in four.
func TestMalleatedBytesAreAnotherRandomnessAndRefused(t *testing.T) {
	for _, scheme := range schemes {
		n := network(t, scheme, at(genesis+300))
		n.SetFault(devchain.Malleated)
		lengths := map[int]int{}
		for round := uint64(1); round <= 40; round++ {
			got := askRound(t, n, round)
			b := got.beacon(t)
			lengths[len(b.Signature)]++
			if len(b.Signature) == 48 && !bytes.Equal(lessPrime(b.Signature), sign(t, n, round).Signature) {
				t.Errorf("%s round %d: less p it is %x, want the true signature", scheme, round, lessPrime(b.Signature))
			}
			if hexOf(b.Randomness()) != got.Randomness {
				t.Fatalf("%s round %d: the lie does not fit itself", scheme, round)
			}
			var refusal *beacon.Refusal
			if err := beacon.Verify(n.Chain(), round, b); !errors.As(err, &refusal) {
				t.Fatalf("%s round %d: got %v, want a refusal", scheme, round, err)
			}
			switch refusal.Rule {
			case beacon.RuleEncoding, beacon.RuleLength, beacon.RuleCanonical:
			default:
				t.Errorf("%s round %d: refused by rule %s, so it is not the same point", scheme, round, refusal.Rule)
			}
		}
		if onG1 := scheme == beacon.SchemeG1RFC9380 || scheme == beacon.SchemeUnchainedG1; onG1 && (lengths[48] == 0 || lengths[96] == 0) {
			t.Errorf("%s: lengths %v, want both x+p and uncompressed among 40", scheme, lengths)
		}
	}
}

// lessPrime takes the field's prime from the coordinate of a G1 signature and leaves the flags.
func lessPrime(sig []byte) []byte {
	bare := append([]byte{sig[0] & 0x1f}, sig[1:]...)
	x := new(big.Int).Sub(new(big.Int).SetBytes(bare), fp.Modulus())
	out := x.FillBytes(make([]byte, 48))
	out[0] |= sig[0] & 0xe0
	return out
}

func TestLyingInfoKeepsTheHash(t *testing.T) {
	n := network(t, "", at(genesis+60))
	n.SetFault(devchain.LyingInfo)
	for _, path := range []string{"/info", "/v2/beacons/kleroterion-dev/info"} {
		var info struct {
			Genesis int64  `json:"genesis_time"`
			V1      string `json:"hash"`
			V2      string `json:"chain_hash"`
		}
		body := []byte(ask(t, n, path).Body)
		if err := json.Unmarshal(body, &info); err != nil {
			t.Fatal(err)
		}
		if info.Genesis != genesis+3 || info.V1+info.V2 != n.Chain().Hash.String() {
			t.Errorf("GET %s: %+v", path, info)
		}
		if _, err := beacon.ParseInfo(body); err == nil {
			t.Errorf("GET %s: the lie is accepted", path)
		}
	}
}

func TestSlowRelayAnswersAfterTheDelay(t *testing.T) {
	n := network(t, "", at(genesis+60))
	const d = 30 * time.Millisecond
	n.SetFault(devchain.Slow(d))
	start := time.Now()
	if got := ask(t, n, "/public/7").Status; got != 200 {
		t.Errorf("status %d", got)
	}
	if took := time.Since(start); took < d {
		t.Errorf("took %s, want at least %s", took, d)
	}
}

func TestSlowRelayLetsTheAskerGo(t *testing.T) {
	n := network(t, "", at(genesis+60))
	n.SetFault(devchain.Slow(time.Hour))
	server := httptest.NewServer(n.Handler())
	defer server.Close() // waits for the handler: an hour, were it not told
	client := &http.Client{Timeout: 20 * time.Millisecond}
	if r, err := client.Get(server.URL + "/info"); err == nil {
		r.Body.Close()
		t.Error("got an answer")
	}
}
