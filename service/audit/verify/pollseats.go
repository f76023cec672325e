package verify

import (
	"errors"
	"fmt"
	"strings"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/seating"
)

// seatsThread is what the seats' subject says.
type seatsThread struct {
	open  *seating.Open
	moves []seating.Move
	fault error
}

func (s *seatsThread) take(lines []line) error {
	for i := range lines {
		if s.fault == nil {
			s.fault = s.takeOne(&lines[i])
		}
	}
	return nil
}

func (s *seatsThread) takeOne(l *line) error {
	if l.bad != nil {
		return l.bad
	}
	switch b := l.body.(type) {
	case audit.SeatsOpen:
		if l.record.N == 1 {
			s.open = &b.Open
			return nil
		}
	case audit.SeatMove:
		if l.record.N > 1 {
			s.moves = append(s.moves, b.Move)
			return nil
		}
	}
	return fmt.Errorf("record %d is a %s: seats have seats.open first, then moves only", l.record.N, l.record.Kind)
}

// jurors are the terms on which the draw's seats are replayed.
type jurors struct {
	subject   string
	seats     int64 // that the draw gave
	result    sortition.Result
	sha256    audit.Hash     // of the result
	panel     *seating.Panel // of a draw over panels
	rehearsal bool
}

// replay returns the seats after the first n moves.
func (j jurors) replay(s seatsThread, n int) (*seating.Jury, error) {
	jury, err := j.vacant(*s.open)
	if err != nil {
		return nil, fmt.Errorf("record 1: %w", err)
	}
	if i, err := seating.Replay(jury, s.moves[:n]); err != nil {
		return nil, fmt.Errorf("record %d: %w", i+2, err)
	}
	return jury, nil
}

// vacant returns the seats before the first move.
func (j jurors) vacant(o seating.Open) (*seating.Jury, error) {
	if j.panel != nil {
		return seating.NewOfPanel(j.subject, j.result, j.sha256, o, j.rehearsal, *j.panel)
	}
	return seating.New(j.subject, j.result, j.sha256, o, j.rehearsal)
}

const noJury = "the poll has no jury"

func (e *pollEvidence) drawSubject() string {
	return strings.TrimSuffix(e.threads[2].subject, "/seats")
}

// nestedPaths lists the bundles of draws in the bundle: bundle.Open lets one pass.
func (e *pollEvidence) nestedPaths() (paths []string) {
	for _, f := range e.b.Index.Files {
		if strings.HasPrefix(f.Path, "draws/") {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// juryDrawn is check 6: the draw that gave the seats passes all of its own checks, in the same log.
func (e *pollEvidence) juryDrawn() (string, error) {
	paths := e.nestedPaths()
	if !e.hasSeats() {
		if len(paths) > 0 {
			return "", fmt.Errorf("%s, but the seats that it gave are not in the bundle", paths[0])
		}
		return noJury, nil
	}
	want := bundle.DrawPath(e.drawSubject())
	if len(paths) != 1 || paths[0] != want {
		return "", fmt.Errorf("%s, the bundle of the draw that gave the seats, is missing", want)
	}
	nested, err := e.b.Nested(want)
	if err != nil {
		return "", err
	}
	if nested.Index.Kind != bundle.KindDraw || nested.Index.Subject != e.drawSubject() {
		return "", fmt.Errorf("%s is the bundle of a %s, %s", want, nested.Index.Kind, nested.Index.Subject)
	}
	return e.verifyNested(nested)
}

func (e *pollEvidence) verifyNested(b *bundle.Bundle) (string, error) {
	pol, _, err := e.trusted()
	if err != nil {
		return "", err
	}
	nested, report, err := drawBundle(e.ctx, b, Options{Policy: &pol, Chains: e.opts.Chains, Progress: e.opts.Progress})
	if e.ctx.Err() != nil {
		return "", unreadable{e.ctx.Err()}
	}
	if err != nil {
		return "", err
	}
	for _, c := range report.Checks {
		if !c.OK {
			return "", fmt.Errorf("check %d of the draw, %s: %s", c.No, c.Name, c.Evidence)
		}
	}
	switch {
	case nested.head.Origin != e.head.Origin:
		return "", fmt.Errorf("the draw is in the log %s, the poll in %s", nested.head.Origin, e.head.Origin)
	case report.Rehearsal && !e.rehearsal():
		return "", errors.New("the draw was a rehearsal, and the poll says that it is none")
	}
	e.nested = nested
	return fmt.Sprintf("all %d checks of %s hold: %s", len(report.Checks), report.Subject, report.Checks[9].Evidence), nil
}

// seatsFollow is check 7.
func (e *pollEvidence) seatsFollow() (string, error) {
	if !e.hasSeats() {
		return noJury, nil
	}
	subject := e.threads[2].subject
	if err := e.seats.fault; err != nil {
		return "", fmt.Errorf("%s: %w", subject, err)
	}
	var err error
	if e.term, err = e.jurors(subject); err != nil {
		return "", fmt.Errorf("%s: record 1: %w", subject, err)
	}
	jury, err := e.term.replay(e.seats, len(e.seats.moves))
	if err != nil {
		return "", fmt.Errorf("%s: %w", subject, err)
	}
	return "jury: " + held(jury), nil
}

// jurors finds the draw and the result that the seats are of.
func (e *pollEvidence) jurors(subject string) (jurors, error) {
	if e.seats.open == nil {
		return jurors{}, errors.New("there is no seats.open")
	}
	for _, d := range e.nested.draws {
		if d.commit != e.seats.open.Commit || d.result == nil {
			continue
		}
		j := jurors{subject: subject, sha256: d.result.Result.SHA256, rehearsal: d.manifest.Rehearsal}
		var err error
		if j.result, err = sortition.ParseResult(e.nested.results[j.sha256]); err != nil {
			return jurors{}, err
		}
		j.seats, j.panel, err = d.seats(j.result)
		return j, err
	}
	return jurors{}, fmt.Errorf("the seats are of the draw %s, which has no result in the nested bundle", short(e.seats.open.Commit))
}

// held sums up the seats.
func held(j *seating.Jury) string {
	var serving, replaced, offers int64
	seats := j.Seats()
	for _, s := range seats {
		if s.State == seating.Serving {
			serving++
		}
		offers += int64(s.Offers)
		replaced += int64(max(0, s.Offers-1))
	}
	return fmt.Sprintf("%d of %s held, %s, none out of order (%s, by rule)", serving, plural(int64(len(seats)), "seat", "seats"),
		plural(replaced, "replacement", "replacements"), plural(offers, "offer", "offers"))
}

// seats is how many seats the draw was for: those that its manifest asked for, or the people of the panel
// drawn, with the pool from which their seats are filled. Check 10 of the draw made the lottery.
func (d *draw) seats(r sortition.Result) (n int64, p *seating.Panel, err error) {
	if d.lottery == nil {
		for _, s := range d.manifest.Strata {
			n += s.Seats
		}
		return n, nil, nil
	}
	pool, err := alternates.NewPool(d.lottery.problem, randomness.Seed(r.Seed))
	if err != nil {
		return 0, nil, err
	}
	return int64(len(d.lottery.line)), &seating.Panel{Line: d.lottery.line, Pool: pool}, nil
}
