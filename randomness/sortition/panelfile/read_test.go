package panelfile_test

import (
	"bytes"
	"strings"
	"testing"

	"kleroterion/randomness/sortition/panelfile"
)

func TestReadRefusesAnyOtherForm(t *testing.T) {
	good := string(build(t, terms(), town(), 10).file)
	swap := func(old, by string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the file has no %s", old)
		}
		return strings.Replace(good, old, by, 1)
	}
	low, high := hexOf(20), hexOf(21)
	if low > high {
		low, high = high, low
	}
	for name, tc := range map[string]struct {
		file string
		want panelfile.Rule
	}{
		"nothing":                           {"", "file_form"},
		"a line end":                        {good + "\n", "file_form"},
		"a space":                           {swap(`,"size"`, `, "size"`), "file_form"},
		"cut off":                           {good[:len(good)-1], "file_form"},
		"another version":                   {good[:len(good)-2] + "2}", "file_form"},
		"no version":                        {good[:len(good)-len(`,"v":1}`)] + "}", "file_form"},
		"an unknown member":                 {good[:len(good)-1] + `,"w":1}`, "file_form"},
		"a member without a value":          {swap(`,"one_per_household":true`, ``), "file_form"},
		"null":                              {swap(`"seated":["`+hexOf(3)+`"]`, `"seated":null`), "file_form"},
		"size as a string":                  {swap(`"size":6`, `"size":"6"`), "file_form"},
		"half a seat":                       {swap(`"size":6`, `"size":6.5`), "file_form"},
		"a member of a quota unknown":       {swap(`{"feature":"age","max":3`, `{"feature":"age","man":1,"max":3`), "file_form"},
		"ids that do not ascend":            {swap(low+`","`+high, high+`","`+low), "ids"},
		"an id twice":                       {swap(low+`","`+high, low+`","`+low), "ids"},
		"an id in upper case":               {swap(hexOf(3), strings.ToUpper(hexOf(3))), "ids"},
		"an id too short":                   {swap(hexOf(3), hexOf(3)[1:]), "ids"},
		"seated and excluded":               {swap(hexOf(3), low), "ids"},
		"more seats than fit":               {swap(`"size":6`, `"size":1677722`), "too_large"},
		"a negative size":                   {swap(`"size":6`, `"size":-6`), "quotas"},
		"a minimum above a maximum":         {swap(`"min":3`, `"min":4`), "quotas"},
		"flexible bounds inside":            {swap(`"max_flex":4`, `"max_flex":1`), "quotas"},
		"a quota without a feature":         {swap(`"feature":"age"`, `"feature":""`), "quotas"},
		"a certificate of a method unknown": {swap(`"leximin"`, `"leximax"`), "certificate"},
		"a certificate with a member more":  {swap(`"certificate":{`, `"certificate":{"a":1,`), "certificate"},
		"no certificate":                    {swap(`"certificate":{`, `"certificate":[],"d":{`), "file_form"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := panelfile.Read([]byte(tc.file))
			if rule(err) != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			if f != nil {
				t.Error("a refused file was given out")
			}
		})
	}
}

func TestReadRefusesAFileTooLong(t *testing.T) {
	if _, err := panelfile.Read(make([]byte, panelfile.MaxFile+1)); rule(err) != panelfile.RuleForm {
		t.Errorf("got %v", err)
	}
}

// FuzzRead: what is read and can be built again has the same bytes; no input does worse than a refusal.
func FuzzRead(f *testing.F) {
	b := build(f, terms(), town(), 5)
	f.Add(b.file)
	f.Add([]byte(`{"v":1}`))
	f.Add(bytes.Replace(b.file, []byte(`"size":6`), []byte(`"size":7`), 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := panelfile.Read(file)
		if err != nil {
			if rule(err) == "" {
				t.Fatalf("an error without a rule: %v", err)
			}
			return
		}
		again, _, err := panelfile.Build(all(town()), read.Terms, read.Result)
		if err == nil && !bytes.Equal(again, file) {
			t.Fatalf("read %s, built %s", file, again)
		}
	})
}
