package api_test

import (
	"bufio"
	"strconv"
	"strings"
	"testing"

	"kleroterion/api/client"
)

// TestEventsTellAPollToItsEnd follows a poll without a key from its opening to the count.
func TestEventsTellAPollToItsEnd(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 2)
	p.acceptAll()
	of := p.openedPoll("told")
	res, err := p.as("").ClientInterface.FollowPoll(t.Context(), of.ID, nil)
	must(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	upTo := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the stream ended without %q: %v", want, lines.Err())
	}
	upTo("event: open")
	p.vote(of, "members/"+token(0), yes)
	upTo("event: open") // one ballot more
	p.clock.Store(of.DueAt + 5)
	upTo("event: counted")
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event: ") {
			t.Errorf("after the end: %s", lines.Text())
		}
	}
	tag := p.ask("GET", "/v1/polls/"+of.ID, "", "").header.Get("ETag")
	seen := p.ask("GET", "/v1/polls/"+of.ID+"/events", "", "", "Last-Event-ID: "+tag[1:17])
	if !strings.Contains(seen.body, "event: end") || strings.Contains(seen.body, "manifest") {
		t.Errorf("events for one who saw the end: %s", seen.body)
	}
}

// TestPollFilesAreKeptForEver holds what is fixed by its content apart from what still grows.
func TestPollFilesAreKeptForEver(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 2)
	p.acceptAll()
	of := p.openedPoll("kept")
	path := "/v1/polls/" + of.ID
	early := p.ask("GET", path+"/transcript", "", "")
	if early.status != 409 || early.header.Get("Retry-After") != strconv.FormatInt(of.DueAt-p.clock.Load(), 10) || problemOf(t, early).Type != "/docs#problem-too_early" {
		t.Errorf("before the round: %d, Retry-After %q: %s", early.status, early.header.Get("Retry-After"), early.body)
	}
	for _, name := range []string{"/manifest", "/rolls/members", "/rolls/jury"} {
		got := p.ask("GET", path+name, "", "")
		if got.status != 200 || !strings.Contains(got.header.Get("Cache-Control"), "immutable") || got.header.Get("Repr-Digest") == "" {
			t.Errorf("%s: %d, %v", name, got.status, got.header)
		}
		if same := p.ask("GET", path+name, "", "", "If-None-Match: "+got.header.Get("ETag")); same.status != 304 {
			t.Errorf("%s again: %d", name, same.status)
		}
	}
	if growing := p.ask("GET", path+"/ballots", "", ""); growing.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("records: Cache-Control %q", growing.header.Get("Cache-Control"))
	}
	if head := p.ask("HEAD", path+"/ballots", "", ""); head.status != 200 || head.body != "" {
		t.Errorf("HEAD of the records: %d with %d bytes", head.status, len(head.body))
	}
	tag := p.ask("GET", path, "", "").header.Get("ETag")
	if got := p.ask("POST", path+"/void", p.steward, `{"reason":"x"}`, `If-Match: "other"`); got.status != 412 {
		t.Errorf("void of a stale poll: %d", got.status)
	}
	void := p.ask("POST", path+"/void", p.steward, `{"reason":"the question was unclear"}`, "If-Match: "+tag)
	if void.status != 200 || !strings.Contains(void.body, `"status":"void"`) {
		t.Errorf("void: %d %s", void.status, void.body)
	}
	if got := p.ask("GET", path+"/transcript", "", ""); got.status != 409 || problemOf(t, got).Code != "poll_void" {
		t.Errorf("transcript of a void poll: %d %s", got.status, got.body)
	}
	if got := p.ask("GET", path+"/bundle", "", ""); got.status != 200 || !strings.HasPrefix(got.body, "PK") {
		t.Errorf("bundle of a void poll: %d", got.status)
	}
}

// TestReplayOfAnOpenedPoll holds that a repeated request opens nothing and gives the same answer, later too.
func TestReplayOfAnOpenedPoll(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 1)
	p.acceptAll()
	key := "k"
	ask := func() *client.OpenPollResponse {
		t.Helper()
		q := client.NewPoll{Name: "x", Question: "?", Class: client.NewPollClassOrdinary, Method: client.NewPollMethodYesNo, Closes: 1_800_009_000, Draw: p.draw.ID}
		made, err := p.as(p.steward).OpenPollWithResponse(t.Context(), "grove", &client.OpenPollParams{IdempotencyKey: &key}, q)
		must(t, err)
		return made
	}
	first := ask()
	p.clock.Store(1_800_009_100) // closed: asking anew would be refused
	again := ask()
	if string(first.Body) != string(again.Body) || again.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %s\nreplay %s", first.Body, again.Body)
	}
}
