package offline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"kleroterion/randomness/sortition/quota"
)

// table reads a CSV file that this program wrote: every row as long as its header.
func table(name string, data []byte) ([][]string, error) {
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err == nil && len(rows) == 0 {
		err = errors.New("no header")
	}
	if err != nil {
		return nil, unusablef("it is written by kleroterion panels and never edited", "%s: %w", name, err)
	}
	return rows, nil
}

// readPeople reads people.csv, the features in the order of the quotas.
func readPeople(data []byte, quotas []quota.Quota) ([]quota.Person, error) {
	rows, err := table(peopleFile, data)
	if err != nil {
		return nil, err
	}
	head := []string{"id", "household", "standing"}
	for _, q := range quotas {
		if !slices.Contains(head[3:], q.Feature) {
			head = append(head, q.Feature)
		}
	}
	if !slices.Equal(rows[0], head) {
		return nil, unusablef("", "%s: the header is %q, want %q", peopleFile, rows[0], head)
	}
	people := make([]quota.Person, 0, len(rows)-1)
	for i, row := range rows[1:] {
		standing := slices.Index(standings[:], row[2])
		if standing < 0 {
			return nil, unusablef("", "%s: line %d: standing %.40q is none of %q", peopleFile, i+2, row[2], standings)
		}
		people = append(people, quota.Person{ID: row[0], Household: row[1], Standing: quota.Standing(standing), Values: row[3:], Line: i + 2})
	}
	return people, nil
}

// census is who is who in a problem.
type census struct {
	typ       map[string]int
	household map[string]string // class and number, of those who share one
}

func newCensus(p *quota.Problem) census {
	c := census{map[string]int{}, map[string]string{}}
	for t, ty := range p.Types {
		for _, id := range ty.Members {
			c.typ[id] = t
		}
	}
	for i, class := range p.Classes {
		for j, h := range class.Households {
			for _, id := range slices.Concat(h.Members...) {
				c.household[id] = fmt.Sprint(i, "/", j)
			}
		}
	}
	return c
}

// countPanels checks every panel by its ids: they are candidates, nobody twice, nobody of one household,
// with everybody who is seated already, and of the types that the certificate says. It returns how many
// panels everybody is on.
func (f *lotteryFolder) countPanels() (map[string]int64, error) {
	rows, err := table(panelFile, f.files[panelFile])
	if err != nil {
		return nil, err
	}
	if int64(len(rows)-1) != f.fixed.Panels {
		return nil, fmt.Errorf("%w: %s has %d panels, want %d", ErrFalse, panelFile, len(rows)-1, f.fixed.Panels)
	}
	who, on, row := newCensus(f.problem), map[string]int64{}, 1
	for _, panel := range f.result.Lottery {
		want := make([]int64, len(f.problem.Types))
		for _, s := range panel.Seats {
			want[s.Type] = s.Count
		}
		for range panel.Copies {
			if err := f.countPanel(who, rows[row], want); err != nil {
				return nil, fmt.Errorf("%w: %s line %d: %w", ErrFalse, panelFile, row+1, err)
			}
			if rows[row][0] != strconv.Itoa(row-1) {
				return nil, fmt.Errorf("%w: %s line %d: panel %.20q, want %d", ErrFalse, panelFile, row+1, rows[row][0], row-1)
			}
			for _, id := range rows[row][1:] {
				on[id]++
			}
			row++
		}
	}
	return on, nil
}

func (f *lotteryFolder) countPanel(who census, row []string, want []int64) error {
	have := make([]int64, len(want))
	seen, homes, seated := map[string]bool{}, map[string]bool{}, 0
	for _, id := range row[1:] {
		if seen[id] {
			return fmt.Errorf("%q sits twice", id)
		}
		seen[id] = true
		if _, held := slices.BinarySearch(f.problem.Seated, id); held {
			seated++
			continue
		}
		t, candidate := who.typ[id]
		if !candidate {
			return fmt.Errorf("%q is no candidate", id)
		}
		have[t]++
		home := who.household[id]
		if home != "" && homes[home] {
			return fmt.Errorf("%q and another one are of the same household", id)
		}
		homes[home] = true
	}
	if seated != len(f.problem.Seated) {
		return fmt.Errorf("%d of %d people who are seated already", seated, len(f.problem.Seated))
	}
	if !slices.Equal(have, want) {
		return errors.New("the people are not of the types that the certificate says")
	}
	return nil
}

// checkChances compares probabilities.csv with the certificate and with the panels.
func (f *lotteryFolder) checkChances(on map[string]int64) error {
	rows, err := table(chanceFile, f.files[chanceFile])
	if err != nil {
		return err
	}
	want := map[string]*big.Rat{}
	for t, ty := range f.problem.Types {
		for _, id := range ty.Members {
			want[id] = f.result.Probabilities[t].Rat
		}
	}
	for _, id := range f.problem.Seated {
		want[id] = big.NewRat(1, 1)
	}
	for _, id := range f.problem.Barred {
		want[id] = new(big.Rat)
	}
	if head := strings.Join(rows[0], ","); head != "id,probability,panels" || len(rows)-1 != len(want) {
		return fmt.Errorf("%w: %s has the header %s and %d people, want id,probability,panels and %d", ErrFalse, chanceFile, head, len(rows)-1, len(want))
	}
	for i, row := range rows[1:] {
		p := want[row[0]]
		if p == nil || row[1] != p.String() || row[2] != strconv.FormatInt(on[row[0]], 10) {
			return fmt.Errorf("%w: %s line %d: %q has another probability, or is on another number of panels", ErrFalse, chanceFile, i+2, row[0])
		}
		delete(want, row[0])
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
