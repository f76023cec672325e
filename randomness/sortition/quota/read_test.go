package quota

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const twoFeatures = "feature,value,min,max\nGender,Female,0,2\nGender,Male,0,2\nAge,Young,0,2\nAge,Old,0,2\n"

func read(people string, change func(*Files)) (*Input, error) {
	f := Files{Size: 2, Quotas: strings.NewReader(twoFeatures), People: strings.NewReader(people)}
	if change != nil {
		change(&f)
	}
	return Read(f)
}

func TestReadAcceptsPeople(t *testing.T) {
	person := func(id, gender, age string) Person { return Person{ID: id, Values: []string{gender, age}} }
	people := []Person{person("a", "Female", "Old"), person("b", "Male", "Young")}
	housed := []Person{people[0], people[1]}
	housed[0].Household = "high street 5\nsw1"
	for name, c := range map[string]struct {
		file   string
		change func(*Files)
		want   []Person
	}{
		"an id column":              {"gender,age,id\nfemale, OLD,a\nMale,Young,b\n", nil, people},
		"the tools' own id":         {"id,nationbuilder_id,Age,Gender\n1,a,Old,Female\n2,b,Young,Male\n", nil, people},
		"the id column asked for":   {"id,ref,Age,Gender\n1,a,Old,Female\n2,b,Young,Male\n", func(f *Files) { f.Columns.ID = "Ref" }, people},
		"the first column":          {"name;Age;Gender\na;Old;Female\nb;Young;Male\n;;\n", nil, people},
		"no id column":              {"Age,Gender,name\nOld,Female,x\nYoung,Male,y\n", nil, []Person{person("1", "Female", "Old"), person("2", "Male", "Young")}},
		"an address":                {"id,Age,Gender,street,code\na,Old,Female,\"High  Street, 5\",SW1\nb,Young,Male,,\n", func(f *Files) { f.Columns.Address = []string{"Street", "code"} }, housed},
		"no address asked for":      {"id,Age,Gender,street\na,Old,Female,x\nb,Young,Male,x\n", nil, people},
		"other columns of one name": {"id,Age,Gender,note,note\na,Old,Female,x,y\nb,Young,Male,,\n", nil, people},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := read(c.file, c.change)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, in.People, cmpopts.IgnoreFields(Person{}, "Line")); diff != "" {
				t.Error(diff)
			}
			if len(in.Sheet.Rows) != len(in.People) || in.Problem.People() != int64(len(in.People)) {
				t.Errorf("%d rows, %d people in the problem", len(in.Sheet.Rows), in.Problem.People())
			}
		})
	}
}

func TestOneAddressIsOneHousehold(t *testing.T) {
	in, err := read("id,Age,Gender,street\na,Old,Female,5 High Street\nb,Old,Male,\"5, HIGH  street.\"\nc,Old,Male,5 High Court\n", func(f *Files) { f.Columns.Address = []string{"street"} })
	if err != nil {
		t.Fatal(err)
	}
	want := []Class{{Types: []int{0, 2}, Households: []Household{{Members: [][]string{{"a"}, {"b"}}}}, Row: 5}}
	if diff := cmp.Diff(want, in.Problem.Classes); diff != "" {
		t.Error(diff)
	}
}

