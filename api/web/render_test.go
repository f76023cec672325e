package web

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// printer renders templates with data, without a router.
type printer struct {
	t     *testing.T
	pages *Pages
}

func newPrinter(t *testing.T) printer {
	t.Helper()
	spec, err := os.ReadFile("../openapi.json")
	must(t, err)
	p, err := New(Options{Spec: spec})
	must(t, err)
	return printer{t, p}
}

func clockAt(unix int64) time.Time { return time.Unix(unix, 0) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// page renders one page, holds it against what every page promises, and returns its text.
func (p printer) page(name string, v view) string {
	p.t.Helper()
	v.Title = "T"
	var b bytes.Buffer
	if err := p.pages.templates[name].ExecuteTemplate(&b, "layout", v); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	root, err := html.Parse(&b)
	must(p.t, err)
	r := reading{labels: map[string]bool{}, ids: map[string]int{}}
	r.walk(root, false)
	r.judge(p.t, name, v)
	return strings.Join(strings.Fields(r.text.String()), " ")
}

// reading is what a walk over a page found.
type reading struct {
	text    strings.Builder // what people read
	labels  map[string]bool
	ids     map[string]int
	inputs  []string
	h1      int
	scripts int
	wrong   []string
}

func (r *reading) walk(n *html.Node, hidden bool) {
	if n.Type == html.TextNode && !hidden {
		r.text.WriteString(n.Data + " ")
	}
	if n.Type == html.ElementNode {
		r.element(n)
		hidden = hidden || slices.Contains([]string{"script", "style", "head"}, n.Data)
	}
	for c := range n.ChildNodes() {
		r.walk(c, hidden)
	}
}

func (r *reading) element(n *html.Node) {
	attr := map[string]string{}
	for _, a := range n.Attr {
		attr[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			r.wrong = append(r.wrong, "attribute "+a.Key)
		}
	}
	if attr["id"] != "" {
		r.ids[attr["id"]]++
	}
	switch n.Data {
	case "h1":
		r.h1++
	case "label":
		r.labels[attr["for"]] = true
	case "input", "select", "textarea":
		if attr["type"] != "hidden" {
			r.inputs = append(r.inputs, attr["id"])
		}
	case "script":
		r.scripts++
		if n.FirstChild != nil || !strings.HasPrefix(attr["src"], "/assets/") {
			r.wrong = append(r.wrong, "a script that is not an asset")
		}
	case "svg":
		if attr["role"] != "img" || attr["aria-label"] == "" {
			r.wrong = append(r.wrong, "a picture without words")
		}
	}
}

func (r *reading) judge(t *testing.T, name string, v view) {
	t.Helper()
	if r.h1 != 1 {
		r.wrong = append(r.wrong, "not one heading of level 1")
	}
	if (r.scripts > 0) != (v.Script != "") {
		r.wrong = append(r.wrong, "a script where none belongs, or none")
	}
	for _, id := range r.inputs {
		if !r.labels[id] {
			r.wrong = append(r.wrong, "no label for "+id)
		}
	}
	for id, n := range r.ids {
		if n > 1 {
			r.wrong = append(r.wrong, "twice: "+id)
		}
	}
	for _, raw := range []string{`{"`, `":`, "map[", "<nil>", "%!", "0x"} {
		if strings.Contains(r.text.String(), raw) {
			r.wrong = append(r.wrong, "people read "+raw)
		}
	}
	if len(r.wrong) > 0 {
		t.Errorf("page %s: %s", name, strings.Join(r.wrong, "; "))
	}
}

func vectors(t *testing.T, name string, to any) {
	t.Helper()
	text, err := os.ReadFile("../../docs/spec/vectors/" + name)
	must(t, err)
	must(t, json.Unmarshal(text, to))
}

func TestEveryCountHasAPage(t *testing.T) {
	p := newPrinter(t)
	var v struct {
		Cases []struct {
			Name   string
			Rules  voting.Rules
			Result voting.Result
		}
	}
	vectors(t, "tally.json", &v)
	for _, c := range v.Cases {
		b := pollOf(c.Rules, service.PollCounted)
		b.Result = readResult(b.M, poll.Transcript{Count: c.Result, Records: 7, Superseded: 2})
		text := p.page("poll", view{Page: b})
		for _, want := range []string{b.Result.Outcome, reasonWords(c.Result.Outcome.Reason), "klero-verify commons_x.klero"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", c.Name, want)
			}
		}
		if rate := c.Result.Rate; rate != nil && !strings.Contains(text, percent(*rate)) {
			t.Errorf("%s: the page lacks the rate %s", c.Name, percent(*rate))
		}
		for _, i := range b.Result.Invalid {
			if !strings.Contains(text, i.Voter) || !strings.Contains(text, i.Why) {
				t.Errorf("%s: the page lacks the invalid ballot of %s", c.Name, i.Voter)
			}
		}
	}
}

