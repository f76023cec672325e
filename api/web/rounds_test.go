package web

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// vectorRound is a round of the vectors with its results.
type vectorRound struct {
	Name     string
	Manifest json.RawMessage
	Results  []json.RawMessage
}

func roundVector(t *testing.T, name poll.Mode) (m *grants.Manifest, results []grants.ResultFile) {
	t.Helper()
	var v struct{ Rounds []vectorRound }
	vectors(t, "round.json", &v)
	for _, r := range v.Rounds {
		if r.Name != string(name) {
			continue
		}
		m = new(grants.Manifest)
		must(t, json.Unmarshal(r.Manifest, m))
		for _, text := range r.Results {
			f, err := grants.ParseResultFile(text)
			must(t, err)
			results = append(results, f)
		}
	}
	return m, results
}

func called(id string) (string, error) { return "The " + id, nil }

// roundAt is a round of the vectors in one status, read a minute before its applications end.
func roundAt(m *grants.Manifest, status string) fundingRound {
	state := service.RoundOpen
	switch status {
	case "closed", "final", "void":
		state = service.RoundState(status)
	}
	row := service.Round{
		ID: "1", Subject: m.Round, Community: m.Community, State: state, Opens: m.Opens, GiftsStart: m.GiftsStart, GiftsEnd: m.GiftsEnd, DueAt: m.GiftsEnd + 30,
		Pool: funding.Units(123456), Gifts: 7,
	}
	if m.Beacon != nil {
		row.Beacon = m.Beacon.Round
	}
	r := fundingRound{RoundView: service.RoundView{Round: row, Status: status, Terms: m}, Community: "The River"}
	r.fill(clockAt(map[string]int64{"announced": m.Opens, "applications": m.ApplicationsEnd, "review": m.GiftsStart, "gifts": m.GiftsEnd, "closed": row.DueAt}[status] - 60))
	return r
}

// figures are the projects of a result as an estimate would have them.
func figures(t *testing.T, r fundingRound, f grants.ResultFile) *board {
	t.Helper()
	b, err := newBoard(service.EstimateView{Projects: f.Projects, Pool: f.Pool, JuryPart: funding.Units(5), Exact: true}, r.Asset, called)
	must(t, err)
	return b
}

func roundScript(r fundingRound) string {
	if r.Live() {
		return "round.js"
	}
	return ""
}

func TestARoundSaysWhatIsPossibleNow(t *testing.T) {
	p := newPrinter(t)
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		m, results := roundVector(t, mode)
		for status, wants := range map[string][]string{
			"announced":    {"Applications begin in 1 minute"},
			"applications": {"Applications are taken for another 1 minute", "Apply with a project", "Taking applications"},
			"review":       {"Gifts are taken in 1 minute", "Under review"},
			"gifts":        {"Gifts are taken for another 1 minute", "Give"},
			"closed":       {"Look again", "Being matched"},
			"void":         {"Reason given: a flood", "the record that ended the round", "klero-verify community_river_round_spring.klero"},
		} {
			r := roundAt(m, status)
			if status == "void" {
				r.VoidReason = "a flood"
			} else {
				r.Board = figures(t, r, results[0])
			}
			r.Topups = []grants.Topup{{Amount: funding.Units(23456), At: m.Opens, Reference: "a <friend>"}}
			text := p.page("round", view{Script: roundScript(r), Page: r})
			for _, want := range append(wants, "1,234.56 EUR in the pool", "7 gifts recorded", "a <friend>", "square roots", "set aside for solidarity") {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: the page lacks %q: %s", mode, status, want, text)
				}
			}
			for what, only := range map[string]string{"Apply with a project": "applications", "Look again": "closed"} {
				if strings.Contains(text, what) != (only == status) {
					t.Errorf("%s, %s: the page offers %q: %t", mode, status, what, only != status)
				}
			}
			if strings.Contains(text, "Versions") || strings.Contains(text, "What was paid") {
				t.Errorf("%s, %s: the page has a result", mode, status)
			}
		}
	}
}

