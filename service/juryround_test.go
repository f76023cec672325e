package service_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// juryRound asks for a round in which a fifth of the pool is the jury's, by a poll of the same name.
func (c *polity) juryRound(name string) service.NewRound {
	in := c.newRound(name)
	in.Jury = &grants.Jury{Poll: "community/commons/poll/" + name, Share: ratio.New(1, 5)}
	return in
}

// shares is the poll by which the jury decides its part.
func (c *polity) shares(name string, options ...string) service.Poll {
	c.t.Helper()
	q := c.question(name)
	q.Method, q.Options, q.Names = voting.Quadratic, options, map[string]string{}
	q.Winners, q.Credits, q.Negative = 1, 16, true
	for _, o := range options {
		q.Names[o] = "The " + o
	}
	p, err := c.OpenPoll(c.t.Context(), c.steward, q)
	must(c.t, err)
	return p
}

func TestTheJurysVotesShareItsPart(t *testing.T) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newPolity(t, 6)
			in := c.juryRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			r := c.givenRound(in)
			c.clock.Store(r.GiftsEnd - 5) // it closes after the gifts
			p := c.shares("spring", "mill", "weir")
			for seat := range int64(6) {
				c.vote(p, poll.SeatVoter(seat+1), []string{`{"votes":{"mill":3}}`, `{"votes":{"mill":1,"weir":2}}`, `{"votes":{"weir":-1}}`}[seat%3])
			}
			c.clock.Store(r.DueAt + 5)
			c.work()
			if v := c.now(r); v.State != service.RoundClosed {
				t.Fatalf("the round is %s while its jury votes", v.State)
			}
			c.clock.Store(p.DueAt + 5)
			c.work()
			c.clock.Add(5)
			r = c.final(r)
			// mill 2·(3+1) = 8 votes, weir 2·(2-1) = 2, of 20,000; 80,000 are matched 1 to 2.
			if diff := cmp.Diff(map[string]string{"mill": "42667", "weir": "57333"}, c.gets(r, 0)); diff != "" {
				t.Error(diff)
			}
			f, _, err := c.RoundResult(t.Context(), r.ID, 0)
			must(t, err)
			if f.Jury == nil || f.Jury.Part.String() != "20000" || f.Jury.None != "" || f.Jury.Digest != r.Digest {
				t.Errorf("%+v", f.Jury)
			}
			sheet, err := c.ProjectSheet(t.Context(), r.ID, 0, "mill")
			must(t, err)
			if sheet.Jury.Amount.String() != "16000" || sheet.Jury.Votes != 8 || sheet.Amount.String() != "42667" || sheet.Effects[0].With.String() != "26667" {
				t.Errorf("%+v %+v", sheet.Jury, sheet.Effects)
			}
			c.sheetHasJury(r)
			if job := c.corrected(r, "two people", grants.Correction{Donor: c.pseudonym(r, 5), What: grants.Struck}); job.State != service.JobDone {
				t.Error(string(job.Report))
			}
			if diff := cmp.Diff(map[string]string{"mill": "76000", "weir": "24000"}, c.gets(r, 2)); diff != "" {
				t.Error(diff)
			}
			must(t, c.pay(r, 2, "mill", "76000", "a"))
			c.audited(r)
			if n := len(c.roundFile(r).Nested); n != 1 {
				t.Errorf("%d polls in the bundle", n)
			}
		})
	}
}

func (c *polity) sheetHasJury(r service.RoundView) {
	c.t.Helper()
	text, err := c.SheetCSV(c.t.Context(), r.ID, 1)
	must(c.t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	must(c.t, err)
	n := len(rows[0])
	if diff := cmp.Diff([][]string{{"votes", "jury", "total"}, {"8", "16000", "42667"}, {"2", "4000", "57333"}}, [][]string{rows[0][n-3:], rows[1][n-3:], rows[2][n-3:]}); diff != "" {
		c.t.Error(diff)
	}
	csvFile, err := c.PayoutsCSV(c.t.Context(), r.ID, 1)
	must(c.t, err)
	if want := "project,account,amount\nmill,DE-mill,42667\nweir,DE-weir,57333\n"; string(csvFile) != want {
		c.t.Errorf("%s", csvFile)
	}
}

// roundFile is the round's bundle as a reader finds it.
func (c *polity) roundFile(r service.RoundView) (got struct {
	bundle.Index
	Nested []string
}) {
	c.t.Helper()
	var file bytes.Buffer
	must(c.t, c.RoundBundle(c.t.Context(), r.ID, &file))
	b, err := bundle.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(c.t, err)
	got.Index = b.Index
	for _, f := range b.Index.Files {
		if strings.HasPrefix(f.Path, "polls/") {
			_, err := b.Nested(f.Path)
			must(c.t, err)
			got.Nested = append(got.Nested, f.Path)
		}
	}
	return got
}

func TestARoundDoesNotWaitForAPollThatCannotDecide(t *testing.T) {
	c := newPolity(t, 6)
	for want, do := range map[grants.NoJury]func(t *testing.T, r service.RoundView){
		grants.JuryAbsent: func(t *testing.T, r service.RoundView) {
			c.clock.Store(r.GiftsEnd)
			c.shares("absent", "mill", "weir") // too late
		},
		grants.JuryVoid: func(t *testing.T, r service.RoundView) {
			p := c.shares("void", "mill", "weir")
			_, err := c.VoidPoll(t.Context(), c.steward, p.ID, "a mistake")
			must(t, err)
		},
		grants.JuryForm: func(t *testing.T, r service.RoundView) {
			p := c.shares("form", "mill", "dam") // no project of the round
			c.vote(p, poll.SeatVoter(1), `{"votes":{"mill":3}}`)
			c.counted(p)
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			r := c.givenRound(c.juryRound(string(want)))
			do(t, r)
			r = c.final(r)
			f, _, err := c.RoundResult(t.Context(), r.ID, 0)
			must(t, err)
			if f.Jury == nil || f.Jury.None != want || !f.Jury.Part.IsZero() {
				t.Errorf("%+v", f.Jury)
			}
			if diff := cmp.Diff(map[string]string{"mill": "33333", "weir": "66667"}, c.gets(r, 0)); diff != "" {
				t.Error(diff)
			}
			c.clock.Add(200) // the late poll ends too
			c.work()
			if job := c.corrected(r, "two people", grants.Correction{Donor: c.pseudonym(r, 5), What: grants.Struck}); job.State != service.JobDone {
				t.Error(string(job.Report))
			}
			if f, _, err = c.RoundResult(t.Context(), r.ID, 2); err != nil || f.Jury.None != want {
				t.Errorf("version 2: %+v, %v", f.Jury, err)
			}
			c.audited(r)
			c.roundFile(r)
		})
	}
}
