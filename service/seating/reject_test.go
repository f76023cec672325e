package seating_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition"
	"kleroterion/service/seating"
)

func rule(err error) string {
	var r *seating.Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

// invited, serving and other moves of seat 1, north, at an offset from the opening.
func act(a seating.Act, after int64, id string) seating.Move {
	return seating.Move{Act: a, At: opened + after, ID: id, Seat: 1}
}

func with(m seating.Move, change func(*seating.Move)) seating.Move {
	change(&m)
	return m
}

var (
	accepted = act(seating.Accept, 10, person(1))
	declined = act(seating.Decline, 10, person(1))
	givenUp  = with(act(seating.Withdraw, 20, person(1)), func(m *seating.Move) { m.Ground = seating.Moved })
	recused  = with(act(seating.Recuse, 20, person(1)), func(m *seating.Move) { m.Ground, m.Poll = seating.Interest, poll })
)

func invite(after, seat int64, id string) seating.Move {
	at := opened + after
	return seating.Move{Act: seating.Invite, At: at, Deadline: min(at+answer, ends), ID: id, Seat: seat}
}

// Each case: what happened after everybody drawn was invited, the move that is refused, and its rule.
var refusals = map[string]struct {
	before []seating.Move
	move   seating.Move
	rule   string
}{
	"a friend for the next alternate":        {[]seating.Move{declined}, invite(10, 1, person(99)), "out_of_order"},
	"the second alternate for the first":     {[]seating.Move{declined}, invite(10, 1, person(12)), "out_of_order"},
	"another stratum's alternate":            {[]seating.Move{declined}, invite(10, 1, person(21)), "out_of_order"},
	"the one who declined once more":         {[]seating.Move{declined}, invite(10, 1, person(1)), "out_of_order"},
	"a juror to a second seat":               {[]seating.Move{declined}, invite(10, 1, person(2)), "out_of_order"},
	"a friend accepts":                       {nil, act(seating.Accept, 10, person(99)), "wrong_person"},
	"an alternate accepts early":             {nil, act(seating.Accept, 10, person(11)), "wrong_person"},
	"another seat's person declines":         {nil, act(seating.Decline, 10, person(2)), "wrong_person"},
	"expire of another person":               {nil, act(seating.Expire, answer, person(2)), "wrong_person"},
	"a stranger withdraws a juror":           {[]seating.Move{accepted}, with(givenUp, func(m *seating.Move) { m.ID = person(2) }), "wrong_person"},
	"a stranger's key for a seat":            {[]seating.Move{accepted}, with(act(seating.GiveKey, 20, person(2)), func(m *seating.Move) { m.Key = keyOf(1) }), "wrong_person"},
	"accept at the deadline's second":        {nil, act(seating.Accept, answer, person(1)), "deadline"},
	"undeliverable at the deadline's second": {nil, act(seating.Undeliverable, answer, person(1)), "deadline"},
	"expire a second before the deadline":    {nil, act(seating.Expire, answer-1, person(1)), "deadline"},
	"a longer deadline":                      {[]seating.Move{declined}, with(invite(10, 1, person(11)), func(m *seating.Move) { m.Deadline++ }), "deadline"},
	"a shorter deadline":                     {[]seating.Move{declined}, with(invite(10, 1, person(11)), func(m *seating.Move) { m.Deadline-- }), "deadline"},
	"exhaust with alternates left":           {[]seating.Move{declined}, act(seating.Exhaust, 10, ""), "out_of_order"},
	"exhaust with one alternate left": {[]seating.Move{
		{Act: seating.Decline, At: opened + 10, ID: person(3), Seat: 3},
	}, seating.Move{Act: seating.Exhaust, At: opened + 10, Seat: 3}, "out_of_order"},
	"invite with no alternate left": {[]seating.Move{
		{Act: seating.Decline, At: opened + 10, ID: person(3), Seat: 3}, invite(10, 3, person(21)),
		{Act: seating.Decline, At: opened + 10, ID: person(21), Seat: 3},
	}, invite(10, 3, person(3)), "out_of_order"},
	"an empty seat offered again": {[]seating.Move{
		{Act: seating.Decline, At: opened + 10, ID: person(3), Seat: 3}, invite(10, 3, person(21)),
		{Act: seating.Decline, At: opened + 10, ID: person(21), Seat: 3}, {Act: seating.Exhaust, At: opened + 10, Seat: 3},
	}, invite(10, 3, person(21)), "state"},
	"the higher of two vacant seats first": {[]seating.Move{
		declined, {Act: seating.Decline, At: opened + 10, ID: person(2), Seat: 2},
	}, invite(10, 2, person(11)), "out_of_order"},
	"invite to an invited seat":       {nil, invite(10, 1, person(11)), "state"},
	"invite to a held seat":           {[]seating.Move{accepted}, invite(10, 1, person(11)), "state"},
	"accept twice":                    {[]seating.Move{accepted}, accepted, "state"},
	"decline after accept":            {[]seating.Move{accepted}, declined, "state"},
	"accept after decline":            {[]seating.Move{declined}, accepted, "state"},
	"withdraw without a seat":         {nil, givenUp, "state"},
	"recuse without a seat":           {nil, recused, "state"},
	"key before accept":               {nil, with(act(seating.GiveKey, 10, person(1)), func(m *seating.Move) { m.Key = keyOf(1) }), "state"},
	"complete while invited":          {nil, act(seating.Complete, ends-opened, person(1)), "state"},
	"time goes back":                  {[]seating.Move{accepted}, with(givenUp, func(m *seating.Move) { m.At = opened + 9 }), "time"},
	"before the opening":              {nil, act(seating.Accept, -1, person(1)), "time"},
	"recused for one poll twice":      {[]seating.Move{accepted, recused}, recused, "recused_twice"},
	"complete before the term's end":  {[]seating.Move{accepted}, act(seating.Complete, ends-opened-1, person(1)), "term"},
	"withdraw at the term's end":      {[]seating.Move{accepted}, with(givenUp, func(m *seating.Move) { m.At = ends }), "term"},
	"recuse at the term's end":        {[]seating.Move{accepted}, with(recused, func(m *seating.Move) { m.At = ends }), "term"},
	"invite at the term's end":        {[]seating.Move{declined}, with(invite(ends-opened, 1, person(11)), func(m *seating.Move) { m.Deadline = ends }), "term"},
	"a seat that does not exist":      {nil, seating.Move{Act: seating.Accept, At: opened + 10, ID: person(1), Seat: 4}, "seat"},
	"seat 0":                          {nil, seating.Move{Act: seating.Accept, At: opened + 10, ID: person(1)}, "move_form"},
	"ground that is none":             {nil, with(act(seating.Defer, 10, person(1)), func(m *seating.Move) { m.Ground = "cancer" }), "ground"},
	"key of small order":              {nil, with(accepted, func(m *seating.Move) { m.Key = keyOf(1); m.Key.Public = make([]byte, 32) }), "key_form"},
	"undeliverable after it was read": {[]seating.Move{accepted}, act(seating.Undeliverable, 20, person(1)), "state"},
}

func TestRefusedMovesChangeNothing(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			j := newJury(t, drawn())
			settle(t, j, opened)
			apply(t, j, c.before...)
			before, last := j.Seats(), j.Last()
			err := j.Apply(c.move)
			if rule(err) != c.rule {
				t.Errorf("got %q (%v), want %q", rule(err), err, c.rule)
			}
			if diff := cmp.Diff(before, j.Seats()); diff != "" || j.Last() != last {
				t.Errorf("the jury changed: %s", diff)
			}
		})
	}
}