func TestARoundShowsItsProjectsByWhatTheyGet(t *testing.T) {
	p := newPrinter(t)
	m, results := roundVector(t, poll.ModeOpen)
	r := roundAt(m, "gifts")
	r.Board = figures(t, r, results[0])
	text := p.page("round", view{Script: "round.js", Page: r})
	last := -1
	for i, row := range r.Board.Rows {
		if i > 0 && r.Board.Rows[i-1].Gets.Cmp(row.Gets) < 0 {
			t.Errorf("row %d gets more than the one before", i)
		}
		want := fmt.Sprintf("The %s Given %s by %s , match now %s", row.ID, money(row.Given, r.Asset), plural(row.Donors, "person", "people"), money(row.Match, r.Asset))
		at := strings.Index(text, want)
		if at < last || at < 0 {
			t.Errorf("the page lacks %q behind the one before: %s", want, text)
		}
		last = at
		if end := row.Picture.Parts[1]; end.From+end.Wide > barWide || i == 0 && end.From+end.Wide != barWide && len(r.Board.Rows) == 1 {
			t.Errorf("%s: the picture ends at %d", row.ID, end.From+end.Wide)
		}
	}
	if !strings.Contains(text, "The jury's votes share up to 0.05 EUR") || !strings.Contains(text, "A jury drawn by lot shares 1/4") {
		t.Errorf("the jury's part is not said: %s", text)
	}
	m.Connectors = nil
	sealed, _ := roundVector(t, poll.ModeSealed)
	for connectors, figuresShown := range map[bool]bool{true: true, false: false} {
		if !connectors {
			sealed.Connectors = nil
		}
		r := roundAt(sealed, "gifts")
		r.Board = figures(t, r, results[0])
		text := p.page("round", view{Script: "round.js", Page: r})
		if !strings.Contains(text, "Why there are no figures") || strings.Contains(text, "match now") != figuresShown {
			t.Errorf("a sealed round, with connectors %t: %s", connectors, text)
		}
	}
}

func TestAQuestionIsAnsweredOnThePage(t *testing.T) {
	p := newPrinter(t)
	m, results := roundVector(t, poll.ModeOpen)
	r := roundAt(m, "gifts")
	r.Board = figures(t, r, results[0])
	own := results[0].Projects[0].Project
	r.Asked = question{Can: true, Project: own, Amount: "10", Answered: true, Money: funding.Units(1000)}
	changes := []funding.Change{{Project: "aaa", Before: funding.Units(900), After: funding.Units(800)}, {Project: own, Before: funding.Units(100), After: funding.Units(350)}}
	r.Asked.list(changes, r)
	text := p.page("round", view{Script: "round.js", Page: r})
	mine, other := strings.Index(text, "The "+own+" : match +2.50 EUR, then 3.50 EUR"), strings.Index(text, "aaa : match −1.00 EUR, then 8.00 EUR")
	if mine < 0 || other < mine || !strings.Contains(text, "A gift of 10.00 EUR") {
		t.Errorf("the answer: %s", text)
	}
	r.Asked = question{Can: true, Amount: "x", Wrong: "Write the amount in digits."}
	if text := p.page("round", view{Script: "round.js", Page: r}); !strings.Contains(text, "Write the amount in digits.") || strings.Contains(text, "A gift of") {
		t.Errorf("a wrong question: %s", text)
	}
}

func TestAFinalRoundShowsItsResult(t *testing.T) {
	p := newPrinter(t)
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		m, results := roundVector(t, mode)
		r := roundAt(m, "final")
		newest := results[len(results)-1]
		r.Versions = int64(len(results))
		o, err := newOutcome(newest, r.Asset, called)
		must(t, err)
		o.Payouts = []payoutRow{{Payout: grants.Payout{Account: "DE02", Amount: funding.Units(77), At: m.GiftsEnd, Reference: "bank 9", Version: 2}, Title: "The mill"}}
		first := versionRow{RoundVersion: service.RoundVersion{Number: 1, At: m.GiftsEnd}}
		second := versionRow{RoundVersion: service.RoundVersion{Number: 2, At: m.GiftsEnd + 9, Reason: "two accounts <of> one person"}, Newest: true, Struck: correctionWords(newest.Changes)}
		must(t, second.list([]funding.Change{{Project: "mill", Before: funding.Units(500), After: funding.Units(200)}}, r.Asset, called))
		o.Versions = []versionRow{second, first}
		r.Outcome = o
		text := p.page("round", view{Page: r})
		wants := []string{"two accounts <of> one person", "in force", "The mill 5.00 EUR 2.00 EUR −3.00 EUR", "bank 9", "DE02", "0.77 EUR", "klero-verify community_river_round_spring.klero", "The file of version 1", "Merkle tree"}
		for _, x := range newest.Payable() {
			wants = append(wants, fmt.Sprintf("The %s %s %s of the pool", x.Project, money(x.Amount, r.Asset), portion(x.Amount, newest.Pool)))
		}
		for _, x := range newest.Invalid {
			wants = append(wants, fmt.Sprintf("Gift %d : %s", x.N, invalidGift(x.Rule)))
		}
		if newest.Jury != nil {
			wants = append(wants, "The jury's part", money(newest.Jury.Part, r.Asset))
		}
		for _, want := range append(wants, correctionWords(newest.Changes)...) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q: %s", mode, want, text)
			}
		}
	}
}

