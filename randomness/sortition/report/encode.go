package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"kleroterion/randomness/canonical"
)

// WriteJSON writes the report as canonical JSON and a newline.
func (r *Report) WriteJSON(w io.Writer) error {
	b, err := canonical.Marshal(r)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// WriteCSV writes one figure a row: section, name, value, measure, amount. Amounts are whole numbers,
// fractions n/d, or text.
func (r *Report) WriteCSV(w io.Writer) error {
	rows := [][]string{{"section", "name", "value", "measure", "amount"}}
	add := func(section, name, value, measure, amount string) {
		rows = append(rows, []string{section, sheetSafe(name), sheetSafe(value), measure, sheetSafe(amount)})
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, x := range r.figures() {
		add("lottery", "", "", x.name, x.amount)
	}
	for _, f := range r.Features {
		for _, v := range f.Values {
			for _, x := range v.figures() {
				add("composition", f.Name, v.Value, x.name, x.amount)
			}
		}
	}
	for _, c := range r.Chances {
		add("chances", "", c.Probability.String(), "people", number(c.People))
	}
	for i, l := range r.Limits {
		name := number(int64(i + 1))
		add("limits", name, l.Probability.String(), "people", number(l.People))
		add("limits", name, l.Probability.String(), "words", l.Words)
		add("limits", name, l.Probability.String(), "quotas", strings.Join(l.Quotas, "; "))
	}
	out := csv.NewWriter(w)
	return out.WriteAll(rows)
}

// sheetSafe keeps a spreadsheet from running a name or a sentence as a formula.
func sheetSafe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// figure is one number with its name.
type figure struct{ name, amount string }

func (r *Report) figures() []figure {
	number := func(name string, n int64) figure { return figure{name, strconv.FormatInt(n, 10)} }
	return []figure{
		{"method", string(r.Method)}, number("size", r.Size), number("seated", r.Seated), number("barred", r.Barred),
		number("candidates", r.Candidates), number("types", r.Types), number("never", r.Never), number("panels", r.Panels),
		number("lowest", r.Lowest), number("highest", r.Highest),
		{"proved", strconv.FormatBool(r.Proved)}, {"gap", r.Gap.String()}, number("reached", r.Reached), {"claim", r.Claim},
	}
}

func (v Value) figures() []figure {
	number := func(name string, n int64) figure { return figure{name, strconv.FormatInt(n, 10)} }
	out := []figure{number("min", v.Min), number("max", v.Max), number("seated", v.Seated), number("pool", v.Pool),
		number("lowest", v.Lowest), {"average", v.Average.String()}, number("highest", v.Highest)}
	if v.Population != nil {
		out = append(out, number("population", *v.Population))
	}
	return out
}

// share is part of whole in percent; a dash where there is no whole.
func share(part *big.Rat, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return percent(new(big.Rat).Quo(part, new(big.Rat).SetInt64(whole)))
}
