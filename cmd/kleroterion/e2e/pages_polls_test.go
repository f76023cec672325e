package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	core "kleroterion/service"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// TestAJurorVotesFromAPhone goes from a letter to the picture of the result with nothing but a keyboard.
func TestAJurorVotesFromAPhone(t *testing.T) {
	t.Parallel()
	b, s := newBrowser(t), newRiverside(t)
	phone := b.phone(t, s.URL, true)
	s.acceptsWithKey(t, phone, s.letters[0], "key-file")
	other := b.phone(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), true)
	other.withPasskeys()
	s.acceptsWithKey(t, other, s.letters[1], "key-passkey")
	s.answersWithoutScript(t, b.phone(t, s.URL, false))

	p := s.asked(t, "riverside-park", poll.Question{Text: "Shall the riverside park be opened to everybody?", Method: voting.YesNo})
	s.reads(t, phone, p.ID)
	n := castsYes(t, phone, p.ID)
	castsNo(t, other, p.ID)
	s.votesWithFile(t, b.phone(t, s.URL, true), p.ID)
	looksUp(t, phone, p.ID, n, "will be counted")

	s.counted(t, p.ID)
	if status := phone.visit("/polls/" + p.ID); status != http.StatusOK {
		t.Errorf("the counted poll answers %d", status)
	}
	phone.fits("result", true)
	phone.legible("result")
	says(t, phone, "Passed.", "9/10 (90 %)", "yes 1, no 1", "2 of 3 took part", "klero-verify")
	if n := ask[int](phone, `[...document.querySelectorAll("svg.bar[role=img]")].filter(e => e.getBoundingClientRect().height > 20 && e.getAttribute("aria-label")).length`); n != 3 {
		t.Errorf("%d pictures are shown, want one together and one a chamber", n)
	}
	phone.quiet()
	looksUp(t, phone, p.ID, n, "It was counted")
}

// acceptsWithKey answers a letter with the keyboard: code, answer, key.
func (s *riverside) acceptsWithKey(t *testing.T, p *phone, l core.Letter, kind string) {
	t.Helper()
	p.visit("/invitation")
	p.fits("code", false)
	p.tabTo("code")
	p.press(strings.ToLower(l.Code))
	p.follow()
	p.fits("letter", true)
	p.legible("letter")
	says(t, p, "Without an answer by then, the seat is offered to the next person")
	p.tabTo("Accept")
	p.follow()
	p.runs("answer")
	p.legible("answer")
	if kind == "key-passkey" {
		p.tabTo("key-file")
		p.press(kb.ArrowDown)
		if at := ask[string](p, `document.activeElement.id`); at != kind {
			t.Fatalf("the arrow leads to %q, want %s", at, kind)
		}
	}
	p.tabTo("give")
	p.press(kb.Enter)
	p.shown("done")
	p.runs("accepted")
	says(t, p, "You have accepted")
	if kind == "key-file" && !ask[bool](p, `document.getElementById("save").href.startsWith("blob:") && document.getElementById("save").offsetHeight > 0`) {
		t.Error("the key is not offered as a file")
	}
	if strings.Contains(ask[string](p, `location.href`), l.Code[:5]) {
		t.Error("the code is in the address")
	}
	v := got(s.Service.Jury(t.Context(), s.draw))(t)
	if seat := v.Seats[l.Seat-1]; seat.State != seating.Serving || seat.Key == nil {
		t.Fatalf("seat %d is %s with key %v after the answer", l.Seat, seat.State, seat.Key)
	}
	p.quiet("missing at least one of the default algorithm identifiers") // RS256, which no key here has
}

