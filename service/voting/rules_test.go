package voting_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/canonical"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

func TestRulesReadBack(t *testing.T) {
	text := `{"chambers":[{"electors":300,"id":"members","quorum":{"kind":"turnout","min":"1/5"},"share":"4/5"},` +
		`{"electors":51,"floor":"1/4","id":"jury","quorum":{"kind":"turnout","min":"1/2"},"share":"1/5","thin":"scale"}],` +
		`"delegation_cap":"1/100","max_score":5,"method":"score","minimum":"5/2","options":["a","b"],"threshold":"0/1","winners":2}`
	var r voting.Rules
	if err := canonical.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	if b, err := canonical.Marshal(r); err != nil || string(b) != text {
		t.Errorf("written as %s, %v", b, err)
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	many := make([]string, 101)
	for i := range many {
		many[i] = "o-" + strings.Repeat("x", i%60) + string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	members := func(f func(*voting.Chamber)) func(*voting.Rules) { return func(r *voting.Rules) { f(&r.Chambers[0]) } }
	jury := func(f func(*voting.Chamber)) func(*voting.Rules) { return func(r *voting.Rules) { f(&r.Chambers[1]) } }
	for name, c := range map[string]struct {
		method voting.Method
		change func(*voting.Rules)
		rule   string
	}{
		"no method":                        {"", func(r *voting.Rules) {}, "method"},
		"an unknown method":                {"borda", func(r *voting.Rules) {}, "method"},
		"options of yes_no":                {voting.YesNo, func(r *voting.Rules) { r.Options = []string{"a", "b"} }, "options"},
		"an empty list of yes_no":          {voting.YesNo, func(r *voting.Rules) { r.Options = []string{} }, "options"},
		"one option":                       {voting.IRV, func(r *voting.Rules) { r.Options = []string{"a"} }, "options"},
		"too many options":                 {voting.IRV, func(r *voting.Rules) { r.Options = many }, "options"},
		"an option in capitals":            {voting.IRV, func(r *voting.Rules) { r.Options = []string{"A", "b"} }, "options"},
		"an option with a line end":        {voting.IRV, func(r *voting.Rules) { r.Options = []string{"a\n", "b"} }, "options"},
		"a long option":                    {voting.IRV, func(r *voting.Rules) { r.Options = []string{strings.Repeat("a", 65), "b"} }, "options"},
		"an option twice":                  {voting.IRV, func(r *voting.Rules) { r.Options = []string{"a", "a"} }, "options"},
		"winners of yes_no":                {voting.YesNo, func(r *voting.Rules) { r.Winners = 1 }, "winners"},
		"no winners":                       {voting.Approval, func(r *voting.Rules) { r.Winners = 0 }, "winners"},
		"more winners than options":        {voting.Approval, func(r *voting.Rules) { r.Winners = 4 }, "winners"},
		"two winners of schulze":           {voting.Schulze, func(r *voting.Rules) { r.Winners = 2 }, "winners"},
		"no best score":                    {voting.Score, func(r *voting.Rules) { r.MaxScore = 0 }, "max_score"},
		"a best score above 1000":          {voting.Score, func(r *voting.Rules) { r.MaxScore = 1001 }, "max_score"},
		"a best score of approval":         {voting.Approval, func(r *voting.Rules) { r.MaxScore = 5 }, "max_score"},
		"no credits":                       {voting.Quadratic, func(r *voting.Rules) { r.Credits = 0 }, "credits"},
		"too many credits":                 {voting.Quadratic, func(r *voting.Rules) { r.Credits = 1_000_001 }, "credits"},
		"credits of score":                 {voting.Score, func(r *voting.Rules) { r.Credits = 1 }, "credits"},
		"negative approval":                {voting.Approval, func(r *voting.Rules) { r.Negative = true }, "negative"},
		"a minimum of irv":                 {voting.IRV, func(r *voting.Rules) { r.Minimum = fracp(t, "1/2") }, "minimum"},
		"a minimum of 0":                   {voting.Approval, func(r *voting.Rules) { r.Minimum = fracp(t, "0/1") }, "minimum"},
		"a minimum that nobody reaches":    {voting.Score, func(r *voting.Rules) { r.Minimum = fracp(t, "11/2") }, "minimum"},
		"a threshold that nobody passes":   {voting.YesNo, func(r *voting.Rules) { r.Threshold = frac(t, "1/1") }, "threshold"},
		"a threshold above 1":              {voting.YesNo, func(r *voting.Rules) { r.Threshold, r.Inclusive = frac(t, "3/2"), true }, "threshold"},
		"a threshold that everybody meets": {voting.YesNo, func(r *voting.Rules) { r.Threshold, r.Inclusive = frac(t, "0/1"), true }, "threshold"},
		"a threshold of approval":          {voting.Approval, func(r *voting.Rules) { r.Threshold = frac(t, "1/2") }, "threshold"},
		"an inclusive election":            {voting.Approval, func(r *voting.Rules) { r.Inclusive = true }, "threshold"},
		"a negative fraction":              {voting.YesNo, func(r *voting.Rules) { r.Threshold = frac(t, "-1/2") }, "fraction_range"},
		"a long fraction":                  {voting.YesNo, func(r *voting.Rules) { r.Threshold = frac(t, "500000/1000001") }, "fraction_range"},
		"no chambers":                      {voting.YesNo, func(r *voting.Rules) { r.Chambers = nil }, "chamber"},
		"no members":                       {voting.YesNo, func(r *voting.Rules) { r.Chambers = r.Chambers[1:] }, "chamber"},
		"an unknown chamber":               {voting.YesNo, members(func(c *voting.Chamber) { c.ID = "senate" }), "chamber"},
		"a chamber twice":                  {voting.YesNo, jury(func(c *voting.Chamber) { *c = voting.Chamber{ID: voting.Members, Share: c.Share} }), "chamber"},
		"electors below 0":                 {voting.YesNo, members(func(c *voting.Chamber) { c.Electors = -1 }), "electors"},
		"more electors than people":        {voting.YesNo, members(func(c *voting.Chamber) { c.Electors = 10_000_000_001 }), "electors"},
		"an unknown quorum":                {voting.YesNo, jury(func(c *voting.Chamber) { c.Quorum.Kind = "yes" }), "quorum"},
		"an approval quorum of the jury":   {voting.YesNo, jury(func(c *voting.Chamber) { c.Quorum.Kind = voting.OfApproval }), "quorum"},
		"a quorum of 0":                    {voting.YesNo, jury(func(c *voting.Chamber) { c.Quorum.Min = ratio.Ratio{} }), "quorum"},
		"a quorum above 1":                 {voting.YesNo, jury(func(c *voting.Chamber) { c.Quorum.Min = frac(t, "3/2") }), "quorum"},
		"a jury without thin":              {voting.YesNo, jury(func(c *voting.Chamber) { c.Thin = "" }), "thin"},
		"drop without a quorum":            {voting.YesNo, jury(func(c *voting.Chamber) { c.Thin, c.Quorum = voting.Drop, nil }), "thin"},
		"a floor of 0":                     {voting.YesNo, jury(func(c *voting.Chamber) { c.Floor = fracp(t, "0/1") }), "floor"},
		"a floor above the quorum":         {voting.YesNo, jury(func(c *voting.Chamber) { c.Floor = fracp(t, "3/4") }), "floor"},
		"thin members":                     {voting.YesNo, members(func(c *voting.Chamber) { c.Thin = voting.Scale }), "jury_only"},
		"a floor of the members":           {voting.YesNo, members(func(c *voting.Chamber) { c.Floor = fracp(t, "1/4") }), "jury_only"},
		"shares below 1":                   {voting.YesNo, members(func(c *voting.Chamber) { c.Share = frac(t, "3/4") }), "shares"},
		"shares above 1":                   {voting.YesNo, members(func(c *voting.Chamber) { c.Share = frac(t, "5/6") }), "shares"},
		"members without a share":          {voting.YesNo, func(r *voting.Rules) { r.Chambers[0].Share, r.Chambers[1].Share = frac(t, "0/1"), frac(t, "1/1") }, "shares"},
		"a cap of 0":                       {voting.YesNo, func(r *voting.Rules) { r.Cap = fracp(t, "0/1") }, "delegation_cap"},
		"a cap above 1":                    {voting.YesNo, func(r *voting.Rules) { r.Cap = fracp(t, "2/1") }, "delegation_cap"},
	} {
		t.Run(name, func(t *testing.T) {
			r := twoChambers(t, c.method, 10, 6)
			c.change(r)
			if err := r.Check(); ruleOf(err) != c.rule {
				t.Errorf("got %v, want the refusal %s", err, c.rule)
			}
			if res, err := voting.Tally(r, nil, keys); ruleOf(err) != c.rule || !cmp.Equal(res, voting.Result{}) {
				t.Errorf("Tally: got %v, %v, want the refusal %s and nothing else", res, err, c.rule)
			}
		})
	}
}

func TestBallotsThatCannotBeAPolls(t *testing.T) {
	m := voter(voting.Members, 0)
	other := forChoices(t, voting.Score, false)
	other.Options = []string{"x", "y", "a"}
	score := newBox(t, forChoices(t, voting.Score, false)).add(voting.Members, 1, `{"scores":{"a":5}}`).ballots[0].Choice
	foreign := newBox(t, other).add(voting.Members, 1, `{"scores":{"a":1}}`).ballots[0].Choice
	yesNo := newBox(t, forChoices(t, voting.YesNo, false)).add(voting.Members, 1, yes).ballots[0].Choice
	one := func(change func(*voting.Ballot)) []voting.Ballot {
		b := voting.Ballot{Chamber: voting.Members, Voter: m, N: 1, Choice: score}
		change(&b)
		return []voting.Ballot{b}
	}
	for name, c := range map[string]struct {
		ballots []voting.Ballot
		rule    string
	}{
		"an unknown chamber":             {one(func(b *voting.Ballot) { b.Chamber = voting.Founders; b.Voter = "founders" + m[len("members"):] }), "ballot_chamber"},
		"a voter of another chamber":     {one(func(b *voting.Ballot) { b.Voter = "jury/1" }), "voter_form"},
		"a voter without a name":         {one(func(b *voting.Ballot) { b.Voter = "members/" }), "voter_form"},
		"a voter with a longer prefix":   {one(func(b *voting.Ballot) { b.Voter = "memberss" + m[len("members"):] }), "voter_form"},
		"a voter in capitals":            {one(func(b *voting.Ballot) { b.Voter = "members/" + strings.ToUpper(strings.Repeat("ab", 32)) }), "voter_form"},
		"seat 0":                         {one(func(b *voting.Ballot) { b.Chamber, b.Voter = voting.Jury, "jury/0" }), "voter_form"},
		"a seat with a leading zero":     {one(func(b *voting.Ballot) { b.Chamber, b.Voter = voting.Jury, "jury/01" }), "voter_form"},
		"a seat that is no number":       {one(func(b *voting.Ballot) { b.Chamber, b.Voter = voting.Jury, "jury/+1" }), "voter_form"},
		"a negative number":              {one(func(b *voting.Ballot) { b.N = -1 }), "ballot_number"},
		"neither choice nor reason":      {one(func(b *voting.Ballot) { b.Choice = voting.Choice{} }), "ballot_choice"},
		"choice and reason":              {one(func(b *voting.Ballot) { b.Invalid = "signature" }), "ballot_choice"},
		"a choice of another method":     {one(func(b *voting.Ballot) { b.Choice = yesNo }), "ballot_choice"},
		"a choice of other options":      {one(func(b *voting.Ballot) { b.Choice = foreign }), "ballot_choice"},
		"a score above this poll's best": {one(func(b *voting.Ballot) {}), "ballot_choice"},
		"a reason that is no code":       {one(func(b *voting.Ballot) { b.Choice, b.Invalid = voting.Choice{}, "Too late" }), "invalid_reason"},
		"a voter twice":                  {append(one(func(b *voting.Ballot) { b.Choice, b.Invalid = voting.Choice{}, "x" }), one(func(b *voting.Ballot) { b.Choice, b.Invalid = voting.Choice{}, "y" })...), "voter_twice"},
		"a juror where there are no seats": {one(func(b *voting.Ballot) {
			b.Chamber, b.Voter, b.Choice, b.Invalid = voting.Jury, "jury/1", voting.Choice{}, "x"
		}), "more_than_electors"},
	} {
		t.Run(name, func(t *testing.T) {
			r := forChoices(t, voting.Score, false)
			r.MaxScore = 4
			if res, err := voting.Tally(r, c.ballots, keys); ruleOf(err) != c.rule || !cmp.Equal(res, voting.Result{}) {
				t.Errorf("got %v, %v, want the refusal %s and nothing else", res, err, c.rule)
			}
		})
	}
}

func TestElectionsNeedTieKeys(t *testing.T) {
	if _, err := voting.Tally(forChoices(t, voting.IRV, false), nil, nil); ruleOf(err) != "tie_keys" {
		t.Errorf("got %v", err)
	}
}

func TestResultsThatAreRefused(t *testing.T) {
	good, err := newBox(t, twoChambers(t, voting.YesNo, 3, 0)).add(voting.Members, 2, yes).tally().Canonical()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing": ``, "an empty object": `{}`, "white space": " " + string(good), "another spec": strings.Replace(string(good), "K-TALLY/1", "K-TALLY/2", 1),
		"an unknown member": strings.Replace(string(good), `"spec"`, `"sort":1,"spec"`, 1), "a decimal": strings.Replace(string(good), `"rate":"1/1"`, `"rate":"1.0"`, 1),
	} {
		if _, err := voting.ParseResult([]byte(text)); ruleOf(err) != "result_form" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := voting.ParseResult(good); err != nil {
		t.Error(err)
	}
}
