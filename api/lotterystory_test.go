package api_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/client"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
)

// TestLotteryStory follows a city from quotas that contradict each other to a panel whose bundle a
// stranger verifies, through the client alone.
func TestLotteryStory(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.frozenVolunteers()
	w.checkContrary(r)
	l := w.ready(r.ID, newLottery())
	if l.State != client.LotteryStateReady || !l.Proved || l.Gap != "0/1" || l.Panels != 50 || l.Size != 6 || len(l.Quotas) != 6 || l.Lowest < 1 || l.Root == "" {
		t.Fatalf("lottery: %+v", l)
	}
	w.checkHidden(l)
	known := w.checkFile(r, l)
	d := w.openPanelDraw(l, "canal")
	w.checkReports(l, d)
	view, err := w.as("").GetDrawWithResponse(t.Context(), d.ID)
	must(t, err)
	if p := view.JSON200.Panel; p == nil || p.Number != nil || p.Count != 50 || len(p.Seats) != 0 || view.JSON200.Lottery != l.ID {
		t.Errorf("panel before the draw: %+v", p)
	}
	d = w.drawn(d)
	if d.Panel == nil || d.Panel.Number == nil {
		t.Fatalf("drawn: %+v", d)
	}
	line, err := known.Panel(*d.Panel.Number)
	must(t, err)
	if diff := cmp.Diff(line, d.Panel.Seats); diff != "" {
		t.Errorf("seats are not those of panel %d: %s", *d.Panel.Number, diff)
	}
	w.checkPlaces(d, line)
	w.checkPanelBundle(d)
}

// checkContrary asks what to change, changes it and asks again.
func (w *town) checkContrary(r client.Register) {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	in := client.NewLottery{Size: 6, Quotas: contrary()}
	got, err := i.CheckQuotasWithResponse(ctx, r.ID, in)
	must(w.t, err)
	c := *got.JSON200
	if c.Feasible || !strings.Contains(c.Conflict, "16-29") || !strings.Contains(c.Conflict, "south") || len(c.Nearest) == 0 || !c.NearestProved || len(c.Never) != 0 {
		w.t.Fatalf("check: %+v", c)
	}
	for _, x := range c.Nearest {
		k := slices.IndexFunc(in.Quotas, func(q client.Quota) bool { return q.Feature == x.Feature && q.Value == x.Value })
		in.Quotas[k].Min -= x.Lower
		in.Quotas[k].Max += x.Raise
	}
	again, err := i.CheckQuotasWithResponse(ctx, r.ID, in)
	must(w.t, err)
	if c := again.JSON200; !c.Feasible || c.Conflict != "" || len(c.Nearest) != 0 {
		w.t.Errorf("check of the nearest quotas: %+v", c)
	}
	good, err := i.CheckQuotasWithResponse(ctx, r.ID, newLottery())
	must(w.t, err)
	if c := good.JSON200; !c.Feasible || len(c.Problems)+len(c.Undecided) != 0 {
		w.t.Errorf("check of quotas from a file: %+v", c)
	}
}

// checkHidden asks for a lottery that no draw names, as everybody else.
func (w *town) checkHidden(l client.Lottery) {
	w.t.Helper()
	for _, path := range []string{"", "/file", "/report.json", "/report.csv", "/report.html"} {
		for who, token := range map[string]string{"nobody": "", "another city": w.stranger} {
			if got := w.ask("GET", "/v1/lotteries/"+l.ID+path, token, ""); got.status != 404 {
				w.t.Errorf("%s of a lottery for %s: %d", path, who, got.status)
			}
		}
	}
	list, err := w.as(w.auditor).ListLotteriesWithResponse(w.t.Context(), "example", nil)
	must(w.t, err)
	if rows := list.JSON200.Items; len(rows) != 1 || rows[0].ID != l.ID {
		w.t.Errorf("the city's lotteries: %+v", rows)
	}
	if page := w.ask("GET", "/cities/example", "", ""); strings.Contains(page.body, l.ID) {
		w.t.Error("the city's page shows a lottery that no draw names")
	}
}

// checkFile holds the file against the public register, as a stranger will.
func (w *town) checkFile(r client.Register, l client.Lottery) *panelfile.Lottery {
	w.t.Helper()
	ctx := w.t.Context()
	var file, entries bytes.Buffer
	n, err := w.as(w.registrar).DownloadLottery(ctx, l.ID, &file)
	must(w.t, err)
	_, err = w.as("").DownloadRegister(ctx, r.Root, &entries)
	must(w.t, err)
	list, err := register.Read(&entries)
	must(w.t, err)
	known, err := panelfile.Check(file.Bytes(), panelfile.Entries(list))
	must(w.t, err)
	if n != l.Bytes || known.List.FileSHA256.String() != l.File || known.List.Root.String() != l.Root || known.List.Count != l.Panels || !known.Verdict.Optimal {
		w.t.Errorf("file of %d bytes: %+v, the lottery says %+v", n, known.List, l)
	}
	return known
}

