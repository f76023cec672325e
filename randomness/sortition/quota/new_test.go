package quota

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func q(feature, value string, least, most int64) Quota {
	return Quota{Feature: feature, Value: value, Min: least, Max: most}
}

func flexible(q Quota, least, most int64) Quota {
	q.MinFlex, q.MaxFlex = &least, &most
	return q
}

// fourPeople is four people under two features, gender and age.
func fourPeople() ([]Quota, []Person) {
	return []Quota{q("gender", "f", 1, 2), q("gender", "m", 0, 1), q("age", "young", 1, 1), q("age", "old", 0, 2)},
		[]Person{
			{ID: "d", Values: []string{"f", "old"}},
			{ID: "c", Values: []string{"m", "old"}},
			{ID: "b", Values: []string{"f", "young"}},
			{ID: "a", Values: []string{"f", "old"}},
		}
}

func TestNewGathersPeopleWhomNothingTellsApart(t *testing.T) {
	quotas, people := fourPeople()
	got, err := New(2, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	want := &Problem{
		Size: 2,
		Features: []Feature{
			{Name: "gender", Values: []string{"f", "m"}, Rows: []int{1, 2}},
			{Name: "age", Values: []string{"young", "old"}, Rows: []int{3, 4}},
		},
		Rows: []Row{
			{Kind: Total, Class: -1, Min: 2, Max: 2, MinFlex: 2, MaxFlex: 2},
			{Kind: OfQuota, Class: -1, Feature: "gender", Value: "f", Min: 1, Max: 2, MaxFlex: 2},
			{Kind: OfQuota, Class: -1, Feature: "gender", Value: "m", Max: 1, MaxFlex: 2},
			{Kind: OfQuota, Class: -1, Feature: "age", Value: "young", Min: 1, Max: 1, MaxFlex: 2},
			{Kind: OfQuota, Class: -1, Feature: "age", Value: "old", Max: 2, MaxFlex: 2},
		},
		Types: []Type{
			{Values: []int{0, 0}, Rows: []int{0, 1, 3}, Class: -1, Cap: 1, Members: []string{"b"}},
			{Values: []int{0, 1}, Rows: []int{0, 1, 4}, Class: -1, Cap: 2, Members: []string{"a", "d"}},
			{Values: []int{1, 1}, Rows: []int{0, 2, 4}, Class: -1, Cap: 1, Members: []string{"c"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNewGathersHouseholdsThatLookAlike(t *testing.T) {
	quotas := []Quota{q("g", "f", 0, 9), q("g", "m", 0, 9)}
	person := func(id, value, home string) Person {
		return Person{ID: id, Values: []string{value}, Household: home}
	}
	p, err := New(2, quotas, []Person{
		person("a", "f", "x"), person("b", "m", "x"), // couples
		person("d", "m", "y"), person("c", "f", "y"),
		person("e", "f", "z"), person("h", "f", "z"), // two alike: a cap, no row
		person("k", "f", ""), person("l", "f", "alone"),
	})
	if err != nil {
		t.Fatal(err)
	}
	types := []Type{
		{Values: []int{0}, Rows: []int{0, 1}, Class: -1, Cap: 2, Members: []string{"k", "l"}},
		{Values: []int{0}, Rows: []int{0, 1}, Class: 0, Cap: 1, Members: []string{"e", "h"}},
		{Values: []int{0}, Rows: []int{0, 1, 3}, Class: 1, Cap: 2, Members: []string{"a", "c"}},
		{Values: []int{1}, Rows: []int{0, 2, 3}, Class: 1, Cap: 2, Members: []string{"b", "d"}},
	}
	classes := []Class{
		{Types: []int{1}, Households: []Household{{Members: [][]string{{"e", "h"}}}}, Row: -1},
		{Types: []int{2, 3}, Households: []Household{{Members: [][]string{{"a"}, {"b"}}}, {Members: [][]string{{"c"}, {"d"}}}}, Row: 3},
	}
	if diff := cmp.Diff(types, p.Types); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(classes, p.Classes); diff != "" {
		t.Error(diff)
	}
	if want := (Row{Kind: OfHouseholds, Class: 1, Max: 2, MaxFlex: 2}); p.Rows[3] != want {
		t.Errorf("household row %+v, want %+v", p.Rows[3], want)
	}
}

func TestPeopleSeatedTakeTheirSeatAndExcludedPeopleHaveNoPart(t *testing.T) {
	quotas, people := fourPeople()
	people[2].Standing = Seated // b: f, young
	people[0].Standing = Excluded
	people[1].Household, people[2].Household = "home", "home"
	p, err := New(2, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	if p.Size != 1 || p.People() != 1 || p.Types[0].Members[0] != "a" {
		t.Errorf("size %d, types %+v", p.Size, p.Types)
	}
	if diff := cmp.Diff([][]string{{"b"}, {"c"}}, [][]string{p.Seated, p.Barred}); diff != "" {
		t.Error(diff)
	}
	young := Row{Kind: OfQuota, Class: -1, Feature: "age", Value: "young", MaxFlex: 1, Held: 1}
	if p.Rows[3] != young {
		t.Errorf("young after one is seated: %+v, want %+v", p.Rows[3], young)
	}
}

func TestNewDoesNotDependOnTheOrderOfPeople(t *testing.T) {
	quotas, people := fourPeople()
	people[0].Household, people[1].Household = "home", "home"
	want, err := New(2, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	for range people {
		people = append(people[1:], people[0])
		got, err := New(2, quotas, people)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}
