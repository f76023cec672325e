package offline

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/sortition/quota"
)

var errNoQuota = errors.New("no quota is for this value")

// population has the people of the whole place by quota, -1 where they were not counted.
func (in Lottery) population(notes io.Writer, quotas []quota.Quota) ([]int64, error) {
	if in.Population == "" {
		return nil, nil
	}
	out := make([]int64, len(quotas))
	for i := range out {
		out[i] = -1
	}
	t := csvTable{file: in.Population, columns: []string{"feature", "value", "population"}, notes: notes}
	return out, t.read(func(row []string) error {
		n, err := parsePeople(row[2])
		if err != nil {
			return err
		}
		for i, q := range quotas {
			if !sameWords(q.Feature, row[0]) || !sameWords(q.Value, row[1]) {
				continue
			}
			if out[i] >= 0 {
				return fmt.Errorf("%s: %s stands there twice", row[0], row[1])
			}
			out[i] = n
			return nil
		}
		return fmt.Errorf("%s: %s: %w", row[0], row[1], errNoQuota)
	})
}

func sameWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// parsePeople reads a number of people in plain digits, ten thousand million at most.
func parsePeople(s string) (int64, error) {
	n, err := funding.ParseAmount(strings.TrimSpace(s))
	if err != nil || n.Cmp(funding.Units(10_000_000_000)) > 0 {
		return 0, fmt.Errorf("population %.40q: want a number of people", s)
	}
	return n.Big().Int64(), nil
}
