package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/api/client"
	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

// TestCodesForAKey lets people who were seated by two officials give a key, sit out a poll and leave,
// each with a code from a second letter.
func TestCodesForAKey(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 0)
	ctx, public, second := t.Context(), p.as(""), p.as(p.second())
	for seat := range int64(3) {
		made, err := p.as(p.registrar).ProposeWithResponse(ctx, nil, client.NewProposal{Seat: &client.SeatMove{Draw: p.draw.ID, Seat: seat + 1, Act: client.SeatMoveActAccept}})
		must(t, err)
		_, err = second.ApproveWithResponse(ctx, made.JSON201.ID, nil)
		must(t, err)
	}
	letters := p.letters(client.PrintLettersParamsPurposeKey)
	if len(letters) != 3 {
		t.Fatalf("%d letters for a key, want those of the three who serve", len(letters))
	}
	private := person("late")
	key := publicKey(private)
	proof := seating.KeyProof{Act: seating.GiveKey, ID: letters[1]["id"], Key: key, Seat: 1, Subject: p.draw.Subject + "/seats", V: 1}
	text, err := proof.Canonical()
	must(t, err)
	signature := signed(identity.Sign(private, identity.ThingSeat, text))
	given, err := public.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: letters[1]["code"], Act: client.NewAnswerActKey, Key: sent(key), Proof: &signature})
	must(t, err)
	if !given.JSON200.HasKey || given.JSON200.Purpose != client.InvitationPurposeKey {
		t.Errorf("after the key: %+v", given.JSON200)
	}
	_, err = public.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: letters[2]["code"], Act: client.NewAnswerActAccept})
	wantProblem(t, err, 422, "act")
	_, err = public.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: letters[2]["code"], Act: client.NewAnswerActRecuse, Ground: client.NewAnswerGroundInterest, Poll: "community/grove/poll/x"})
	must(t, err)
	_, err = public.AnswerInvitationWithResponse(ctx, client.NewAnswer{Code: letters[3]["code"], Act: client.NewAnswerActWithdraw, Ground: client.NewAnswerGroundMoved})
	must(t, err)
	jury, err := public.GetJuryWithResponse(ctx, p.draw.ID)
	must(t, err)
	seats, st := jury.JSON200.Seats, jury.JSON200.Statistics
	if !seats[0].HasKey || !seats[0].History[0].Assisted || len(seats[1].History[0].Recusals) != 1 || seats[2].State != client.SeatStateInvited || len(seats[2].History) != 2 {
		t.Errorf("seats: %+v", seats[:3])
	}
	if len(st.Grounds) != 2 || st.Grounds[0].Ground != "moved" || st.Grounds[1].Act != "recuse" || st.Strata[0].Offers != 4 {
		t.Errorf("statistics: %+v", st)
	}
}

// TestAnAmendmentIsVotedOnAndTakesEffect changes the charter by its own rule, and by no other way.
func TestAnAmendmentIsVotedOnAndTakesEffect(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 2)
	p.acceptAll()
	ctx, steward := t.Context(), p.as(p.steward)
	community, err := p.as("").GetCommunityWithResponse(ctx, "grove")
	must(t, err)
	if c := community.JSON200; c.Members != 2 || !c.Rehearsal || c.JuryLow != "3/8" || c.JuryHigh != "5/8" {
		t.Errorf("community: %+v", c)
	}
	next := strings.NewReplacer(`"seq":1`, `"seq":2`, `"name":"The Grove"`, `"name":"The Old Grove"`,
		`"prev":"`+strings.Repeat("0", 64), `"prev":"`+community.JSON200.Hash).Replace(string(p.charter("grove")))
	checked := p.ask("POST", "/v1/communities/grove/charter?check=true", p.steward, "  "+next)
	if checked.status != 200 || !strings.Contains(checked.body, `"seq":2`) || strings.Contains(checked.body, "adopted_at") {
		t.Fatalf("check: %d %s", checked.status, checked.body)
	}
	if got := p.ask("POST", "/v1/communities/grove/charter", p.steward, next); got.status != 409 || problemOf(t, got).Code != "charter_exists" {
		t.Errorf("adopted without a poll: %d %s", got.status, got.body)
	}
	q := p.question("rename")
	q.Class, q.Charter = client.NewPollClassAmendment, json.RawMessage(next)
	made, err := steward.OpenPollWithResponse(ctx, "grove", nil, q)
	must(t, err)
	of := *made.JSON201
	for voter := range p.keys {
		p.vote(of, voter, yes)
	}
	p.counted(of)
	list, err := p.as("").ListChartersWithResponse(ctx, "grove")
	must(t, err)
	var told client.Charter
	must(t, json.Unmarshal([]byte(checked.body), &told))
	if items := list.JSON200.Items; len(items) != 2 || items[1].Poll != of.ID || items[1].Hash != told.Hash || string(items[1].Charter) != next {
		t.Errorf("charters: %+v", items)
	}
	after, err := p.as("").GetCommunityWithResponse(ctx, "grove")
	must(t, err)
	if after.JSON200.Hash != told.Hash {
		t.Errorf("in force is %s, want %s", after.JSON200.Hash, told.Hash)
	}
}

// TestMembersMoveByTheirOwnKeyAndTheirAttesters follows one membership.
func TestMembersMoveByTheirOwnKeyAndTheirAttesters(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 3)
	ctx, public := t.Context(), p.as("")
	moved := func(mv client.NewMove) client.Member {
		t.Helper()
		got, err := public.MoveMemberWithResponse(ctx, "grove", mv)
		must(t, err)
		return *got.JSON200
	}
	if m := moved(p.statement(identity.ActionSuspend, 0, 2, nil)); m.State != client.MemberStateSuspended || m.Seq != 2 {
		t.Errorf("suspended: %+v", m)
	}
	_, err := public.MoveMemberWithResponse(ctx, "grove", p.statement(identity.ActionSuspend, 0, 2, nil))
	wantProblem(t, err, 422, "member_seq")
	key := publicKey(person("new phone"))
	own := identity.Statement{Action: identity.ActionRotate, Community: "grove", Key: &key, Member: token(1), Seq: 2, V: 1}
	text, err := own.Canonical()
	must(t, err)
	by := signed(identity.Sign(p.keys["members/"+token(1)], identity.ThingStatement, text))
	mv := client.NewMove{Statement: client.Statement{Action: client.StatementActionRotate, Community: "grove", Key: sent(key), Member: token(1), Seq: 2, V: 1}, Signature: &by}
	if m := moved(mv); m.Key != *sent(key) {
		t.Errorf("rotated: %+v", m)
	}
	taken := p.statement(identity.ActionAdmit, 9, 1, &key)
	_, err = public.MoveMemberWithResponse(ctx, "grove", taken)
	wantProblem(t, err, 409, "key_taken")
	few := p.statement(identity.ActionSuspend, 2, 2, nil)
	few.Attestations = few.Attestations[:1]
	_, err = public.MoveMemberWithResponse(ctx, "grove", few)
	wantProblem(t, err, 422, "attestations")
	ids, answers := p.walk("/v1/communities/grove/members?limit=2", "", "id")
	if len(ids) != 3 || answers != 2 || ids[0] != token(0) {
		t.Errorf("members %v in %d answers", ids, answers)
	}
}
