package bundle

import (
	"fmt"
	"strconv"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
)

const pathIndex = "bundle.json"

// PolicyPath is the path of the policy that the log suggests.
const PolicyPath = "policy.txt"

// FileName is the name under which the bundle of a subject is kept.
func FileName(subject string) string { return strings.ReplaceAll(subject, "/", "_") + ".klero" }

// RecordPath is the path of record i, counted from 0.
func RecordPath(i int) string { return fmt.Sprintf("records/%04d.json", i) }

// ThreadPath is the path of the records of subject i of a poll's or round's bundle, counted from 0.
func ThreadPath(i int) string { return fmt.Sprintf("threads/%04d.jsonl", i) }

// DrawPath is the path of the whole bundle of a draw inside a poll's bundle.
func DrawPath(subject string) string { return "draws/" + FileName(subject) }

// PollPath is the path of the whole bundle of a poll inside a round's bundle.
func PollPath(subject string) string { return "polls/" + FileName(subject) }

// ProofPath is the path of the proof of record i, in a poll's or round's bundle of the last record of
// thread i.
func ProofPath(i int) string { return fmt.Sprintf("proofs/%04d.tlog-proof", i) }

// BlobPath is the path of the blob with this SHA-256.
func BlobPath(h audit.Hash) string { return "blobs/" + h.String() }

// BeaconPath is the path of the beacon of a round.
func BeaconPath(chain beacon.Hash, round uint64) string {
	return fmt.Sprintf("beacons/%s-%d.json", chain, round)
}

// ChainPath is the path of the description of a dev chain.
func ChainPath(h beacon.Hash) string { return "chains/" + h.String() + ".json" }

// place is a folder or file of the fixed tree.
type place int

const (
	placeBeacon place = iota
	placeBlob
	placeChain
	placeDraw
	placePolicy
	placePoll
	placeProof
	placeRecord
	placeThread
	places
)

// placeOf says where in the tree a path belongs. bundle.json is not listed, so it has no place.
func placeOf(path string) (place, bool) {
	dir, name, nested := strings.Cut(path, "/")
	if !nested {
		return placePolicy, path == PolicyPath
	}
	switch dir {
	case "beacons":
		chain, rest, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "-")
		round, err := strconv.ParseUint(rest, 10, 64)
		h, hashErr := beacon.ParseHash(chain)
		return placeBeacon, err == nil && hashErr == nil && path == BeaconPath(h, round)
	case "blobs":
		h, err := beacon.ParseHash(name)
		return placeBlob, err == nil && path == BlobPath(h)
	case "chains":
		h, err := beacon.ParseHash(strings.TrimSuffix(name, ".json"))
		return placeChain, err == nil && path == ChainPath(h)
	case "draws":
		stem, ok := strings.CutSuffix(name, ".klero")
		return placeDraw, ok && audit.CheckSubject(stem) == nil && path == DrawPath(stem)
	case "polls":
		stem, ok := strings.CutSuffix(name, ".klero")
		return placePoll, ok && audit.CheckSubject(stem) == nil && path == PollPath(stem)
	case "proofs":
		return placeProof, numbered(path, name, ProofPath)
	case "records":
		return placeRecord, numbered(path, name, RecordPath)
	case "threads":
		return placeThread, numbered(path, name, ThreadPath)
	}
	return 0, false
}

func numbered(path, name string, form func(int) string) bool {
	digits, _, _ := strings.Cut(name, ".")
	i, err := strconv.Atoi(digits)
	return err == nil && i >= 0 && i < maxEntries && path == form(i)
}
