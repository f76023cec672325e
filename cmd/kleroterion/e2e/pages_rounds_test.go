package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kleroterion/api/client"
	"kleroterion/funding"
	core "kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// treasury is a service whose community has an open funding round and a sealed one, in the same windows.
type treasury struct {
	*service
	steward      core.Actor
	people       []voter
	open, sealed core.RoundView
}

func newTreasury(t *testing.T) *treasury {
	t.Helper()
	c := settings(t.TempDir())
	s := begin(t, c, &clock{})
	operator := got(client.New(s.URL, c.AdminToken))(t)
	found(t, operator, s.URL, devChain(t, operator), 5)
	f := &treasury{service: s, steward: core.Actor{KeyID: "steward", Role: core.RoleSteward, Community: commonsSlug}}
	for n := range 3 {
		f.people = append(f.people, member(n))
		must(t, admit(t.Context(), operator, member(n)))
	}
	f.open, f.sealed = f.opened(t, "spring", poll.ModeOpen), f.opened(t, "quiet", poll.ModeSealed)
	return f
}

// opened opens a round that takes applications for ten minutes, and then gifts for ten.
func (f *treasury) opened(t *testing.T, slug string, mode poll.Mode) core.RoundView {
	t.Helper()
	now := f.clock.now().Unix()
	in := grants.Asked{Slug: slug, Name: "The " + slug + " round of the river", ApplicationsEnd: now + 600, GiftsStart: now + 600, GiftsEnd: now + 1200, Mode: mode, Self: grants.SelfRefused,
		Params: funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(100_000), Asset: &funding.Asset{Code: "EUR", Decimals: 2}}}
	if mode == poll.ModeSealed {
		in.Size = 512
	}
	return got(f.Service.OpenRound(t.Context(), f.steward, core.NewRound{Community: commonsSlug, Asked: in}))(t)
}

