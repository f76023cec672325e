package offline

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Beacon is a beacon given on the command line.
type Beacon struct {
	Chain     string // name or hash of a pinned chain
	Round     uint64
	Signature string // hex
	Previous  string // hex, chained schemes only
	ChainInfo string // file with a devchain's info, or empty
}

// VerifyBeacon verifies strictly and writes the randomness.
func VerifyBeacon(w io.Writer, in Beacon, asJSON bool) error {
	chain, err := findChain(in.Chain, in.ChainInfo)
	if err != nil {
		return err
	}
	b := beacon.Beacon{Round: in.Round}
	if b.Signature, err = decodeHex("signature", in.Signature); err != nil {
		return err
	}
	if b.Previous, err = decodeHex("previous", in.Previous); err != nil {
		return err
	}
	if err := beacon.Verify(chain, in.Round, b); err != nil {
		return fmt.Errorf("%w: %w", ErrFalse, err)
	}
	randomness := b.Randomness()
	if !asJSON {
		_, err = fmt.Fprintf(w, "%x\n", randomness)
		return err
	}
	return writeJSON(w, map[string]any{"ok": true, "chain": chain.Hash, "name": chain.Name, "round": in.Round,
		"randomness": canonical.Hex(randomness[:]), "rehearsal": chain.Status != beacon.StatusLive && chain.Status != beacon.StatusRetired})
}

func decodeHex(what, text string) ([]byte, error) {
	b, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, unusablef("paste the digits as the relay gives them", "%s: %w", what, err)
	}
	if len(b) == 0 {
		return nil, nil
	}
	return b, nil
}

// findChain looks a chain up among the pinned ones and the devchain described in infoFile.
func findChain(name, infoFile string) (*beacon.Chain, error) {
	chains, err := chainsWith(infoFile)
	if err != nil {
		return nil, err
	}
	if hash, err := beacon.ParseHash(name); err == nil {
		if c, ok := chains.Lookup(hash); ok {
			return c, nil
		}
	}
	if c, ok := chains.ByName(name); ok {
		return c, nil
	}
	return nil, unusablef("give --chain-info FILE for a devchain; pinned are "+chainNames(chains), "chain %q is not known", name)
}

func chainNames(chains beacon.Chains) string {
	var names []string
	for _, c := range chains.All() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// chainsWith returns the pinned chains and the one described in infoFile, if any.
func chainsWith(infoFile string) (beacon.Chains, error) {
	chains := beacon.Pinned()
	if infoFile == "" {
		return chains, nil
	}
	b, err := os.ReadFile(infoFile)
	if err != nil {
		return chains, Unusable(err, "")
	}
	c, err := beacon.ParseInfo(b)
	if err != nil {
		return chains, unusablef("fetch /info of the devchain again", "%s: %w", infoFile, err)
	}
	if _, pinned := chains.Lookup(c.Hash); pinned {
		return chains, nil
	}
	chains, err = chains.With(c)
	if err != nil {
		return chains, unusablef("", "%s: %w", infoFile, err)
	}
	return chains, nil
}

// readBeacon reads a beacon in our form or in drand's v1 or v2 form. What it says of its randomness
// is not used: randomness is computed from the signature.
func readBeacon(file string) (beacon.Beacon, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return beacon.Beacon{}, Unusable(err, "")
	}
	plain, err := canonical.Transform(b)
	if err != nil {
		return beacon.Beacon{}, unusablef("give the JSON that a relay answers", "%s: %w", file, err)
	}
	var doc struct {
		Round     uint64        `json:"round"`
		Signature canonical.Hex `json:"signature"`
		Previous  canonical.Hex `json:"previous"`
		PrevV1    canonical.Hex `json:"previous_signature"`
	}
	if err := json.Unmarshal(plain, &doc); err != nil {
		return beacon.Beacon{}, unusablef("give the JSON that a relay answers", "%s: %w", file, err)
	}
	if len(doc.Previous) == 0 {
		doc.Previous = doc.PrevV1
	}
	return beacon.Beacon{Round: doc.Round, Signature: doc.Signature, Previous: doc.Previous}, nil
}

func writeJSON(w io.Writer, v any) error {
	b, err := canonical.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
