package web

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"kleroterion/funding"
)

func TestAmountsAreReadAndShownExactly(t *testing.T) {
	text, err := os.ReadFile("ballotbox/test/amounts.json")
	must(t, err)
	var rows []struct {
		Text, Want, Shown, Refused string
		Decimals                   int64
	}
	must(t, json.Unmarshal(text, &rows))
	for _, tt := range rows {
		x := funding.Asset{Code: "EUR", Decimals: tt.Decimals}
		got, err := readMoney(tt.Text, x)
		switch {
		case tt.Refused != "":
			if err == nil || !strings.Contains(err.Error(), tt.Refused) {
				t.Errorf("%q with %d decimals: %s, %v; want a refusal that says %q", tt.Text, tt.Decimals, got, err, tt.Refused)
			}
		case err != nil || got.String() != tt.Want || money(got, x) != tt.Shown:
			t.Errorf("%q with %d decimals: %s %q, %v; want %s %q", tt.Text, tt.Decimals, got, money(got, x), err, tt.Want, tt.Shown)
		}
	}
}
