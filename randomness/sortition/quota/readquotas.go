package quota

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ReadQuotas reads quotas as the tools of the Sortition Foundation write them: columns feature, value,
// min, max and perhaps min_flex, max_flex; older files name the first two category and name, or
// category and feature. Other columns are left alone. Names are compared without case and extra
// white space; a value has the spelling in which it is named first. Everything wrong with the file is in
// the error, an [Issues], and so is what [New] would say of the quotas.
func ReadQuotas(r io.Reader) ([]Quota, error) {
	var is Issues
	quotas, err := readQuotas(r, &is)
	if err != nil {
		return nil, err
	}
	is = append(is, checkQuotas(quotas)...)
	is.sort()
	if err := is.err(); err != nil {
		return nil, err
	}
	return quotas, nil
}

// readQuotas returns also quotas of rows with issues, with bounds that raise no others.
func readQuotas(r io.Reader, is *Issues) ([]Quota, error) {
	sheet, err := readSheet(r, QuotaFile, is)
	if err != nil || sheet == nil {
		return nil, err
	}
	c := quotaColumnsOf(sheet, is)
	if c.feature < 0 || c.value < 0 || c.least < 0 || c.most < 0 {
		return nil, nil
	}
	spelling := map[string]string{}
	quotas := make([]Quota, len(sheet.Rows))
	for i, cells := range sheet.Rows {
		n := numbers{sheet: sheet, row: i, issues: is}
		q := Quota{Line: sheet.Lines[i], Feature: first(spelling, cells[c.feature])}
		q.Value = first(spelling, q.Feature, cells[c.value])
		q.Min, q.Max = n.bounds(c.least, c.most)
		q.MinFlex, q.MaxFlex = n.flex(c.leastFlex), n.flex(c.mostFlex)
		quotas[i] = q
	}
	return quotas, nil
}

// first returns the last name as it was spelt when the path of names was met first.
func first(spelling map[string]string, path ...string) string {
	folded := make([]string, len(path))
	for i, name := range path {
		folded[i] = fold(name)
	}
	key := strings.Join(folded, "\n")
	if _, met := spelling[key]; !met {
		spelling[key] = clean(path[len(path)-1])
	}
	return spelling[key]
}

type quotaColumns struct{ feature, value, least, most, leastFlex, mostFlex int }

func quotaColumnsOf(s *Sheet, is *Issues) quotaColumns {
	c := quotaColumns{
		least: s.column(QuotaFile, is, true, "min"), most: s.column(QuotaFile, is, true, "max"),
		leastFlex: s.column(QuotaFile, is, false, "min_flex"), mostFlex: s.column(QuotaFile, is, false, "max_flex"),
	}
	if c.feature = s.column(QuotaFile, is, false, "category"); c.feature >= 0 {
		c.value = s.column(QuotaFile, is, true, "name", "feature", "value")
		return c
	}
	c.feature = s.column(QuotaFile, is, true, "feature", "category")
	c.value = s.column(QuotaFile, is, true, "value", "name")
	return c
}

// numbers reads the numbers of one row.
type numbers struct {
	sheet  *Sheet
	row    int
	issues *Issues
}

// bounds returns for a bound that is no number one that fits the other.
func (n numbers) bounds(least, most int) (int64, int64) {
	low, lowOK := n.read(least)
	high, highOK := n.read(most)
	if !lowOK {
		low = 0
	}
	if !highOK {
		high = low
	}
	return low, high
}

// flex is nil for a blank cell, or no column.
func (n numbers) flex(column int) *int64 {
	if column < 0 || clean(n.sheet.Rows[n.row][column]) == "" {
		return nil
	}
	if v, ok := n.read(column); ok {
		return &v
	}
	return nil
}

// read accepts decimal digits alone, and no leading zero: "1.5", "12 %" and "1e3" are mistakes.
func (n numbers) read(column int) (int64, bool) {
	cell := clean(n.sheet.Rows[n.row][column])
	v, err := strconv.ParseInt(cell, 10, 64)
	if err == nil && v >= 0 && v <= MaxCount && strconv.FormatInt(v, 10) == cell {
		return v, true
	}
	at := Issue{File: QuotaFile, Line: n.sheet.Lines[n.row], Column: clean(n.sheet.Header[column]), Rule: RuleNotANumber}
	n.issues.add(at, "%q is not a number of seats: write a whole number from 0 to %d in digits", cell, int64(MaxCount))
	return 0, false
}

// WriteQuotas writes quotas as [ReadQuotas] reads them. The columns min_flex and max_flex are left out
// where no quota has either.
func WriteQuotas(w io.Writer, quotas []Quota) error {
	flexible := false
	for _, q := range quotas {
		flexible = flexible || q.MinFlex != nil || q.MaxFlex != nil
	}
	rows := [][]string{{"feature", "value", "min", "max", "min_flex", "max_flex"}}
	for _, q := range quotas {
		rows = append(rows, []string{q.Feature, q.Value, strconv.FormatInt(q.Min, 10), strconv.FormatInt(q.Max, 10), optional(q.MinFlex), optional(q.MaxFlex)})
	}
	out := csv.NewWriter(w)
	for _, row := range rows {
		if !flexible {
			row = row[:4]
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing quotas: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing quotas: %w", err)
	}
	return nil
}

func optional(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
