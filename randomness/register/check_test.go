package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// town seals n people and freezes them.
func town(t *testing.T, n int) (*Register, []Private, []Row) {
	t.Helper()
	var entries []Entry
	var people []Private
	var rows []Row
	for i := range n {
		row := Row{Number: int64(i) + 2, Record: Record{Person: fmt.Sprint(i), Name: fmt.Sprintf("Resident %d", i), Address: fmt.Sprintf("Street %d", i/2)}, Features: map[string]string{"age": "16+"}}
		salt := [32]byte{1: byte(i), 2: byte(i >> 8), 31: 1}
		entry, record, err := Seal(row, salt, knownKey)
		if err != nil {
			t.Fatal(err)
		}
		entries, people, rows = append(entries, entry), append(people, Private{salt, record, entry}), append(rows, row)
	}
	r, err := FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	return r, people, rows
}

func TestCheckFindsYourLineInTheList(t *testing.T) {
	r, people, rows := town(t, 300)
	for i, p := range people {
		proof, err := r.ProveID(p.Entry.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Check(rows[i].Record, p.Salt, proof)
		if diff := cmp.Diff(p.Entry, got); err != nil || diff != "" {
			t.Fatalf("person %d: %v\n%s", i, err, diff)
		}
		if err := proof.In(r.Root(), int64(r.Size())); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	r, people, rows := town(t, 300)
	own, err := r.ProveID(people[7].Entry.ID)
	if err != nil {
		t.Fatal(err)
	}
	neighbour, err := r.ProveID(people[8].Entry.ID)
	if err != nil {
		t.Fatal(err)
	}
	renamed := rows[7].Record
	renamed.Name = "Resident 8"
	broken := own
	broken.Path = append([]string{own.Path[1], own.Path[0]}, own.Path[2:]...)
	for _, c := range []struct {
		name  string
		rec   Record
		salt  [32]byte
		proof Proof
		rule  string
		part  string
	}{
		{"another person's line", rows[7].Record, people[7].Salt, neighbour, RuleProofID, "another person's"},
		{"another salt", rows[7].Record, people[8].Salt, own, RuleProofID, "salt"},
		{"changed data", renamed, people[7].Salt, own, RuleProofID, "differs from the letter"},
		{"broken path", rows[7].Record, people[7].Salt, broken, RuleProofPath, "path was changed"},
	} {
		_, err := Check(c.rec, c.salt, c.proof)
		wantRefusal(t, c.name, err, c.rule, 0, c.part)
	}
	if _, err := Check(Record{Person: "7 "}, people[7].Salt, own); err == nil || !strings.Contains(err.Error(), "person") {
		t.Errorf("a record out of form gives %v", err)
	}
}

// Erasing the private row and the salt leaves the public file, from which every proof is made again.
func TestErasureLeavesEveryProofValid(t *testing.T) {
	r, people, rows := town(t, 300)
	var before []Proof
	for _, p := range people {
		proof, err := r.ProveID(p.Entry.ID)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, proof)
	}
	var file strings.Builder
	if _, err := r.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"Resident", "Street", rows[0].Record.Name, fmt.Sprintf("%x", people[0].Salt)} {
		if strings.Contains(file.String(), private) {
			t.Errorf("the public file has the private text %q", private)
		}
	}
	public, err := Read(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range before {
		got, err := public.Prove(int(want.Index))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("proof %d changed: %v\n%s", i, err, diff)
		}
		if _, err := got.Verify(); err != nil {
			t.Fatal(err)
		}
	}
}
