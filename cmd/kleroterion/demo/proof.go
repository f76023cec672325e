package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
)

func (s *story) bundlePath() string { return filepath.Join(s.Dir, bundle.FileName(s.draw.Subject)) }

// prove writes the bundle and checks it as a stranger would: with the log's key and nothing else.
func (s *story) prove() error {
	if err := s.writeBundle(); err != nil {
		return err
	}
	s.chapter("The proof is one file: %s", s.bundlePath())
	report, err := s.verify(s.bundlePath())
	if err != nil {
		return err
	}
	if err := verify.Fprint(s.out, report); err != nil {
		return err
	}
	if !report.OK {
		return errors.New("the demonstration's own bundle does not verify")
	}
	s.say("   check it yourself: go run ./cmd/klero-verify --log-key '%s' %s", s.instance.VKey, s.bundlePath())
	return nil
}

// writeBundle asks for the bundle until the checkpoint covers the result, which takes a second.
func (s *story) writeBundle() error {
	for {
		var file bytes.Buffer
		err := s.instance.Service.Bundle(s.ctx, s.draw.ID, &file)
		if err == nil {
			return os.WriteFile(s.bundlePath(), file.Bytes(), 0o644)
		}
		if service.KindOf(err) != service.KindTooEarly {
			return err
		}
		if err := s.pause(200 * time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *story) verify(path string) (verify.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return verify.Report{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return verify.Report{}, err
	}
	b, err := bundle.Open(f, info.Size())
	if err != nil {
		return verify.Report{}, err
	}
	policy, err := checkpoint.LogPolicy(s.instance.VKey)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Bundle(context.WithoutCancel(s.ctx), b, verify.Options{Policy: &policy, Chains: beacon.Pinned()})
}

// tamper changes one byte of a copy, inside the result, and shows what the verifier says.
func (s *story) tamper() error {
	file, err := os.ReadFile(s.bundlePath())
	if err != nil {
		return err
	}
	at := bytes.Index(file, s.draw.Result)
	if at < 0 {
		return errors.New("the result is not in the bundle")
	}
	at += bytes.LastIndex(s.draw.Result, []byte(`"seats":["`)) + len(`"seats":["`)
	before := file[at]
	file[at] = otherDigit(before)
	path := filepath.Join(s.Dir, "tampered.klero")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		return err
	}
	s.chapter("A forger changes one byte of a copy (%q to %q at %d, in the id of a juror): %s", before, file[at], at, path)
	report, err := s.verify(path)
	if err != nil {
		return err
	}
	for _, c := range report.Checks {
		if !c.OK {
			s.say("   check %d fails: %s: %s", c.No, c.Name, c.Evidence)
		}
	}
	if report.OK {
		return fmt.Errorf("the forgery %s was not found", path)
	}
	return nil
}

// otherDigit is another hexadecimal digit.
func otherDigit(d byte) byte {
	if d == '0' {
		return '1'
	}
	return '0'
}
