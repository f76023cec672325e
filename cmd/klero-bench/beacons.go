package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// quicknet returns drand's quicknet and its round 1000, as every relay has answered since 2023.
func quicknet() (*beacon.Chain, beacon.Beacon, error) {
	const signature = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
	chain, ok := beacon.Pinned().ByName("quicknet")
	if !ok {
		return nil, beacon.Beacon{}, errors.New("quicknet is not pinned")
	}
	sig, err := hex.DecodeString(signature)
	return chain, beacon.Beacon{Round: 1000, Signature: sig}, err
}

// rehearsal is a chain with a local key, of quicknet's scheme, so that any round can be signed.
func rehearsal() (*devchain.Network, error) {
	return devchain.New(devchain.Options{Period: time.Second, Genesis: 1_700_000_000,
		Secret: bytes.NewReader(bytes.Repeat([]byte{7}, 32)), Now: time.Now})
}

// bare is one beacon in the hands of the curve library alone.
type bare struct {
	signature, digest, dst []byte
	sig, msg               bls.G1Affine
	minusGen, key          bls.G2Affine
}

func newBare(c *beacon.Chain, b beacon.Beacon) (*bare, error) {
	layout, err := c.Scheme.Layout()
	if err != nil {
		return nil, err
	}
	k := &bare{signature: b.Signature, dst: []byte(layout.DST)}
	if k.digest, err = beacon.Digest(c, b.Round, b.Previous); err != nil {
		return nil, err
	}
	if _, err := k.key.SetBytes(c.PublicKey); err != nil {
		return nil, err
	}
	_, _, _, gen := bls.Generators()
	k.minusGen.Neg(&gen)
	return k, k.points()
}

// points is what no verification can leave out for each beacon: decompress, subgroup, hash to curve.
func (k *bare) points() (err error) {
	if _, err := k.sig.SetBytes(k.signature); err != nil {
		return err
	}
	k.msg, err = bls.HashToG1(k.digest, k.dst)
	return err
}

// pairing checks the equation of points that are decoded already.
func (k *bare) pairing() error {
	ok, err := bls.PairingCheck([]bls.G1Affine{k.sig, k.msg}, []bls.G2Affine{k.minusGen, k.key})
	if err == nil && !ok {
		err = errors.New("the beacon does not verify")
	}
	return err
}

func verifyRow(ctx context.Context, b *bench) ([]Row, error) {
	chain, value, err := quicknet()
	if err != nil {
		return nil, err
	}
	k, err := newBare(chain, value)
	if err != nil {
		return nil, err
	}
	t, err := b.medians(ctx, b.sizes.rounds,
		timed(func() error { return beacon.Verify(chain, value.Round, value) }), timed(k.pairing))
	if err != nil {
		return nil, err
	}
	row := Row{Name: "beacon.verify", What: "one quicknet beacon, strictly", Figure: took(t[0])}
	return []Row{row.against(took(t[1]), "gnark-crypto's pairing check of decoded points").promise(times(1.2))}, nil
}

func batchRow(ctx context.Context, b *bench) ([]Row, error) {
	network, err := rehearsal()
	if err != nil {
		return nil, err
	}
	beacons := make([]beacon.Beacon, b.sizes.batch)
	all := make([]*bare, len(beacons))
	for i := range beacons {
		if beacons[i], err = network.Sign(uint64(i + 1)); err != nil {
			return nil, err
		}
		if all[i], err = newBare(network.Chain(), beacons[i]); err != nil {
			return nil, err
		}
	}
	t, err := onCores(1, func() ([]time.Duration, error) {
		return b.medians(ctx, b.sizes.some(),
			onCore(func() error { return beacon.VerifyBatch(network.Chain(), beacons) }), onCore(func() error { return eachPoints(all) }))
	})
	if err != nil {
		return nil, err
	}
	n := time.Duration(len(beacons))
	row := Row{Name: "beacon.batch", What: fmt.Sprintf("each of %d beacons in a batch, time of one core", n), Figure: took(t[0] / n)}
	row = row.against(took(t[1]/n), "decompress, subgroup check and hash to curve of each")
	if n < 1000 { // a small batch shares the two pairings among fewer
		return []Row{row}, nil
	}
	return []Row{row.promise(within(took(250 * time.Microsecond)))}, nil
}

func eachPoints(all []*bare) error {
	for _, k := range all {
		if err := k.points(); err != nil {
			return err
		}
	}
	return nil
}
