package verify

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

func TestPollsInALogAreCounted(t *testing.T) {
	r := checkLog(t, polled(t).publish(), brought(t))
	if want := "1 poll with 20 ballots: 1 with a result, 0 void, 0 open"; !r.OK || !strings.Contains(r.Checks[4].Evidence, want) {
		t.Errorf("%q is not in the report:\n%s", want, text(t, r))
	}
}

func TestPollsThatBreakTheirOrderFailTheLog(t *testing.T) {
	for name, tc := range map[string]struct {
		says string
		do   func(c *commune) // after an opening
	}{
		"a second opening": {"opened once, and first", func(c *commune) {
			c.forge(audit.KindPollOpen, pollSubject, canonicalRaw(c.records(pollSubject)[0].Body))
		}},
		"a ballot after the close": {"after the poll was closed", func(c *commune) { c.closePoll(nil); c.vote(member(20), "no") }},
		"a result without a close": {"was not closed", func(c *commune) { c.count(nil) }},
		"a record after the result": {"after the poll.result", func(c *commune) {
			c.closePoll(nil)
			c.count(nil)
			c.voidPoll(true)
		}},
		"a ballot when the round was out": {"the log had seen the round", func(c *commune) {
			c.now = c.manifest.Closes + 60
			c.beat(c.roundNow())
			c.vote(member(20), "no")
		}},
		"a close that counts otherwise": {"the close counts 7 ballots", func(c *commune) { c.closePoll(func(b *poll.Close) { b.Ballots = 7 }) }},
		"a late void":                   {"VOIDED LATE", func(c *commune) { c.voidPoll(true) }},
		"a void that hides that it is late": {"VOIDED LATE", func(c *commune) {
			c.now = c.manifest.Closes + 60
			c.voidPoll(false)
		}},
		"a void after the close": {"after it had closed", func(c *commune) { c.closePoll(nil); c.voidPoll(false) }},
		"another round": {"the result's beacon is round", func(c *commune) {
			c.closePoll(nil)
			c.count(func(_ *poll.Transcript, r *poll.Result) { r.Beacon.Round-- })
		}},
		"a beacon that nobody signed": {"beacon of the poll's result", func(c *commune) {
			c.closePoll(nil)
			c.count(func(_ *poll.Transcript, r *poll.Result) {
				r.Beacon.Signature = bytes.Clone(r.Beacon.Signature)
				r.Beacon.Signature[40] ^= 1
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := begun(t, nil)
			c.openPoll(c.question(), nil)
			c.vote(member(8), "yes")
			tc.do(c)
			r := checkLog(t, c.publish(), brought(t))
			if got := failed(r); !slices.Equal(got, []int{5}) || !strings.Contains(r.Checks[4].Evidence, tc.says) {
				t.Errorf("failed %v, want 5 and %q:\n%s", got, tc.says, text(t, r))
			}
		})
	}
}

func (c *commune) roundNow() uint64 {
	c.t.Helper()
	round, err := c.chain.RoundAt(c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	return round
}

func TestAManifestWithAnotherHashFailsTheLog(t *testing.T) {
	c := begun(t, nil)
	c.openPoll(c.question(), nil)
	body := c.records(pollSubject)[0].Body
	c.dropLast()
	c.forge(audit.KindPollOpen, pollSubject, canonicalRaw(bytes.Replace(body, []byte(c.hash.String()), []byte(strings.Repeat("0", 64)), 1)))
	if got := failed(checkLog(t, c.publish(), brought(t))); !slices.Equal(got, []int{3}) {
		t.Errorf("failed %v, want 3", got)
	}
}

// approvedBy opens and draws under a city's policies.
func approvedBy(t *testing.T, approved []string, policies ...int64) *scene {
	s := newScene(t)
	s.city()
	for i, n := range policies {
		s.put(audit.KindCityPolicy, citySubject, 2, audit.CityPolicy{Approvals: n, At: int64(1692803400 + i)})
	}
	s.freeze(s.commitment())
	s.approved = approved
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	return s
}

func TestADrawNeedsTheOfficialsThatTheCityAsksFor(t *testing.T) {
	two := []string{"0123456789abcdef", "fedcba9876543210"}
	for name, tc := range map[string]struct {
		approved []string
		policies []int64
		bundle   []int // checks that fail
		log      []int
	}{
		"no policy":             {nil, nil, nil, nil},
		"one official":          {nil, []int64{1}, nil, nil},
		"two who approved":      {two, []int64{2}, nil, nil},
		"two and nobody":        {nil, []int64{2}, []int{6}, []int{5}},
		"two, and now one":      {nil, []int64{2, 1}, nil, nil},
		"one, and now two":      {nil, []int64{1, 2}, []int{6}, []int{5}},
		"approved without need": {two, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := approvedBy(t, tc.approved, tc.policies...)
			if r := checkBundle(t, s.pack(), brought(t)); !slices.Equal(failed(r), tc.bundle) {
				t.Errorf("bundle: failed %v, want %v\n%s", failed(r), tc.bundle, text(t, r))
			}
			if r := checkLog(t, s.publish(), brought(t)); !slices.Equal(failed(r), tc.log) {
				t.Errorf("log: failed %v, want %v\n%s", failed(r), tc.log, text(t, r))
			}
		})
	}
}
