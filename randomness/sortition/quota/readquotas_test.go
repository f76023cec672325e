package quota

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReadQuotasAcceptsFilesOfOtherTools(t *testing.T) {
	want := []Quota{q("Gender", "Female", 1, 2), q("Gender", "Male", 0, 1)}
	flex := []Quota{flexible(want[0], 0, 3), flexible(want[1], 0, 5)}
	half := []Quota{want[0], want[1]}
	half[1].MaxFlex = flex[1].MaxFlex
	for name, c := range map[string]struct {
		file string
		want []Quota
	}{
		"feature and value":     {"feature,value,min,max\nGender,Female,1,2\nGender,Male,0,1\n", want},
		"category and name":     {"category,name,min,max\nGender,Female,1,2\nGender,Male,0,1\n", want},
		"category and feature":  {"category,feature,min,max\nGender,Female,1,2\nGender,Male,0,1\n", want},
		"flexible bounds":       {"feature,value,min,max,min_flex,max_flex\nGender,Female,1,2,0,3\nGender,Male,0,1,0,5\n", flex},
		"blank flexible bounds": {"feature,value,min,max,min_flex,max_flex\nGender,Female,1,2,,\nGender,Male,0,1,,5\n", half},
		"other columns, order":  {"note,max,min,value,feature\n\"a,b\",2,1,Female,Gender\n,1,0,Male,Gender\n", want},
		"mark, CRLF, semicolon": {"\xef\xbb\xbfFeature; Value ;MIN;max\r\nGender; Female;1; 2\r\nGender;Male;0;1", want},
		"tabs, blank rows":      {"feature\tvalue\tmin\tmax\t\n\n\t\t\t\nGender\tFemale\t1\t2\t\nGender\tMale\t0\t1\t\n\t\n", want},
		"spellings of a name":   {"feature,value,min,max\nGender,Female,1,2\n GENDER ,\"Male\",0,1,,\n", want},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadQuotas(strings.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Quota{}, "Line")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// places lists issues as line, column and rule.
func places(err error) []string {
	var is Issues
	if !errors.As(err, &is) {
		return []string{fmt.Sprint(err)}
	}
	var list []string
	for _, issue := range is {
		list = append(list, fmt.Sprintf("%s %d %s %s", issue.File[:min(1, len(issue.File))], issue.Line, issue.Column, issue.Rule))
	}
	return list
}

func TestReadQuotasRefuses(t *testing.T) {
	const header = "feature,value,min,max,min_flex,max_flex\n"
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"an empty file":             {" \n\n", []string{"c 1  header"}},
		"separators alone":          {",,,\n,,\n", []string{"c 1  header"}},
		"a spreadsheet":             {"PK\x03\x04\x14\x00", []string{"c 1  encoding"}},
		"UTF-16":                    {"\xff\xfef\x00e\x00", []string{"c 1  encoding"}},
		"lines of old Macs":         {"feature,value,min,max\rg,f,1,2\r", []string{"c 1  encoding"}},
		"bytes that are no UTF-8":   {header + "g,M\xe4nner,1,2,,\n", []string{"c 2 value encoding"}},
		"two separators":            {"feature;value,min\n", []string{"c 1  header"}},
		"no quotas":                 {header, []string{"c 1  no_rows"}},
		"missing columns":           {"feature,note,min\ng,f,1\n", []string{"c 1 max missing_column", "c 1 value missing_column"}},
		"a category without a name": {"category,min,max\ng,1,2\n", []string{"c 1 name missing_column"}},
		"a column twice":            {"feature,value,min,max,Min\ng,f,1,2,3\n", []string{"c 1 Min column_twice"}},
		"quotation marks":           {header + "g,f\"f,1,2,,\ng,f,1,2,,\ng,\"m,1,2,,\n", []string{"c 2  quote", "c 4  quote"}},
		"too few cells":             {header + "g,f,1\n", []string{"c 2  cells"}},
		"too many cells":            {header + "g,f,1,2,,,,x\n", []string{"c 2  cells"}},
		"words for numbers":         {header + "g,f,one,2,,\ng,m,0,,-,x\n", []string{"c 2 min not_a_number", "c 3 max not_a_number", "c 3 min_flex not_a_number", "c 3 max_flex not_a_number"}},
		"numbers in other forms":    {header + "g,a,1.0,2,,\ng,b,-1,2,,\ng,c,01,2,,\ng,d,+1,2,,\ng,e,1,1e3,,\ng,f,0,9999999999,,\n", []string{"c 2 min not_a_number", "c 3 min not_a_number", "c 4 min not_a_number", "c 5 min not_a_number", "c 6 max not_a_number", "c 7 max not_a_number"}},
		"a minimum above":           {header + "g,f,3,2,,\n", []string{"c 2 min min_above_max"}},
		"flexible bounds inside":    {header + "g,f,2,3,3,2\n", []string{"c 2 min_flex min_flex", "c 2 max_flex max_flex"}},
		"a value twice":             {header + "g,Male,1,2,,\ng,male ,1,2,,\n", []string{"c 3  duplicate_quota"}},
		"blank names":               {header + ",f,1,2,,\ng, ,1,2,,\n", []string{"c 2  blank_feature", "c 3  blank_value"}},
		"everything in one pass":    {header + "g,f,x,2,,\ng,f,9,3,,\n,\n", []string{"c 2 min not_a_number", "c 3 min min_above_max", "c 3  duplicate_quota"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadQuotas(strings.NewReader(c.file))
			if err == nil {
				t.Fatalf("accepted as %+v", got)
			}
			if diff := cmp.Diff(c.want, places(err)); diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestAnErrorOfTheReaderIsNoIssue(t *testing.T) {
	broken := errors.New("broken")
	var is Issues
	if _, err := ReadQuotas(iotest.ErrReader(broken)); !errors.Is(err, broken) || errors.As(err, &is) {
		t.Errorf("error %v", err)
	}
	if _, err := Read(Files{Quotas: strings.NewReader("feature,value,min,max\ng,f,0,1\n"), People: iotest.ErrReader(broken)}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if err := WriteQuotas(brokenWriter{broken}, []Quota{q("g", "f", 0, 1)}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func FuzzReadQuotas(f *testing.F) {
	f.Add([]byte("feature,value,min,max\nGender,Female,1,2\n"))
	f.Add([]byte("\xef\xbb\xbfcategory;name;min;max;min_flex;max_flex\r\n\"a \"\"b\"\"\";c;0;1;;7\r\n"))
	f.Add([]byte("category,feature,min,max\ng,\"f\n2\",1,2\ng,F,3,2\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		quotas, err := ReadQuotas(bytes.NewReader(file))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteQuotas(&out, quotas); err != nil {
			t.Fatal(err)
		}
		again, err := ReadQuotas(io.TeeReader(&out, io.Discard))
		if err != nil {
			t.Fatalf("written and refused: %v", err)
		}
		if diff := cmp.Diff(quotas, again, cmpopts.IgnoreFields(Quota{}, "Line")); diff != "" {
			t.Error(diff)
		}
	})
}