// answersWithoutScript accepts one seat without a key, and declines another.
func (s *riverside) answersWithoutScript(t *testing.T, p *phone) {
	t.Helper()
	for i, button := range map[int]string{2: "Accept", 3: "Decline"} {
		l := s.letters[i]
		p.visit("/invitation")
		p.tabTo("code")
		p.press(l.Code)
		p.follow()
		p.tabTo(button)
		p.follow()
		p.tabTo("give")
		p.follow()
		p.fits("answered", true)
		says(t, p, "Thank you")
	}
	v := got(s.Service.Jury(t.Context(), s.draw))(t)
	accepted, declined := v.Seats[s.letters[2].Seat-1], v.Seats[s.letters[3].Seat-1]
	if accepted.State != seating.Serving || accepted.Key != nil || declined.Offers != 2 {
		t.Errorf("without scripts: %+v and %+v", accepted, declined)
	}
	p.visit("/invitation")
	p.tabTo("code")
	p.press(s.letters[3].Code)
	p.follow()
	says(t, p, "This code opens nothing")
	p.quiet("404")
}

// reads visits what there is to read before a vote.
func (s *riverside) reads(t *testing.T, p *phone, id string) {
	t.Helper()
	for path, wants := range map[string][]string{
		"/draws/" + s.draw + "/jury": {"The seats", "serving", "invited", "How people answered"},
		"/communities":               {"Commons of the Lower River"},
		"/communities/" + commons:    {"The jury has 1/5 (20 %)", "3/8 (about 38 %)", "5/8 (about 63 %)", "riverside park", "jury of residents: 1/5 (20 %)"},
		"/polls/" + id:               {"After that everybody can read it, for ever", "0 of 4", "Vote", "Look up a receipt"},
	} {
		if status := p.visit(path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		p.fits(path, path != "/communities")
		p.legible(path)
		says(t, p, wants...)
		p.quiet()
	}
}

// castsYes votes with the key that this browser keeps, and returns the number of the receipt.
func castsYes(t *testing.T, p *phone, id string) string {
	t.Helper()
	p.visit("/polls/" + id)
	p.tabTo("Vote")
	p.follow()
	p.shown("kept-row")
	p.runs("ballot")
	p.legible("ballot")
	p.tabTo("yes")
	p.press(" ")
	p.tabTo("cast")
	p.press(kb.Enter)
	p.shown("receipt")
	p.runs("receipt")
	p.quiet()
	return ask[string](p, `document.getElementById("number").textContent`)
}

// castsNo votes with the passkey.
func castsNo(t *testing.T, p *phone, id string) {
	t.Helper()
	p.visit("/polls/" + id + "/vote")
	p.shown("kept-row")
	p.tabTo("yes")
	p.press(kb.ArrowDown)
	p.tabTo("cast")
	p.press(kb.Enter)
	p.shown("receipt")
	p.quiet()
}

// votesWithFile votes as a member with a key file, after being told what is missing.
func (s *riverside) votesWithFile(t *testing.T, p *phone, id string) {
	t.Helper()
	p.visit("/polls/" + id + "/vote")
	p.shown("ballot")
	must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{s.keyFile(t)})))
	if !watch(t, shortly, long, func() bool { return ask[string](p, `document.getElementById("voter").value`) == s.member }) {
		t.Error("the file does not fill in who votes")
	}
	p.tabTo("yes")
	p.press(" ")
	p.tabTo("voter")
	p.press("0") // the field is selected: another member
	p.tabTo("cast")
	p.press(kb.Enter)
	if !watch(t, shortly, long, func() bool {
		return strings.Contains(ask[string](p, `document.getElementById("said").innerText`), "is not on the roll")
	}) {
		t.Errorf("a voter who is not on the roll is told %q", ask[string](p, `document.getElementById("said").innerText`))
	}
	p.quiet("403")
	p.tabTo("voter")
	p.press(s.member)
	p.tabTo("cast")
	p.press(kb.Enter)
	p.shown("receipt")
	p.quiet()
}

// looksUp enters the number of a receipt.
func looksUp(t *testing.T, p *phone, id, n, want string) {
	t.Helper()
	p.visit("/polls/" + id + "/ballot")
	p.tabTo("n")
	p.press(n)
	p.follow()
	p.fits("looked up", true)
	says(t, p, "Ballot "+n+" is recorded", want)
	p.quiet()
}

// says fails for each text that the page does not show.
func says(t *testing.T, p *phone, wants ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(ask[string](p, `document.body.innerText`)), " ")
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q: %s", want, text)
		}
	}
}

