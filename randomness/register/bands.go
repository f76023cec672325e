package register

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
)

// maxBound keeps bands and cells well inside an int on every machine.
const maxBound = 1_000_000_000

func checkBands(bands []int) error {
	if len(bands) > maxBands {
		return fmt.Errorf("%d bands, at most %d are allowed", len(bands), maxBands)
	}
	for i, low := range bands {
		if low < 0 || low > maxBound {
			return fmt.Errorf("band %d begins outside 0 to %d", low, maxBound)
		}
		if i > 0 && bands[i-1] >= low {
			return fmt.Errorf("band %d does not ascend", low)
		}
	}
	return nil
}

// bandLabels are the values that the bands give, in order; nil without bands.
func bandLabels(bands []int) []string {
	var labels []string
	for i, low := range bands {
		switch {
		case i+1 == len(bands):
			labels = append(labels, fmt.Sprintf("%d+", low))
		case bands[i+1] == low+1:
			labels = append(labels, strconv.Itoa(low))
		default:
			labels = append(labels, fmt.Sprintf("%d-%d", low, bands[i+1]-1))
		}
	}
	return labels
}

var (
	errNotANumber   = errors.New("is not a whole number")
	errOutsideBands = errors.New("lies below the first band")
)

// bandOf is the place of the band that holds the number in a cell.
func bandOf(bands []int, cell string) (int, error) {
	digits := cell
	if len(cell) > 1 && cell[0] == '-' {
		digits = cell[1:]
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, errNotANumber
		}
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n > maxBound || n < -maxBound {
		return 0, errNotANumber
	}
	i := sort.SearchInts(bands, n+1) - 1
	if i < 0 {
		return 0, errOutsideBands
	}
	return i, nil
}