func TestFirstOffersComeBeforeAlternates(t *testing.T) {
	j := newJury(t, drawn())
	if got := rule(j.Apply(invite(0, 2, person(2)))); got != "out_of_order" {
		t.Errorf("seat 2 before seat 1: %q", got)
	}
	apply(t, j, invite(0, 1, person(1)), act(seating.Decline, 5, person(1)))
	if got := rule(j.Apply(invite(5, 1, person(11)))); got != "out_of_order" {
		t.Errorf("an alternate before the person drawn for seat 2: %q", got)
	}
	if got := rule(j.Apply(invite(5, 1, person(2)))); got != "out_of_order" {
		t.Errorf("the person drawn for seat 2 to seat 1: %q", got)
	}
	want := []seating.Move{invite(5, 2, person(2)), invite(5, 1, person(11)), invite(5, 3, person(3))}
	if diff := cmp.Diff(want, j.Due(opened+5)); diff != "" {
		t.Error(diff)
	}
	settle(t, j, opened+5)
}

func TestNoDeferralWhereTheDrawHasNone(t *testing.T) {
	r := drawn()
	o := terms(t, r)
	o.Deferral = false
	j, err := seating.New(subject, r, digest(t, r), o, false)
	if err != nil {
		t.Fatal(err)
	}
	settle(t, j, opened)
	err = j.Apply(with(act(seating.Defer, 10, person(1)), func(m *seating.Move) { m.Ground = seating.Care }))
	if rule(err) != "deferral" {
		t.Errorf("got %v", err)
	}
}

func TestTermsForAnotherDrawAreRefused(t *testing.T) {
	panel := int64(3)
	for name, c := range map[string]struct {
		change    func(*string, *sortition.Result, *seating.Open)
		rehearsal bool
		rule      string
	}{
		"another commit":         {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Commit[0]++ }, false, "result"},
		"another result":         {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Result[0]++ }, false, "result"},
		"a draw of panels":       {func(_ *string, r *sortition.Result, _ *seating.Open) { r.Panel, r.Strata = &panel, nil }, false, "result"},
		"a person twice":         {func(_ *string, r *sortition.Result, _ *seating.Open) { r.Strata[1].Alternates[0] = person(1) }, false, "result"},
		"an id of another form":  {func(_ *string, r *sortition.Result, _ *seating.Open) { r.Strata[0].Seats[0] = "anna" }, false, "result"},
		"the draw's own subject": {func(s *string, _ *sortition.Result, _ *seating.Open) { *s = "city/town/draw/canal" }, false, "open_form"},
		"less than an hour":      {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Answer = 3599 }, false, "open_form"},
		"no time in a rehearsal": {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Answer = 0 }, true, "open_form"},
		"more than 90 days":      {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Answer = 7776001 }, false, "open_form"},
		"a term of no second":    {func(_ *string, _ *sortition.Result, o *seating.Open) { o.Starts = o.Ends }, false, "open_form"},
		"opened after the term":  {func(_ *string, _ *sortition.Result, o *seating.Open) { o.At = o.Ends + 1 }, false, "open_form"},
		"no time":                {func(_ *string, _ *sortition.Result, o *seating.Open) { o.At = 0 }, false, "open_form"},
	} {
		t.Run(name, func(t *testing.T) {
			r, subject := drawn(), subject
			o, sha := terms(t, r), digest(t, r)
			c.change(&subject, &r, &o)
			j, err := seating.New(subject, r, sha, o, c.rehearsal)
			if rule(err) != c.rule || j != nil {
				t.Errorf("got %v, want %s", err, c.rule)
			}
		})
	}
}
