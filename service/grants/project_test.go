package grants

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// brought returns a round whose project mill, owned by bo, stands in a state; it was rejected, if it
// was, by rita at appsEnd, and appealed at appsEnd + 10.
func brought(t *testing.T, s State) *held {
	h := newWorld(poll.ModeOpen).open()
	steps := map[State][]func() Move{
		Applied:   {h.applies},
		Approved:  {h.applies, reviewed(Approve)},
		Rejected:  {h.applies, reviewed(Reject)},
		Appealed:  {h.applies, reviewed(Reject), func() Move { return h.owned(Appeal, "bo", "mill", appsEnd+10) }},
		Withdrawn: {h.applies, func() Move { return h.owned(Withdraw, "bo", "mill", appsEnd-10) }},
	}
	for _, step := range steps[s] {
		h.moved(t, step())
	}
	return h
}

func (h *held) applies() Move { return h.owned(Apply, "bo", "mill", opens) }

func reviewed(a Act) func() Move { return func() Move { return review(a, "rita", "mill", appsEnd) } }

func (h *held) try(act Act, at int64) error {
	if act.Owned() {
		return h.ApplyMove(h.owned(act, "bo", "mill", at))
	}
	return h.ApplyMove(review(act, "sam", "mill", at))
}

func TestEveryActInEveryState(t *testing.T) {
	type outcome struct {
		at   int64
		next State
	}
	table := map[State]map[Act]outcome{
		"":        {Apply: {opens, Applied}},
		Applied:   {Change: {appsEnd - 1, Applied}, Approve: {giftEnd - 1, Approved}, Reject: {giftEnd - 1, Rejected}, Withdraw: {giftEnd - 1, Withdrawn}},
		Approved:  {Reject: {giftStart - 1, Rejected}, Withdraw: {giftEnd - 1, Withdrawn}},
		Rejected:  {Appeal: {appsEnd + 499, Appealed}, Withdraw: {giftEnd - 1, Withdrawn}},
		Appealed:  {Approve: {giftEnd - 1, Approved}, Reject: {giftEnd - 1, Rejected}, Withdraw: {giftEnd - 1, Withdrawn}},
		Withdrawn: {},
	}
	for s, allowed := range table {
		for _, act := range []Act{Apply, Change, Approve, Reject, Appeal, Withdraw} {
			h := brought(t, s)
			before, _ := h.Project("mill")
			want, ok := allowed[act]
			if !ok {
				rule := RuleState
				if s == "" {
					rule = RuleUnknown
				}
				wantRule(t, h.try(act, max(h.Last(), opens)), rule)
				if after, _ := h.Project("mill"); !cmp.Equal(before, after) {
					t.Errorf("%s of a project that is %s changed it to %+v", act, s, after)
				}
				continue
			}
			if err := h.try(act, want.at); err != nil {
				t.Errorf("%s of a project that is %s: %v", act, s, err)
			}
			if p, _ := h.Project("mill"); p.State != want.next || p.Seq != before.Seq+1 {
				t.Errorf("%s of a project that is %s makes it %s, move %d", act, s, p.State, p.Seq)
			}
		}
	}
}

