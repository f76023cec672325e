package verify

import (
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// A dishonest log: everything in it is properly signed and proved, so only the named check can find
// what its operator did.
func TestDishonestLogsAreFound(t *testing.T) {
	draw := func(change func(*sortition.Manifest)) func(*scene) {
		return func(s *scene) { s.begin(); s.open(1000, 123, change); s.outcome(1000, nil) }
	}
	commit := func(change func(*audit.RegisterCommit)) func(*scene) {
		return func(s *scene) {
			s.city()
			c := s.commitment()
			change(&c)
			s.freeze(c)
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}
	}
	result := func(change func(*sortition.Result, *audit.DrawResult)) func(*scene) {
		return func(s *scene) { s.begin(); s.open(1000, 123, nil); s.outcome(1000, change) }
	}
	for name, tc := range map[string]struct {
		log  func(*scene)
		want []int
		says string
	}{
		"a redraw after the result": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "drawn again"},
		"a void after the round was due": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(1000, true)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "a street was missing from the list"},
		"a late void that says it is not late": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(1000, false)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "had been seen"},
		"a void with no seen, after a record that had seen the round": {func(s *scene) {
			s.begin()
			s.open(657413, 123, nil)
			s.put(audit.KindRegisterCommit, registerSubject, 2797373, s.commitment())
			s.void(0, false)
			s.open(2797373+1, 0, func(m *sortition.Manifest) {})
		}, []int{8, 9, 11}, ""},
		"a draw that restarts at 1": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(123, false)
			s.manifest, s.commit = nil, audit.Hash{}
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "sequence"},
		"a second draw while one is open": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "draw_open"},
		"a chain that starts again at n 1": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(123, false)
			s.edit = func(r *audit.Record) { r.N, r.Prev = 1, audit.Hash{} }
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "rule n"},
		"a chain that forks": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.edit = func(r *audit.Record) { r.Prev[0] ^= 1 }
			s.outcome(1000, nil)
		}, []int{4}, "rule prev"},
		"a kind that nobody knows": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.put("draw.replace", jury, 1000, struct{}{})
		}, []int{4}, "not understood"},
		"no draw at all": {func(s *scene) { s.begin(); s.put("draw.prepare", jury, 123, struct{}{}) }, []int{4, 6}, ""},
		"a commit of another manifest": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) {
				old := s.commit.String()
				r.Body = []byte(strings.Replace(string(r.Body), old, strings.Repeat("0", 64), 1))
			}
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "rule commit"},
		"a manifest for another decision": {draw(func(m *sortition.Manifest) { m.Draw = "city/example/jury/2" }), []int{6}, "rule manifest"},
		"a register that was never committed": {func(s *scene) {
			s.city()
			s.put(audit.KindRegisterCommit, registerSubject, 123, audit.RegisterCommit{Root: audit.Hash{1}, Size: 60, File: audit.Hash{2}, Bytes: 1,
				Features: []string{}, SmallCells: audit.SmallCellsNone, K: 5})
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.blobs = append(s.blobs, s.file)
		}, []int{1, 5, 6}, ""},
		"a register that was committed after the draw": {func(s *scene) {
			s.city()
			s.open(1000, 123, nil)
			s.freeze(s.commitment())
			s.outcome(1000, nil)
		}, []int{6}, "was committed before it"},
		"a register of no city": {func(s *scene) {
			s.freeze(s.commitment())
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "city"},
		"a city after its register": {func(s *scene) {
			s.freeze(s.commitment())
			s.edit = func(r *audit.Record) { r.Seen = nil }
			s.city()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "city"},
		"a register with another root":               {commit(func(c *audit.RegisterCommit) { c.Root[0] ^= 1 }), []int{5, 6}, ""},
		"a register with another size":               {commit(func(c *audit.RegisterCommit) { c.Size++ }), []int{5, 6}, ""},
		"a register with other bytes":                {commit(func(c *audit.RegisterCommit) { c.Bytes++ }), []int{5}, "bytes"},
		"a register with other features":             {commit(func(c *audit.RegisterCommit) { c.Features = []string{"age"} }), []int{5}, "features"},
		"a register that says it has no small cells": {commit(func(c *audit.RegisterCommit) { c.K = 6 }), []int{5}, "small_cells"},
		"a register that hides its households":       {commit(func(c *audit.RegisterCommit) { c.Households = false }), []int{5}, "households"},
		"a register that claims sealed features":     {commit(func(c *audit.RegisterCommit) { c.Sealed = true }), []int{5}, "sealed"},
		"a picked round":                             {draw(func(m *sortition.Manifest) { m.DrawTime -= 30 }), []int{7}, "first round at or after"},
		"an unknown chain": {func(s *scene) {
			s.begin()
			s.open(1000, 123, func(m *sortition.Manifest) { m.Beacon.Chain = audit.Hash{7} })
		}, []int{7}, "neither pinned nor described"},
		"a real draw marked as a rehearsal": {draw(func(m *sortition.Manifest) { m.Rehearsal = true }), []int{7}, "rehearsal"},
		"a rehearsal that is not marked": {func(s *scene) {
			s.rehearse()
			s.rehearsal = false
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{7}, "rehearsal"},
		"a bundle that does not say rehearsal": {func(s *scene) {
			s.rehearse()
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.rehearsal = false
		}, []int{7}, "bundle.json says rehearsal false"},
		"a not_before that does not verify": {draw(func(m *sortition.Manifest) { m.NotBefore.Round = 124 }), []int{8}, "not_before"},
		"a not_before after the round": {draw(func(m *sortition.Manifest) {
			m.NotBefore.Round, m.NotBefore.Signature = 657413, []byte{1}
		}), []int{8}, "not before the draw's round"},
		"a seen that does not verify": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) { r.Seen.Round = 124 }
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{8}, "seen"},
		"a seen on an unknown chain": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) { r.Seen.Chain = audit.Hash{7} }
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{8}, "neither pinned nor described"},
		"a draw opened when its round was known": {func(s *scene) {
			s.begin()
			s.open(1000, 1000, nil)
			s.outcome(1000, nil)
		}, []int{8}, "had been seen"},
		"a seen that goes back": {func(s *scene) {
			s.city()
			s.freeze(s.commitment())
			s.open(657413, 1000, nil)
			s.outcome(123, nil)
		}, []int{8}, "goes back"},
		"a beacon of another round": {result(func(_ *sortition.Result, r *audit.DrawResult) { r.Beacon.Round++ }), []int{9}, "round_rule"},
		"a beacon that is not the chain's": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			honest := s.sign
			s.sign = func(round uint64) beacon.Beacon {
				b := honest(round)
				if round == 1000 {
					b.Signature = honest(123).Signature
				}
				return b
			}
			s.outcome(0, nil)
		}, []int{9}, "pairing"},
		"a draw without its result": {func(s *scene) { s.begin(); s.open(1000, 123, nil) }, []int{9}, "no result"},
		"another seed":              {result(func(_ *sortition.Result, r *audit.DrawResult) { r.Seed[0] ^= 1 }), []int{10}, "seed"},
		"another person in a seat": {result(func(r *sortition.Result, _ *audit.DrawResult) {
			r.Strata[0].Seats[2], r.Strata[0].Alternates[0] = r.Strata[0].Alternates[0], r.Strata[0].Seats[2]
		}), []int{10}, `stratum "north" seat 3`},
		"a seat left out":          {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata[1].Seats = r.Strata[1].Seats[:2] }), []int{10}, "leaves out seat 3"},
		"a seat too many":          {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata[1].Seats = append(r.Strata[1].Seats, "x") }), []int{10}, "has seat 4"},
		"strata in another order":  {result(func(r *sortition.Result, _ *audit.DrawResult) { slices.Reverse(r.Strata) }), []int{10}, `stratum 1 is "south"`},
		"a result of another draw": {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Commit[0] ^= 1 }), []int{10}, "names commit"},
		"a result with a stratum":  {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata = r.Strata[:1] }), []int{10}, "another form"},
		"a stratum that is hidden": {draw(func(m *sortition.Manifest) { m.Strata = m.Strata[:1] }), []int{10}, "south"},
		"strata of another feature": {func(s *scene) {
			s.begin()
			s.open(1000, 123, func(m *sortition.Manifest) { m.StrataBy = []string{"age"} })
			s.outcome(1000, nil)
		}, []int{10}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			tc.log(s)
			r := checkBundle(t, s.pack(), brought(t))
			if got := failed(r); !slices.Equal(got, tc.want) || r.OK {
				t.Fatalf("failed %v, want %v:\n%s", got, tc.want, text(t, r))
			}
			if last := r.Checks[tc.want[len(tc.want)-1]-1].Evidence; !strings.Contains(last, tc.says) {
				t.Errorf("%q is not in %q", tc.says, last)
			}
		})
	}
}
