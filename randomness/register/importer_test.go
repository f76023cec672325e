package register

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const importMapping = `{"person":"Nr","name":["Vorname","Nachname"],"address":["Straße","PLZ"],"contact":["E-Mail"],"features":[
	{"name":"age","column":"Alter","bands":[16,30,50]},
	{"name":"district","column":"Bezirk","values":["Nord","Süd"]},
	{"name":"job","column":"Beruf","sealed":true}]}`

const importHeader = "Nr;Vorname;Nachname;Straße;PLZ;E-Mail;Alter;Bezirk;Beruf;Notiz\n"

// importAll reads a file to its end; m may be nil.
func importAll(t rapid.TB, r io.Reader, o Options) (*Importer, []Row) {
	o.Entropy = rand.Reader
	im, err := NewImporter(r, o)
	if err != nil {
		t.Fatal(err)
	}
	var all []Row
	for {
		row, err := im.Next()
		if errors.Is(err, io.EOF) {
			return im, all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
}

func mapped(t testing.TB, text string) Options {
	t.Helper()
	m, err := ParseMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Options{Mapping: &m}
}

func TestImportGivesCleanRows(t *testing.T) {
	text := "\ufeffNr;Vorname;Nachname;Straße;PLZ;E-Mail;Alter;Bezirk;Beruf;Notiz\r\n" +
		" 7 ;Zoe\u0308;  van  der\u00a0Meer ;\"Lange Straße 5\r\nHinterhaus\";8000;;17;nord;\"Bäckerin; \"\"die\"\"\";x\r\n" +
		"8;;;;;;50;SÜD;keiner;\r\n" +
		";;;;;;;;;\r\n\r\n"
	im, got := importAll(t, strings.NewReader(text), mapped(t, importMapping))
	want := []Row{
		{2, Record{"7", "Zoë van der Meer", "Lange Straße 5 Hinterhaus, 8000", ""}, map[string]string{"age": "16-29", "district": "Nord"}, map[string]string{"job": `Bäckerin; "die"`}},
		{3, Record{"8", "", "", ""}, map[string]string{"age": "50+", "district": "Süd"}, map[string]string{"job": "keiner"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r := im.Report(5)
	if !im.OK() || !r.OK || r.Rows != 2 || r.Sound != 2 || r.BlankRows != 2 || len(r.Problems) != 0 {
		t.Errorf("report %+v", r)
	}
	if diff := cmp.Diff([]string{"Notiz"}, r.LeftOut); diff != "" {
		t.Error(diff)
	}
}

// problem is what a test wants to see of a Problem.
func problem(row int64, column, rule, value string) Problem {
	return Problem{Row: row, Column: column, Rule: rule, Value: value}
}

func TestImportRefuses(t *testing.T) {
	row := "1;A;B;Weg 1;8000;a@b.org;20;Nord;x;n\n"
	long := strings.Repeat("x", 1001)
	for _, c := range []struct {
		name, text string
		want       []Problem
	}{
		{"encoding: Latin-1 in a cell", importHeader + "1;A;B;Stra\xdfe 1;8000;a;20;Nord;x;n\n", []Problem{problem(2, "Straße", "encoding", "Stra\ufffde 1")}},
		{"encoding: in a column left out", importHeader + "1;A;B;Weg;8000;a;20;Nord;x;\xfc\n", []Problem{problem(2, "Notiz", "encoding", "\ufffd")}},
		{"encoding: a character cut in two by a separator", importHeader + "1;A;B;Weg\xc3;\xa4;a;20;Nord;x;\n", []Problem{problem(2, "Straße", "encoding", "Weg\ufffd")}},
		{"encoding: Latin-1 in the header", "Nr;Stra\xdfe\n1;x\n", []Problem{problem(1, "", "encoding", "")}},
		{"encoding: UTF-16", "\xff\xfeN\x00r\x00\n\x00", []Problem{problem(1, "", "encoding", "")}},
		{"encoding: UTF-16 without a mark", "N\x00r\x00\n\x00", []Problem{problem(1, "", "encoding", "")}},
		{"encoding: a spreadsheet", "PK\x03\x04\x14\x00", []Problem{problem(1, "", "encoding", "")}},
		{"header: an empty file", "", []Problem{problem(1, "", "header", "")}},
		{"header: only a byte order mark", "\ufeff", []Problem{problem(1, "", "header", "")}},
		{"header: a blank first row", "\n" + importHeader + row, []Problem{problem(1, "", "header", "")}},
		{"header: a name twice", strings.Replace(importHeader, "Notiz", "alter", 1) + row, []Problem{problem(1, "alter", "header", "")}},
		{"header: two separators alike", "a;b,c\n1;2,3\n", []Problem{problem(1, "", "header", "")}},
		{"header: too many columns", strings.Repeat("a;", MaxColumns) + "b\n", []Problem{problem(1, "", "header", "")}},
		{"missing_column: two", "Nr;Vorname;Nachname;PLZ;E-Mail;Alter;Beruf\n1;A;B;8000;a;20;x\n", []Problem{problem(1, "Straße", "missing_column", ""), problem(1, "Bezirk", "missing_column", "")}},
		{"missing_column: the rest is checked", "Nr;Vorname;Nachname;PLZ;E-Mail;Alter;Bezirk;Beruf\n;A;B;8000;a;x;Nord;y\n",
			[]Problem{problem(1, "Straße", "missing_column", ""), problem(2, "Nr", "blank_person", ""), problem(2, "Alter", "not_a_number", "x")}},
		{"column_count: one too few", importHeader + "1;A;B;Weg 1;8000;a@b.org;20;Nord;x\n", []Problem{problem(2, "", "column_count", "")}},
		{"column_count: one too many", importHeader + strings.TrimSpace(row) + ";\n", []Problem{problem(2, "", "column_count", "")}},
		{"quote: not closed", importHeader + "1;\"A;B;Weg 1;8000;a@b.org;20;Nord;x;n\n" + strings.Replace(row, "1", "2", 1), []Problem{problem(2, "Vorname", "quote", "\"A;B;Weg 1;8000;a@b.org;20;Nord;x;n")}},
		{"quote: inside a bare cell", importHeader + strings.Replace(row, "A", `A"B`, 1), []Problem{problem(2, "Vorname", "quote", `A"B`)}},
		{"quote: in the header", strings.Replace(importHeader, "Notiz", `No"tiz`, 1) + row, []Problem{problem(1, "", "quote", "")}},
		{"blank_person", importHeader + strings.Replace(row, "1", " ", 1), []Problem{problem(2, "Nr", "blank_person", "")}},
		{"duplicate_person: told apart by nothing but spaces", importHeader + row + strings.Replace(row, "1;A", "2;B", 1) + strings.Replace(row, "1;A", " 1 ;C", 1) + row,
			[]Problem{problem(4, "Nr", "duplicate_person", ""), problem(5, "Nr", "duplicate_person", "")}},
		{"blank_value", importHeader + strings.Replace(row, "Nord", " ", 1), []Problem{problem(2, "Bezirk", "blank_value", "")}},
		{"blank_value: sealed", importHeader + strings.Replace(row, ";x;", ";;", 1), []Problem{problem(2, "Beruf", "blank_value", "")}},
		{"unknown_value", importHeader + strings.Replace(row, "Nord", "West", 1), []Problem{problem(2, "Bezirk", "unknown_value", "West")}},
		{"not_a_number", importHeader + strings.Replace(row, ";20;", ";20,5;", 1), []Problem{problem(2, "Alter", "not_a_number", "20,5")}},
		{"outside_bands", importHeader + strings.Replace(row, ";20;", ";15;", 1), []Problem{problem(2, "Alter", "outside_bands", "15")}},
		{"slash", importHeader + strings.Replace(row, ";x;", ";x/y;", 1), []Problem{problem(2, "Beruf", "slash", "x/y")}},
		{"control: in a name", importHeader + strings.Replace(row, "A", "A\x01", 1), []Problem{problem(2, "Vorname", "control", "A\ufffd")}},
		{"control: in a feature", importHeader + strings.Replace(row, ";x;", ";x\x7f;", 1), []Problem{problem(2, "Beruf", "control", "x\ufffd")}},
		{"too_long: a name", importHeader + strings.Replace(row, "A", long, 1), []Problem{problem(2, "Vorname", "too_long", long[:80]+"…")}},
		{"too_long: an address of two cells", importHeader + strings.Replace(row, "Weg 1;8000", long[:600]+";"+long[:600], 1), []Problem{problem(2, "Straße, PLZ", "too_long", long[:80]+"…")}},
		{"too_long: a feature", importHeader + strings.Replace(row, ";x;", ";"+long[:129]+";", 1), []Problem{problem(2, "Beruf", "too_long", long[:80]+"…")}},
		{"no_rows", importHeader, []Problem{problem(1, "", "no_rows", "")}},
		{"no_rows: only blank ones", importHeader + "\n;;;;;;;;;\n", []Problem{problem(1, "", "no_rows", "")}},
		{"all in one pass", importHeader + ";A;B;Weg 1;8000;a;20;Ost;;n\n1;A\n" + strings.Replace(row, ";20;", ";3;", 1), []Problem{
			problem(2, "Nr", "blank_person", ""), problem(2, "Bezirk", "unknown_value", "Ost"), problem(2, "Beruf", "blank_value", ""),
			problem(3, "", "column_count", ""), problem(4, "Alter", "outside_bands", "3")}},
	} {
		im, rows := importAll(t, iotest.HalfReader(strings.NewReader(c.text)), mapped(t, importMapping))
		got := im.Problems()
		for i := range got {
			if got[i].Message == "" {
				t.Errorf("%s: problem %d says nothing", c.name, i)
			}
			got[i].Message = ""
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if im.OK() || im.Report(5).OK {
			t.Errorf("%s: the import says that it is in order", c.name)
		}
		for _, r := range rows {
			if slices.ContainsFunc(got, func(p Problem) bool { return p.Row == r.Number && p.Rule != RuleDuplicatePerson }) {
				t.Errorf("%s: row %d has a problem and was given out", c.name, r.Number)
			}
		}
	}
}

func TestImportMessagesSayWhatToDo(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{importHeader + "1;A;B;Stra\xdfe;1;a;20;Nord;x;n\n", `byte df is not UTF-8 (it is ß in Latin-1 and Windows-1252): save the file as "CSV UTF-8"`},
		{"\xfe\xff\x00N", `the file is in UTF-16 or UTF-32 ("Unicode text"): save it as "CSV UTF-8"`},
		{importHeader + "1;A\n", "the row has 2 cells, the header has 10: a separator is missing or too many"},
		{importHeader + "1;A;B;W;1;a;20;Nord;x;n\n1;A;B;W;1;a;20;Nord;x;n\n", "the number is already in row 2: each person stands in one row"},
		{importHeader + "1;A;B;W;1;a;20;West;x;n\n", "the mapping lists Nord, Süd"},
		{importHeader + "1;A;B;W;1;a;2;Nord;x;n\n", "the number lies below the first band, 16-29: leave the person out, or begin the bands lower"},
	} {
		im, _ := importAll(t, strings.NewReader(c.text), mapped(t, importMapping))
		if got := im.Problems(); len(got) != 1 || got[0].Message != c.want {
			t.Errorf("got %+v, want the message %q", got, c.want)
		}
	}
}

func TestImportCountsRowsAsASpreadsheetDoes(t *testing.T) {
	text := importHeader + "1;\"A\nB\nC\";B;W;1;a;20;Nord;x;n\n\n2;A;B;W;1;a;oops;Nord;x;n\n"
	im, rows := importAll(t, strings.NewReader(text), mapped(t, importMapping))
	if got := im.Problems(); len(rows) != 1 || rows[0].Number != 2 || len(got) != 1 || got[0].Row != 4 {
		t.Errorf("rows %+v, problems %+v; want row 2 and a problem in row 4", rows, got)
	}
}

func TestImportFindsTheSeparator(t *testing.T) {
	for _, comma := range []string{",", ";", "\t"} {
		text := strings.ReplaceAll("Nr;Alter;Bezirk\n1;20;Nord\n", ";", comma)
		im, rows := importAll(t, strings.NewReader(text), Options{})
		if !im.OK() || len(rows) != 1 || rows[0].Features["district"] != "Nord" {
			t.Errorf("separator %q: rows %v, problems %v", comma, rows, im.Problems())
		}
	}
	im, rows := importAll(t, strings.NewReader("id,\"age; in years\",x;y\n1,2,3\n"), Options{})
	if !im.OK() || len(rows) != 1 {
		t.Errorf("a separator inside quotes decided: %v", im.Problems())
	}
	o := mapped(t, `{"person":"a"}`)
	o.Comma = ','
	im, rows = importAll(t, strings.NewReader("a,b;c\n1,2;3\n"), o)
	if !im.OK() || len(rows) != 1 || rows[0].Record.Person != "1" {
		t.Errorf("the given separator is not used: %v", im.Problems())
	}
}

func TestImportGuessesAndShowsWhatItLeavesOut(t *testing.T) {
	im, rows := importAll(t, strings.NewReader("ID,Name,Age,Religion\n1,Ann,34,none\n"), Options{})
	want := []Row{{2, Record{Person: "1", Name: "Ann"}, map[string]string{"age": "34"}, map[string]string{}}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Religion"}, im.LeftOut()); diff != "" {
		t.Error(diff)
	}
	im, rows = importAll(t, strings.NewReader("Name,Age\nAnn,34\n"), Options{})
	if got := im.Problems(); len(rows) > 0 || len(got) != 1 || got[0].Rule != RuleMissingColumn {
		t.Errorf("without a number: rows %v, problems %v", rows, got)
	}
}

func TestImportShowsSomeProblemsOfEachRuleAndCountsAll(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,age\n")
	for range 500 {
		b.WriteString("1,\n")
	}
	o := mapped(t, `{"person":"id","features":[{"name":"age","column":"age"}]}`)
	o.Show = 7
	im, _ := importAll(t, strings.NewReader(b.String()), o)
	r := im.Report(5)
	if diff := cmp.Diff(map[string]int64{RuleBlankValue: 500, RuleDuplicatePerson: 499}, r.ProblemCounts); diff != "" {
		t.Error(diff)
	}
	if len(r.Problems) != 14 || r.Duplicates != 499 || r.Problems[0].Row != 2 {
		t.Errorf("%d problems shown, %d duplicates, first %+v", len(r.Problems), r.Duplicates, r.Problems[0])
	}
}

func TestImportStopsAtItsLimits(t *testing.T) {
	o := mapped(t, `{"person":"id"}`)
	o.MaxRows = 2
	im, rows := importAll(t, strings.NewReader("id,x\n1,a\n2,b\n\n"), o)
	if !im.OK() || len(rows) != 2 {
		t.Errorf("at the limit: %v", im.Problems())
	}
	im, rows = importAll(t, strings.NewReader("id,x\n1,a\n2,b\n3,c\n4,d\n"), o)
	if got := im.Problems(); len(rows) != 2 || len(got) != 1 || got[0].Rule != RuleTooManyRows || got[0].Row != 4 {
		t.Errorf("beyond the limit: %d rows, %v", len(rows), got)
	}
	var b strings.Builder
	b.WriteString("id,age\n")
	for i := range MaxCells + 3 {
		fmt.Fprintf(&b, "%d,%d\n", i, i)
	}
	im, _ = importAll(t, strings.NewReader(b.String()), Options{})
	if diff := cmp.Diff(map[string]int64{RuleTooManyCells: 3}, im.Report(5).ProblemCounts); diff != "" {
		t.Error(diff)
	}
}

func TestImportReportsReaderErrors(t *testing.T) {
	broken := errors.New("cable cut")
	if _, err := NewImporter(iotest.ErrReader(broken), Options{Entropy: rand.Reader}); !errors.Is(err, broken) {
		t.Errorf("in the header: got %v", err)
	}
	r := io.MultiReader(strings.NewReader("id,age\n"+strings.Repeat("1,2\n", 100)), iotest.ErrReader(broken))
	im, err := NewImporter(r, Options{Entropy: rand.Reader})
	for err == nil {
		_, err = im.Next()
	}
	if !errors.Is(err, broken) || im.OK() {
		t.Errorf("in the rows: got %v, in order: %v", err, im.OK())
	}
	if _, err := im.Next(); !errors.Is(err, broken) {
		t.Errorf("asked again: got %v", err)
	}
	if im.Report(5).OK {
		t.Error("the report of a broken import says that it is in order")
	}
}

func TestNewImporterRefusesOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no entropy":      {},
		"separator":       {Entropy: rand.Reader, Comma: '|'},
		"mapping":         {Entropy: rand.Reader, Mapping: &Mapping{}},
		"negative limit":  {Entropy: rand.Reader, MaxRows: -1},
		"limit too large": {Entropy: rand.Reader, MaxRows: 1 << 32},
		"broken entropy":  {Entropy: strings.NewReader("")},
	} {
		if _, err := NewImporter(strings.NewReader("id\n1\n"), o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReportCountsCellsAndHouseholds(t *testing.T) {
	text := "id,street,gender\n1,Main St 1,f\n2,MAIN ST. 1,m\n3,main st 1,f\n4,Main St 2,f\n5,Main St 3,f\n6,\"Main St, 3\",m\n7,,f\n"
	im, _ := importAll(t, strings.NewReader(text), Options{})
	r := im.Report(3)
	if diff := cmp.Diff(Households{Count: 3, Largest: 3, Sharing: 5, Without: 1}, r.Households); diff != "" {
		t.Error(diff)
	}
	f, m := Cell{map[string]string{"gender": "f"}, 5}, Cell{map[string]string{"gender": "m"}, 2}
	if diff := cmp.Diff([]Cell{f, m}, r.Cells); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Cell{m}, r.SmallCells); diff != "" || r.K != 3 {
		t.Error(diff)
	}
}

func TestSmallCells(t *testing.T) {
	cells := []Cell{{nil, 4}, {nil, 5}, {nil, 1}}
	if diff := cmp.Diff([]Cell{{nil, 4}, {nil, 1}}, SmallCells(cells, 5)); diff != "" {
		t.Error(diff)
	}
	if got := SmallCells(cells, 1); got == nil || len(got) != 0 {
		t.Errorf("k = 1 finds %v", got)
	}
}

// Import, seal, freeze, and every household and cell is as the import counted it.
func TestImportedRowsBecomeARegister(t *testing.T) {
	im, rows := importAll(t, &townReader{n: 3000}, mapped(t, `{"person":"Nr","address":["Straße","Hausnummer","PLZ"],"features":[{"name":"age","column":"Alter","bands":[16,30,50]},{"name":"district","column":"Bezirk"},{"name":"gender","column":"Geschlecht","sealed":true}]}`))
	if !im.OK() {
		t.Fatal(im.Problems())
	}
	s, err := NewSealer(knownKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for _, row := range rows {
		p, err := s.Seal(row)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, p.Entry)
	}
	r, err := FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	report := im.Report(5)
	if diff := cmp.Diff(report.Cells, r.Cells()); diff != "" {
		t.Errorf("cells (-import +register):\n%s", diff)
	}
	people := map[uint64]int64{}
	for i := range r.Size() {
		h, ok := r.Household(i)
		if !ok {
			t.Fatal("an entry without a household")
		}
		people[h]++
	}
	want := report.Households
	if int64(len(people)) != want.Count || slices.Max(slices.Collect(maps.Values(people))) != want.Largest {
		t.Errorf("%d households in the register, the import counted %+v", len(people), want)
	}
}

// Whatever the bytes are, the import ends, and every row that it gives out can be sealed.
func FuzzImport(f *testing.F) {
	for _, s := range []string{importHeader + "1;A;B;W;1;a;20;Nord;x;n\n", "id,age\n1,2\n", "id\tgender\n\"a\nb\"\tf", "\xff\xfe", "id,age\n\"1,\n2,3", "PK\x03\x04"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	m, err := ParseMapping([]byte(importMapping))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, given bool) {
		var o Options
		if given {
			o.Mapping = &m
		}
		im, rows := importAll(t, bytes.NewReader(b), o)
		for _, row := range rows {
			if _, _, err := Seal(row, knownSalt, knownKey); err != nil {
				t.Fatalf("row %d of %q: %v", row.Number, b, err)
			}
		}
		r := im.Report(5)
		if r.OK != (len(r.Problems) == 0) || r.Sound != int64(len(rows)) || r.OK && (r.Rows == 0 || r.Sound != r.Rows) {
			t.Fatalf("%q: report %+v of %d rows", b, r, len(rows))
		}
	})
}