// pollOf is a poll with these rules.
func pollOf(r voting.Rules, state service.PollState) ballot {
	m := &poll.Manifest{Community: "commons", Poll: "community/commons/poll/x", Question: "Shall it be?", Rules: r, Mode: poll.ModeSealed, Size: 256, Names: map[string]string{}}
	for _, id := range r.Options {
		m.Names[id] = "Option " + id
	}
	row := service.Poll{ID: "1", Subject: m.Poll, Community: "commons", State: state, Closes: 2_000_000_000, DueAt: 2_000_000_030, Opens: 1_900_000_000, Voters: 3, VoidReason: map[service.PollState]string{service.PollVoid: "a flood"}[state]}
	b := ballot{PollView: service.PollView{Poll: row, Status: string(state)}, M: m, Community: "The Commons"}
	b.fill(clockAt(1_999_999_000))
	return b
}

func TestAPollBeforeItsCountTellsNoTally(t *testing.T) {
	p := newPrinter(t)
	rules := voting.Rules{Method: voting.YesNo, Chambers: []voting.Chamber{{ID: voting.Members, Electors: 10}}}
	for state, wants := range map[service.PollState][]string{
		service.PollOpen:   {"Before you vote", "for another 16 minutes", "3 of 10, 3/10 (30 %)", "After that everybody can read it, for ever"},
		service.PollClosed: {"Being counted", "Look again"},
		service.PollVoid:   {"Reason given: a flood", "the record that ended the poll", "klero-verify commons_x.klero"},
	} {
		text := p.page("poll", view{Page: pollOf(rules, state)})
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", state, want)
			}
		}
		if strings.Contains(text, "The result") || strings.Contains(text, "Rate of yes") {
			t.Errorf("%s: the page has a result", state)
		}
	}
}

func TestEveryMethodHasABallotPage(t *testing.T) {
	p := newPrinter(t)
	for method, want := range map[voting.Method]string{
		voting.YesNo: "Abstain", voting.Approval: "Option b", voting.Score: "From 0 to 9", voting.IRV: "Not ranked", voting.Schulze: "Your ranking", voting.Quadratic: "0 of 99 credits spent",
	} {
		r := voting.Rules{Method: method, MaxScore: 9, Credits: 99, Chambers: []voting.Chamber{{ID: voting.Members}, {ID: voting.Jury}}}
		if method != voting.YesNo {
			r.Options = []string{"a", "b"}
		}
		for _, state := range []service.PollState{service.PollOpen, service.PollClosed} {
			b := pollOf(r, state)
			text := p.page("vote", view{Script: "ballot.js", Page: newPaper(b)})
			if open := state == service.PollOpen; strings.Contains(text, want) != open || strings.Contains(text, "takes no ballots any more") == open {
				t.Errorf("%s while %s: %s", method, state, text)
			}
		}
	}
}

func TestEverySeatHasAHistoryInWords(t *testing.T) {
	p := newPrinter(t)
	var v struct {
		Subject   string
		Result    json.RawMessage
		Open      seating.Open
		Histories []struct {
			Name  string
			Moves []seating.Move
		}
	}
	vectors(t, "seats.json", &v)
	for _, h := range v.Histories {
		var result sortition.Result
		must(t, json.Unmarshal(v.Result, &result))
		text, err := result.Canonical()
		must(t, err)
		replayed, err := seating.New(v.Subject, result, v.Open.Result, v.Open, false)
		must(t, err)
		_, err = seating.Replay(replayed, h.Moves)
		must(t, err)
		j := jury{Draw: service.DrawView{Draw: service.Draw{Result: text}}, Offered: true, View: service.JuryView{Open: v.Open, Seats: replayed.Seats(), Statistics: replayed.Statistics()}}
		must(t, j.fill(clockAt(v.Open.At)))
		page := p.page("jury", view{Page: j})
		for _, s := range replayed.Seats() {
			if !strings.Contains(page, seatStates[s.State].Text) || len(s.History) > 0 && !strings.Contains(page, "First offered to the person drawn") {
				t.Errorf("%s: seat %d is %s, which the page does not tell", h.Name, s.N, s.State)
			}
		}
		if strings.Contains(page, "()") || strings.Contains(page, "offered to  on") {
			t.Errorf("%s: a word is missing", h.Name)
		}
	}
	p.page("jury", view{Page: jury{}})
}

