package funding

import (
	"encoding/hex"

	"golang.org/x/crypto/sha3"
)

// Account is an address of 20 bytes on an EVM chain.
type Account [20]byte

// ParseAccount reads 0x and 40 hex digits: all lower case, all upper case, or with the checksum of
// ERC-55, which must then be right.
func ParseAccount(s string) (Account, error) {
	var a Account
	if len(s) != 42 || s[:2] != "0x" {
		return a, refuse("account", "account %.50q: want 0x and 40 hex digits", s)
	}
	if _, err := hex.Decode(a[:], []byte(s[2:])); err != nil {
		return a, refuse("account", "account %q: %v", s, err)
	}
	if oneCase(s[2:]) || a.String() == s {
		return a, nil
	}
	return Account{}, refuse("account", "account %q: its checksum is wrong (a digit was mistyped), want %v", s, a)
}

// oneCase reports whether the letters of s are all small or all large.
func oneCase(s string) bool {
	var small, large bool
	for _, c := range s {
		small = small || 'a' <= c && c <= 'f'
		large = large || 'A' <= c && c <= 'F'
	}
	return !small || !large
}

// String writes the address with the checksum of ERC-55: a letter is large where the hash of the
// small text has 8 or more at its place.
func (a Account) String() string {
	text := []byte(hex.EncodeToString(a[:]))
	sum := keccak(text)
	for i, c := range text {
		if c >= 'a' && sum[i/2]>>(4*(1-i%2))&15 >= 8 {
			text[i] = c - 'a' + 'A'
		}
	}
	return "0x" + string(text)
}

// MarshalText writes the address with its checksum.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is [ParseAccount].
func (a *Account) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAccount(string(b))
	return err
}

func keccak(parts ...[]byte) (sum [32]byte) {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// Payment is what one account gets, for one project or for several.
type Payment struct {
	Account Account
	Amount  Amount
}

// PayoutCSV returns project,account,amount for every project that gets something, in the order of the
// ids. accounts says where projects are paid, in whatever form the payer reads; one that is missing is
// refused.
func PayoutCSV(r Result, accounts map[string]string) ([]byte, error) {
	rows := [][]string{{"project", "account", "amount"}}
	for _, p := range r.Projects {
		if p.Amount.IsZero() {
			continue
		}
		account := accounts[p.Project]
		if account == "" {
			return nil, refuse("account", "project %q gets %v and has no account", p.Project, p.Amount)
		}
		rows = append(rows, []string{p.Project, account, p.Amount.String()})
	}
	return writeCSV(rows)
}

// Payments returns who gets how much on an EVM chain, by account; projects of one account are summed.
func Payments(r Result, accounts map[string]Account) ([]Payment, error) {
	sums := map[Account]Amount{}
	for _, p := range r.Projects {
		if p.Amount.IsZero() {
			continue
		}
		account := accounts[p.Project]
		if account == (Account{}) { // absent, or the address that burns what it gets
			return nil, refuse("account", "project %q gets %v and has no account", p.Project, p.Amount)
		}
		sum, ok := sums[account].Add(p.Amount)
		if !ok {
			return nil, refuse("sum", "account %v gets more than %d digits", account, maxDigits)
		}
		sums[account] = sum
	}
	return byAccount(sums), nil
}
