package voting_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/service/voting"
)

func ruleOf(err error) string {
	var r *voting.Refusal
	if errors.As(err, &r) && r.Message != "" {
		return r.Rule
	}
	return fmt.Sprint("not a refusal: ", err)
}

// forChoices are rules of each method with the options a, b, c; delegation is on where asked.
func forChoices(t testing.TB, m voting.Method, delegation bool) *voting.Rules {
	r := twoChambers(t, m, 10, 0)
	if delegation {
		r.Cap = fracp(t, "1/2")
	}
	return r
}

func TestChoicesThatAreRead(t *testing.T) {
	member := voter(voting.Members, 0)
	for text, m := range map[string]voting.Method{
		yes: voting.YesNo, no: voting.YesNo, abstain: voting.YesNo,
		`{"approve":[]}`: voting.Approval, `{"approve":["c"]}`: voting.Approval, `{"approve":["a","b","c"]}`: voting.Approval,
		`{"blank":true}`: voting.Approval, ` {"blank":true}`[1:]: voting.Quadratic,
		`{"scores":{"a":1,"c":5}}`: voting.Score, `{"scores":{"b":3}}`: voting.Score,
		`{"ranking":[["c"],["a"]]}`: voting.IRV, `{"ranking":[["b"],["a","c"]]}`: voting.Schulze, `{"ranking":[["a","b","c"]]}`: voting.Schulze,
		`{"votes":{"a":3,"b":-4}}`: voting.Quadratic, `{"votes":{"c":5}}`: voting.Quadratic,
		`{"delegate":"` + member + `"}`: voting.YesNo,
	} {
		c, err := voting.ParseChoice(forChoices(t, m, true), []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if back, err := c.Canonical(); err != nil || string(back) != text {
			t.Errorf("%s is written as %s, %v", text, back, err)
		}
		if to, ok := c.Delegate(); ok != strings.Contains(text, "delegate") || ok && to != member {
			t.Errorf("%s leaves the vote to %q, %v", text, to, ok)
		}
	}
}

func TestChoicesThatAreRefused(t *testing.T) {
	hex64 := strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		method voting.Method
		text   string
		rule   string
	}{
		"nothing":                      {voting.YesNo, ``, "choice_form"},
		"no member":                    {voting.YesNo, `{}`, "choice_form"},
		"an array":                     {voting.YesNo, `["yes"]`, "choice_form"},
		"white space":                  {voting.YesNo, `{"vote": "yes"}`, "choice_form"},
		"a line end":                   {voting.YesNo, yes + "\n", "choice_form"},
		"an escape that is not needed": {voting.YesNo, `{"vote":"\u0079es"}`, "choice_form"},
		"another case":                 {voting.YesNo, `{"Vote":"yes"}`, "choice_form"},
		"another word":                 {voting.YesNo, `{"vote":"maybe"}`, "choice_form"},
		"an empty word":                {voting.YesNo, `{"vote":""}`, "choice_form"},
		"a member twice":               {voting.YesNo, `{"vote":"yes","vote":"yes"}`, "choice_form"},
		"an unknown member":            {voting.YesNo, `{"vote":"yes","why":"x"}`, "choice_form"},
		"two members":                  {voting.Approval, `{"approve":["a"],"blank":true}`, "choice_form"},
		"two members and a vote":       {voting.Approval, `{"blank":true,"vote":"maybe"}`, "choice_form"},
		"null":                         {voting.Approval, `{"approve":null}`, "choice_form"},
		"blank false":                  {voting.Approval, `{"blank":false}`, "choice_form"},
		"blank in yes_no":              {voting.YesNo, `{"blank":true}`, "choice_form"},
		"yes in approval":              {voting.Approval, yes, "choice_form"},
		"a ranking in approval":        {voting.Approval, `{"ranking":[["a"]]}`, "choice_form"},
		"votes in score":               {voting.Score, `{"votes":{"a":1}}`, "choice_form"},
		"no scores":                    {voting.Score, `{"scores":{}}`, "choice_form"},
		"no votes":                     {voting.Quadratic, `{"votes":{}}`, "choice_form"},
		"no ranks":                     {voting.Schulze, `{"ranking":[]}`, "choice_form"},
		"an empty rank":                {voting.Schulze, `{"ranking":[["a"],[]]}`, "choice_form"},
		"a fraction":                   {voting.Score, `{"scores":{"a":1.5}}`, "choice_form"},
		"a number as text":             {voting.Score, `{"scores":{"a":"1"}}`, "choice_form"},
		"options out of order of keys": {voting.Score, `{"scores":{"b":1,"a":1}}`, "choice_form"},
		"too long":                     {voting.Approval, `{"approve":["` + strings.Repeat("a", 16400) + `"]}`, "choice_form"},
		"an unknown option":            {voting.Approval, `{"approve":["d"]}`, "unknown_option"},
		"an empty option":              {voting.Approval, `{"approve":[""]}`, "unknown_option"},
		"an unknown scored option":     {voting.Score, `{"scores":{"a":1,"d":1}}`, "unknown_option"},
		"an option twice":              {voting.Approval, `{"approve":["a","a"]}`, "option_twice"},
		"an option in two ranks":       {voting.Schulze, `{"ranking":[["a","b"],["b"]]}`, "option_twice"},
		"approvals out of order":       {voting.Approval, `{"approve":["b","a"]}`, "option_order"},
		"a rank out of order":          {voting.Schulze, `{"ranking":[["c","a"]]}`, "option_order"},
		"a score of 0":                 {voting.Score, `{"scores":{"a":0}}`, "score_range"},
		"a score below 0":              {voting.Score, `{"scores":{"a":-1}}`, "score_range"},
		"a score above the best":       {voting.Score, `{"scores":{"a":6}}`, "score_range"},
		"a huge score":                 {voting.Score, `{"scores":{"a":4294967297}}`, "score_range"},
		"equal ranks in irv":           {voting.IRV, `{"ranking":[["a","b"]]}`, "equal_ranks"},
		"zero votes":                   {voting.Quadratic, `{"votes":{"a":0}}`, "zero_votes"},
		"over budget":                  {voting.Quadratic, `{"votes":{"a":4,"b":3,"c":1}}`, "over_budget"},
		"a square that overflows":      {voting.Quadratic, `{"votes":{"a":4294967296}}`, "over_budget"},
		"a square far below zero":      {voting.Quadratic, `{"votes":{"a":-9007199254740991}}`, "over_budget"},
		"a juror as delegate":          {voting.YesNo, `{"delegate":"jury/1"}`, "delegate_form"},
		"a founder as delegate":        {voting.YesNo, `{"delegate":"founders/` + hex64 + `"}`, "delegate_form"},
		"a short delegate":             {voting.YesNo, `{"delegate":"members/` + hex64[2:] + `"}`, "delegate_form"},
		"a delegate in capitals":       {voting.YesNo, `{"delegate":"members/` + strings.ToUpper(hex64) + `"}`, "delegate_form"},
		"an empty delegate":            {voting.YesNo, `{"delegate":""}`, "choice_form"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := voting.ParseChoice(forChoices(t, c.method, true), []byte(c.text)); ruleOf(err) != c.rule || !cmp.Equal(got, voting.Choice{}, cmp.AllowUnexported(voting.Choice{})) {
				t.Errorf("%s: got %+v, %v, want the refusal %s and nothing else", c.text, got, err, c.rule)
			}
		})
	}
}

