package web

import (
	"fmt"
	"strings"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

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
