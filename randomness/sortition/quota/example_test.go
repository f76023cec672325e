package quota_test

import (
	"context"
	"fmt"
	"strings"

	"kleroterion/randomness/sortition/quota"
)

func ExampleRead() {
	quotas := "feature,value,min,max\ngender,female,2,2\ngender,male,1,2\n"
	people := "id,gender,street\na,female,High Street 1\nb,male,High Street 1\nc,malle,\n"
	_, err := quota.Read(quota.Files{
		Size:    3,
		Quotas:  strings.NewReader(quotas),
		People:  strings.NewReader(people),
		Columns: quota.Columns{Address: []string{"street"}},
	})
	fmt.Println(err)
	// Output:
	// respondents line 4 column "gender": unknown_value: "malle" is not a value that the quotas name: write one of female, male, or add a quota for it
}

func ExampleNearest() {
	quotas := []quota.Quota{
		{Feature: "gender", Value: "female", Min: 2, Max: 2},
		{Feature: "gender", Value: "male", Min: 1, Max: 1},
		{Feature: "age", Value: "young", Min: 0, Max: 1},
		{Feature: "age", Value: "old", Min: 0, Max: 3},
	}
	people := []quota.Person{
		{ID: "a", Values: []string{"female", "young"}},
		{ID: "b", Values: []string{"female", "young"}},
		{ID: "c", Values: []string{"male", "old"}},
	}
	problem, err := quota.New(3, quotas, people)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	answer, err := quota.Feasible(ctx, problem)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Conflict.Reason)
	nearest, err := quota.Nearest(ctx, problem)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", nearest.Changes)
	// Output:
	// no panel of 3 is possible: at most 1 seat for age "young"; they leave 2 seats to people without age "young", of whom the pool has 1
	// [{Feature:age Value:young Lower:0 Raise:1}]
}
