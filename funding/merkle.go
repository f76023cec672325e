package funding

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
)

// Word is 32 bytes as Ethereum writes them: 0x and lower-case hex.
type Word [32]byte

// String returns 0x and 64 hex digits.
func (w Word) String() string { return "0x" + hex.EncodeToString(w[:]) }

// MarshalText writes 0x and 64 hex digits.
func (w Word) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Distribution is a tree of payments and every account's proof, in the JSON that Uniswap's
// MerkleDistributor and its tools read.
type Distribution struct {
	Root  Word              `json:"merkleRoot"`
	Total string            `json:"tokenTotal"` // in hex, as the tools write it
	Claim map[Account]Claim `json:"claims"`
}

// Claim is what an account hands in: claim(index, account, amount, proof).
type Claim struct {
	Index  int64  `json:"index"`
	Amount string `json:"amount"` // in hex
	Proof  []Word `json:"proof"`
}

func byAccount(sums map[Account]Amount) []Payment {
	payments := make([]Payment, 0, len(sums))
	for _, a := range slices.SortedFunc(maps.Keys(sums), func(a, b Account) int { return bytes.Compare(a[:], b[:]) }) {
		payments = append(payments, Payment{a, sums[a]})
	}
	return payments
}

// Distribute builds the tree of matching.md, "Payout files": the index of a payment is its place in
// the slice. An account that is paid twice, or an amount of 0, is refused.
func Distribute(payments []Payment) (Distribution, error) {
	if len(payments) == 0 {
		return Distribution{}, refuse("empty", "nobody is paid: there is no tree of nothing")
	}
	d, total := Distribution{Claim: map[Account]Claim{}}, new(big.Int)
	leaves := make([]Word, len(payments))
	for i, p := range payments {
		if _, twice := d.Claim[p.Account]; twice || p.Amount.IsZero() {
			return Distribution{}, refuse("account", "account %v is paid twice, or nothing", p.Account)
		}
		d.Claim[p.Account] = Claim{Index: int64(i), Amount: hexOf(p.Amount.Big())}
		leaves[i] = leaf(int64(i), p)
		total.Add(total, p.Amount.Big())
	}
	levels := climb(leaves)
	for i, p := range payments {
		c := d.Claim[p.Account]
		c.Proof = proof(levels, leaves[i])
		d.Claim[p.Account] = c
	}
	d.Root, d.Total = levels[len(levels)-1][0], hexOf(total)
	return d, nil
}

func hexOf(n *big.Int) string {
	text := n.Text(16)
	if len(text)%2 == 1 {
		text = "0" + text
	}
	return "0x" + text
}

// leaf is the hash of index (32 bytes), account (20) and amount (32).
func leaf(index int64, p Payment) Word {
	var i, amount [32]byte
	big.NewInt(index).FillBytes(i[:])
	p.Amount.Big().FillBytes(amount[:])
	return keccak(i[:], p.Account[:], amount[:])
}

// parent hashes two nodes, the smaller first, so that proofs need no sides.
func parent(a, b Word) Word {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return keccak(a[:], b[:])
}

// climb returns all levels of the tree, the sorted leaves first. A last node without a neighbour rises
// as it is.
func climb(leaves []Word) [][]Word {
	level := slices.Clone(leaves)
	slices.SortFunc(level, func(a, b Word) int { return bytes.Compare(a[:], b[:]) })
	levels := [][]Word{level}
	for len(level) > 1 {
		var next []Word
		for i := 0; i+1 < len(level); i += 2 {
			next = append(next, parent(level[i], level[i+1]))
		}
		if len(level)%2 == 1 {
			next = append(next, level[len(level)-1])
		}
		level = next
		levels = append(levels, level)
	}
	return levels
}

func proof(levels [][]Word, leaf Word) []Word {
	at, _ := slices.BinarySearchFunc(levels[0], leaf, func(a, b Word) int { return bytes.Compare(a[:], b[:]) })
	nodes := []Word{}
	for _, level := range levels[:len(levels)-1] {
		if other := at ^ 1; other < len(level) {
			nodes = append(nodes, level[other])
		}
		at /= 2
	}
	return nodes
}

// VerifyClaim reports whether an account's claim leads to the root, as the contract computes it.
func VerifyClaim(root Word, p Payment, c Claim) bool {
	node := leaf(c.Index, p)
	for _, other := range c.Proof {
		node = parent(node, other)
	}
	return node == root
}
