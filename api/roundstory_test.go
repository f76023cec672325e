package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/client"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/grants"
)

// TestRoundStory follows an open and a sealed funding round from their opening to payouts and bundles that a
// stranger verifies, through the client alone.
func TestRoundStory(t *testing.T) {
	t.Parallel()
	p := newGrove(t, 6)
	open, veiled := p.newRound("spring"), p.newRound("veiled")
	veiled.Mode, veiled.Size = client.NewRoundModeSealed, client.NewRoundSizeN512
	of, hidden := p.openedRound(open), p.openedRound(veiled)
	if of.Status != client.RoundStatusApplications || !of.Rehearsal || of.Subject != "community/grove/round/spring" || hidden.Beacon == 0 {
		t.Fatalf("opened: %+v and %+v", of, hidden)
	}
	p.approvedProjects(of, "mill")
	p.approvedProjects(hidden, "mill", "weir")
	p.appealed(of)
	p.funded(of)
	_, err := p.as("").GetRoundResultWithResponse(t.Context(), of.ID, 0)
	wantProblem(t, err, 409, "no_result")

	p.clock.Store(of.GiftsStart)
	p.gave(hidden, p.gift(hidden, 2, "mill", "900", 1))
	p.gave(hidden, p.payment(hidden, 3, "weir", "400", "a"))
	raced := 0
	last := p.watched(of, func() { raced = p.raced(hidden) })
	of, hidden = p.final(of), p.final(hidden)
	if of.Status != client.RoundStatusFinal || of.Versions != 1 || of.Gifts != 7 || of.Pool != "105000" || of.Result == "" {
		t.Fatalf("final: %+v", of)
	}
	p.explained(of, last)
	p.corrected(of)
	p.paid(of)
	p.unsealed(hidden, raced)
	p.verified(of)
	p.verified(hidden)
}

// appealed lets the weir be rejected, and another reviewer approve it on appeal.
func (p *polity) appealed(of client.Round) {
	p.t.Helper()
	ctx, public, steward := p.t.Context(), p.as(""), p.as(p.steward)
	_, err := public.ApplyProjectWithResponse(ctx, of.ID, p.application(of, 1, "weir"))
	must(p.t, err)
	again, err := public.ApplyProjectWithResponse(ctx, of.ID, p.application(of, 1, "weir"))
	must(p.t, err)
	_, err = steward.ReviewProjectWithResponse(ctx, of.ID, "weir", nil, client.Review{Reviewer: "rita", Act: client.ReviewActReject, Seq: 1, Ground: client.ReviewGroundEvidence, Text: "No offer of a builder."})
	must(p.t, err)
	mv := grants.Move{Act: grants.Appeal, Project: "weir"}
	text := "Here it is: https://example.org/offer"
	file := fileOf(text)
	mv.Text = &file
	_, err = public.MoveProjectWithResponse(ctx, of.ID, "weir", client.OwnerMove{Act: client.OwnerMoveActAppeal, Text: text, Signature: p.move(of, mv, 1, 3)})
	must(p.t, err)
	_, err = steward.ReviewProjectWithResponse(ctx, of.ID, "weir", nil, client.Review{Reviewer: "rita", Act: client.ReviewActApprove, Seq: 3})
	wantProblem(p.t, err, 403, "reviewer")
	_, err = steward.ReviewProjectWithResponse(ctx, of.ID, "weir", nil, client.Review{Reviewer: "sam", Act: client.ReviewActApprove, Seq: 2})
	wantProblem(p.t, err, 409, "project_seq")
	_, err = steward.ReviewProjectWithResponse(ctx, of.ID, "weir", nil, client.Review{Reviewer: "sam", Act: client.ReviewActApprove, Seq: 3})
	must(p.t, err)
	got, err := public.GetProjectWithResponse(ctx, of.ID, "weir")
	must(p.t, err)
	var acts []string
	for _, mv := range got.JSON200.Moves {
		acts = append(acts, string(mv.Act)+" "+mv.Reviewer)
	}
	if diff := cmp.Diff([]string{"apply ", "reject rita", "appeal ", "approve sam"}, acts); diff != "" || got.JSON200.State != client.ProjectStateApproved || again.JSON201.Seq != 1 {
		p.t.Errorf("history (-want +got):\n%s, state %s; applied again %+v", diff, got.JSON200.State, again.JSON201)
	}
	told, err := public.GetProjectTextWithResponse(ctx, of.ID, "weir")
	must(p.t, err)
	if kind := told.HTTPResponse.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" || !strings.Contains(string(told.Body), "<https://example.org>") {
		p.t.Errorf("the description is %s: %q", kind, told.Body)
	}
}

