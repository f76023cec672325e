package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kleroterion/api/client"
	"kleroterion/api/problem"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
)

// residents is a small town: n people in two districts, some sharing an address.
func residents(n int) string {
	var b strings.Builder
	b.WriteString("id,name,address,district\n")
	for i := range n {
		fmt.Fprintf(&b, "P%d,Resident Number%d,%d Long Road,%s\n", i, i, i/3+1, []string{"north", "south"}[i%2])
	}
	return b.String()
}

// as returns the generated client for a token.
func (w *town) as(token string) *client.Instance {
	w.t.Helper()
	i, err := client.New(w.url, token)
	must(w.t, err)
	return i
}

// frozen makes a register of 40 people, as a registrar would.
func (w *town) frozen(name string) client.Register {
	w.t.Helper()
	ctx, i := w.t.Context(), w.as(w.registrar)
	made, err := i.AddRegisterWithResponse(ctx, nil, client.NewRegister{City: "example", Name: name})
	must(w.t, err)
	id := made.JSON201.ID
	job, err := i.Upload(ctx, client.Rows{Register: id, File: strings.NewReader(residents(40))})
	must(w.t, err)
	_, err = i.WaitJob(ctx, job.ID, nil)
	must(w.t, err)
	freeze, err := i.FreezeRegisterWithResponse(ctx, id, nil, client.Freeze{})
	must(w.t, err)
	_, err = i.WaitJob(ctx, freeze.JSON202.ID, nil)
	must(w.t, err)
	got, err := i.GetRegisterWithResponse(ctx, id)
	must(w.t, err)
	return *got.JSON200
}

func (w *town) newDraw(r client.Register, decision string) client.NewDraw {
	return client.NewDraw{
		City: "example", Decision: decision, Register: r.ID, Method: client.NewDrawMethodStrata, StrataBy: []string{"district"},
		Strata:          []client.Stratum{{Stratum: "north", Seats: 3, Alternates: 2}, {Stratum: "south", Seats: 3, Alternates: 2}},
		OnePerHousehold: true, DrawTime: w.clock.Load() + 30, Rehearsal: true,
	}
}

func (w *town) opened(decision string) client.Draw {
	w.t.Helper()
	made, err := w.as(w.registrar).OpenDrawWithResponse(w.t.Context(), nil, w.newDraw(w.frozen("list-"+strings.ReplaceAll(decision, "/", "-")), decision))
	must(w.t, err)
	return *made.JSON201
}

// drawn moves the clock past the draw's round and waits for its job and the checkpoint over it.
func (w *town) drawn(d client.Draw) client.Draw {
	w.t.Helper()
	w.clock.Store(d.DueAt + 5)
	_, err := w.as(w.registrar).WaitJob(w.t.Context(), "draw-"+d.ID, nil)
	must(w.t, err)
	w.published()
	got, err := w.as("").GetDrawWithResponse(w.t.Context(), d.ID)
	must(w.t, err)
	return *got.JSON200
}

// published waits for the checkpoint over everything that is logged.
func (w *town) published() {
	w.t.Helper()
	head, err := w.svc.LogHead(w.t.Context())
	must(w.t, err)
	must(w.t, w.svc.Publisher.Published(w.t.Context(), head.Size))
}