// TestEveryMethodCanBeVotedWith ranks, approves, scores and spends with the keyboard, and finds it counted.
func TestEveryMethodCanBeVotedWith(t *testing.T) {
	t.Parallel()
	b, s := newBrowser(t), newRiverside(t)
	p := b.phone(t, s.URL, true)
	s.acceptsWithKey(t, p, s.letters[0], "key-file")
	names := map[string]string{"mill": "The old mill bridge", "lock": "The footbridge at the lock", "rail": "The railway bridge"}
	options := []string{"mill", "lock", "rail"}
	for _, tt := range []struct {
		q      poll.Question
		enter  func()
		elects string
	}{
		{poll.Question{Method: voting.Schulze}, func() {
			p.moves("Move The railway bridge up", 1)
			p.moves("Move The footbridge at the lock up", 2)
			says(t, p, "The footbridge at the lock: rank 1")
		}, names["lock"]},
		{poll.Question{Method: voting.Approval}, func() { p.tabTo("o-rail"); p.press(" ") }, names["rail"]},
		{poll.Question{Method: voting.Score, MaxScore: 10}, func() { p.tabTo("o-lock"); p.press("7") }, names["lock"]},
		{poll.Question{Method: voting.Quadratic, Credits: 20}, func() {
			p.tabTo("o-mill")
			p.press("4")
			says(t, p, "16 of 20 credits spent")
		}, names["mill"]},
	} {
		tt.q.Text, tt.q.Options, tt.q.Names, tt.q.Winners = "Which bridge first?", options, names, 1
		row := s.asked(t, "bridge-"+string(tt.q.Method), tt.q)
		p.visit("/polls/" + row.ID + "/vote")
		p.shown("kept-row")
		p.runs(string(tt.q.Method))
		must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{s.keyFile(t)})))
		if !watch(t, shortly, long, func() bool { return ask[bool](p, `document.getElementById("c-members").checked`) }) {
			t.Fatal("the file does not say who votes")
		}
		tt.enter()
		p.tabTo("cast")
		p.press(kb.Enter)
		p.shown("receipt")
		n := ask[string](p, `document.getElementById("number").textContent`)
		s.counted(t, row.ID)
		p.visit("/polls/" + row.ID)
		p.fits(string(tt.q.Method), true)
		says(t, p, "Chosen: "+tt.elects+".", "1 of 1 took part", "1 ballot was recorded")
		looksUp(t, p, row.ID, n, "It was counted")
	}
}

// moves presses the button with this name some times.
func (p *phone) moves(name string, times int) {
	p.t.Helper()
	for range 40 {
		p.press(kb.Tab)
		if ask[string](p, `document.activeElement.getAttribute("aria-label") ?? ""`) == name {
			for range times {
				p.press(kb.Enter)
			}
			return
		}
	}
	p.t.Fatalf("the keyboard does not reach %q", name)
}

// TestAMemberMakesAKey finds the key in the browser again when there is a poll to vote in.
func TestAMemberMakesAKey(t *testing.T) {
	t.Parallel()
	b, s := newBrowser(t), newRiverside(t)
	p := b.phone(t, s.URL, true)
	p.visit("/communities")
	p.tabTo("Make a key to become a member")
	p.follow()
	p.shown("make")
	p.runs("a key")
	p.tabTo("make")
	p.press(kb.Enter)
	p.shown("done")
	p.legible("a key")
	if key := ask[string](p, `document.getElementById("public").textContent`); len(key) != 64 || strings.Trim(key, "0123456789abcdef") != "" {
		t.Errorf("the public part is %q", key)
	}
	got(s.Service.Answer(t.Context(), s.letters[0].Code, core.Answer{Act: seating.Accept}))(t)
	row := s.asked(t, "riverside-park", poll.Question{Text: "Shall the riverside park be opened to everybody?", Method: voting.YesNo})
	p.visit("/polls/" + row.ID + "/vote")
	p.shown("kept-row")
	if !ask[bool](p, `document.getElementById("key-kept").checked && document.getElementById("voter").value === ""`) {
		t.Error("the kept key is not chosen, or it says who votes, which it cannot know")
	}
	p.quiet()
}