// funded adds to the pool and halves the weight of member 4.
func (p *polity) funded(of client.Round) {
	p.t.Helper()
	ctx, steward := p.t.Context(), p.as(p.steward)
	more, err := steward.TopUpWithResponse(ctx, of.ID, nil, client.NewTopup{Amount: "5000", Reference: "a patron"})
	must(p.t, err)
	by := &client.SetWeightsParams{Source: "scores of March"}
	_, err = steward.SetWeightsWithResponse(ctx, of.ID, by, client.NewWeights{Weights: []client.DonorWeight{{Donor: donor(4), Weight: 1}}})
	must(p.t, err)
	set, err := steward.SetWeightsWithBodyWithResponse(ctx, of.ID, by, "text/csv", strings.NewReader("donor,weight\n"+donor(4)+",500000\n"))
	must(p.t, err)
	file, err := p.as("").GetWeightsWithResponse(ctx, of.ID, 2)
	must(p.t, err)
	if more.JSON200.Pool != "105000" || set.JSON200.Weights != 2 || string(file.Body) != `{"donor":"`+donor(4)+`","weight":500000}`+"\n" {
		p.t.Errorf("pool %s, weights %d: %s", more.JSON200.Pool, set.JSON200.Weights, file.Body)
	}
}

// watched gives while a client follows the round to its end: what it is told is what the next gift was said to
// change. It returns the estimate before end, which moves the clock past the gifts.
func (p *polity) watched(of client.Round, end func()) map[string]string {
	p.t.Helper()
	told, ended := make(chan client.RoundEvent), make(chan error, 1)
	ctx, public := p.t.Context(), p.as("")
	go func() {
		ended <- public.WatchRound(ctx, of.ID, func(e client.RoundEvent) {
			select {
			case told <- e:
			case <-ctx.Done():
			}
		})
	}()
	upTo := func(through int64) client.RoundEvent {
		p.t.Helper()
		for {
			select {
			case e := <-told:
				if e.Estimate != nil && e.Estimate.Through >= through {
					return e
				}
			case err := <-ended:
				p.t.Fatalf("the stream ended before record %d: %v", through, err)
			case <-ctx.Done():
				p.t.Fatal(ctx.Err())
			}
		}
	}
	first := upTo(1)
	if first.Round.Status != client.RoundStatusGifts || len(first.Estimate.Projects) != 2 {
		p.t.Errorf("first event: %+v", first)
	}
	p.gave(of, p.gift(of, 2, "mill", "900", 1))
	p.gave(of, p.gift(of, 4, "weir", "400", 1))
	would, err := public.WhatIfWithResponse(ctx, of.ID, &client.WhatIfParams{Project: "mill", Amount: "1600", Donor: new(donor(3))})
	must(p.t, err)
	r := p.gave(of, p.gift(of, 3, "mill", "1600", 1))
	now := amountsOf(upTo(r.N).Estimate.Projects)
	for _, c := range would.JSON200.Items {
		if now[c.Project] != c.After || c.Before == c.After {
			p.t.Errorf("what-if said %+v, then the stream told %v", c, now)
		}
	}
	if len(would.JSON200.Items) == 0 {
		p.t.Error("what-if changes nothing")
	}
	p.imported(of)
	estimate := p.estimated(of)
	end()
	last := upTo(r.N + 1)
	for last.Round.Status != client.RoundStatusFinal {
		last = upTo(r.N + 1)
	}
	must(p.t, <-ended)
	if last.Round.Versions != 1 || last.Estimate.Gifts != 7 {
		p.t.Errorf("last event: %+v", last)
	}
	return estimate
}