// TestStory follows a city from the owner link to a bundle that a stranger verifies, through the
// client alone.
func TestStory(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := t.Context()
	public, registrar := w.as(""), w.as(w.registrar)

	r := w.frozen("adults")
	if r.State != client.RegisterStateFrozen || r.Rows != 40 || r.Root == "" || !r.Households {
		t.Fatalf("register: %+v", r)
	}
	var file bytes.Buffer
	n, err := public.DownloadRegister(ctx, r.Root, &file)
	must(t, err)
	list, err := register.Read(bytes.NewReader(file.Bytes()))
	must(t, err)
	if n != r.Bytes || beacon.Hash(list.Root()).String() != r.Root || list.Size() != 40 {
		t.Errorf("public file: %d bytes, root %x", n, list.Root())
	}

	made, err := registrar.OpenDrawWithResponse(ctx, nil, w.newDraw(r, "park/benches"))
	must(t, err)
	d := *made.JSON201
	if d.Subject != "city/example/jury/park/benches" || d.Status != client.DrawStatusScheduled || made.HTTPResponse.Header.Get("Location") != "/v1/draws/"+d.ID {
		t.Errorf("opened: %+v", d)
	}
	_, err = public.GetResultWithResponse(ctx, d.ID)
	wantProblem(t, err, 409, "not_drawn")
	_, err = public.DownloadBundle(ctx, d.ID, new(bytes.Buffer))
	wantProblem(t, err, 409, "not_drawn")

	d = w.drawn(d)
	if d.Status != client.DrawStatusDrawn {
		t.Fatalf("draw is %s", d.Status)
	}
	var saved bytes.Buffer
	_, err = public.DownloadBundle(ctx, d.ID, &saved)
	must(t, err)
	b, err := bundle.Open(bytes.NewReader(saved.Bytes()), int64(saved.Len()))
	must(t, err)
	report, err := verify.Bundle(ctx, b, verify.Options{Chains: w.svc.Chains})
	must(t, err)
	if !report.OK || !report.Rehearsal {
		t.Errorf("bundle: %+v", report)
	}
	w.checkSeats(d, list)
}

// checkSeats compares the private list of seats with the public result, and one proof with the list.
func (w *town) checkSeats(d client.Draw, list *register.Register) {
	w.t.Helper()
	ctx := w.t.Context()
	result, err := w.as("").GetResultWithResponse(ctx, d.ID)
	must(w.t, err)
	parsed, err := sortition.ParseResult(result.Body)
	must(w.t, err)
	seats, err := w.as(w.registrar).GetSeatsWithResponse(ctx, d.ID)
	must(w.t, err)
	first := parsed.Strata[0].Seats[0]
	if !strings.Contains(string(seats.Body), "seat,north,1,"+first+",") || !strings.Contains(string(seats.Body), "Resident Number") {
		w.t.Errorf("seats.csv lacks the first seat with its name:\n%s", seats.Body)
	}
	root := beacon.Hash(list.Root()).String()
	answer, err := w.as("").GetEntryWithResponse(ctx, root, first)
	must(w.t, err)
	proof := register.Proof{Entry: answer.JSON200.Entry, Index: answer.JSON200.Index, Path: answer.JSON200.Path, Root: answer.JSON200.Root, Size: answer.JSON200.Size}
	entry, err := proof.Verify()
	if err != nil || fmt.Sprintf("%x", entry.ID) != first || proof.Root != root {
		w.t.Errorf("proof of the first seat: %v %+v", err, proof)
	}
}

func wantProblem(t testing.TB, err error, status int, code string) {
	t.Helper()
	var p *problem.Problem
	if !errors.As(err, &p) || p.Status != status || p.Code != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

func TestOwnerLinkMakesOneOperator(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	body := `{"token":"` + w.owner + `"}`
	got := w.ask("POST", "/v1/setup", "", body)
	var made client.IssuedKey
	must(t, json.Unmarshal([]byte(got.body), &made))
	if got.status != 201 || made.Key.Role != client.KeyRoleOperator || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if again := w.ask("POST", "/v1/setup", "", body); again.status != 401 {
		t.Errorf("the owner link was spent twice: %d", again.status)
	}
	if keys := w.ask("GET", "/v1/keys", made.Token, ""); keys.status != 200 || strings.Contains(keys.body, "klr_") {
		t.Errorf("the new key's list of keys: %d %s", keys.status, keys.body)
	}
	if end := w.ask("DELETE", "/v1/keys/"+made.Key.ID, made.Token, ""); end.status != 204 || end.body != "" {
		t.Errorf("revoking: %d %s", end.status, end.body)
	}
	if after := w.ask("GET", "/v1/keys", made.Token, ""); after.status != 401 {
		t.Errorf("a revoked key answers %d", after.status)
	}
}
