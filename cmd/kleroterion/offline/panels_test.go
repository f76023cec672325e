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

// Each case changes a good lottery by one thing. Where it is refused, the error or the notes say what is
// wrong, and no folder is made.
func TestPanelsRefuse(t *testing.T) {
	three, far := int64(3), int64(20)
	file := func(path *string, text string) func(*testing.T) {
		return func(t *testing.T) {
			*path = filepath.Join(t.TempDir(), "file.csv")
			if err := os.WriteFile(*path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		set  func(t *testing.T, in *Lottery)
		want []string
		code int
	}{
		"quotas that are no numbers, or the wrong way round": {func(t *testing.T, in *Lottery) {
			file(&in.Categories, "feature,value,min,max\ngender,female,two,2\ngender,male,3,2\n")(t)
		}, []string{`file.csv line 2 column "min": not_a_number`, "file.csv line 3", "min_above_max"}, 2},
		"people twice, with unknown values and without": {func(t *testing.T, in *Lottery) {
			file(&in.Respondents, "id,gender,age,street\ns,female,old,\nb,ffemale,old,\nc,male,,\nb,male,old,\n")(t)
		}, []string{"line 3 column \"gender\": unknown_value", "line 4 column \"age\": blank_value", "line 5: duplicate_id", "3 things are wrong"}, 2},
		"a population that is no number, or of nobody": {func(t *testing.T, in *Lottery) {
			file(&in.Population, "feature,value,population\ngender,female,some\ngender,other,49\ngender,male,1\ngender,male,1\n")(t)
		}, []string{"line 2: population \"some\"", "line 3: gender: other: no quota", "line 5: gender: male stands there twice"}, 2},
		"no flexible bounds left": {func(t *testing.T, in *Lottery) {
			file(&in.Categories, "feature,value,min,max,min_flex,max_flex\ngender,female,2,2,2,2\ngender,male,2,2,2,2\nage,young,3,3,3,3\nage,old,3,3,3,3\n")(t)
		}, []string{"No change within the flexible bounds helps", "no panel meets the quotas"}, 1},
		"nobody to be seated":       {func(_ *testing.T, in *Lottery) { in.Seated = []string{"z"} }, []string{"unknown_id"}, 2},
		"no such column":            {func(_ *testing.T, in *Lottery) { in.Columns.ID = "number" }, []string{"missing_column"}, 2},
		"no such address":           {func(_ *testing.T, in *Lottery) { in.Columns.Address = []string{"city"} }, []string{"missing_column"}, 2},
		"no file of quotas":         {func(_ *testing.T, in *Lottery) { in.Categories += "x" }, []string{"no such file"}, 2},
		"no file of people":         {func(_ *testing.T, in *Lottery) { in.Respondents += "x" }, []string{"no such file"}, 2},
		"no file of population":     {func(_ *testing.T, in *Lottery) { in.Population = in.Respondents + "x" }, []string{"no such file"}, 2},
		"a size below 0":            {func(_ *testing.T, in *Lottery) { in.Size = -4 }, []string{"size"}, 2},
		"no panels":                 {func(_ *testing.T, in *Lottery) { in.Panels = 0 }, []string{"--lottery is 0"}, 2},
		"too many panels":           {func(_ *testing.T, in *Lottery) { in.Panels = 1_000_001 }, []string{"--lottery is 1000001"}, 2},
		"another method":            {func(_ *testing.T, in *Lottery) { in.Method = "fairest" }, []string{"not known"}, 1},
		"a panel that is not there": {func(_ *testing.T, in *Lottery) { in.Draw.Panel = &far }, []string{"the lottery has 20 panels"}, 2},
		"two draws":                 {func(_ *testing.T, in *Lottery) { in.Draw = PanelDraw{Panel: &three, Beacon: "b.json"} }, []string{"two draws"}, 2},
		"a round and a number":      {func(_ *testing.T, in *Lottery) { in.Draw = PanelDraw{Panel: &three, Round: 5, Chain: "quicknet"} }, []string{"two draws"}, 2},
		"a chain of nobody":         {func(_ *testing.T, in *Lottery) { in.Draw = PanelDraw{Round: 5, Chain: "x"} }, []string{`chain "x" is not known`}, 2},
		"a folder of others":        {func(_ *testing.T, in *Lottery) { in.Out = filepath.Dir(in.Categories) }, []string{"there is no lottery.json"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			in := town(t, t.TempDir())
			out := in.Out
			c.set(t, &in)
			var said bytes.Buffer
			err := Panels(t.Context(), &said, &said, in)
			var unusable *unusable
			if err == nil || errors.As(err, &unusable) != (c.code == 2) {
				t.Fatalf("got %v, want exit code %d", err, c.code)
			}
			for _, want := range c.want {
				if all := said.String() + err.Error(); !strings.Contains(all, want) {
					t.Errorf("got %s, want %q", all, want)
				}
			}
			if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is a folder: %v", err)
			}
		})
	}
}

// quicknet's round 1000, as a relay answers it.
const round1000 = `{"round":1000,"signature":"b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}`

// A folder has one lottery and one draw, by the round that was announced and no other.
func TestALotteryIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	in := town(t, dir)
	in.Draw = PanelDraw{Round: 1000, Chain: "quicknet"}
	three := int64(3)
	path := filepath.Join(dir, "round.json")
	if err := os.WriteFile(path, []byte(round1000), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(want string, set func(*Lottery)) {
		t.Helper()
		again := in
		set(&again)
		err := Panels(t.Context(), io.Discard, io.Discard, again)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	run("", func(*Lottery) {})
	run("", func(*Lottery) {})
	run("lottery.json is there already", func(l *Lottery) { l.Draw.Round = 1001 })
	run("is there already", func(l *Lottery) { l.Panels = 21 })
	run("is there already", func(l *Lottery) { l.Draw = PanelDraw{Panel: &three} })
	run("has round 1000, the lottery announces 1001", func(l *Lottery) { l.Draw.Round, l.Draw.Beacon = 1001, path })
	run("", func(l *Lottery) { l.Draw.Beacon = path })
	run("", func(*Lottery) {}) // the draw stays
	if err := VerifyPanels(io.Discard, io.Discard, LotteryFolder{Dir: in.Out}); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]change{
		"another panel":      {drawFile, `"panel":\d+`, `"panel":20`, "draw.json says panel 20", false},
		"another round":      {drawFile, `"round":1000`, `"round":1001`, "was not made with round 1000", false},
		"another signature":  {drawFile, `"signature":"b4`, `"signature":"b5`, "not true: draw.json", false},
		"of another lottery": {drawFile, `"commit":"....`, `"commit":"0000`, "of another lottery", false},
		"by hand":            {drawFile, `"chain":"[0-9a-f]*",`, ``, "was not made with round 1000", false},
		"another form":       {drawFile, `"v":1`, `"v":2`, "draw.json", true},
	} {
		t.Run(name, func(t *testing.T) { c.seen(t, in.Out) })
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
	if c.file != lotteryFile && c.file != drawFile {
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
		t.Run(name, func(t *testing.T) { c.seen(t, whole) })
	}
}

// seen copies a good folder, makes the change, and wants it to be found.
func (c change) seen(t *testing.T, whole string) {
	t.Helper()
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