// raced sends payments while the round closes, and returns how many got a receipt. The others hear that they
// came too late.
func (p *polity) raced(of client.Round) (in int) {
	p.t.Helper()
	public, answers := p.as(""), make(chan error)
	for i := range 16 {
		pay := p.payment(of, 3, "mill", "1", fmt.Sprint("race ", i))
		go func() {
			_, err := public.GiveWithResponse(p.t.Context(), of.ID, pay)
			answers <- err
		}()
	}
	for i := range 16 {
		if i == 4 {
			p.clock.Store(of.GiftsEnd + 5)
		}
		if err := <-answers; err == nil {
			in++
		} else {
			wantProblem(p.t, err, 409, "closed_window")
		}
	}
	return in
}

// imported brings the bank's file, takes one payment back, and looks at both.
func (p *polity) imported(of client.Round) {
	p.t.Helper()
	ctx, steward := p.t.Context(), p.as(p.steward)
	lines := jsonLines(p.t, p.payment(of, 5, "weir", "2500", "a"), p.payment(of, 2, "weir", "400", "b"), p.payment(of, 2, "weir", "400", "b"), p.payment(of, 3, "weir", "7", "c"))
	for _, want := range []client.GiftImport{{Recorded: 3, Repeated: 1}, {Repeated: 4}} {
		done, err := steward.ImportGiftsWithBodyWithResponse(ctx, of.ID, nil, "application/jsonl", strings.NewReader(lines))
		must(p.t, err)
		got := *done.JSON200
		if got.Recorded != want.Recorded || got.Repeated != want.Repeated || (got.Last == 0) != (want.Recorded == 0) {
			p.t.Errorf("imported %+v, want %+v", got, want)
		}
	}
	list, err := p.as("").ListGiftsWithResponse(ctx, of.ID, &client.ListGiftsParams{Donor: new(donor(3))})
	must(p.t, err)
	if n := len(list.JSON200.Items); n != 2 {
		p.t.Fatalf("%d gifts of member 3: %+v", n, list.JSON200.Items)
	}
	paid := list.JSON200.Items[1]
	if _, err := steward.RefundGiftWithResponse(ctx, of.ID, paid.N, nil, client.Refund{Reason: client.RefundReasonFailed}); err != nil {
		p.t.Fatal(err)
	}
	again := p.gave(of, p.payment(of, 3, "weir", "7", "c"))
	back, err := p.as("").GetGiftWithResponse(ctx, of.ID, paid.N)
	must(p.t, err)
	if g := back.JSON200; g.State != client.GiftStateRefunded || g.Amount != "7" || !g.Paid || again.N != paid.N || again.Signature != g.Receipt.Signature {
		p.t.Errorf("refunded %+v; sent again %+v", g, again)
	}
	p.gave(of, p.gift(of, 5, "mill", "100", 1)) // the seventh
}

// explained holds result and sheets against the last estimate.
func (p *polity) explained(of client.Round, last map[string]string) {
	p.t.Helper()
	ctx, public := p.t.Context(), p.as("")
	text, err := public.GetRoundResultWithResponse(ctx, of.ID, 1)
	must(p.t, err)
	f, err := grants.ParseResultFile(text.Body)
	must(p.t, err)
	gets := map[string]string{}
	for _, x := range f.Payable() {
		gets[x.Project] = x.Amount.String()
	}
	if diff := cmp.Diff(last, gets); diff != "" {
		p.t.Errorf("the result is not the last estimate (-estimate +result):\n%s", diff)
	}
	sheet, err := public.GetProjectSheetWithResponse(ctx, of.ID, 0, "mill")
	must(p.t, err)
	if s := sheet.JSON200; s.Amount != gets["mill"] || s.Version != 1 || s.Matching.Sum != "2600" || len(s.Effects) != 3 || s.Effects[0].With != gets["mill"] {
		p.t.Errorf("sheet of the mill, which gets %s: %+v", gets["mill"], s)
	}
	table := p.ask("GET", "/v1/rounds/"+of.ID+"/versions/1/projects/mill", "", "", "Accept: text/csv")
	if table.status != 200 || !strings.HasPrefix(table.body, "donor,counts,raw,with,without\n") || strings.Count(table.body, "\n") != 4 {
		p.t.Errorf("effects as CSV: %d %s", table.status, table.body)
	}
	p.kept(of)
	all, err := public.GetRoundSheetWithResponse(ctx, of.ID, 1)
	must(p.t, err)
	if strings.Count(string(all.Body), "\n") != 3 || !strings.Contains(string(all.Body), gets["weir"]) {
		p.t.Errorf("sheet: %s", all.Body)
	}
}

