package charter_test

import (
	"crypto/ed25519"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
)

func Example() {
	chain, _ := beacon.Pinned().ByName("quicknet")
	city := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	c := charter.Example("porto-novo", "Porto Novo Commons", chain.Hash,
		[]identity.Attester{{ID: "city", Key: identity.Ed25519Key(city)}}, "lisboa")

	c.Chambers[1].Seats, c.Attesters.K = 0, 2
	for _, r := range charter.Refusals(c.Check(false)) {
		fmt.Println(r)
	}

	c.Chambers[1].Seats, c.Attesters.K = 51, 1
	body, _ := c.Canonical()
	h := charter.NewHistory(false)
	err := h.Adopt(charter.Adopt{At: 1_800_000_000, Effective: 1_800_000_000, Charter: body, Hash: charter.HashBytes(body)}, c)
	inForce, _, tier, _, _ := h.At(1_800_000_001)
	shares, _ := inForce.SharesAt(tier, h.Members().ActiveFounders(inForce))
	fmt.Println(err, shares)
	low, high := charter.WhatJuryDecides(inForce, tier)
	fmt.Printf("a unanimous jury decides when %s to %s of the members say yes\n", low, high)
	// Output:
	// /chambers/1/seats: 0, want 1 to 1000 (jury_form)
	// /attesters/k: 2, want 1 to the 1 attesters (attesters)
	// <nil> [{members 4/5} {jury 1/5}]
	// a unanimous jury decides when 3/8 to 5/8 of the members say yes
}
