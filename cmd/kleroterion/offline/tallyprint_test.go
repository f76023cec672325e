package offline

import (
	"strings"
	"testing"

	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

func yesNoPoll(inclusive bool) *poll.Manifest {
	return &poll.Manifest{Question: "Shall it?", Rules: voting.Rules{Method: voting.YesNo, Threshold: ratio.New(2, 3), Inclusive: inclusive}}
}

func TestTheOutcomeIsASentence(t *testing.T) {
	rate := ratio.New(3, 5)
	passed, failed := true, false
	ranked := &poll.Manifest{Names: map[string]string{"a": "A bridge", "b": "A ferry"}, Rules: voting.Rules{Method: voting.Schulze, Options: []string{"a", "b"}}}
	for _, c := range []struct {
		m    *poll.Manifest
		r    voting.Result
		want string
	}{
		{yesNoPoll(false), voting.Result{Rate: &rate, Outcome: voting.Outcome{Passed: &passed, Reason: voting.Passed}}, "PASSED with the rate 3/5; more than 2/3 was needed"},
		{yesNoPoll(true), voting.Result{Rate: &rate, Outcome: voting.Outcome{Passed: &failed, Reason: voting.Threshold}}, "NOT PASSED, with the rate 3/5; at least 2/3 was needed: too few said yes"},
		{yesNoPoll(true), voting.Result{Outcome: voting.Outcome{Passed: &failed, Reason: voting.NoMembers}}, "NOT PASSED, without a rate; at least 2/3 was needed: no member said yes or no"},
		{yesNoPoll(true), voting.Result{Outcome: voting.Outcome{Passed: &failed, Reason: voting.QuorumJury}}, "NOT PASSED, without a rate; at least 2/3 was needed: too few of the jury took part"},
		{ranked, voting.Result{Outcome: voting.Outcome{Elected: []string{"b", "a"}, Reason: voting.Elected}}, "CHOSEN: A ferry, A bridge"},
		{ranked, voting.Result{Outcome: voting.Outcome{Elected: []string{}, Reason: voting.FloorJury}}, "NOTHING CHOSEN: too few of the jury took part for a poll that touches people outside"},
		{ranked, voting.Result{Outcome: voting.Outcome{Elected: []string{}, Reason: voting.NoOption}}, "NOTHING CHOSEN: no option got enough"},
	} {
		if got := sentence(c.m, c.r); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestTheTableShowsOptionsAndInvalidBallots(t *testing.T) {
	score := ratio.New(7, 9)
	m := &poll.Manifest{Question: "What is built?", Poll: "community/river/poll/crossing", Names: map[string]string{"a": "A bridge", "b": "A ferry"},
		Rules: voting.Rules{Method: voting.Score, Options: []string{"a", "b"}}}
	r := voting.Result{Chambers: []voting.ChamberCount{{ID: voting.Members, Electors: 9, Cast: 4, Valid: 3, Invalid: 1, Share: ratio.New(1, 1)}},
		Options: []voting.OptionCount{{ID: "a", Score: &score}, {ID: "b"}}, Invalid: []voting.Invalid{{Rule: "copied", Voter: "members/1"}},
		Outcome: voting.Outcome{Elected: []string{"a"}, Reason: voting.Elected}}
	var out strings.Builder
	if err := pollTable(&out, m, poll.Transcript{Count: r, Records: 5, Superseded: 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"What is built?\n", "A bridge (a): 7/9\n", "A ferry (b): no score\n", "ballots recorded: 5, superseded by later ones: 1\n",
		"invalid: members/1 (copied)\n", "CHOSEN: A bridge\n", "\nmembers  9         4 "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "rate") {
		t.Error("a rate is shown for a poll among options")
	}
}