// kept holds what is fixed by its content apart from what may still change.
func (p *polity) kept(of client.Round) {
	p.t.Helper()
	for name, how := range map[string]string{
		"": "no-cache", "/manifest": "immutable", "/roll": "immutable", "/weights/1": "immutable", "/versions/1": "immutable", "/versions/0": "no-cache",
		"/versions/1/sheet": "immutable", "/versions/1/projects/mill": "immutable", "/projects/mill/text": "no-cache", "/estimate": "no-cache",
	} {
		path := "/v1/rounds/" + of.ID + name
		got := p.ask("GET", path, "", "")
		if got.status != 200 || !strings.Contains(got.header.Get("Cache-Control"), how) {
			p.t.Errorf("%s: %d, Cache-Control %q, want %s", path, got.status, got.header.Get("Cache-Control"), how)
		}
		if same := p.ask("GET", path, "", "", "If-None-Match: "+got.header.Get("ETag")); same.status != 304 {
			p.t.Errorf("%s again: %d", path, same.status)
		}
	}
	if seen := p.ask("GET", "/v1/rounds/"+of.ID+"/bundle", "", ""); seen.header.Get("Content-Disposition") != `attachment; filename="community_grove_round_spring.klero"` || seen.header.Get("Repr-Digest") == "" {
		p.t.Errorf("bundle: %d %v", seen.status, seen.header)
	}
}

// corrected strikes member 5 and compares the versions.
func (p *polity) corrected(of client.Round) {
	p.t.Helper()
	ctx, public, steward := p.t.Context(), p.as(""), p.as(p.steward)
	gifts, err := public.ListGiftsWithResponse(ctx, of.ID, &client.ListGiftsParams{Donor: new(donor(5))})
	must(p.t, err)
	struck := client.Correction{Donor: gifts.JSON200.Items[0].Pseudonym, What: client.CorrectionWhatStruck}
	asked, err := steward.CorrectRoundWithResponse(ctx, of.ID, nil, client.NewCorrection{Changes: []client.Correction{struck}, Reason: "two people were one"})
	must(p.t, err)
	job, err := steward.WaitCorrection(ctx, of.ID, asked.JSON202.ID)
	must(p.t, err)
	refused, err := steward.CorrectRoundWithResponse(ctx, of.ID, nil, client.NewCorrection{Changes: []client.Correction{struck}, Reason: "again"})
	must(p.t, err)
	var failed *client.JobFailed
	if _, err := steward.WaitCorrection(ctx, of.ID, refused.JSON202.ID); !asJobFailed(err, &failed) || failed.Job.Error != "changes" {
		p.t.Errorf("the same list again: %v", err)
	}
	versions, err := public.ListRoundVersionsWithResponse(ctx, of.ID)
	must(p.t, err)
	list := versions.JSON200.Items
	if len(list) != 2 || list[1].Reason != "two people were one" || len(list[1].Changes) != 1 || list[0].Digest == list[1].Digest || !strings.Contains(string(job.Report), "2") {
		p.t.Fatalf("versions %+v, report %s", list, job.Report)
	}
	diff, err := public.DiffRoundVersionsWithResponse(ctx, of.ID, 0, nil)
	must(p.t, err)
	back, err := public.DiffRoundVersionsWithResponse(ctx, of.ID, 1, &client.DiffRoundVersionsParams{From: new(int64(2))})
	must(p.t, err)
	there, here := diff.JSON200.Items, back.JSON200.Items
	if len(there) != 2 || len(here) != 2 || there[0].Before != here[0].After || there[0].After != here[0].Before {
		p.t.Errorf("from 1 to 2: %+v, and back: %+v", there, here)
	}
}

