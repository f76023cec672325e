package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// walk follows Link rel=next from path on and returns the items' values of one member.
func (w *town) walk(path, token, member string) (values []string, answers int) {
	w.t.Helper()
	next := regexp.MustCompile(`^<([^>]+)>; rel="next"$`)
	for path != "" {
		got := w.ask("GET", path, token, "")
		var page struct {
			Items []map[string]any `json:"items"`
			Next  string           `json:"next"`
		}
		must(w.t, json.Unmarshal([]byte(got.body), &page))
		for _, item := range page.Items {
			values = append(values, fmt.Sprint(item[member]))
		}
		path = ""
		if link := next.FindStringSubmatch(got.header.Get("Link")); link != nil {
			path = link[1]
		}
		if (path == "") != (page.Next == "") || page.Next != "" && !strings.Contains(path, "cursor="+page.Next) {
			w.t.Fatalf("Link %q and next %q differ", path, page.Next)
		}
		if answers++; answers > 50 {
			w.t.Fatal("the list does not end")
		}
	}
	return values, answers
}

func TestListsComeInStretches(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i := range 5 {
		body := fmt.Sprintf(`{"slug":"town-%d","name":"Town"}`, i)
		if got := w.ask("POST", "/v1/cities", w.operator, body); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		w.clock.Add(1) // registers are ordered by the time they were made
		body = fmt.Sprintf(`{"city":"example","name":"list-%d"}`, i)
		if got := w.ask("POST", "/v1/registers", w.registrar, body); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	for _, tt := range []struct {
		name, path, token, member, want string
		answers                         int
	}{
		{"cities", "/v1/cities?limit=3", "", "slug", "elsewhere example town-0 town-1 town-2 town-3 town-4", 3},
		{"cities in one", "/v1/cities", "", "slug", "elsewhere example town-0 town-1 town-2 town-3 town-4", 1},
		{"registers", "/v1/registers?city=example&limit=2", w.registrar, "name", "list-0 list-1 list-2 list-3 list-4", 3},
		{"registers that strangers see", "/v1/registers?city=example", w.stranger, "name", "", 1},
		{"a subject", "/v1/log/entries?subject=city/town-1", "", "subject", "city/town-1", 1},
	} {
		values, answers := w.walk(tt.path, tt.token, tt.member)
		if got := strings.Join(values, " "); got != tt.want || answers != tt.answers {
			t.Errorf("%s: got %q in %d answers, want %q in %d", tt.name, got, answers, tt.want, tt.answers)
		}
	}
}

// The log has a record for each of the two first cities and of the heartbeat; its workers may not add
// another one while the test reads it.
func TestLogComesInStretches(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.frozen("adults")
	all, _ := w.walk("/v1/log/entries", "", "seq")
	if got, answers := w.walk("/v1/log/entries?limit=2", "", "seq"); strings.Join(got, " ") != strings.Join(all, " ") || answers < 2 {
		t.Errorf("in stretches of 2: %v in %d answers, at once %v", got, answers, all)
	}
	if got, _ := w.walk("/v1/log/entries?limit=2&from=1", "", "seq"); strings.Join(got, " ") != strings.Join(all[1:], " ") {
		t.Errorf("from 1: %v, want %v", got, all[1:])
	}
}

func TestEmptyListsAreListsNotNull(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{"/v1/draws", "/v1/registers?city=example", "/v1/log/entries?from=1000", "/v1/log/entries?subject=nobody"} {
		if got := w.ask("GET", path, "", ""); got.status != 200 || got.body != "{\"items\":[]}\n" {
			t.Errorf("%s: %d %q", path, got.status, got.body)
		}
	}
}
