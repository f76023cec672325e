package funding

import (
	"bytes"
	"encoding/csv"
	"strconv"
)

// Sheet returns every project's row as CSV with a header: how its amount came about, number by number,
// in the order of the ids.
func Sheet(r Result) ([]byte, error) {
	rows := [][]string{{"project", "donors", "sum", "weighted", "roots", "squares", "raw", "share", "remainder", "capped", "amount"}}
	for _, p := range r.Projects {
		rows = append(rows, []string{p.Project, strconv.FormatInt(p.Donors, 10), p.Sum.String(), p.Weighted.String(), p.Roots.String(),
			p.Squares.String(), p.Raw.String(), p.Share.String(), p.Remainder.String(), strconv.FormatBool(p.Capped), p.Amount.String()})
	}
	return writeCSV(rows)
}

func writeCSV(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}