// paid downloads what is to be paid, and records one payout.
func (p *polity) paid(of client.Round) {
	p.t.Helper()
	ctx, public, steward := p.t.Context(), p.as(""), p.as(p.steward)
	sheet, err := public.GetPayoutsCSVWithResponse(ctx, of.ID, 2)
	must(p.t, err)
	rows := strings.Split(strings.TrimSpace(string(sheet.Body)), "\n")
	if len(rows) != 3 || rows[0] != "project,account,amount" {
		p.t.Fatalf("payouts: %q", rows)
	}
	mill := strings.Split(rows[1], ",")
	tree, err := public.GetPayoutsMerkleWithResponse(ctx, of.ID, 2)
	must(p.t, err)
	batch, err := public.GetPayoutsSafeWithResponse(ctx, of.ID, 2, &client.GetPayoutsSafeParams{Chain: 1, Safe: account("safe")})
	must(p.t, err)
	if !strings.Contains(string(tree.Body), `"merkleRoot":"0x`) || !strings.Contains(string(batch.Body), `"`+mill[2]+`"`) {
		p.t.Errorf("tree %s, batch %s, the mill gets %s", tree.Body, batch.Body, mill[2])
	}
	pay := client.NewPayout{Project: "mill", Account: mill[1], Amount: mill[2], Reference: "transfer 1", Version: 2}
	_, err = steward.RecordPayoutWithResponse(ctx, of.ID, nil, pay)
	must(p.t, err)
	pay.Reference, pay.Amount = "transfer 2", "1"
	_, err = steward.RecordPayoutWithResponse(ctx, of.ID, nil, pay)
	wantProblem(p.t, err, 409, "payout")
	list, err := public.ListPayoutsWithResponse(ctx, of.ID)
	must(p.t, err)
	if got := list.JSON200.Items; len(got) != 1 || got[0].Amount != mill[2] || got[0].Reference != "transfer 1" {
		p.t.Errorf("payouts: %+v", got)
	}
}

// unsealed looks at a sealed round that is over: what it hid counts, and its rows stay as they were. Of the
// payments that came as it closed those with a receipt are there, and no others.
func (p *polity) unsealed(of client.Round, raced int) {
	p.t.Helper()
	list, err := p.as("").ListGiftsWithResponse(p.t.Context(), of.ID, nil)
	must(p.t, err)
	items := list.JSON200.Items
	if len(items) != 2+raced || !items[0].Sealed || items[0].Amount != "" || items[0].Project != "" || items[1].Sealed || items[1].Amount != "400" {
		p.t.Errorf("gifts: %+v", items)
	}
	sheet, err := p.as("").GetProjectSheetWithResponse(p.t.Context(), of.ID, 1, "mill")
	must(p.t, err)
	if sheet.JSON200.Matching.Sum != fmt.Sprint(900+raced) {
		p.t.Errorf("%d payments and the sealed gift should be in the sheet: %+v", raced, sheet.JSON200)
	}
}

// verified checks a round's bundle and records as a stranger does.
func (p *polity) verified(of client.Round) {
	p.t.Helper()
	p.published()
	var saved, records bytes.Buffer
	_, err := p.as("").DownloadRoundBundle(p.t.Context(), of.ID, &saved)
	must(p.t, err)
	_, err = p.as("").DownloadRoundRecords(p.t.Context(), of.ID, &records)
	must(p.t, err)
	if got := strings.Count(records.String(), `"kind":"gift.add"`); int64(got) != of.Gifts {
		p.t.Errorf("%d gifts in the records, want %d", got, of.Gifts)
	}
	b, err := bundle.Open(bytes.NewReader(saved.Bytes()), int64(saved.Len()))
	must(p.t, err)
	report, err := verify.Bundle(p.t.Context(), b, verify.Options{Chains: p.svc.Chains})
	must(p.t, err)
	for _, check := range report.Checks {
		if !check.OK {
			p.t.Errorf("check %d, %s: %s", check.No, check.Name, check.Evidence)
		}
	}
	if len(report.Checks) < 12 || !report.OK {
		p.t.Errorf("%d checks, ok %v", len(report.Checks), report.OK)
	}
}

// jsonLines writes one value a line.
func jsonLines(t testing.TB, values ...any) string {
	t.Helper()
	var b strings.Builder
	for _, v := range values {
		text, err := json.Marshal(v)
		must(t, err)
		b.Write(append(text, '\n'))
	}
	return b.String()
}
