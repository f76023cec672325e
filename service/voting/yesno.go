package voting

import "kleroterion/service/ratio"

func (t *tally) countYesNo() {
	for i := range t.voices {
		v := &t.voices[i]
		if v.choice.kind == yes {
			*t.chambers[v.chamber].Yes += v.voters
		} else {
			*t.chambers[v.chamber].No += v.voters
		}
	}
}

// yesNo: R is the sum of effective share times yes rate (K-TALLY/1 rule 3).
func (t *tally) yesNo() {
	passed, yeses := false, make([]int64, len(t.chambers))
	for i := range t.chambers {
		c := &t.chambers[i]
		yeses[i] = *c.Yes
		if c.Valid > 0 {
			rate := part(*c.Yes, c.Valid)
			c.Rate = &rate
		}
	}
	reason := t.rejected()
	if t.spoken() {
		r := ratio.Of(t.combine(yeses))
		t.result.Rate = &r
		above := r.Cmp(t.rules.Threshold)
		passed = reason == "" && (above > 0 || above == 0 && t.rules.Inclusive)
	}
	switch {
	case passed:
		reason = Passed
	case reason == "":
		reason = Threshold
	}
	t.result.Outcome = Outcome{Passed: &passed, Reason: reason}
}
