package offline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition/quota"
)

const townQuotas = "feature,value,min,max\ngender,female,2,2\ngender,male,2,2\nage,young,1,1\nage,old,3,3\n"

const townPeople = `id,gender,age,street
a,female,young,1
b,female,young,2
c,female,old,3
d,male,young,4
e,male,young,5
f,male,old,6
g,female,old,7
h,male,old,8
i,female,young,9
j,male,young,10
k,female,old,11
l,male,old,11
s,male,old,12
`

// town is a lottery that can be made in dir.
func town(t *testing.T, dir string) Lottery {
	t.Helper()
	in := Lottery{Categories: filepath.Join(dir, "quotas"), Respondents: filepath.Join(dir, "people"), Size: 4, Panels: 20, Method: "leximin",
		Columns: quota.Columns{Address: []string{"street"}}, Seated: []string{"s"}, Out: filepath.Join(dir, "out")}
	for path, text := range map[string]string{in.Categories: townQuotas, in.Respondents: townPeople} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

func TestAStoppedRunLeavesNothing(t *testing.T) {
	for name, stopAt := range map[string]string{"before it begins": "", "on the way": "levels"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := town(t, dir)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			in.Progress = func(string, int64, int64) { stop() }
			if stopAt == "" {
				stop()
			}
			err := Panels(ctx, io.Discard, io.Discard, in)
			if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing was written") {
				t.Errorf("got %v", err)
			}
			there, err := os.ReadDir(dir)
			if err != nil || len(there) != 2 {
				t.Errorf("left over: %v, %v", there, err)
			}
		})
	}
}

func TestAFolderThatCannotBeWrittenLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	in := town(t, dir)
	in.Out = filepath.Join(dir, "quotas", "out") // below a file
	if err := Panels(t.Context(), io.Discard, io.Discard, in); err == nil {
		t.Fatal("written below a file")
	}
	if there, err := os.ReadDir(dir); err != nil || len(there) != 2 {
		t.Errorf("left over: %v, %v", there, err)
	}
}

// change edits one file of a lottery and lets lottery.json fix what is there now, so that only a check of
// the contents can see it.
type change struct {
	file, from, to string // from is a regular expression; only its first match is changed
	want           string // part of the error
	unusable       bool
}

func (c change) make(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, c.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(c.from).FindIndex(text)
	if at == nil {
		t.Fatalf("%s has no %s", c.file, c.from)
	}
	text = slices.Concat(text[:at[0]], []byte(c.to), text[at[1]:])
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if c.file != lotteryFile {
		fixAgain(t, dir, c.file, sha256.Sum256(text))
	}
}

func fixAgain(t *testing.T, dir, file string, sum beacon.Hash) {
	t.Helper()
	path := filepath.Join(dir, lotteryFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fixed
	if err := canonical.Unmarshal(bytes.TrimSpace(text), &f); err != nil {
		t.Fatal(err)
	}
	f.Files[file] = sum
	if text, _, err = f.commit(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerifySeesEveryChange(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	in := town(t, t.TempDir())
	in.Out = whole
	if err := Panels(t.Context(), io.Discard, io.Discard, in); err != nil {
		t.Fatal(err)
	}
	if err := VerifyPanels(io.Discard, io.Discard, LotteryFolder{Dir: whole}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]change{
		"a quota tighter":                    {quotaFile, "gender,male,2,2", "gender,male,1,1", "certificate.json", false},
		"a quota gone":                       {quotaFile, "age,old,3,3\n", "", "people.csv", true},
		"a person of another age":            {peopleFile, "a,,candidate,female,young", "a,,candidate,female,old", "certificate.json", false},
		"a person less":                      {peopleFile, "a,,candidate,female,young\n", "", "not true", false},
		"a household broken up":              {peopleFile, "k,1,", "k,,", "certificate.json", false},
		"another standing":                   {peopleFile, "a,,candidate", "a,,friend", "standing", true},
		"a person twice":                     {peopleFile, "b,,candidate", "a,,candidate", "duplicate_id", true},
		"another header":                     {peopleFile, "^id", "name", "header", true},
		"a stranger on a panel":              {panelFile, "\n0,[a-z]", "\n0,z", `"z" is no candidate`, false},
		"nobody seated on a panel":           {panelFile, ",s\n", ",c\n", "panels.csv line 2", false},
		"a panel less":                       {panelFile, "\n19,.*\n", "\n", "19 panels, want 20", false},
		"another number":                     {panelFile, "\n7,", "\n8,", `panel "8", want 7`, false},
		"a row cut short":                    {panelFile, ",s\n", "\n", "panels.csv", true},
		"another probability":                {chanceFile, "\na,1/6", "\na,1/5", "line 2", false},
		"more panels than there are":         {chanceFile, `\na,1/6,\d+`, "\na,1/6,20", "line 2", false},
		"somebody without a probability":     {chanceFile, "\na,.*\n", "\n", "12 people", false},
		"a certificate of another form":      {certificateFile, `"v":1`, `"v":1,"w":2`, "certificate.json", true},
		"a certificate of another version":   {certificateFile, `"v":1`, `"v":2`, "certificate.json", true},
		"a level that proves less":           {certificateFile, `"probability":"1/6"`, `"probability":"1/7"`, "certificate.json", false},
		"a panel of others":                  {certificateFile, `"copies":\d+`, `"copies":21`, "certificate.json", true},
		"another size":                       {lotteryFile, `"size":4`, `"size":5`, "certificate.json", false},
		"another method":                     {lotteryFile, "leximin", "maximin", "certificate.json", false},
		"another number of panels":           {lotteryFile, `"panels":20`, `"panels":21`, "certificate.json", false},
		"a file that is fixed otherwise":     {lotteryFile, `"panels.csv":"..`, `"panels.csv":"zz`, "lottery.json", true},
		"another file with the same content": {lotteryFile, `"people.csv":"[0-9a-f]{4}`, `"people.csv":"0000`, "people.csv is not the file", false},
		"a lottery of a later version":       {lotteryFile, `"v":1`, `"v":2`, "version", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			c.make(t, dir)
			err := VerifyPanels(io.Discard, io.Discard, LotteryFolder{Dir: dir})
			var unusable *unusable
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &unusable) != c.unusable || errors.Is(err, ErrFalse) == c.unusable {
				t.Errorf("got %v, want %q (unusable: %t)", err, c.want, c.unusable)
			}
		})
	}
}

// Two of one household in a panel that otherwise looks right.
func TestVerifySeesAHouseholdOnAPanel(t *testing.T) {
	f := lotteryFolder{problem: &quota.Problem{
		Types:   []quota.Type{{Members: []string{"a"}, Class: 0}, {Members: []string{"b"}, Class: 0}},
		Classes: []quota.Class{{Types: []int{0, 1}, Households: []quota.Household{{Members: [][]string{{"a"}, {"b"}}}}}},
	}}
	err := f.countPanel(newCensus(f.problem), []string{"0", "a", "b"}, []int64{1, 1})
	if err == nil || !strings.Contains(err.Error(), "same household") {
		t.Errorf("got %v", err)
	}
	if err := f.countPanel(newCensus(f.problem), []string{"0", "a", "a"}, []int64{2, 0}); err == nil || !strings.Contains(err.Error(), "sits twice") {
		t.Errorf("got %v", err)
	}
}
