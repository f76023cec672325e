package funding_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
)

func account(t testing.TB, s string) funding.Account {
	t.Helper()
	a, err := funding.ParseAccount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func amount(t testing.TB, s string) funding.Amount {
	t.Helper()
	a, err := funding.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// vectors/funding/merkle.json is written by merkle.py, which has a Keccak-256 of its own.
func TestDistributionIsThatOfTheVectors(t *testing.T) {
	var cases []struct {
		Payments     [][2]string
		Distribution json.RawMessage
	}
	readJSON(t, "merkle.json", &cases)
	for _, c := range cases {
		var payments []funding.Payment
		for _, p := range c.Payments {
			payments = append(payments, funding.Payment{Account: account(t, p[0]), Amount: amount(t, p[1])})
		}
		d, err := funding.Distribute(payments)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c.Distribution, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d payments (-want +got):\n%s", len(payments), diff)
		}
		checkClaims(t, payments, d)
	}
}

// checkClaims holds every claim to the root, and another amount not.
func checkClaims(t *testing.T, payments []funding.Payment, d funding.Distribution) {
	for _, p := range payments {
		c := d.Claim[p.Account]
		if !funding.VerifyClaim(d.Root, p, c) {
			t.Errorf("the claim of %v does not hold", p.Account)
		}
		p.Amount, _ = p.Amount.Add(funding.Units(1))
		if funding.VerifyClaim(d.Root, p, c) {
			t.Errorf("a claim of one more than %v is owed holds", p.Account)
		}
	}
}

// Roots that others have published: of KushGoyal/tachyonDistributor (src/merkleTree.js) and of
// Stevewu1234/merkle-distributor-array (README), both made with Uniswap's tools.
func TestPublishedRoots(t *testing.T) {
	for root, list := range map[string][][2]string{
		"0x6aabb8d77f9317e3ef8851407f34004826ad5d2e1f82b8c8dcac798cbe6af5b3": {
			{"0x25b0301B6d57C639c2847dddec2A2Ce25c518a06", "4000"}, {"0x2B9ED3d72F8Cfc6c761e4401d2549A3275723aac", "300000"},
			{"0x384ac0700063f00d2c6b9D8dD1ca2b21fab92F97", "90000"}, {"0x465F8e4E4Ddd9EAECF6660aC2015069dc99c024e", "500000"},
			{"0x844d97C86C8094e11dbFb7df86719aeBAE344B43", "20000"}, {"0xB466daC0215d542712a02965F4261Ba2473fbB8B", "10000"},
			{"0xdDEEF8EdE5A08Bcca2501d36D66E0a3501129B15", "1000000"}, {"0xe8ea74CE1fE042A75726cEfcb724B11EFC5E78dA", "70000"},
		},
		"0xdefa96435aec82d201dbd2e5f050fb4e1fef5edac90ce1e03953f916a5e1132d": {{"0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f", "100"}},
	} {
		var payments []funding.Payment
		for _, x := range list {
			payments = append(payments, funding.Payment{Account: account(t, x[0]), Amount: amount(t, x[1])})
		}
		d, err := funding.Distribute(payments)
		if err != nil {
			t.Fatal(err)
		}
		if d.Root.String() != root {
			t.Errorf("root %v, want %s", d.Root, root)
		}
	}
}

func TestAccountsAreRefused(t *testing.T) {
	const good = "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f"
	for _, s := range []string{good, strings.ToLower(good), "0x" + strings.ToUpper(good[2:])} {
		if a := account(t, s); a.String() != good {
			t.Errorf("%s is read as %v", s, a)
		}
	}
	for name, s := range map[string]string{
		"empty":             "",
		"without 0x":        good[2:],
		"one digit less":    good[:41],
		"one digit more":    good + "0",
		"not hex":           good[:41] + "g",
		"wrong checksum":    "0x5c69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f",
		"mistyped":          "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6e",
		"prefix in capital": "0X" + good[2:],
		"a name":            "vitalik.eth",
	} {
		_, err := funding.ParseAccount(s)
		wantCode(t, name, err, "account")
	}
}

func TestPayoutFiles(t *testing.T) {
	r, err := funding.Match(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(900)}, []funding.Contribution{
		{Donor: "a", Project: "q", Amount: funding.Units(100)}, {Donor: "b", Project: "q", Amount: funding.Units(100)},
		{Donor: "a", Project: "p, and s", Amount: funding.Units(100)}, {Donor: "b", Project: "p, and s", Amount: funding.Units(100)},
		{Donor: "a", Project: "r", Amount: funding.Units(400)}, {Donor: "b", Project: "r", Amount: funding.Units(25)},
		{Donor: "a", Project: "none", Amount: funding.Units(100)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, two := account(t, "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f"), account(t, "0x25b0301B6d57C639c2847dddec2A2Ce25c518a06")
	sheet, err := funding.PayoutCSV(r, map[string]string{"p, and s": "IBAN 1", "q": "IBAN 2", "r": "IBAN 3"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("project,account,amount\n\"p, and s\",IBAN 1,300\nq,IBAN 2,300\nr,IBAN 3,300\n", string(sheet)); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	payments, err := funding.Payments(r, map[string]funding.Account{"p, and s": one, "q": two, "r": one})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]funding.Payment{{Account: two, Amount: funding.Units(300)}, {Account: one, Amount: funding.Units(600)}}, payments); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
	_, err = funding.PayoutCSV(r, map[string]string{"q": "IBAN 2"})
	wantCode(t, "project without account", err, "account")
	_, err = funding.Payments(r, map[string]funding.Account{"q": two})
	wantCode(t, "project without address", err, "account")
	_, err = funding.Distribute([]funding.Payment{payments[0], payments[0]})
	wantCode(t, "account twice", err, "account")
	_, err = funding.Distribute([]funding.Payment{{Account: one}})
	wantCode(t, "nothing paid", err, "account")
	_, err = funding.Distribute(nil)
	wantCode(t, "nobody paid", err, "empty")
}

func TestSafeBatchHasOneTransferEach(t *testing.T) {
	one, token := account(t, "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f"), account(t, "0x25b0301B6d57C639c2847dddec2A2Ce25c518a06")
	payments := []funding.Payment{{Account: one, Amount: amount(t, "12345678901234567890")}}
	for name, c := range map[string]struct {
		token *funding.Account
		want  string
	}{
		"coin": {nil, `[{"to":"` + one.String() + `","value":"12345678901234567890","data":null,"contractMethod":null,"contractInputsValues":null}]`},
		"token": {&token, `[{"to":"` + token.String() + `","value":"0","data":null,"contractMethod":{"inputs":[{"internalType":"address","name":"to","type":"address"},
			{"internalType":"uint256","name":"amount","type":"uint256"}],"name":"transfer","payable":false},"contractInputsValues":{"to":"` + one.String() + `","amount":"12345678901234567890"}}]`},
	} {
		b, err := funding.SafeBatch(funding.Batch{Chain: 100, Safe: token, Token: c.token, Name: "round 1", Created: 1795392000000}, payments)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Version, ChainID string
			CreatedAt        int64
			Transactions     any
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Transactions); diff != "" || got.Version != "1.0" || got.ChainID != "100" || got.CreatedAt != 1795392000000 {
			t.Errorf("%s: %s (-want +got):\n%s", name, b, diff)
		}
	}
	_, err := funding.SafeBatch(funding.Batch{Chain: 1}, nil)
	wantCode(t, "no payments", err, "empty")
	_, err = funding.SafeBatch(funding.Batch{}, payments)
	wantCode(t, "no chain", err, "empty")
}
