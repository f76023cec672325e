package quota

import (
	"cmp"
	"errors"
	"io"
	"slices"
)

// Files is what the organiser of a panel has: two CSV files and the size of the panel.
type Files struct {
	Size     int64     // seats of the whole panel
	Quotas   io.Reader // see [ReadQuotas]
	People   io.Reader // one person per row; a column for every feature of the quotas
	Columns  Columns   // of People
	Seated   []string  // ids of people who hold a seat already
	Excluded []string  // ids of people who have no part in the lottery
}

// Input is what was read from Files: the quotas, the people and the Problem made of them. Sheet is the
// people's file; its row i is People[i].
type Input struct {
	Quotas  []Quota
	People  []Person
	Sheet   *Sheet
	Problem *Problem
}

// Read reads both files and makes the [Problem]. Everything wrong with them is in the error, an
// [Issues] in the order of the files; an error of a reader is wrapped.
func Read(f Files) (*Input, error) {
	var is Issues
	quotas, err := readQuotas(f.Quotas, &is)
	if err != nil {
		return nil, err
	}
	in := &Input{Quotas: quotas}
	if len(quotas) == 0 { // what the people's columns hold is not known
		is = append(is, checkSize(f.Size)...)
		in.Sheet, err = readSheet(f.People, PeopleFile, &is)
	} else {
		err = in.readPeople(f, &is)
	}
	if err != nil {
		return nil, err
	}
	is.sort()
	if err := is.err(); err != nil {
		return nil, err
	}
	return in, nil
}

func (in *Input) readPeople(f Files, is *Issues) (err error) {
	in.People, in.Sheet, err = readPeople(f.People, in.Quotas, f.Columns, is)
	if err != nil {
		return err
	}
	stand(in.People, Seated, f.Seated, is)
	stand(in.People, Excluded, f.Excluded, is)
	var found Issues
	if in.Problem, err = New(f.Size, in.Quotas, in.People); errors.As(err, &found) {
		*is = append(*is, found...)
	}
	return nil
}

// stand marks the people with these ids.
func stand(people []Person, standing Standing, ids []string, is *Issues) {
	name := map[Standing]string{Seated: "seated", Excluded: "excluded"}
	at := Issue{File: PeopleFile, Rule: RuleUnknownID}
	if len(ids) == 0 {
		return
	}
	index := make(map[string]int, len(people))
	for i, person := range people {
		index[person.ID] = i
	}
	for _, id := range ids {
		i, known := index[clean(id)]
		switch {
		case !known:
			is.add(at, "%q is to be %s, and no person has this id", id, name[standing])
		case people[i].Standing != Candidate:
			is.add(at, "%q is to be %s, and is %s already: name each person once", id, name[standing], name[people[i].Standing])
		default:
			people[i].Standing = standing
		}
	}
}

// sort puts issues in the order of the files, those of one line as they were found.
func (is Issues) sort() {
	slices.SortStableFunc(is, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}
