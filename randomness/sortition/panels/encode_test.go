package panels_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// twoOfThree is the smallest lottery that is not one panel: two women, one man, one seat.
func twoOfThree(t testing.TB) *quota.Problem {
	t.Helper()
	p, err := quota.New(1, []quota.Quota{{Feature: "g", Value: "f", Max: 1}, {Feature: "g", Value: "m", Max: 1}}, []quota.Person{
		{ID: "ada", Values: []string{"f"}}, {ID: "bea", Values: []string{"f"}}, {ID: "cem", Values: []string{"m"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const twoOfThreeText = `{"cuts":[],"levels":[{"multipliers":[{"row":0,"times":1}],"probability":"1/3"}],` +
	`"lottery":[{"copies":2,"seats":[{"count":1,"type":0}]},{"copies":1,"seats":[{"count":1,"type":1}]}],` +
	`"method":"leximin","panels":3,"probabilities":["1/3","1/3"],"unseatable":[],"v":1}`

func TestResultsAreWrittenInOneForm(t *testing.T) {
	r, _ := solve(t, twoOfThree(t), panels.Options{Panels: 3})
	b, err := panels.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(twoOfThreeText, string(b)); diff != "" {
		t.Fatal(diff)
	}
	again, err := panels.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := panels.Verify(twoOfThree(t), again); err != nil || !v.Optimal {
		t.Errorf("verdict %+v, %v", v, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown member":        {`"v":1`, `"v":1,"w":2`},
		"missing member":        {`"unseatable":[],`, ``},
		"another version":       {`"v":1`, `"v":2`},
		"unknown method":        {`"leximin"`, `"fairest"`},
		"no method":             {`"leximin"`, `""`},
		"fraction as number":    {`"1/3","1/3"`, `0,"1/3"`},
		"fraction not lowest":   {`"1/3","1/3"`, `"2/6","1/3"`},
		"fraction without bar":  {`"1/3","1/3"`, `"1","1/3"`},
		"fraction over zero":    {`"1/3","1/3"`, `"1/0","1/3"`},
		"fraction with a plus":  {`"1/3","1/3"`, `"+1/3","1/3"`},
		"fraction of minus":     {`"1/3","1/3"`, `"1/-3","1/3"`},
		"huge fraction":         {`"1/3","1/3"`, `"1/` + strings.Repeat("3", 5000) + `","1/3"`},
		"copies do not add up":  {`"panels":3`, `"panels":4`},
		"no copies":             {`"copies":2`, `"copies":0`},
		"negative copies":       {`"copies":2`, `"copies":-2`},
		"more copies than may":  {`"copies":2`, `"copies":9007199254740991`},
		"copies in quotes":      {`"copies":2`, `"copies":"2"`},
		"null for none":         {`"cuts":[]`, `"cuts":null`},
		"order of keys":         {`"row":0,"times":1`, `"times":1,"row":0`},
		"white space":           {`"v":1`, `"v": 1`},
		"a split spelt empty":   {`"unseatable":[]`, `"unseatable":[{"proof":[{"multipliers":[]}],"type":0}]`},
		"trailing line feed":    {`"v":1}`, "\"v\":1}\n"},
		"times beyond 2^53":     {`"times":1`, `"times":9007199254740993`},
		"fraction has a letter": {`"1/3","1/3"`, `"1/3x","1/3"`},
	} {
		t.Run(name, func(t *testing.T) {
			in := strings.Replace(twoOfThreeText, change[0], change[1], 1)
			if in == twoOfThreeText {
				t.Fatal("the change changes nothing")
			}
			if r, err := panels.Parse([]byte(in)); err == nil || r != nil {
				t.Errorf("accepted %s", in)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(twoOfThreeText))
	f.Add([]byte(`{"v":1}`))
	p := twoOfThree(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := panels.Parse(in)
		if err != nil {
			return
		}
		again, err := panels.Marshal(r)
		if err != nil || !bytes.Equal(again, in) {
			t.Fatalf("%q became %q, %v", in, again, err)
		}
		if _, err := panels.Verify(p, r); err == nil {
			if _, err := panels.Seat(p, r.Lottery); err != nil {
				t.Fatalf("verified, but %v", err)
			}
		}
	})
}
