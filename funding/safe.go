package funding

import (
	"encoding/json"
	"strconv"
)

// Batch says what a Safe's transaction builder is to make of payments.
type Batch struct {
	Chain   uint64   // EIP-155 chain id
	Safe    Account  // that pays
	Token   *Account // ERC-20 contract; nil: the chain's own coin
	Name    string
	Created int64 // Unix milliseconds
}

// safeFile is the file that the transaction builder imports (its version 1.0).
type safeFile struct {
	Version      string   `json:"version"`
	Chain        string   `json:"chainId"`
	Created      int64    `json:"createdAt"`
	Meta         safeMeta `json:"meta"`
	Transactions []safeTx `json:"transactions"`
}

type safeMeta struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Safe        string `json:"createdFromSafeAddress"`
}

type safeTx struct {
	To     Account           `json:"to"`
	Value  string            `json:"value"`
	Data   *string           `json:"data"`
	Method *safeMethod       `json:"contractMethod"`
	Inputs map[string]string `json:"contractInputsValues"`
}

type safeMethod struct {
	Inputs  []safeInput `json:"inputs"`
	Name    string      `json:"name"`
	Payable bool        `json:"payable"`
}

type safeInput struct {
	Internal string `json:"internalType"`
	Name     string `json:"name"`
	Type     string `json:"type"`
}

// SafeBatch returns the JSON file that the transaction builder of a Safe imports: one transfer each.
func SafeBatch(b Batch, payments []Payment) ([]byte, error) {
	if len(payments) == 0 || b.Chain == 0 {
		return nil, refuse("empty", "a batch needs payments and a chain id: %d payments on chain %d", len(payments), b.Chain)
	}
	f := safeFile{Version: "1.0", Chain: strconv.FormatUint(b.Chain, 10), Created: b.Created,
		Meta: safeMeta{Name: b.Name, Description: Spec, Safe: b.Safe.String()}}
	for _, p := range payments {
		f.Transactions = append(f.Transactions, b.transfer(p))
	}
	return json.MarshalIndent(f, "", "  ")
}

func (b Batch) transfer(p Payment) safeTx {
	if b.Token == nil {
		return safeTx{To: p.Account, Value: p.Amount.String()}
	}
	return safeTx{To: *b.Token, Value: "0",
		Method: &safeMethod{Name: "transfer", Inputs: []safeInput{{"address", "to", "address"}, {"uint256", "amount", "uint256"}}},
		Inputs: map[string]string{"to": p.Account.String(), "amount": p.Amount.String()}}
}