// keyFile is a member's key as the pages save one.
func (f *treasury) keyFile(t *testing.T, n int) string {
	t.Helper()
	v := f.people[n]
	name := filepath.Join(t.TempDir(), "member.key")
	text := fmt.Sprintf(`{"key":{"alg":"ed25519","public":"%x"},"seed":"%x","voter":"%s"}`, v.private.Public(), v.private.Seed(), v.id)
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// approve lets the steward's reviewer take a project in.
func (f *treasury) approve(t *testing.T, round, project string, seq int64) {
	t.Helper()
	got(f.Service.ReviewProject(t.Context(), f.steward, core.NewReview{RoundID: round, Project: project, Reviewer: "rita", Approve: true, Seq: seq}))(t)
}

// applied has a member apply without a browser.
func (f *treasury) applied(t *testing.T, r core.RoundView, n int, project string) {
	t.Helper()
	v, text := f.people[n], []byte("A weir.")
	named := poll.FileOf(text)
	mv := grants.Move{Act: grants.Apply, Project: project, Owner: strings.TrimPrefix(v.id, "members/"), Title: "The " + project, Text: &named}
	mv = got(mv.Sign(v.private, r.Hash, 1))(t)
	got(f.Service.MoveProject(t.Context(), core.NewProjectMove{RoundID: r.ID, Move: mv, Text: text}))(t)
	f.approve(t, r.ID, project, 1)
}

// gives records a member's gift without a browser.
func (f *treasury) gives(t *testing.T, r core.RoundView, n int, project, amount string) {
	t.Helper()
	v := f.people[n]
	add := got(grants.Gift{Amount: amount, Donor: v.id, Nonce: fmt.Sprintf("%032x", n), Project: project, Round: r.Hash}.Sign(v.private, 0))(t)
	got(f.Service.Give(t.Context(), r.ID, add))(t)
}

// TestAFundingRoundFromAPhone goes from an application to the picture of the result.
func TestAFundingRoundFromAPhone(t *testing.T) {
	t.Parallel()
	b, f := newBrowser(t), newTreasury(t)
	owner, reader, donor := b.phone(t, f.URL, true), b.phone(t, f.URL, true), b.phone(t, f.URL, true)
	f.applies(t, owner)
	for _, r := range []core.RoundView{f.open, f.sealed} {
		f.applied(t, r, 1, "weir")
	}
	f.applied(t, f.open, 1, "dam")
	f.approve(t, f.open.ID, "school-garden", 2)
	f.clock.passTo(f.open.GiftsStart)

	reader.visit("/rounds/" + f.open.ID)
	reader.runs("round")
	reader.legible("round")
	says(t, reader, "Taking gifts", "1,000.00 EUR in the pool", "Given 0.00 EUR by 0 people, match now 0.00 EUR")
	f.withdraws(t, owner)
	n := f.giveOpen(t, donor)
	moves(t, reader, "school-garden", "12.50 EUR", "0.00 EUR") // one person alone is not matched
	f.gives(t, f.open, 1, "school-garden", "400")
	moves(t, reader, "school-garden", "16.50 EUR", "1,000.00 EUR")
	if ask[bool](reader, `document.querySelector("[data-project=dam]") !== null`) {
		t.Error("a project that was withdrawn while the page was read is still there")
	}
	if first := ask[string](reader, `document.querySelector("#board li").dataset.project`); first != "school-garden" {
		t.Errorf("the largest project is not the first: %s", first)
	}
	f.sendsAgain(t, donor, n)
	f.asks(t, b.phone(t, f.URL, false))
	f.giveSealed(t, donor)

	f.clock.passTo(f.sealed.DueAt)
	reader.shown("said")
	says(t, reader, "The round has gone on: look again")
	reader.quiet()
	f.finalPages(t, reader, n)
}

// applies fills in the form for a project.
func (f *treasury) applies(t *testing.T, p *phone) {
	t.Helper()
	p.visit("/communities/" + commonsSlug)
	p.fits("community", true)
	p.tabTo(f.open.Terms.Name)
	p.follow()
	p.runs("applications")
	says(t, p, "Taking applications", "No project was approved yet")
	p.tabTo("Apply with a project")
	p.follow()
	p.shown("move")
	p.runs("apply")
	p.legible("apply")
	for _, field := range [][2]string{{"project", "school-garden"}, {"title", "A garden for the “school”"}, {"why", "Beds & <tools>. See https://example.org/garden."}} {
		p.tabTo(field[0])
		p.press(field[1])
	}
	must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{f.keyFile(t, 0)})))
	if !watch(t, shortly, long, func() bool {
		return "members/"+ask[string](p, `document.getElementById("donor").value`) == f.people[0].id
	}) {
		t.Error("the file does not fill in who applies")
	}
	p.tabTo("sign")
	p.press(kb.Enter)
	p.shown("done")
	p.runs("applied")
	p.quiet()
	p.tabTo("onward")
	p.follow()
	p.shown("move")
	p.runs("project")
	p.legible("project")
	says(t, p, "A garden for the “school”", "Beds & <tools>. See https://example.org/garden.")
	if !ask[bool](p, `document.querySelector('.foreign a[href="https://example.org/garden"]').rel === "nofollow noopener noreferrer"`) {
		t.Error("the evidence is no link, or one that tells where it comes from")
	}
	f.changes(t, p)
	p.quiet()
}

// changes gives the project another title.
func (f *treasury) changes(t *testing.T, p *phone) {
	t.Helper()
	p.tabTo("Change the application")
	p.follow()
	p.shown("move")
	if text := ask[string](p, `document.getElementById("why").value`); text != "Beds & <tools>. See https://example.org/garden." {
		t.Errorf("the description to change is %q", text)
	}
	must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{f.keyFile(t, 0)})))
	p.tabTo("title")
	p.press("The school's garden")
	p.tabTo("sign")
	p.press(kb.Enter)
	p.shown("done")
	if x := got(f.Service.Project(t.Context(), f.open.ID, "school-garden"))(t); x.Seq != 2 || x.Title != "The school's garden" {
		t.Errorf("changed: %+v", x)
	}
}