func TestChoicesThatThePollSwitchedOff(t *testing.T) {
	delegation := `{"delegate":"` + voter(voting.Members, 0) + `"}`
	if _, err := voting.ParseChoice(forChoices(t, voting.YesNo, false), []byte(delegation)); ruleOf(err) != "delegation_off" {
		t.Errorf("delegation: %v", err)
	}
	r := forChoices(t, voting.Quadratic, false)
	r.Negative = false
	if _, err := voting.ParseChoice(r, []byte(`{"votes":{"a":-1}}`)); ruleOf(err) != "negative_votes" {
		t.Errorf("a vote against: %v", err)
	}
	if b, err := (voting.Choice{}).Canonical(); ruleOf(err) != "choice_form" {
		t.Errorf("no choice is written as %s, %v", b, err)
	}
}

func TestEveryGeneratedChoiceReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := polls(methods...).Draw(rt, "poll")
		for _, b := range p.ballots {
			text := b.text(t, p.rules.Method)
			if text == nil {
				continue
			}
			c, err := voting.ParseChoice(p.rules, text)
			if err != nil {
				rt.Fatalf("%s: %v", text, err)
			}
			if back, err := c.Canonical(); err != nil || string(back) != string(text) {
				rt.Fatalf("%s is written as %s, %v", text, back, err)
			}
		}
	})
}

func FuzzParseChoice(f *testing.F) {
	for i := range methods {
		for _, s := range []string{yes, `{"approve":["a"]}`, `{"blank":true}`, `{"scores":{"a":1}}`, `{"ranking":[["b"],["a","c"]]}`, `{"votes":{"a":-2}}`,
			`{"delegate":"` + voter(voting.Members, 0) + `"}`} {
			f.Add(uint8(i), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, method uint8, raw []byte) {
		r := forChoices(t, methods[int(method)%len(methods)], true)
		c, err := voting.ParseChoice(r, raw)
		if err != nil {
			if strings.HasPrefix(ruleOf(err), "not a refusal") {
				t.Fatal(ruleOf(err))
			}
			return
		}
		if back, err := c.Canonical(); err != nil || string(back) != string(raw) {
			t.Fatalf("%q is written as %q, %v", raw, back, err)
		}
		if _, err := voting.Tally(r, []voting.Ballot{{Chamber: voting.Members, Voter: voter(voting.Members, 1), N: 1, Choice: c}}, keys); err != nil {
			t.Fatalf("%q cannot be counted: %v", raw, err)
		}
	})
}
