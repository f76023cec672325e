package funding_test

import (
	"fmt"
	"strings"

	"kleroterion/funding"
)

// Two neighbours with little each move more of the pool than one with much.
func ExampleMatch() {
	p := funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(100000)} // 1,000.00 euros
	r, err := funding.Match(p, []funding.Contribution{
		{Donor: "ann", Project: "garden", Amount: funding.Units(500)},
		{Donor: "bob", Project: "garden", Amount: funding.Units(500)},
		{Donor: "cy", Project: "pond", Amount: funding.Units(90000)},
		{Donor: "dee", Project: "pond", Amount: funding.Units(1)},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range r.Projects {
		fmt.Println(x.Project, "gets", x.Amount.Decimal(funding.Asset{Code: "EUR", Decimals: 2}))
	}
	// Output:
	// garden gets 625.00
	// pond gets 375.00
}

// A running estimate says what one more gift would do.
func ExampleEstimate_What() {
	r, err := funding.NewRound(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(1000)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range []string{"ann garden 100", "bob garden 100", "ann pond 100", "bob pond 100"} {
		f := strings.Fields(line)
		a, err := funding.ParseAmount(f[2])
		if err == nil {
			err = r.Add(funding.Contribution{Donor: f[0], Project: f[1], Amount: a})
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	e, err := r.Estimate()
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := e.What(funding.Contribution{Donor: "cy", Project: "pond", Amount: funding.Units(100)})
	fmt.Println(changes, err)
	// Output:
	// [{garden 500 250} {pond 500 750}] <nil>
}