// withdraws takes a project back from its own page, and is told first that another's key cannot.
func (f *treasury) withdraws(t *testing.T, p *phone) {
	t.Helper()
	p.visit("/rounds/" + f.open.ID + "/projects/dam")
	p.shown("move")
	for n, want := range []string{"It was refused", "It is recorded"} {
		must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{f.keyFile(t, n)})))
		p.tabTo("sign")
		p.press(kb.Enter)
		if !watch(t, shortly, long, func() bool { return strings.Contains(ask[string](p, `document.querySelector("main").innerText`), want) }) {
			t.Errorf("by member %d: %q", n, ask[string](p, `document.querySelector("main").innerText`))
		}
		if state := got(f.Service.Project(t.Context(), f.open.ID, "dam"))(t).State; (state == grants.Withdrawn) != (n == 1) {
			t.Errorf("by member %d the project is %s", n, state)
		}
	}
	p.quiet("403", "422", "400")
}

// fillGift enters an amount for the project that the address names, with a key file.
func (f *treasury) fillGift(t *testing.T, p *phone, r core.RoundView, project, amount string) {
	t.Helper()
	p.visit("/rounds/" + r.ID + "/give?project=" + project)
	p.shown("gift")
	p.runs("give")
	must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles("#file", []string{f.keyFile(t, 2)})))
	if !watch(t, shortly, long, func() bool {
		return "members/"+ask[string](p, `document.getElementById("donor").value`) == f.people[2].id
	}) {
		t.Error("the file does not fill in who gives")
	}
	p.tabTo("amount")
	p.press(amount)
}

// giveOpen gives with the keyboard, and returns the number of the receipt.
func (f *treasury) giveOpen(t *testing.T, p *phone) (n int64) {
	t.Helper()
	f.fillGift(t, p, f.open, "school-garden", "12,50")
	says(t, p, "You give 12.50 EUR.")
	if !watch(t, shortly, long, func() bool {
		return strings.Contains(ask[string](p, `document.getElementById("what").textContent`), "would not change the match")
	}) {
		t.Errorf("what the gift would do: %q", ask[string](p, `document.getElementById("what").textContent`))
	}
	p.legible("give")
	p.tabTo("send")
	p.press(kb.Enter)
	p.shown("receipt")
	p.runs("receipt")
	got(fmt.Sscan(ask[string](p, `document.getElementById("number").textContent`), &n))(t)
	g := got(f.Service.Gift(t.Context(), f.open.ID, n))(t)
	if g.Amount.String() != "1250" || g.Project != "school-garden" || g.Donor != f.people[2].id {
		t.Errorf("recorded: %+v", g)
	}
	p.quiet()
	return n
}

// moves waits until the page shows these figures, without being loaded again.
func moves(t *testing.T, p *phone, project, given, match string) {
	t.Helper()
	figures := fmt.Sprintf(`(row => row.querySelector("[data-is=given]").textContent + " " + row.querySelector("[data-is=match]").textContent)(document.querySelector("[data-project=%s]"))`, project)
	if !watch(t, shortly, long, func() bool { return ask[string](p, figures) == given+" "+match }) {
		t.Errorf("the page shows %q, want given %s and match %s", ask[string](p, figures), given, match)
	}
}

// sendsAgain finds the gift on the browser's shelf and sends it once more.
func (f *treasury) sendsAgain(t *testing.T, p *phone, n int64) {
	t.Helper()
	before := got(f.Service.Round(t.Context(), f.open.ID))(t).Gifts
	p.visit("/rounds/" + f.open.ID + "/give")
	p.shown("shelf")
	says(t, p, fmt.Sprintf("12.50 EUR for The school's garden: gift %d, recorded", n))
	p.tabTo("Send again")
	p.press(kb.Enter)
	if !watch(t, shortly, long, func() bool {
		return strings.Contains(ask[string](p, `document.getElementById("again").textContent`), "recorded, once")
	}) {
		t.Errorf("sent again: %q", ask[string](p, `document.getElementById("again").textContent`))
	}
	if after := got(f.Service.Round(t.Context(), f.open.ID))(t).Gifts; after != before {
		t.Errorf("%d gifts became %d", before, after)
	}
	p.quiet()
}

