package funding

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"

	"kleroterion/randomness/canonical"
)

// Hash is a SHA-256 digest; its text is lower-case hex.
type Hash [sha256.Size]byte

// String returns lower-case hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes lower-case hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is the strict inverse of MarshalText.
func (h *Hash) UnmarshalText(text []byte) error {
	var raw canonical.Hex
	if err := raw.UnmarshalText(text); err != nil {
		return err
	}
	if len(raw) != len(h) {
		return refuse("params_form", "digest of %d bytes, want %d", len(raw), len(h))
	}
	copy(h[:], raw)
	return nil
}

// Result is what a round pays, with every number that a reader needs to compute it again by hand.
type Result struct {
	Digest      Hash      `json:"digest"`
	Params      Params    `json:"params"`
	Pool        Amount    `json:"pool"`
	Projects    []Project `json:"projects"` // in the order of the ids
	Solidarity  Amount    `json:"solidarity,omitzero"`
	Spec        string    `json:"spec"`
	Total       Number    `json:"total"`       // of the raw matches, in 1/Unit of a minor unit
	Unallocated Amount    `json:"unallocated"` // of the pool
	Unit        Number    `json:"unit"`
}

// Project is one project's row. Roots are in 2^-32, squares in 2^-64, raw in 1/Unit of a minor unit.
type Project struct {
	Amount    Amount `json:"amount"` // of the pool
	Capped    bool   `json:"capped,omitempty"`
	Donors    int64  `json:"donors"` // who count
	Project   string `json:"project"`
	Raw       Number `json:"raw"`
	Remainder Number `json:"remainder"`
	Roots     Number `json:"roots"`
	Share     Amount `json:"share"` // before left units go to the largest remainders
	Squares   Number `json:"squares"`
	Sum       Amount `json:"sum"`      // of all rows
	Weighted  Amount `json:"weighted"` // of what counts
}

// Number is a non-negative integer of any size, in decimal digits.
type Number struct{ n *big.Int }

func number(n *big.Int) Number { return Number{n} }

// Big returns a copy as an integer.
func (n Number) Big() *big.Int {
	if n.n == nil {
		return new(big.Int)
	}
	return new(big.Int).Set(n.n)
}

// String returns the digits.
func (n Number) String() string { return n.Big().String() }

// MarshalText writes the digits, so that JSON has them as a string.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText is the strict inverse of MarshalText.
func (n *Number) UnmarshalText(text []byte) error {
	b, ok := new(big.Int).SetString(string(text), 10)
	if !ok || b.Sign() < 0 || b.String() != string(text) {
		return refuse("params_form", "number %.40q: want decimal digits without sign or leading zero", text)
	}
	n.n = b
	return nil
}

// Equal reports whether two numbers are the same.
func (n Number) Equal(x Number) bool { return n.Big().Cmp(x.Big()) == 0 }

// Canonical returns the bytes that are published and recorded.
func (r Result) Canonical() ([]byte, error) { return canonical.Marshal(r) }

func (p Params) result(l *ledger, columns []column, raw []*big.Int) Result {
	portions, total, left := p.pot(raw).split()
	r := Result{Params: p, Pool: p.Pool, Spec: Spec, Solidarity: p.Solidarity.of(p.Pool),
		Total: number(total), Unallocated: Amount{wideOf(left)}, Unit: number(new(big.Int).Lsh(big.NewInt(1), p.unit()))}
	r.Projects = make([]Project, len(l.projects))
	for i := range portions {
		x, c := &portions[i], columns[i]
		r.Projects[i] = Project{Project: l.projects[i], Amount: Amount{wideOf(&x.amount)}, Capped: x.capped, Donors: c.donors,
			Raw: number(raw[i]), Remainder: number(&x.remainder), Roots: number(c.roots.big()), Share: Amount{wideOf(&x.share)},
			Squares: number(c.squares.big()), Sum: Amount{l.sums[i]}, Weighted: Amount{c.weighted}}
	}
	r.Digest = digest(r.Projects)
	return r
}

// digest is the SHA-256 of the lines project=amount in the order of the ids, joined by newlines.
func digest(projects []Project) Hash {
	h := sha256.New()
	for i, p := range projects {
		if i > 0 {
			h.Write([]byte{'\n'})
		}
		h.Write([]byte(p.Project + "=" + p.Amount.String()))
	}
	return Hash(h.Sum(nil))
}
