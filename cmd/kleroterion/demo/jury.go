package demo

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

// apportion divides the seats among the strata that the import found.
func (s *story) apportion() ([]sortition.Stratum, error) {
	cells, err := s.cells()
	if err != nil {
		return nil, err
	}
	people := map[string]int64{}
	for _, c := range cells {
		people[c.Features["district"]+"/"+c.Features["age"]] += int64(c.Count)
	}
	names := slices.Sorted(maps.Keys(people))
	counts := make([]int64, len(names))
	for i, name := range names {
		counts[i] = people[name]
	}
	strata := make([]sortition.Stratum, len(names))
	for i, seats := range sortition.Apportion(counts, s.Seats) {
		strata[i] = sortition.Stratum{Stratum: names[i], Seats: seats, Alternates: seats}
	}
	return strata, nil
}

func (s *story) cells() ([]register.Cell, error) {
	var report register.Report
	err := json.Unmarshal(s.register.Report, &report)
	return report.Cells, err
}

// showJury sets the drawn jury beside the town.
func (s *story) showJury() error {
	result, err := sortition.ParseResult(s.draw.Result)
	if err != nil {
		return err
	}
	cells, err := s.cells()
	if err != nil {
		return err
	}
	jury, drawn, err := s.juryOf(result)
	if err != nil {
		return err
	}
	s.chapter("The jury beside the town (%d drawn)", drawn)
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, feature := range []string{"district", "age"} {
		townCount := map[string]int64{}
		for _, c := range cells {
			townCount[c.Features[feature]] += int64(c.Count)
		}
		fmt.Fprintf(table, "   %s\ttown\t\tjury\t\n", feature)
		for _, value := range slices.Sorted(maps.Keys(townCount)) {
			fmt.Fprintf(table, "   %s\t%s\t%s\n", value, bar(townCount[value], s.register.Rows), bar(jury[feature+"="+value], drawn))
		}
	}
	return table.Flush()
}

// juryOf counts the drawn people by feature value, from the public entries alone.
func (s *story) juryOf(result sortition.Result) (count map[string]int64, drawn int64, err error) {
	count = map[string]int64{}
	for _, stratum := range result.Strata {
		for _, text := range stratum.Seats {
			id, err := hex.DecodeString(text)
			if err != nil {
				return nil, 0, err
			}
			proof, err := s.instance.Service.Line(s.ctx, s.register.Root, [32]byte(id))
			if err != nil {
				return nil, 0, err
			}
			entry, err := proof.Verify()
			if err != nil {
				return nil, 0, err
			}
			for feature, value := range entry.Features {
				count[feature+"="+value]++
			}
			drawn++
		}
	}
	return count, drawn, nil
}

// bar is a share in percent to one decimal, and as a bar of half a block per percent.
func bar(part, whole int64) string {
	if whole == 0 {
		return "-\t"
	}
	permille := (part*1000 + whole/2) / whole
	return fmt.Sprintf("%3d.%d %%\t%s", permille/10, permille%10, strings.Repeat("█", int(permille+10)/20))
}

// thousands writes a number in groups of three.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
