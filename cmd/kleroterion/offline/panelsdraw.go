package offline

import (
	"fmt"
	"io"
	"slices"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// PanelDraw says how the panel is drawn: by a round of a chain, or by a number that was drawn otherwise.
// The zero value is no draw.
type PanelDraw struct {
	Beacon    string // file with the round, as a relay answers it
	Chain     string // name or hash
	ChainInfo string // file with a devchain's info
	Round     uint64 // that lottery.json announces; 0 for none
	Panel     *int64 // from 0
}

// drawn is draw.json. The panel is uniform(seed, "panel", panels) where there is a round.
type drawn struct {
	Chain     *beacon.Hash  `json:"chain,omitempty"`
	Commit    beacon.Hash   `json:"commit"`
	Panel     int64         `json:"panel"`
	Previous  canonical.Hex `json:"previous,omitempty"`
	Round     uint64        `json:"round,omitempty"`
	Seed      canonical.Hex `json:"seed,omitempty"`
	Signature canonical.Hex `json:"signature,omitempty"`
	V         int           `json:"v"` // 1
}

// announced is the round that the commit fixes; nil for none.
func (d PanelDraw) announced() (*roundOf, error) {
	if d.Round == 0 {
		return nil, nil
	}
	if d.Panel != nil {
		return nil, unusablef("give one of them", "--round and --panel are two draws")
	}
	chain, err := findChain(d.Chain, d.ChainInfo)
	if err != nil {
		return nil, err
	}
	return &roundOf{chain.Hash, d.Round}, nil
}

// of draws one of n panels; nil where no draw was asked for.
func (d PanelDraw) of(notes io.Writer, commit beacon.Hash, n int64) (*drawn, error) {
	switch {
	case d.Beacon != "" && d.Panel != nil:
		return nil, unusablef("give one of them", "--beacon and --panel are two draws")
	case d.Panel != nil:
		if *d.Panel < 0 || *d.Panel >= n {
			return nil, unusablef(fmt.Sprintf("panels.csv numbers them from 0 to %d", n-1), "--panel is %d, the lottery has %d panels", *d.Panel, n)
		}
		return &drawn{Commit: commit, Panel: *d.Panel, V: 1}, nil
	case d.Beacon == "":
		return nil, nil
	}
	b, err := readBeacon(d.Beacon)
	if err != nil {
		return nil, err
	}
	if d.Round != 0 && b.Round != d.Round {
		return nil, fmt.Errorf("%w: %s has round %d, the lottery announces %d", ErrFalse, d.Beacon, b.Round, d.Round)
	}
	chain, err := findChain(d.Chain, d.ChainInfo)
	if err != nil {
		return nil, err
	}
	out := drawn{Chain: &chain.Hash, Commit: commit, Previous: b.Previous, Round: b.Round, Signature: b.Signature, V: 1}
	if err := out.roll(chain, n); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFalse, d.Beacon, err)
	}
	rehearsed(notes, chain)
	return &out, nil
}

// roll verifies the round and sets seed and panel.
func (d *drawn) roll(chain *beacon.Chain, n int64) error {
	b := beacon.Beacon{Round: d.Round, Signature: d.Signature, Previous: d.Previous}
	if err := beacon.Verify(chain, d.Round, b); err != nil {
		return err
	}
	seed := randomness.NewSeed(b.Signature, d.Commit, chain.Hash, b.Round)
	d.Seed, d.Panel = seed[:], int64(seed.Uniform("panel", uint64(n)))
	return nil
}

func rehearsed(notes io.Writer, chain *beacon.Chain) {
	if chain.Status != beacon.StatusLive && chain.Status != beacon.StatusRetired {
		fmt.Fprintln(notes, "REHEARSAL: this chain decides nothing")
	}
}

// choose adds draw.json, and the rows of the input as they were: those of the panel, and those of everybody
// else who was not excluded.
func (l *lottery) choose(d *drawn) error {
	text, err := canonical.Marshal(d)
	if err != nil {
		return err
	}
	selected, remaining := [][]string{l.Sheet.Header}, [][]string{l.Sheet.Header}
	for i, p := range l.People {
		row := l.Sheet.Rows[i]
		if _, on := slices.BinarySearch(l.seats[d.Panel], p.ID); on {
			selected = append(selected, row)
		} else if standings[p.Standing] != "excluded" {
			remaining = append(remaining, row)
		}
	}
	l.files[drawFile], l.files["selected.csv"], l.files["remaining.csv"] = append(text, '\n'), sheet(selected), sheet(remaining)
	return nil
}
