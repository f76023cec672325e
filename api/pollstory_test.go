package api_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/api/client"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// TestPollStory follows a community from its charter to a bundle that a stranger verifies, through the
// client alone: twelve members that three attesters know, a jury drawn from a register of residents, a
// sealed poll, the count, and what the receipts promised.
func TestPollStory(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 12)
	p.acceptAll()
	ctx, public := t.Context(), p.as("")
	jury, err := public.GetJuryWithResponse(ctx, p.draw.ID)
	must(t, err)
	for _, s := range jury.JSON200.Seats {
		if s.State != client.SeatStateServing || !s.HasKey || len(s.History) != 1 {
			t.Errorf("seat %+v, want serving with a key", s)
		}
	}
	of := p.openedPoll("bridge")
	if of.Status != client.PollStatusOpen || !of.Rehearsal || of.Subject != "community/grove/poll/bridge" {
		t.Fatalf("opened: %+v", of)
	}
	_, err = public.GetTranscriptWithResponse(ctx, of.ID)
	wantProblem(t, err, 409, "sealed_until")
	_, err = public.DownloadPollBundle(ctx, of.ID, new(bytes.Buffer))
	wantProblem(t, err, 409, "sealed_until")

	first := p.vote(of, "members/"+token(0), no)
	p.checkReceipt(of, first)
	for i := range 12 {
		p.vote(of, "members/"+token(i), []string{yes, no}[i%2])
	}
	for seat := range int64(6) {
		p.vote(of, poll.SeatVoter(seat+1), yes)
	}
	of = p.counted(of)
	if of.Status != client.PollStatusCounted || of.Ballots != 19 || of.Voters != 18 || !strings.Contains(string(of.Outcome), `"passed":true`) {
		t.Fatalf("counted: %+v with %s", of, of.Outcome)
	}
	p.checkCount(of)
	became, err := public.GetBallotWithResponse(ctx, of.ID, first.N)
	must(t, err)
	if b := *became.JSON200; !b.Superseded || !b.Counted || b.Index != first.Index {
		t.Errorf("the first ballot became %+v, want superseded at %d", b, first.Index)
	}
}

// checkReceipt holds a receipt against the log's key and the log.
func (p *polity) checkReceipt(of client.Poll, r client.Receipt) {
	p.t.Helper()
	var promise poll.Receipt
	must(p.t, canonical.Unmarshal(r.Receipt, &promise))
	signature, err := hex.DecodeString(r.Signature)
	must(p.t, err)
	v, err := note.NewVerifier(p.vkey)
	must(p.t, err)
	if !v.Verify(identity.Message(identity.ThingReceipt, r.Receipt), signature) {
		p.t.Error("the log's key did not sign the receipt")
	}
	entry, err := p.as("").GetLogEntryWithResponse(p.t.Context(), r.Index)
	must(p.t, err)
	if promise.Poll.String() != of.Hash || promise.N != r.N || promise.Index != r.Index || promise.Leaf.String() != entry.JSON200.Leaf || entry.JSON200.N != r.N {
		p.t.Errorf("receipt %s does not tell of record %+v", r.Receipt, entry.JSON200)
	}
}

// checkCount holds transcript, roll, ballots and bundle against each other.
func (p *polity) checkCount(of client.Poll) {
	p.t.Helper()
	ctx, public := p.t.Context(), p.as("")
	text, err := public.GetTranscriptWithResponse(ctx, of.ID)
	must(p.t, err)
	transcript, err := poll.ParseTranscript(text.Body)
	must(p.t, err)
	if got := transcript.Count.Rate.String(); got != "3/5" || poll.FileOf(text.Body).SHA256.String() != of.Transcript {
		p.t.Errorf("rate %s, want 1/2·4/5 + 1·1/5 = 3/5; digest %s", got, of.Transcript)
	}
	m, err := poll.ParseManifest(of.Manifest)
	must(p.t, err)
	for _, ref := range m.Rolls {
		roll, err := public.GetRollWithResponse(ctx, of.ID, client.GetRollParamsChamber(ref.Chamber))
		must(p.t, err)
		if poll.FileOf(roll.Body) != ref.File {
			p.t.Errorf("the roll of the %s is not the manifest's", ref.Chamber)
		}
	}
	var records, saved bytes.Buffer
	_, err = public.DownloadBallots(ctx, of.ID, &records)
	must(p.t, err)
	if got := strings.Count(records.String(), `"kind":"ballot.cast"`); got != 19 {
		p.t.Errorf("%d ballots in the records, want 19", got)
	}
	_, err = public.DownloadPollBundle(ctx, of.ID, &saved)
	must(p.t, err)
	b, err := bundle.Open(bytes.NewReader(saved.Bytes()), int64(saved.Len()))
	must(p.t, err)
	report, err := verify.Bundle(ctx, b, verify.Options{Chains: p.svc.Chains})
	must(p.t, err)
	for _, check := range report.Checks {
		if !check.OK {
			p.t.Errorf("check %d, %s: %s", check.No, check.Name, check.Evidence)
		}
	}
	if len(report.Checks) != 12 || !report.OK {
		p.t.Errorf("%d checks, ok %v", len(report.Checks), report.OK)
	}
}
