package register

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// scanned is a record as a test sees it.
type scanned struct {
	Cells  []string
	Faults []string // "cell rule"
}

func scanAll(t testing.TB, r io.Reader, comma byte) []scanned {
	t.Helper()
	s := scanner{r: r, comma: comma}
	var all []scanned
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		var row scanned
		for i := range rec.ends {
			row.Cells = append(row.Cells, string(rec.cell(i)))
		}
		for _, f := range rec.faults {
			row.Faults = append(row.Faults, fmt.Sprint(f.cell, " ", f.rule))
		}
		if all = append(all, row); rec.number != int64(len(all)) {
			t.Fatalf("record %d has the number %d", len(all), rec.number)
		}
	}
}

func rows(cells ...string) (all []scanned) {
	for _, c := range cells {
		all = append(all, scanned{Cells: strings.Split(c, "|")})
	}
	return all
}

func TestScanReadsWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []scanned
	}{
		{"nothing", "", nil},
		{"LF", "a,b\n1,2\n", rows("a|b", "1|2")},
		{"CRLF", "a,b\r\n1,2\r\n", rows("a|b", "1|2")},
		{"no final line end", "a,b\n1,2", rows("a|b", "1|2")},
		{"empty cells", ",\n,\n", rows("|", "|")},
		{"empty last cell at the end", "a,", rows("a|")},
		{"blank lines are records", "a\n\n\nb\n", rows("a", "", "", "b")},
		{"quotes", `"a","b, c"` + "\n", rows("a|b, c")},
		{"doubled quotes", `"say ""a"" twice",""""` + "\n", rows(`say "a" twice|"`)},
		{"empty quotes", `"",""`, rows("|")},
		{"line breaks in quotes", "\"a\nb\r\nc\",d\ne,f\n", rows("a\nb\r\nc|d", "e|f")},
		{"quotes before CRLF", "\"a\"\r\n\"b\"\r\n", rows("a", "b")},
		{"other separators are text", "a;b\tc,d\n", rows("a;b\tc|d")},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(c.text), "by bytes": iotest.OneByteReader(strings.NewReader(c.text))} {
			if diff := cmp.Diff(c.want, scanAll(t, r, ',')); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.name, name, diff)
			}
		}
	}
}

func TestScanReportsAndGoesOn(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []scanned
	}{
		{"quote inside a bare cell", "a\"b,c\nd,e\n", []scanned{{[]string{`a"b`, "c"}, []string{"0 quote"}}, {Cells: []string{"d", "e"}}}},
		{"text after the closing quote", "x,\"a\"b,c\nd,e,f\n", []scanned{{[]string{"x", `"a"b`, "c"}, []string{"1 quote"}}, {Cells: []string{"d", "e", "f"}}}},
		{"separator before the text after the closing quote", "\"a,b\"c,d\n", []scanned{{[]string{`"a,b"c`, "d"}, []string{"0 quote"}}}},
		{"carriage return after the closing quote", "\"a\"\rb,c\n", []scanned{{[]string{"\"a\"\rb", "c"}, []string{"0 quote"}}}},
		{"not closed at the end", "a,b\n1,\"2\n", []scanned{{Cells: []string{"a", "b"}}, {[]string{"1", `"2`}, []string{"1 quote"}}}},
		{"not closed, all rows after are read", "a,\"b\n1,2\n3,4\n", []scanned{{[]string{"a", `"b`}, []string{"1 quote"}}, {Cells: []string{"1", "2"}}, {Cells: []string{"3", "4"}}}},
		{"not closed, the next quote opens another cell", "1,\"Main\n2,\"Side\"\n3,x\n", []scanned{
			{[]string{"1", `"Main`}, []string{"1 quote"}}, {Cells: []string{"2", "Side"}}, {Cells: []string{"3", "x"}}}},
	} {
		got := scanAll(t, iotest.HalfReader(strings.NewReader(c.text)), ',')
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestScanGivesUpOnAQuoteAtTheLimit(t *testing.T) {
	got := scanAll(t, strings.NewReader("1,\"a\n"+strings.Repeat("2,b\n", maxRecord/4)), ',')
	if len(got) != 1+maxRecord/4 || len(got[0].Faults) != 1 || got[1].Faults != nil {
		t.Errorf("%d records, want %d; the first two are %+v", len(got), 1+maxRecord/4, got[:2])
	}
}

func TestScanCutsARowAtTheLimit(t *testing.T) {
	long := strings.Repeat("x", maxRecord)
	for name, text := range map[string]string{
		"in the middle": "a,b\n" + long + ",b\nc,d\n",
		"at the end":    "a,b\nc,d\n" + long,
		"quoted":        "a,b\n\"" + long + "\",b\nc,d\n",
	} {
		faults, rest := 0, 0
		for _, row := range scanAll(t, iotest.HalfReader(strings.NewReader(text)), ',') {
			if row.Faults == nil {
				rest += len(row.Cells)
				continue
			}
			faults++
			if len(row.Cells[0]) != maxRecord || !strings.HasSuffix(row.Faults[len(row.Faults)-1], RuleTooLong) {
				t.Errorf("%s: a cell of %d bytes with faults %v", name, len(row.Cells[0]), row.Faults)
			}
		}
		if faults != 1 || rest != 4 {
			t.Errorf("%s: %d rows with faults and %d cells in the others, want 1 and 4", name, faults, rest)
		}
	}
}

// FuzzScan holds the scanner against encoding/csv, and against itself when the bytes come one by one.
func FuzzScan(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\n\"\"b\",c\r\nd,e", "a\"b\n", "\"a\"b\n", "\"a\nb\"c\nd", "\"", "\"\"\"", ",\n\n,", "\"a\"\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return // reading by bytes scans a row again for each
		}
		got := scanAll(t, strings.NewReader(text), ',')
		if diff := cmp.Diff(got, scanAll(t, iotest.OneByteReader(strings.NewReader(text)), ',')); diff != "" {
			t.Fatalf("%q depends on how it is read:\n%s", text, diff)
		}
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") {
			return // encoding/csv drops some carriage returns
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		var cells [][]string
		faults := 0
		for _, row := range got {
			faults += len(row.Faults)
			for i := range row.Cells {
				row.Cells[i] = strings.ReplaceAll(row.Cells[i], "\r\n", "\n")
			}
			cells = append(cells, row.Cells)
		}
		if (err != nil) != (faults > 0) {
			t.Fatalf("%q: encoding/csv says %v, %d faults were found", text, err, faults)
		}
		blank := func(row []string) bool { return len(row) == 1 && row[0] == "" } // encoding/csv passes over blank lines
		cells, want = slices.DeleteFunc(cells, blank), slices.DeleteFunc(want, blank)
		if err == nil && !cmp.Equal(want, cells, cmpopts.EquateEmpty()) {
			t.Fatalf("%q: got %q, want %q", text, cells, want)
		}
	})
}