func TestEveryProjectHasAPage(t *testing.T) {
	p := newPrinter(t)
	m, _ := roundVector(t, poll.ModeOpen)
	for state, want := range map[grants.State]string{
		grants.Applied: "have not decided", grants.Approved: "takes part", grants.Rejected: "The reasons are below", grants.Appealed: "has appealed", grants.Withdrawn: "do not count",
	} {
		for _, status := range []string{"applications", "review", "gifts", "closed", "void"} {
			x := project{fundingRound: roundAt(m, status), P: service.Project{Round: "1", Project: grants.Project{ID: "mill", Owner: strings.Repeat("a", 64), Title: "The <b>mill</b>", State: state, Seq: 2, RejectedAt: m.GiftsStart - 100}}}
			x.Text = linked("<script>alert(1)</script> see https://example.org/a.")
			x.History = []actRow{{N: 2, At: m.Opens, Text: "applied"}, {N: 3, At: m.Opens, Text: "rejected: it is not what the round is for", Reviewer: "rita", Reasons: linked("No."), Digest: strings.Repeat("c", 64)}}
			now := map[string]int64{"applications": m.Opens, "review": m.GiftsStart - 1, "gifts": m.GiftsStart, "closed": m.GiftsEnd, "void": m.Opens}[status]
			x.may(now)
			script := map[bool]string{true: "project.js"}[x.Script]
			text := p.page("project", view{Script: script, Page: x})
			for _, want := range []string{want, "<script>alert(1)</script> see https://example.org/a .", "The <b>mill</b>", "the reviewer rita rejected: it is not what the round is for No."} {
				if !strings.Contains(text, want) {
					t.Errorf("%s while %s: the page lacks %q: %s", state, status, want, text)
				}
			}
			live := status != "closed" && status != "void"
			for what, has := range map[string]bool{
				"Change the application": status == "applications" && state == grants.Applied, "Appeal against": live && state == grants.Rejected,
				"Give to this project": status == "gifts" && state == grants.Approved, "ithdraw the project": live && state != grants.Withdrawn,
			} {
				if strings.Contains(text, what) != has {
					t.Errorf("%s while %s: the page offers %q: %t", state, status, what, !has)
				}
			}
		}
	}
}

func TestASheetExplainsAnAmount(t *testing.T) {
	p := newPrinter(t)
	m, results := roundVector(t, poll.ModeOpen)
	f := results[0]
	x := project{fundingRound: roundAt(m, "final"), P: service.Project{Project: grants.Project{ID: f.Projects[0].Project, Title: "One", State: grants.Approved}}}
	s := service.ProjectSheet{Version: 1, Project: f.Projects[0], Amount: f.Payable()[0].Amount, Jury: &grants.JuryProject{Amount: funding.Units(5), Votes: 3}}
	for i := range 250 {
		s.Effects = append(s.Effects, funding.DonorEffect{Donor: fmt.Sprintf("%032d", i), Counts: funding.Units(uint64(i)), With: funding.Units(1000), Without: funding.Units(uint64(1000 - i))})
	}
	for first, wants := range map[int][]string{0: {fmt.Sprintf("%032d", 99), "Those after"}, 100: {"Those before", "Those after"}, 200: {fmt.Sprintf("%032d", 249), "+2.49 EUR", "Those before"}, 999: {fmt.Sprintf("%032d", 0)}} {
		x.Sheet = newSheet(s, f, x.Asset, first)
		text := p.page("project", view{Page: x})
		for _, line := range x.Sheet.Lines {
			wants = append(wants, line.Name, line.Exact, line.How)
		}
		for _, want := range append(wants, money(s.Amount, x.Asset)+" by version 1", f.Projects[0].Raw.String(), f.Total.String()) {
			if !strings.Contains(text, want) {
				t.Errorf("from %d: the page lacks %q", first, want)
			}
		}
		if strings.Contains(text, "Those after") == (first == 200) || strings.Contains(text, "Those before") == (first == 0 || first == 999) {
			t.Errorf("from %d: the pages before and after are wrong", first)
		}
	}
	if wide := newSheet(s, f, x.Asset, 0).Effects[1].Picture.Parts[0].Wide; wide != 4 { // 1 of 249
		t.Errorf("the picture of a small effect is %d wide", wide)
	}
	s.Effects, s.NoEffects = nil, "Under this rule it cannot be told."
	x.Sheet = newSheet(s, f, x.Asset, 0)
	if text := p.page("project", view{Page: x}); !strings.Contains(text, s.NoEffects) {
		t.Error("the page does not say why there are no effects")
	}
}

