package verify

import (
	"fmt"
	"strings"

	"kleroterion/service/audit"
)

// approvals is how many officials each city asks for, by its newest city.policy so far.
type approvals map[string]int64

// check holds the opening of a draw to the policy of its city. That the two keys are different and
// ascending is the body's form.
func (a approvals) check(subject string, b audit.DrawOpen) error {
	for city, n := range a {
		if strings.HasPrefix(subject, city+"/") && n > 1 && len(b.Approved) == 0 {
			return fmt.Errorf("the policy of %s asks for %d officials, and the opening names none", city, n)
		}
	}
	return nil
}
