package main

import (
	"crypto/sha256"
	"encoding/hex"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// evening is one draw with all that belongs to it, as a service would have logged it: a city, its
// register, and a jury drawn by quicknet's round 1000, on an evening in August 2023.
type evening struct {
	log       *scroll
	file      []byte // of the register
	register  *register.Register
	manifest  *sortition.Manifest
	result    []byte
	resultSum audit.Hash
	beacons   []beacon.File
}

// earlier is quicknet's round 123, minutes before the draw's.
const earlier = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"

// newEvening draws from a register of n people and logs everything.
func newEvening(n int) (*evening, error) {
	e := &evening{}
	var err error
	if e.log, err = newScroll(); err != nil {
		return nil, err
	}
	if e.file, e.register, err = readTown(n); err != nil {
		return nil, err
	}
	chain, value, err := quicknet()
	if err != nil {
		return nil, err
	}
	signature, err := hex.DecodeString(earlier)
	if err != nil {
		return nil, err
	}
	seen := &audit.Seen{Chain: chain.Hash, Beacon: beacon.Beacon{Round: 123, Signature: signature}}
	if err := e.prepare(seen); err != nil {
		return nil, err
	}
	return e, e.draw(seen, beacon.File{Chain: chain.Hash, Beacon: value})
}

// prepare logs the city and its register.
func (e *evening) prepare(seen *audit.Seen) error {
	const k = 5
	small := audit.SmallCellsNone
	for _, c := range e.register.Cells() {
		if c.Count < k {
			small = audit.SmallCellsPublished
		}
	}
	if err := e.log.put(audit.KindCityAdd, "city/"+city, seen, audit.CityAdd{Name: "Bench", Slug: city}); err != nil {
		return err
	}
	return e.log.put(audit.KindRegisterCommit, "city/"+city+"/register/residents", seen, audit.RegisterCommit{
		Root: e.register.Root(), Size: int64(e.register.Size()), File: e.register.FileSHA256(), Bytes: e.register.Bytes(),
		Features: []string{"age", "district"}, Households: true, SmallCells: small, K: k})
}

// draw logs the commitment and the outcome.
func (e *evening) draw(seen *audit.Seen, decides beacon.File) (err error) {
	if e.manifest, err = juryOf(e.register); err != nil {
		return err
	}
	e.manifest.NotBefore = &sortition.NotBefore{Round: seen.Round, Signature: seen.Signature}
	text, err := e.manifest.Canonical()
	if err != nil {
		return err
	}
	commit := sortition.CommitBytes(text)
	if err := e.log.put(audit.KindDrawOpen, e.manifest.Draw, seen, audit.DrawOpen{Manifest: text, Commit: commit}); err != nil {
		return err
	}
	result, err := sortition.Draw(e.manifest, e.register, decides.Beacon)
	if err != nil {
		return err
	}
	if e.result, err = result.Canonical(); err != nil {
		return err
	}
	e.resultSum, e.beacons = sha256.Sum256(e.result), []beacon.File{decides}
	return e.log.put(audit.KindDrawResult, e.manifest.Draw, &decides, audit.DrawResult{Commit: commit, Seed: result.Seed,
		Beacon: decides, Result: audit.Blob{SHA256: e.resultSum, Bytes: int64(len(e.result))}})
}
