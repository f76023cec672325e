package web

import (
	"encoding/json"
	"fmt"
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
	for _, connectors := range []bool{true, false} { // figures are shown where there are some
		if !connectors {
			sealed.Connectors = nil
		}
		r := roundAt(sealed, "gifts")
		r.Board = figures(t, r, results[0])
		text := p.page("round", view{Script: "round.js", Page: r})
		if !strings.Contains(text, "Why there are no figures") || strings.Contains(text, "match now") != connectors {
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

func TestEveryGiftCanBeLookedUp(t *testing.T) {
	p := newPrinter(t)
	m, _ := roundVector(t, poll.ModeOpen)
	for _, tt := range []struct {
		status string
		r      recorded
		want   string
	}{
		{"gifts", recorded{}, "Number of your receipt"},
		{"gifts", recorded{Wrong: "The number of a receipt has digits only."}, "digits only"},
		{"gifts", recorded{Found: &service.Gift{N: 4, Project: "mill", Amount: funding.Units(1250)}}, "12.50 EUR for mill . It will be matched"},
		{"gifts", recorded{Found: &service.Gift{N: 4}}, "It is sealed: nobody can read yet"},
		{"gifts", recorded{Found: &service.Gift{N: 4, Project: "mill", Refunded: true}}, "was refunded"},
		{"void", recorded{Found: &service.Gift{N: 4, Project: "mill"}}, "no gift counts"},
		{"final", recorded{Found: &service.Gift{N: 4}, Why: invalidGift("copied")}, "It does not count: it was sealed by somebody else: a copy."},
		{"final", recorded{Found: &service.Gift{N: 4, Project: "mill"}}, "It was matched"},
	} {
		tt.r.fundingRound = roundAt(m, tt.status)
		if text := p.page("gift", view{Page: tt.r}); !strings.Contains(text, tt.want) {
			t.Errorf("%s: the page lacks %q: %s", tt.status, tt.want, text)
		}
	}
}
