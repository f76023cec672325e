package beacon

import (
	"bytes"
	"testing"
)

func FuzzParseInfo(f *testing.F) {
	for _, c := range Pinned().All() {
		f.Add(c.InfoV1())
		f.Add(c.InfoV2())
	}
	for _, l := range readLocalnet(f).Chains {
		f.Add([]byte(l.InfoV1))
		f.Add([]byte(l.InfoV2))
	}
	for _, n := range readVectors(f).NegativeInfos {
		f.Add([]byte(n.Info))
	}
	f.Add([]byte(`{"period":3,"p\u0065riod":3}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ParseInfo(in)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("an invalid chain was read: %v", err)
		}
		for _, out := range [][]byte{c.InfoV1(), c.InfoV2()} {
			again, err := ParseInfo(out)
			if err != nil || !again.Equal(c) {
				t.Fatalf("%s does not read back: %v", out, err)
			}
		}
	})
}

func FuzzParseFile(f *testing.F) {
	for _, v := range readVectors(f).Beacons[:8] {
		b, err := File{Chain: v.Chain, Beacon: v.beacon()}.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"chain":"","round":1,"signature":""}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := ParseFile(in)
		if err != nil {
			return
		}
		out, err := file.Marshal()
		if err != nil || !bytes.Equal(in, out) {
			t.Fatalf("%s was read but is written %s, %v", in, out, err)
		}
	})
}

// FuzzVerify holds the one promise that draws rest on: a round has one accepted encoding. For the
// chains of BLS12-381 circl must agree as well.
func FuzzVerify(f *testing.F) {
	targets := []struct {
		chain  *Chain
		beacon Beacon
	}{
		{pinnedChain(f, "quicknet"), realBeacon(f, "quicknet", 1000)},
		{pinnedChain(f, "default"), realBeacon(f, "default", 2)},
		{pinnedChain(f, "evmnet"), realBeacon(f, "evmnet", 6390578)},
	}
	for i, x := range targets {
		f.Add(uint8(i), x.beacon.Signature)
	}
	for _, v := range readVectors(f).NegativeBeacons {
		for i, x := range targets {
			if v.Network == x.chain.Name {
				f.Add(uint8(i), []byte(v.Signature))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, sig []byte) {
		x := targets[int(which)%len(targets)]
		b := x.beacon
		b.Signature = sig
		err := Verify(x.chain, b.Round, b)
		if (err == nil) != bytes.Equal(sig, x.beacon.Signature) {
			t.Fatalf("%s round %d, signature %x: %v", x.chain.Name, b.Round, sig, err)
		}
		if x.chain.Scheme != SchemeBN254 {
			agree(t, x.chain, b)
		}
	})
}
