package verify

import (
	"testing"
)

func TestAnHonestPollHolds(t *testing.T) {
	r := checkBundle(t, polled(t).packPoll(), brought(t))
	t.Log(text(t, r))
	if !r.OK || len(r.Checks) != 12 {
		t.Fatalf("report:\n%s", text(t, r))
	}
}