func TestGivingAndApplyingHavePages(t *testing.T) {
	p := newPrinter(t)
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		m, results := roundVector(t, mode)
		for _, status := range []string{"announced", "applications", "review", "gifts", "closed", "final", "void"} {
			g := newGiving(roundAt(m, status))
			g.Board = figures(t, g.fundingRound, results[0])
			g.Choices = []optionOf{{"mill", "The mill"}}
			text := p.page("give", view{Script: "give.js", Page: g})
			open := status == "gifts"
			if strings.Contains(text, "takes no gifts now") == open || strings.Contains(text, "kleroterion gift") != open || strings.Contains(text, "is sealed here") != (open && mode == poll.ModeSealed) {
				t.Errorf("%s while %s: %s", mode, status, text)
			}
			for _, a := range []application{{fundingRound: g.fundingRound, Open: status == "applications", Seq: 1}, {fundingRound: g.fundingRound, Open: status == "applications", Change: true, Seq: 2, Source: "\nWhy </textarea><b>", Title: "\"T\""}} {
				text := p.page("apply", view{Script: "project.js", Page: a})
				if strings.Contains(text, "What you send is public") != (status == "applications") || a.Open && a.Change && !strings.Contains(text, "Why </textarea><b>") {
					t.Errorf("%s, change %t: %s", status, a.Change, text)
				}
			}
		}
	}
}

func TestACommunityListsItsRounds(t *testing.T) {
	m, _ := roundVector(t, poll.ModeOpen)
	page := community{View: service.CommunityView{Community: service.Community{Slug: "river", Name: "The River"}}, Rounds: []service.RoundView{roundAt(m, "gifts").RoundView}}
	if text := newPrinter(t).page("community", view{Page: page}); !strings.Contains(text, "Funding rounds Spring round Taking gifts") {
		t.Errorf("the page: %s", text)
	}
}

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

func TestOnlyAddressesOfPagesBecomeLinks(t *testing.T) {
	for text, want := range map[string][]string{
		"see https://example.org/a?b=c, or (http://example.org/x).": {"https://example.org/a?b=c", "http://example.org/x"},
		"https://example.org": {"https://example.org"},
		"javascript:alert(1) data:text/html,x ftp://example.org //example.org mailto:a@b": nil,
		"https://user:word@example.org/":         nil,
		"https://trusted.example@evil.example/":  nil,
		"http:// https:///path":                  nil,
		"https://example.org/\u202egro.elpmaxe/": nil,
		"<a href=\"https://example.org\">x</a>":  {"https://example.org"},
		"":                                       nil,
	} {
		var links []string
		whole := ""
		for _, x := range linked(text) {
			whole += x.Text
			if x.Href != "" {
				links = append(links, x.Href)
			}
			if x.Href != "" && x.Href != x.Text {
				t.Errorf("%q: %q leads to %q", text, x.Text, x.Href)
			}
		}
		if whole != text || fmt.Sprint(links) != fmt.Sprint(want) {
			t.Errorf("%q: %q with links %q, want %q", text, whole, links, want)
		}
	}
}

func FuzzForeignTexts(f *testing.F) {
	f.Add("see https://example.org/a, or javascript:x")
	f.Fuzz(func(t *testing.T, text string) {
		whole := ""
		for _, x := range linked(text) {
			whole += x.Text
			if x.Href != "" && !strings.HasPrefix(x.Href, "https://") && !strings.HasPrefix(x.Href, "http://") {
				t.Errorf("%q leads to %q", text, x.Href)
			}
		}
		if whole != text {
			t.Errorf("%q became %q", text, whole)
		}
	})
}
