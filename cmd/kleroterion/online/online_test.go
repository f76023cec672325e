package online

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/client"
)

// put writes a file into a folder of the test and returns its name.
func put(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeyFiles(t *testing.T) {
	good := "klr_0123456789abcdef_" + strings.Repeat("A", 43)
	for name, tt := range map[string]struct{ url, text, want string }{
		"a key":             {"http://127.0.0.1:1", good, ""},
		"with a line feed":  {"https://draws.example", good + "\n", ""},
		"two lines":         {"http://127.0.0.1:1", good + "\n" + good, "does not hold an API key"},
		"nothing":           {"http://127.0.0.1:1", "", "does not hold an API key"},
		"something else":    {"http://127.0.0.1:1", "secret", "does not hold an API key"},
		"no address":        {"draws.example", good, "want a URL"},
		"another protocol":  {"ftp://draws.example", good, "want a URL"},
		"a key with spaces": {"http://127.0.0.1:1", "klr_0123456789 abcdef_AAAAAAAAAAAA", "does not hold an API key"},
	} {
		_, err := Service{URL: tt.url, KeyFile: put(t, "key", tt.text)}.open()
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), tt.text) && tt.text != "") {
			t.Errorf("%s: %v, want %q and not the key itself", name, err, tt.want)
		}
	}
	if _, err := (Service{URL: "http://127.0.0.1:1", KeyFile: "/nowhere"}).open(); err == nil {
		t.Error("a key file that is not there is read")
	}
}

func TestRequestsFromFiles(t *testing.T) {
	quotas := put(t, "categories.csv", "feature,value,min,max\nage,30+,1,2\n")
	in := Lottery{Categories: quotas, Size: 3, Excluded: []string{"aa"}, ExcludedFile: put(t, "ids", "bb\n\n cc \n"), Method: "nash", Panels: 7, OneHousehold: true}
	got, err := in.body()
	if err != nil {
		t.Fatal(err)
	}
	want := client.NewLottery{Categories: "feature,value,min,max\nage,30+,1,2\n", Size: 3, Excluded: []string{"aa", "bb", "cc"}, Method: "nash", Panels: 7, OnePerHousehold: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, bad := range map[string]Lottery{
		"no quotas":      {Categories: "/nowhere"},
		"a book":         {Categories: put(t, "book", strings.Repeat("x", mostCategories+1))},
		"no ids":         {Categories: quotas, ExcludedFile: "/nowhere"},
		"too many ids":   {Categories: quotas, ExcludedFile: put(t, "ids", strings.Repeat("ab\n", mostIDs+1))},
		"ids on a line":  {Categories: quotas, ExcludedFile: put(t, "ids", strings.Repeat("ab,", 50_000))},
		"a folder of it": {Categories: filepath.Dir(quotas)},
	} {
		if _, err := bad.body(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWhatIsSaidOfQuotas(t *testing.T) {
	for name, tt := range map[string]struct {
		check client.QuotaCheck
		want  string
	}{
		"fine": {client.QuotaCheck{Feasible: true}, "there are panels that meet all quotas\n"},
		"fine but for some": {client.QuotaCheck{Feasible: true, Never: []client.NeverSeated{{People: 4, Why: "no seat is left"}}},
			"there are panels that meet all quotas\n4 of the people can never be chosen: no seat is left\n"},
		"contrary": {client.QuotaCheck{Problems: []string{"age is short"}, Conflict: "age and district", Nearest: []client.QuotaChange{{Feature: "age", Value: "30+", Lower: 2}}},
			"age is short\nage and district\nthe nearest quotas that a panel meets:\n  age: 30+: minimum 2 lower, maximum 0 higher\n  (nearer ones may exist: the search ended at its limit)\n"},
		"rigid":     {client.QuotaCheck{Conflict: "a", Rigid: "b", NearestProved: true}, "a\nno change within the flexible bounds helps: b\n"},
		"undecided": {client.QuotaCheck{Undecided: []string{"who can never be chosen"}}, "not decided in time: who can never be chosen\n"},
	} {
		if diff := cmp.Diff(tt.want, string(sayCheck(tt.check))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhereALotteryStands(t *testing.T) {
	l := client.Lottery{ID: "17", Panels: 1000, Size: 30, Method: "leximin", Job: "lottery-17", File: "ab", Bytes: 9, Gap: "1/400", Lowest: 3, Highest: 8}
	for state, wants := range map[client.LotteryState][]string{
		client.LotteryStateComputing: {"computing", "job: lottery-17"}, client.LotteryStateFailed: {"failed", "/v1/jobs/lottery-17"},
		client.LotteryStateCancelled: {"cancelled"}, client.LotteryStateReady: {"file: ab, 9 bytes", "at most 1/400 is open", "on 3 to 8 of the panels", "open a draw"},
	} {
		var out bytes.Buffer
		l.State = state
		if err := (Answer{Out: &out}).lottery(l); err != nil {
			t.Fatal(err)
		}
		for _, want := range append(wants, "lottery 17: ", "1000 equally likely panels of 30, leximin") {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing: %s", state, want, &out)
			}
		}
	}
}

func TestNearestQuotasAreWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "nearest.csv")
	changes := []client.QuotaChange{{Feature: "age", Value: "30+", Lower: 2, Raise: 1}}
	const quotas = "feature,value,min,max\nage,16-29,1,2\nage,30+,4,5\n"
	if err := writeNearest(name, quotas, changes); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if want := "feature,value,min,max\nage,16-29,1,2\nage,30+,2,6\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := writeNearest(name, quotas, changes); err == nil {
		t.Error("a file that is there was written over")
	}
}