func TestEveryCharterHasAPage(t *testing.T) {
	p := newPrinter(t)
	var v struct {
		Charters []struct {
			Name    string
			Charter json.RawMessage
			Dev     bool
			Refused []any
		}
	}
	vectors(t, "charter.json", &v)
	shown := 0
	for _, c := range v.Charters {
		parsed := new(charter.Charter)
		if len(c.Refused) > 0 {
			continue
		}
		must(t, json.Unmarshal(c.Charter, parsed))
		shown++
		for tier := range 3 {
			page := community{View: service.CommunityView{Community: service.Community{Slug: "commons", Name: "The Commons"}, Charter: parsed, Tier: tier}}
			must(t, page.fill())
			text := p.page("community", view{Page: page})
			if _, jury := parsed.Chamber(charter.ChamberJury); jury && !strings.Contains(text, "The jury has ") {
				t.Errorf("%s: the page does not say what the jury decides", c.Name)
			}
			if (parsed.Ratchet != nil) != strings.Contains(text, "shrinks by itself") {
				t.Errorf("%s: steps of the ratchet", c.Name)
			}
		}
	}
	if shown < 5 {
		t.Errorf("only %d charters of the vectors were shown", shown)
	}
	p.page("community", view{Page: community{View: service.CommunityView{Community: service.Community{Name: "New"}}}})
	p.page("newkey", view{Script: "key.js"})
	p.page("communities", view{Page: []service.Community{{Slug: "a", Name: "A"}}})
}

func TestEveryAnswerHasItsPages(t *testing.T) {
	p := newPrinter(t)
	for _, purpose := range []service.CodePurpose{service.CodeAnswer, service.CodeKey} {
		v := service.Invitation{Purpose: purpose, Terms: seating.Open{Deferral: true}, Seat: seating.Seat{N: 3, Stratum: "north"}}
		in := invitation{Code: "CODE", Found: true, Now: v, Answers: answersTo(v), Grounds: grounds()}
		text := p.page("invitation", view{Page: in})
		if len(in.Answers) != 3 {
			t.Errorf("%s: %d answers, want 3", purpose, len(in.Answers))
		}
		for _, a := range in.Answers {
			in.Chosen = a
			script := map[bool]string{true: "key.js"}[a.Key]
			asked := p.page("answer", view{Script: script, Page: in})
			done := p.page("answered", view{Page: in})
			if !strings.Contains(text, a.Button) || !strings.Contains(asked, a.Meaning) || !strings.Contains(done, a.Done) || a.Ground != strings.Contains(asked, "conflict of interest") {
				t.Errorf("%s: the pages of %q lack its words", purpose, a.Act)
			}
		}
	}
	p.page("invitation", view{Page: invitation{Code: "CODE", Wrong: "No."}})
	v := service.Invitation{Purpose: service.CodeAnswer}
	if len(answersTo(v)) != 2 {
		t.Error("an answer is offered that the terms do not allow")
	}
}

func TestEveryBallotCanBeLookedUp(t *testing.T) {
	p := newPrinter(t)
	for want, r := range map[string]receipt{
		"will be counted":    {Found: &service.BallotAt{N: 4}},
		"replaced it":        {Found: &service.BallotAt{N: 4, Superseded: true}},
		"It was counted":     {Found: &service.BallotAt{N: 4, Counted: true}},
		"it was sealed by":   {Found: &service.BallotAt{N: 4, Counted: true, Invalid: "copied"}, Why: invalidWords("copied")},
		"digits only":        {Wrong: "The number of a receipt has digits only."},
		"Number of your rec": {},
	} {
		r.ballot = pollOf(voting.Rules{Method: voting.YesNo}, service.PollOpen)
		if text := p.page("receipt", view{Page: r}); !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
}
