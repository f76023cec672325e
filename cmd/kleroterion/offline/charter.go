package offline

import (
	"cmp"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
)

// Founding is what somebody chooses about a new charter.
type Founding struct {
	Community string
	Name      string
	City      string
	Chain     string            // name, hash or file with a chain's info
	Attesters map[string]string // id to the file with the public key
}

const charterHint = "docs/spec/charter.md lists the rules"

// NewCharter writes the example charter.
func NewCharter(w io.Writer, in Founding) error {
	chain, err := chainOf(in.Chain)
	if err != nil {
		return err
	}
	var of []identity.Attester
	for id, file := range in.Attesters {
		key, err := readPublic(file)
		if err != nil {
			return err
		}
		of = append(of, identity.Attester{ID: id, Key: key})
	}
	slices.SortFunc(of, func(a, b identity.Attester) int { return cmp.Compare(a.ID, b.ID) })
	c := charter.Example(in.Community, in.Name, chain.Hash, of, in.City)
	if err := c.Check(chain.Status == beacon.StatusDev); err != nil {
		return faulty("this charter", err)
	}
	return writeJSON(w, c)
}

// CharterCheck names a charter, and the one before it when it is an amendment.
type CharterCheck struct {
	File, Old string
	Tier      int    // in force when it is adopted
	ChainInfo string // of a devchain: the charter is a rehearsal
}

// CheckCharter writes all faults of a charter, or its hash, the shares of each tier and what its jury
// decides.
func CheckCharter(w io.Writer, in CharterCheck, asJSON bool) error {
	c, dev, err := in.read(in.File)
	if err != nil {
		return err
	}
	err = c.Check(dev)
	if err == nil && in.Old != "" {
		old, _, readErr := in.read(in.Old)
		if readErr != nil {
			return readErr
		}
		err = charter.Amend(old, c, in.Tier, dev)
	}
	if err != nil {
		return in.refused(w, err, asJSON)
	}
	return in.print(w, c, asJSON)
}

// read reads a charter's members; whether they are lawful is checked after that. It is a rehearsal when
// its chain is the devchain that the caller knows.
func (in CharterCheck) read(file string) (c *charter.Charter, dev bool, err error) {
	c = new(charter.Charter)
	if err := readObject(file, charterHint, c); err != nil {
		return nil, false, err
	}
	chains, err := chainsWith(in.ChainInfo)
	if err != nil {
		return nil, false, err
	}
	known, ok := chains.Lookup(c.Chain)
	return c, ok && known.Status == beacon.StatusDev, nil
}

func (in CharterCheck) refused(w io.Writer, err error, asJSON bool) error {
	list := charter.Refusals(err)
	if asJSON {
		if err := writeJSON(w, map[string]any{"faults": list, "ok": false}); err != nil {
			return err
		}
	} else {
		for _, r := range list {
			fmt.Fprintf(w, "%s %s: %s\n", r.Rule, r.Pointer, r.Message)
		}
	}
	return fmt.Errorf("%w: %s breaks its rules", ErrFalse, in.File)
}

func faulty(what string, err error) error {
	var lines []string
	for _, r := range charter.Refusals(err) {
		lines = append(lines, r.Rule+": "+r.Message)
	}
	return unusablef(charterHint, "%s: %s", what, strings.Join(lines, "; "))
}

// tier is what a charter gives in one of its tiers.
type tier struct {
	High   string            `json:"high"` // between low and high, a unanimous jury decides
	Low    string            `json:"low"`
	Shares map[string]string `json:"shares"`
	Tier   int               `json:"tier"`
}

func tiersOf(c *charter.Charter) ([]tier, error) {
	n := 1
	if c.Ratchet != nil {
		n = len(c.Ratchet.Tiers)
	}
	list := make([]tier, n)
	for i := range list {
		founders := int64(0)
		if c.Founders != nil {
			founders = int64(len(c.Founders.Members))
		}
		shares, err := c.SharesAt(i, founders)
		if err != nil {
			return nil, err
		}
		low, high := charter.WhatJuryDecides(c, i)
		list[i] = tier{High: high.String(), Low: low.String(), Shares: map[string]string{}, Tier: i}
		for _, s := range shares {
			list[i].Shares[s.ID] = s.Share.String()
		}
	}
	return list, nil
}

func (in CharterCheck) print(w io.Writer, c *charter.Charter, asJSON bool) error {
	hash, err := c.Hash()
	if err != nil {
		return err
	}
	tiers, err := tiersOf(c)
	if err != nil {
		return err
	}
	jury, has := c.Chamber(charter.ChamberJury)
	if asJSON {
		return writeJSON(w, map[string]any{"hash": hash, "ok": true, "seq": c.Seq, "tiers": tiers})
	}
	fmt.Fprintf(w, "%s, charter %d of %s\nhash %s\n", c.Name, c.Seq, c.Community, hash)
	for _, t := range tiers {
		fmt.Fprintf(w, "tier %d:", t.Tier)
		for _, ch := range c.Chambers {
			if share, ok := t.Shares[ch.ID]; ok {
				fmt.Fprintf(w, " %s %s", ch.ID, share)
			}
		}
		fmt.Fprintln(w)
		if has {
			fmt.Fprintf(w, "  %s\n", decides(t))
		}
	}
	if has {
		noise(w, jury)
	}
	return nil
}

func decides(t tier) string {
	if t.Low == t.High {
		return "a unanimous jury decides nothing here: the others always outvote it"
	}
	return fmt.Sprintf("a unanimous jury decides when more than %s and less than %s of the members say yes", t.Low, t.High)
}

// manySeats is from where chance in drawing a jury is not worth a remark.
const manySeats = 100

// noise says how far a jury drawn by lot may be from all residents: 1/√n, twice the standard error of a
// share near one half.
func noise(w io.Writer, jury charter.Chamber) {
	if jury.Seats >= manySeats {
		return
	}
	points := new(big.Int).Sqrt(big.NewInt(10_000 / max(jury.Seats, 1)))
	fmt.Fprintf(w, "note: %d seats are few: by chance alone such a jury may be up to %s points of 100 off what all residents would say, and more one time in twenty\n", jury.Seats, points)
}