// checkReports reads the public report in its three forms.
func (w *town) checkReports(l client.Lottery, d client.Draw) {
	w.t.Helper()
	var first string
	for _, base := range []string{"/v1/draws/" + d.ID, "/v1/lotteries/" + l.ID} {
		text := w.ask("GET", base+"/report.json", "", "")
		var r struct {
			Proved     bool
			Candidates int64
			Lowest     int64
		}
		must(w.t, json.Unmarshal([]byte(text.body), &r))
		if !r.Proved || r.Candidates != 60 || r.Lowest != l.Lowest || first != "" && text.body != first {
			w.t.Errorf("%s: %+v", base, r)
		}
		first = text.body
		table := w.ask("GET", base+"/report.csv", "", "")
		if !strings.HasPrefix(table.body, "section,name,value,measure,amount\n") || !strings.Contains(table.body, "lottery,,,panels,50\n") {
			w.t.Errorf("%s: table %.200q", base, table.body)
		}
		page := w.ask("GET", base+"/report.html", "", "")
		policy := page.header.Get("Content-Security-Policy")
		if page.status != 200 || !strings.Contains(page.body, "Proved fair.") || !strings.Contains(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
			w.t.Errorf("%s: page %d with policy %q", base, page.status, policy)
		}
	}
	got := w.ask("GET", "/v1/lotteries/"+l.ID+"/file", "", "")
	if again := w.ask("GET", "/v1/lotteries/"+l.ID+"/file", "", "", "If-None-Match: "+got.header.Get("ETag")); got.status != 200 || again.status != 304 {
		w.t.Errorf("the public file: %d, then %d", got.status, again.status)
	}
}

// checkPlaces offers the seats; one person declines, and the rule fills the seat.
func (w *town) checkPlaces(d client.Draw, line []string) {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	ranked, err := w.as("").ListAlternatesWithResponse(ctx, d.ID, &client.ListAlternatesParams{N: new(int64(5))})
	must(w.t, err)
	if ids := ranked.JSON200.Ids; len(ids) != 5 || slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(line, id) }) {
		w.t.Errorf("alternates: %v of the line %v", ids, line)
	}
	now := w.clock.Load()
	made, err := i.OpenSeatsWithResponse(ctx, d.ID, nil, client.NewJury{Answer: 3600, Starts: now, Ends: now + 1_000_000})
	must(w.t, err)
	if b := made.JSON201.Balance; b == nil || *b != (client.Balance{}) {
		w.t.Errorf("balance of the panel drawn: %+v", b)
	}
	p := &polity{town: w, draw: d}
	letter := p.letters(client.PrintLettersParamsPurposeAnswer)[2]
	_, err = w.as("").AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: letter["code"], Act: client.NewAnswerActDecline})
	must(w.t, err)
	got, err := w.as("").GetJuryWithResponse(ctx, d.ID)
	must(w.t, err)
	seat := got.JSON200.Seats[1]
	if len(seat.History) != 2 || seat.History[0].ID != line[1] || seat.State != client.SeatStateInvited || slices.Contains(line, seat.Holder) || got.JSON200.Balance == nil {
		w.t.Errorf("seat 2 after it was declined: %+v, %+v", seat, got.JSON200.Balance)
	}
	page := w.ask("GET", "/draws/"+d.ID+"/jury", "", "")
	for _, want := range []string{"First offered to the person drawn for seat 2", "Then offered to the person whom the rule found", "nearest to its quotas"} {
		if !strings.Contains(page.body, want) {
			w.t.Errorf("the page of the seats lacks %q", want)
		}
	}
}

func (w *town) checkPanelBundle(d client.Draw) {
	w.t.Helper()
	ctx := w.t.Context()
	w.published()
	var saved bytes.Buffer
	_, err := w.as("").DownloadBundle(ctx, d.ID, &saved)
	must(w.t, err)
	b, err := bundle.Open(bytes.NewReader(saved.Bytes()), int64(saved.Len()))
	must(w.t, err)
	report, err := verify.Bundle(ctx, b, verify.Options{Chains: w.svc.Chains})
	must(w.t, err)
	if !report.OK {
		w.t.Errorf("bundle: %+v", report)
	}
	for path, want := range map[string]string{
		"/draws/" + d.ID: "picked <b>panel ", "/cities/example": "/v1/lotteries/" + d.Lottery + "/report.html",
	} {
		if page := w.ask("GET", path, "", ""); page.status != 200 || !strings.Contains(page.body, want) {
			w.t.Errorf("%s: %d lacks %q", path, page.status, want)
		}
	}
}
