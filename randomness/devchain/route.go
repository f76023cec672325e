package devchain

import (
	"encoding/hex"
	"strings"
)

// ask is one request path of drand's HTTP API, taken apart.
type ask struct {
	v2    bool
	chain string // hash or beacon id as written; "" is the default chain
	byID  bool
	what  string // ping, chains, beacons, info, health or round
	round string // digits, latest or next
}

// routes is what drand's relay lists under any path that it does not have.
const routes = `GET /chains
GET /health
GET /info
GET /public/latest
GET /public/{round:\d+}
GET /{chainhash:[0-9A-Fa-f]{64}}/health
GET /{chainhash:[0-9A-Fa-f]{64}}/info
GET /{chainhash:[0-9A-Fa-f]{64}}/public/latest
GET /{chainhash:[0-9A-Fa-f]{64}}/public/{round:\d+}
GET /v2/beacons
GET /v2/beacons/{beaconID}/health
GET /v2/beacons/{beaconID}/info
GET /v2/beacons/{beaconID}/rounds/latest
GET /v2/beacons/{beaconID}/rounds/next
GET /v2/beacons/{beaconID}/rounds/{round:\d+}
GET /v2/chains
GET /v2/chains/{chainhash:[0-9A-Fa-f]{64}}/health
GET /v2/chains/{chainhash:[0-9A-Fa-f]{64}}/info
GET /v2/chains/{chainhash:[0-9A-Fa-f]{64}}/rounds/latest
GET /v2/chains/{chainhash:[0-9A-Fa-f]{64}}/rounds/next
GET /v2/chains/{chainhash:[0-9A-Fa-f]{64}}/rounds/{round:\d+}`

func parse(path string) (ask, bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if parts[0] == "v2" {
		return parseV2(parts[1:])
	}
	a := ask{}
	if len(parts) == 1 && (parts[0] == "ping" || parts[0] == "chains") {
		a.what = parts[0]
		return a, true
	}
	if isHash(parts[0]) {
		a.chain, parts = parts[0], parts[1:]
	}
	return a.rest(parts, "public")
}

func parseV2(parts []string) (ask, bool) {
	a := ask{v2: true}
	if len(parts) == 0 || parts[0] != "chains" && parts[0] != "beacons" {
		return a, false
	}
	if len(parts) == 1 {
		a.what = parts[0]
		return a, true
	}
	a.chain, a.byID = parts[1], parts[0] == "beacons"
	if a.chain == "" || !a.byID && !isHash(a.chain) {
		return a, false
	}
	return a.rest(parts[2:], "rounds")
}

// rest reads what follows the chain; rounds is the word before a round in this version.
func (a ask) rest(parts []string, rounds string) (ask, bool) {
	switch {
	case len(parts) == 1 && (parts[0] == "info" || parts[0] == "health"):
		a.what = parts[0]
	case len(parts) == 2 && parts[0] == rounds:
		a.what, a.round = "round", parts[1]
	default:
		return a, false
	}
	return a, a.what != "round" || isDigits(a.round) || a.round == "latest" || a.v2 && a.round == "next"
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// asks reports whether the request is about the one chain that this relay serves.
func (n *Network) asks(a ask) bool {
	if a.byID {
		return a.chain == n.chain.ID
	}
	return a.chain == "" || strings.EqualFold(a.chain, n.chain.Hash.String())
}