func TestPeopleSeatedAndExcludedAreNamedByID(t *testing.T) {
	in, err := read("id,Age,Gender\na,Old,Female\nb,Young,Male\nc,Young,Male\n", func(f *Files) {
		f.Seated, f.Excluded = []string{"b"}, []string{" a "}
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := in.Problem; p.Size != 1 || p.People() != 1 || p.Types[0].Members[0] != "c" {
		t.Errorf("%+v", p)
	}
}

func TestReadRefuses(t *testing.T) {
	const header = "id,Age,Gender,street\n"
	for name, c := range map[string]struct {
		people string
		change func(*Files)
		want   []string
	}{
		"an empty file":              {"", nil, []string{"r 1  header"}},
		"nobody":                     {header + ",,,\n", nil, []string{"r 1  no_rows"}},
		"a missing feature, once":    {"id,Age\na,Old\nb,Old\n", nil, []string{"r 1 Gender missing_column"}},
		"a feature twice":            {"id,Age,Gender,AGE\na,Old,Male,Old\n", nil, []string{"r 1 AGE column_twice"}},
		"an unknown id column":       {header + "a,Old,Male,\n", func(f *Files) { f.Columns.ID = "no" }, []string{"r 1 no missing_column"}},
		"an unknown address column":  {header + "a,Old,Male,\n", func(f *Files) { f.Columns.Address = []string{"town"} }, []string{"r 1 town missing_column"}},
		"a blank id":                 {header + " ,Old,Male,\n", nil, []string{"r 2  blank_id"}},
		"an id twice":                {header + "a,Old,Male,\na,Old,Male,\n", nil, []string{"r 3  duplicate_id"}},
		"a value no quota names":     {header + "a,Old,Malle,\n", nil, []string{"r 2 Gender unknown_value"}},
		"a blank value":              {header + "a, ,Male,\n", nil, []string{"r 2 Age blank_value"}},
		"a row cut short":            {header + "a,Old\n", nil, []string{"r 2  cells"}},
		"a row too long":             {header + "a,Old,Male,5, High Street\n", nil, []string{"r 2  cells"}},
		"a quotation mark not ended": {header + "a,Old,Male,\"5\nb,Old,Malle,6\nc,Old,Male,\"7\"8\n,Old,Male,9\n", nil, []string{"r 2  quote", "r 3 Gender unknown_value", "r 4  quote", "r 5  blank_id"}},
		"quotation marks throughout": {header + strings.Repeat("a,Old,Male,5\"\n", 101), nil, slices.Collect(func(yield func(string) bool) {
			for i := range 100 {
				yield(fmt.Sprintf("r %d  quote", i+2))
			}
		})},
		"Latin-1":                  {header + "a,Old,Male,Stra\xdfe\n", nil, []string{"r 2 street encoding"}},
		"a size below nought":      {header + "a,Old,Male,\n", func(f *Files) { f.Size = -1 }, []string{" 0  size"}},
		"a size without end":       {header + "a,Old,Male,\n", func(f *Files) { f.Size = MaxCount + 1 }, []string{" 0  size"}},
		"an unknown person seated": {header + "a,Old,Male,\n", func(f *Files) { f.Seated = []string{"z"} }, []string{"r 0  unknown_id"}},
		"one seated and excluded":  {header + "a,Old,Male,\n", func(f *Files) { f.Seated, f.Excluded = []string{"a"}, []string{"a"} }, []string{"r 0  unknown_id"}},
		"more seated than seats":   {header + "a,Old,Male,\nb,Young,Male,\n", func(f *Files) { f.Size, f.Seated = 1, []string{"a", "b"} }, []string{"r 0  seated"}},
		"more seated than a maximum": {header + "a,Old,Male,\n", func(f *Files) {
			f.Seated, f.Quotas = []string{"a"}, strings.NewReader("feature,value,min,max\ngender,male,0,0\nage,old,0,1\n")
		}, []string{"r 0 gender seated"}},
		"quotas without a column": {header + "a,Old,Malle,\nb,,\n", func(f *Files) {
			f.Size, f.Quotas = -1, strings.NewReader("feature,value,min\ngender,male,0\n")
		}, []string{" 0  size", "c 1 max missing_column", "r 3  cells"}},
		"both files in one pass": {header + "a,Oldd,Male,\n,Old,,\nb,Old,Male\n", func(f *Files) {
			f.Quotas = strings.NewReader(twoFeatures + "Age,old,x,1\n")
		}, []string{"c 6 min not_a_number", "c 6  duplicate_quota", "r 2 Age unknown_value", "r 3  blank_id", "r 3 Gender blank_value", "r 4  cells"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.people, c.change)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(c.want, places(err)); diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestNewRefusesWhatAFileCannotSay(t *testing.T) {
	good := []Quota{q("g", "f", 0, 1)}
	for name, c := range map[string]struct {
		quotas []Quota
		people []Person
		want   []string
	}{
		"bounds below nought":   {[]Quota{flexible(q("g", "f", -1, -1), -2, -1)}, nil, []string{"c 0 min range", "c 0 max range", "c 0 min_flex range", "c 0 max_flex range"}},
		"a bound without end":   {[]Quota{q("g", "f", 0, MaxCount+1)}, nil, []string{"c 0 max range"}},
		"too few values":        {good, []Person{{ID: "a"}}, []string{"r 0  values"}},
		"too many values":       {good, []Person{{ID: "a", Values: []string{"f", "f"}}}, []string{"r 0  values"}},
		"faults of an excluded": {good, []Person{{ID: "a", Values: []string{"x"}, Standing: Excluded}}, []string{"r 0 g unknown_value"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(1, c.quotas, c.people)
			if err == nil {
				t.Fatalf("accepted: %+v", p)
			}
			if diff := cmp.Diff(c.want, places(err)); diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestIssuesSayWhereWhatAndHowToMend(t *testing.T) {
	_, err := read("id,Age,Gender\na,Old,Malle\n", nil)
	want := `respondents line 2 column "Gender": unknown_value: "Malle" is not a value that the quotas name: write one of Female, Male, or add a quota for it`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, err = read("id,Age,Gender\n"+strings.Repeat(",Old,Male\n", 25), nil)
	if err == nil || !strings.HasSuffix(err.Error(), "\nand 5 more") {
		t.Errorf("25 issues: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(twoFeatures), []byte("id,Age,Gender,street\na,Old,Male,5\nb,Young,Female,5\n"))
	f.Add([]byte("category;name;min;max\r\ng;\"x;y\";0;1\r\n"), []byte("\xef\xbb\xbfG;street\r\n\"X;Y\";5\r\n"))
	f.Fuzz(func(t *testing.T, quotas, people []byte) {
		files := Files{Size: 3, Quotas: bytes.NewReader(quotas), People: bytes.NewReader(people), Columns: Columns{Address: []string{"street"}}}
		in, err := Read(files)
		if err != nil {
			return
		}
		seats := int64(0)
		for _, typ := range in.Problem.Types {
			if typ.Cap < 1 || typ.Cap > int64(len(typ.Members)) || len(typ.Values) != len(in.Problem.Features) {
				t.Errorf("type %+v", typ)
			}
			seats += int64(len(typ.Members))
		}
		if seats != int64(len(in.People)) {
			t.Errorf("%d people in types, %d read", seats, len(in.People))
		}
	})
}
