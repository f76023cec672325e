package offline

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/randomness/sortition/report"
)

// The files of a lottery's folder that its commit fixes.
const (
	quotaFile       = "categories.csv"
	peopleFile      = "people.csv"
	panelFile       = "panels.csv"
	chanceFile      = "probabilities.csv"
	certificateFile = "certificate.json"
)

// lotteryFile fixes them, and drawFile says which panel was drawn: neither is ever written over.
const (
	lotteryFile = "lottery.json"
	drawFile    = "draw.json"
)

// lottery is a result with all that is written of it.
type lottery struct {
	*quota.Input
	result *panels.Result
	report *report.Report
	seats  [][]string // by panel, the ids of the whole panel, ascending
	commit beacon.Hash
	files  map[string][]byte
	nobody int // people in never.csv
}

// fixed is lottery.json. Its canonical bytes give the commit.
type fixed struct {
	Beacon *roundOf               `json:"beacon,omitempty"` // the round that decides; none where it was not announced with the list
	Files  map[string]beacon.Hash `json:"files"`            // SHA-256
	Method panels.Method          `json:"method"`
	Panels int64                  `json:"panels"`
	Size   int64                  `json:"size"`
	V      int                    `json:"v"` // 1
}

// commit is SHA-256("kleroterion/panels-commit/v1\n" ‖ canonical lottery.json).
func (f fixed) commit() ([]byte, beacon.Hash, error) {
	b, err := canonical.Marshal(f)
	if err != nil {
		return nil, beacon.Hash{}, err
	}
	return b, sha256.Sum256(append([]byte("kleroterion/panels-commit/v1\n"), b...)), nil
}

// roundOf names a round of a chain.
type roundOf struct {
	Chain beacon.Hash `json:"chain"`
	Round uint64      `json:"round"`
}

// fix makes the files that do not depend on the draw, and the commit. at may be nil.
func (l *lottery) fix(at *roundOf) error {
	seats, err := panels.Seat(l.Problem, l.result.Lottery)
	if err != nil {
		return err
	}
	for _, ids := range seats {
		whole := slices.Concat(ids, l.Problem.Seated)
		slices.Sort(whole)
		l.seats = append(l.seats, whole)
	}
	var categories bytes.Buffer
	if err := quota.WriteQuotas(&categories, l.Quotas); err != nil {
		return err
	}
	certificate, err := panels.Marshal(l.result)
	if err != nil {
		return err
	}
	l.files = map[string][]byte{quotaFile: categories.Bytes(), peopleFile: sheet(l.people()), panelFile: sheet(l.panelRows()),
		chanceFile: sheet(l.chances()), certificateFile: append(certificate, '\n')}
	f := fixed{Beacon: at, Files: map[string]beacon.Hash{}, Method: l.result.Method, Panels: l.result.Panels, Size: l.report.Size, V: 1}
	for name, data := range l.files {
		f.Files[name] = sha256.Sum256(data)
	}
	text, commit, err := f.commit()
	if err != nil {
		return err
	}
	l.commit, l.files[lotteryFile] = commit, append(text, '\n')
	return l.reports()
}

func (l *lottery) reports() error {
	var j, c, h bytes.Buffer
	err := errors.Join(l.report.WriteJSON(&j), l.report.WriteCSV(&c), l.report.WriteHTML(&h))
	l.files["report.json"], l.files["report.csv"], l.files["report.html"] = j.Bytes(), c.Bytes(), h.Bytes()
	return err
}

// sheet is a CSV file; a buffer takes everything.
func sheet(rows [][]string) []byte {
	var b bytes.Buffer
	_ = csv.NewWriter(&b).WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}

// standings are the words of people.csv.
var standings = [...]string{quota.Candidate: "candidate", quota.Seated: "seated", quota.Excluded: "excluded"}

// people is all that the lottery knows of people, by id: households as numbers, and nothing else of
// the input.
func (l *lottery) people() [][]string {
	head := []string{"id", "household", "standing"}
	for _, f := range l.Problem.Features {
		head = append(head, f.Name)
	}
	list := slices.SortedFunc(slices.Values(l.People), func(a, b quota.Person) int { return cmp.Compare(a.ID, b.ID) })
	members, number := map[string]int{}, map[string]string{}
	for _, p := range list {
		members[p.Household]++
	}
	rows := [][]string{head}
	for _, p := range list {
		if p.Household != "" && members[p.Household] > 1 && number[p.Household] == "" {
			number[p.Household] = strconv.Itoa(len(number) + 1)
		}
		rows = append(rows, slices.Concat([]string{p.ID, number[p.Household], standings[p.Standing]}, p.Values))
	}
	return rows
}

func (l *lottery) panelRows() [][]string {
	head := []string{"panel"}
	for i := range l.report.Size {
		head = append(head, fmt.Sprintf("id_%d", i+1))
	}
	rows := [][]string{head}
	for i, ids := range l.seats {
		rows = append(rows, append([]string{strconv.Itoa(i)}, ids...))
	}
	return rows
}

// chances are what the lottery aims at for everybody, and how many panels they are on, by id.
func (l *lottery) chances() [][]string {
	on := map[string]int{}
	for _, ids := range l.seats {
		for _, id := range ids {
			on[id]++
		}
	}
	rows := [][]string{}
	add := func(id string, p *big.Rat) { rows = append(rows, []string{id, p.String(), strconv.Itoa(on[id])}) }
	for t, ty := range l.Problem.Types {
		for _, id := range ty.Members {
			add(id, l.result.Probabilities[t].Rat)
		}
	}
	for _, id := range l.Problem.Seated {
		add(id, big.NewRat(1, 1))
	}
	for _, id := range l.Problem.Barred {
		add(id, new(big.Rat))
	}
	slices.SortFunc(rows, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return slices.Insert(rows, 0, []string{"id", "probability", "panels"})
}

// never lists the people without any chance, and why.
func (l *lottery) never(ctx context.Context) error {
	rows := [][]string{}
	for t, p := range l.result.Probabilities {
		if p.Sign() != 0 {
			continue
		}
		answer, err := quota.Seatable(ctx, l.Problem, t)
		why := "no panel has a seat for them: the certificate proves it"
		switch {
		case err != nil && !errors.Is(err, quota.ErrUndecided):
			return err
		case answer.Conflict != nil:
			why = answer.Conflict.Reason
		}
		for _, id := range l.Problem.Types[t].Members {
			rows = append(rows, []string{id, why})
		}
	}
	for _, id := range l.Problem.Barred {
		rows = append(rows, []string{id, "somebody of their household holds a seat"})
	}
	l.nobody = len(rows)
	l.keepNever(rows)
	return nil
}

func (l *lottery) keepNever(rows [][]string) {
	if len(rows) > 0 {
		l.files[neverFile] = neverSheet(rows)
	}
}

const neverFile = "never.csv"

func neverSheet(rows [][]string) []byte {
	slices.SortFunc(rows, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return sheet(slices.Insert(rows, 0, []string{"id", "why"}))
}
