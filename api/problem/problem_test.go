package problem

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRoundTrips(t *testing.T) {
	want := &Problem{
		Type: "/docs#problem-invalid", Title: "Invalid", Status: 422, Code: "lead", Detail: "too soon", Hint: "later",
		Errors: []Field{{"/draw_time", "min", "too small"}}, RequestID: "r1",
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, Parse(422, b)); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
	const text = "422 lead: too soon; /draw_time: too small (later)"
	if got := want.Error(); got != text {
		t.Errorf("Error() = %q, want %q", got, text)
	}
}

func TestParseOfSomethingElse(t *testing.T) {
	for _, body := range []string{"", "<html>502</html>", "{}", "[]", `{"title":"x"}`, `{"code":5}`} {
		p := Parse(502, []byte(body))
		if p.Status != 502 || p.Code != "not_a_problem" || p.Detail == "" {
			t.Errorf("Parse(502, %q) = %+v", body, p)
		}
	}
}