func TestEachWindowOfAProjectToTheSecond(t *testing.T) {
	for _, c := range []struct {
		name  string
		state State
		act   Act
		at    int64
		rule  string // empty: it is taken
	}{
		{"apply a second early", "", Apply, opens - 1, RuleWindow}, {"apply at the opening", "", Apply, opens, ""},
		{"apply in the last second", "", Apply, appsEnd - 1, ""}, {"apply at the end", "", Apply, appsEnd, RuleWindow},
		{"change in the last second", Applied, Change, appsEnd - 1, ""}, {"change at the end", Applied, Change, appsEnd, RuleWindow},
		{"approve in the last second", Applied, Approve, giftEnd - 1, ""}, {"approve when gifts have ended", Applied, Approve, giftEnd, RuleWindow},
		{"reject when gifts have ended", Applied, Reject, giftEnd, RuleWindow},
		{"take an approval back in time", Approved, Reject, giftStart - 1, ""}, {"take an approval back once gifts began", Approved, Reject, giftStart, RuleWindow},
		{"appeal in the last second", Rejected, Appeal, appsEnd + 499, ""}, {"appeal too late", Rejected, Appeal, appsEnd + 500, RuleAppeal},
		{"withdraw in the last second", Approved, Withdraw, giftEnd - 1, ""}, {"withdraw when gifts have ended", Approved, Withdraw, giftEnd, RuleWindow},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := brought(t, c.state).try(c.act, c.at)
			if c.rule != "" {
				wantRule(t, err, c.rule)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhoDecidedBeforeAnAppealDecidesNothingAfterIt(t *testing.T) {
	for _, act := range []Act{Approve, Reject} {
		h := brought(t, Appealed)
		wantRule(t, h.ApplyMove(review(act, "rita", "mill", appsEnd+10)), RuleReviewer)
		h.moved(t, review(act, "sam", "mill", appsEnd+10))
	}
	h := brought(t, Appealed)
	h.moved(t, review(Approve, "sam", "mill", appsEnd+10))
	wantRule(t, h.ApplyMove(review(Reject, "rita", "mill", appsEnd+10)), RuleReviewer)
	h.moved(t, review(Reject, "sam", "mill", appsEnd+10))
	wantRule(t, h.try(Appeal, appsEnd+11), RuleAppeal)
}

func TestMovesThatAreNotTheOwners(t *testing.T) {
	h := brought(t, Applied)
	good := h.owned(Change, "bo", "mill", opens+1)
	object := must(good.Object(h.hash(), 2))
	for _, c := range []struct {
		name, rule string
		bad        func() Move
	}{
		{"another's key", RuleSignature, func() Move { return must(good.Sign(person("cy").private(), h.hash(), 2)) }},
		{"the number before", RuleSignature, func() Move { return must(good.Sign(person("bo").private(), h.hash(), 1)) }},
		{"the number after", RuleSignature, func() Move { return must(good.Sign(person("bo").private(), h.hash(), 3)) }},
		{"another round", RuleSignature, func() Move { return must(good.Sign(person("bo").private(), [32]byte{1}, 2)) }},
		{"signed as a gift", RuleSignature, func() Move {
			s := identity.Sign(person("bo").private(), identity.ThingGift, object)
			mv := good
			mv.Signature = &s
			return mv
		}},
		{"another title than signed", RuleSignature, func() Move { mv := good; mv.Title = "The mile"; return mv }},
		{"another account than signed", RuleSignature, func() Move { mv := good; mv.Account = "DE2"; return mv }},
		{"another text than signed", RuleSignature, func() Move { mv := good; mv.Text = textFile("x"); return mv }},
		{"another owner", RuleState, func() Move { return h.owned(Change, "cy", "mill", opens+1) }},
		{"a stranger's project", RuleNotOnRoll, func() Move { return h.owned(Apply, "zoe", "weir", opens+1) }},
	} {
		t.Run(c.name, func(t *testing.T) { wantRule(t, h.ApplyMove(c.bad()), c.rule) })
	}
	h.moved(t, good)
	if p, _ := h.Project("mill"); p.Seq != 2 {
		t.Errorf("after all of them the project is %+v", p)
	}
}

func TestMovesInAnotherForm(t *testing.T) {
	h := newWorld(poll.ModeOpen).open()
	for _, c := range []struct {
		name string
		of   Move
		bad  func(mv *Move)
	}{
		{"an unknown act", h.applies(), func(mv *Move) { mv.Act = "praise" }},
		{"no project", h.applies(), func(mv *Move) { mv.Project = "" }},
		{"a project in capitals", h.applies(), func(mv *Move) { mv.Project = "Mill" }},
		{"no owner", h.applies(), func(mv *Move) { mv.Owner = "" }},
		{"an owner in capitals", h.applies(), func(mv *Move) { mv.Owner = strings.ToUpper(mv.Owner) }},
		{"no title", h.applies(), func(mv *Move) { mv.Title = "" }},
		{"a title with a line break", h.applies(), func(mv *Move) { mv.Title = "a\nb" }},
		{"no text", h.applies(), func(mv *Move) { mv.Text = nil }},
		{"an empty text", h.applies(), func(mv *Move) { mv.Text = textFile("") }},
		{"a text too long", h.applies(), func(mv *Move) { mv.Text = &poll.File{Bytes: maxText + 1} }},
		{"no signature", h.applies(), func(mv *Move) { mv.Signature = nil }},
		{"time 0", h.applies(), func(mv *Move) { mv.At = 0 }},
		{"an applicant with a reviewer", h.applies(), func(mv *Move) { mv.Reviewer = "rita" }},
		{"an approval without a reviewer", reviewed(Approve)(), func(mv *Move) { mv.Reviewer = "" }},
		{"an approval with a ground", reviewed(Approve)(), func(mv *Move) { mv.Ground = Scope }},
		{"an approval with an account", reviewed(Approve)(), func(mv *Move) { mv.Account = "DE1" }},
		{"a rejection without a ground", reviewed(Reject)(), func(mv *Move) { mv.Ground = "" }},
		{"a rejection with a ground of its own", reviewed(Reject)(), func(mv *Move) { mv.Ground = "taste" }},
		{"a rejection without its reasons", reviewed(Reject)(), func(mv *Move) { mv.Text = nil }},
		{"a reviewer with a space", reviewed(Reject)(), func(mv *Move) { mv.Reviewer = "r t" }},
		{"a withdrawal with an owner", h.owned(Withdraw, "bo", "mill", opens), func(mv *Move) { mv.Owner = person("bo").id() }},
		{"an appeal without a text", h.owned(Appeal, "bo", "mill", opens), func(mv *Move) { mv.Text = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.of.Check(); err != nil {
				t.Fatal(err)
			}
			c.bad(&c.of)
			wantRule(t, c.of.Check(), RuleRecord)
			wantRule(t, h.ApplyMove(c.of), RuleRecord)
		})
	}
}

func TestAnswersShareNoMemoryWithTheRound(t *testing.T) {
	h := brought(t, Rejected)
	p, _ := h.Project("mill")
	p.Decided[0] = "nobody"
	if q, _ := h.Project("mill"); q.Decided[0] != "rita" {
		t.Errorf("decided by %s", q.Decided[0])
	}
}
