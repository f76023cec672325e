package demo

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kleroterion/service"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// count waits for the closing round, and shows the tally.
func (s *story) count() error {
	for {
		v, err := s.instance.Service.Poll(s.ctx, s.poll.ID)
		if err != nil {
			return err
		}
		if v.State == service.PollCounted {
			s.poll = v.Poll
			break
		}
		if v.State == service.PollVoid {
			return fmt.Errorf("the poll is void: %s", v.VoidReason)
		}
		if s.Progress != nil {
			wait := int64(s.pollOpen() / time.Second)
			s.Progress("waiting for the closing round", wait-max(min(s.poll.DueAt-s.World.Now().Unix(), wait), 0), wait)
		}
		if err := s.pause(200 * time.Millisecond); err != nil {
			return err
		}
	}
	text, err := s.instance.Service.Transcript(s.ctx, s.poll.ID)
	if err != nil {
		return err
	}
	t, err := poll.ParseTranscript(text)
	if err != nil {
		return err
	}
	return s.showTally(t)
}

func (s *story) showTally(t poll.Transcript) error {
	s.chapter("The round opens the ballots, and the tally is exact")
	for _, c := range t.Count.Chambers {
		if c.Yes == nil || c.No == nil || c.Rate == nil {
			return fmt.Errorf("the %s have no yes/no count", c.ID)
		}
		s.say("   %-8s %d yes, %d no of %d: rate %s, times the share %s", c.ID, *c.Yes, *c.No, c.Electors, *c.Rate, c.Effective)
	}
	passed := t.Count.Outcome.Passed != nil && *t.Count.Outcome.Passed
	half := ratio.New(1, 2)
	s.say("   together %s: the proposal %s", *t.Count.Rate, map[bool]string{true: "passes (more than 1/2)", false: "fails"}[passed])
	if passed && t.Count.Chambers[0].Rate.Cmp(half) < 0 {
		s.say("   the members alone would have rejected it: the jury of residents decided")
	}
	if !passed {
		return errors.New("the demonstration's poll did not pass")
	}
	return nil
}

// provePoll writes the bundle of the poll and checks it as a stranger would.
func (s *story) provePoll() error {
	path := filepath.Join(s.Dir, bundle.FileName(s.poll.Subject))
	for {
		var file bytes.Buffer
		err := s.instance.Service.PollBundle(s.ctx, s.poll.ID, &file)
		if err == nil {
			if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
				return err
			}
			break
		}
		if service.KindOf(err) != service.KindTooEarly {
			return err
		}
		if err := s.pause(200 * time.Millisecond); err != nil {
			return err
		}
	}
	s.chapter("From the list of residents to the outcome: one file, %s", path)
	report, err := s.verify(path)
	if err != nil {
		return err
	}
	if err := verify.Fprint(s.out, report); err != nil {
		return err
	}
	if !report.OK {
		return errors.New("the demonstration's own bundle of the poll does not verify")
	}
	return s.forge(path, "ballot.cast", "tampered-poll.klero")
}

// forge changes one digit of the signature in the last record of a kind, in a copy, and shows what the
// verifier says.
func (s *story) forge(path, kind, name string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := bytes.LastIndex(file, []byte(`"kind":"`+kind+`"`))
	at = bytes.LastIndex(file[:max(at, 0)], []byte(`"signature":"`))
	if at < 0 {
		return fmt.Errorf("no %s is in the bundle", kind)
	}
	at += len(`"signature":"`)
	file[at] = otherDigit(file[at])
	copied := filepath.Join(s.Dir, name)
	if err := os.WriteFile(copied, file, 0o644); err != nil {
		return err
	}
	report, err := s.verify(copied)
	if err != nil {
		return err
	}
	s.say("   a copy with one digit of one signature changed, %s:", copied)
	for _, c := range report.Checks {
		if !c.OK {
			s.say("   check %d fails: %s", c.No, c.Name)
		}
	}
	if report.OK {
		return fmt.Errorf("the forgery %s was not found", copied)
	}
	return nil
}