// asks what a gift would do, without scripts.
func (f *treasury) asks(t *testing.T, p *phone) {
	t.Helper()
	p.visit("/rounds/" + f.open.ID)
	p.tabTo("amount")
	p.press("10")
	p.tabTo("Show")
	p.follow()
	says(t, p, "A gift of 10.00 EUR by somebody who has given nothing yet", "match")
	p.visit("/rounds/" + f.open.ID + "/give")
	says(t, p, "kleroterion gift does it on your own computer")
	p.quiet()
}

// giveSealed gives where nobody can read it yet.
func (f *treasury) giveSealed(t *testing.T, p *phone) {
	t.Helper()
	path := "/rounds/" + f.sealed.ID
	p.visit(path)
	says(t, p, "Why there are no figures")
	f.fillGift(t, p, f.sealed, "weir", "7.25")
	p.tabTo("send")
	p.press(kb.Enter)
	p.shown("receipt")
	list := got(f.Service.Gifts(t.Context(), f.sealed.ID, "", core.GiftWindow{Limit: 10}))(t)
	if len(list) != 1 || list[0].Project != "" || !list[0].Amount.IsZero() {
		t.Errorf("recorded: %+v", list)
	}
	p.quiet()
}

// corrects strikes a donor from the open round's result, takes that back, and pays a part.
func (f *treasury) corrects(t *testing.T) {
	t.Helper()
	door := grants.Door{Manifest: f.open.Terms, Hash: f.open.Hash}
	for i, in := range []core.NewCorrection{
		{Changes: []grants.Correction{{Donor: door.Pseudonym(f.people[1].id), What: grants.Struck}}, Reason: "the word of a neighbour"},
		{Changes: []grants.Correction{}, Reason: "the neighbour was wrong"},
	} {
		got(f.Service.Correct(t.Context(), f.steward, f.open.ID, in))(t)
		await(t, time.Minute, "a correction", func() bool { return got(f.Service.Round(t.Context(), f.open.ID))(t).Versions == int64(i)+2 })
	}
	got(f.Service.RecordPayout(t.Context(), f.steward, f.open.ID, core.NewPayout{Project: "school-garden", Account: "DE02", Reference: "bank 7", Amount: funding.Units(50_000), Version: 3}))(t)
}

// finalPages reads what both rounds came to, and what became of gift n of the open one.
func (f *treasury) finalPages(t *testing.T, p *phone, n int64) {
	t.Helper()
	for _, r := range []core.RoundView{f.open, f.sealed} {
		await(t, time.Minute, "the result of "+r.Subject, func() bool {
			return got(f.Service.Round(t.Context(), r.ID))(t).State == core.RoundFinal
		})
	}
	f.corrects(t)
	for path, wants := range map[string][]string{
		"/rounds/" + f.open.ID:                             {"Final", "Version 3 in force", "Reason: the word of a neighbour", "does not count", "1,000.00 EUR 0.00 EUR −1,000.00 EUR", "+1,000.00 EUR", "bank 7", "1,000.00 EUR 100.0 % of the pool", "2 people gave 16.50 EUR", "klero-verify community_commons_round_spring.klero"},
		"/rounds/" + f.open.ID + "/projects/school-garden": {"1,000.00 EUR by version 3", "Sum of the roots", "the reviewer rita approved", "+1,000.00 EUR"},
		"/rounds/" + f.sealed.ID:                           {"Final", "1 person gave 7.25 EUR", "1,000.00 EUR of the pool went to nobody"},
	} {
		if status := p.visit(path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		p.fits(path, true)
		p.legible(path)
		says(t, p, wants...)
		p.quiet()
	}
	p.visit("/rounds/" + f.open.ID + "/gift")
	p.tabTo("n")
	p.press(fmt.Sprint(n))
	p.follow()
	p.fits("looked up", true)
	says(t, p, fmt.Sprintf("Gift %d is recorded", n), "12.50 EUR for school-garden", "It was matched")
	p.quiet()
}
