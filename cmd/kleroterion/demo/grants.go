package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
	"kleroterion/service/grants"
)

// match waits for the close, and shows what the projects get.
func (s *story) match() error {
	for s.round.State != service.RoundFinal {
		v, err := s.instance.Service.Round(s.ctx, s.round.ID)
		if err != nil {
			return err
		}
		if s.round = v; v.State == service.RoundVoid {
			return errRound("void: %s", v.VoidReason)
		}
		if s.Progress != nil {
			s.Progress("waiting for the end of the round", s.giving()-max(min(s.round.GiftsEnd-s.World.Now().Unix(), s.giving()), 0), s.giving())
		}
		if err := s.pause(200 * time.Millisecond); err != nil {
			return err
		}
	}
	result, _, err := s.instance.Service.RoundResult(s.ctx, s.round.ID, 0)
	if err != nil {
		return err
	}
	s.chapter("The round is matched, to the cent")
	s.showMatch(result)
	return s.spent(result)
}

func (s *story) showMatch(f grants.ResultFile) {
	most := funding.Units(1)
	for _, p := range f.Projects {
		if p.Amount.Cmp(most) > 0 {
			most = p.Amount
		}
	}
	s.say("   project        donors     given     match")
	for _, p := range f.Projects {
		length := p.Amount.Big()
		length.Mul(length, funding.Units(20).Big())
		length.Quo(length, most.Big())
		s.say("   %-14s %6d %9s %9s  %s", p.Project, p.Donors, s.money(p.Sum), s.money(p.Amount), strings.Repeat("█", int(length.Int64())))
	}
	s.say("   solidarity                    %9s", s.money(f.Solidarity))
}

// spent adds up what the result gives: every cent of the pool.
func (s *story) spent(f grants.ResultFile) error {
	sum, ok := f.Solidarity.Add(f.Unallocated)
	for _, p := range f.Projects {
		if ok {
			sum, ok = sum.Add(p.Amount)
		}
	}
	if !ok || !sum.Equal(funding.Units(matchingPool)) {
		return errRound("%s is given of %d", sum, matchingPool)
	}
	s.say("   together %s, left %s", s.money(sum), s.money(f.Unallocated))
	return nil
}

// correct strikes a donor, so that there are two versions, both of which verify.
func (s *story) correct() error {
	door := grants.Door{Manifest: s.round.Terms, Hash: s.round.Hash}
	donor := door.Pseudonym(s.members()[0].id)
	job, err := s.instance.Service.Correct(s.ctx, s.steward(), s.round.ID, service.NewCorrection{
		Changes: []grants.Correction{{Donor: donor, What: grants.Struck}}, Reason: "the attesters found that the membership was not one person's"})
	if err != nil {
		return err
	}
	for job.State == service.JobPending {
		if err := s.pause(100 * time.Millisecond); err != nil {
			return err
		}
		if job, err = s.instance.Service.Correction(s.ctx, s.steward(), s.round.ID, job.ID); err != nil {
			return err
		}
	}
	changes, err := s.instance.Service.RoundDiff(s.ctx, s.round.ID, 1, 2)
	if err != nil {
		return err
	}
	s.chapter("A donor is struck: version 2 says who, why and what it changes; version 1 stays and still verifies")
	for _, c := range changes {
		s.say("   %-14s %9s -> %9s", c.Project, s.money(c.Before), s.money(c.After))
	}
	return nil
}

// proveRound writes the bundle of the round and checks it as a stranger would.
func (s *story) proveRound() error {
	path := filepath.Join(s.Dir, bundle.FileName(s.round.Subject))
	for {
		var file bytes.Buffer
		err := s.instance.Service.RoundBundle(s.ctx, s.round.ID, &file)
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
	s.chapter("From the roll to the last cent: one file, %s", path)
	report, err := s.verify(path)
	if err != nil {
		return err
	}
	if err := verify.Fprint(s.out, report); err != nil {
		return err
	}
	if !report.OK {
		return errRound("its own bundle does not verify")
	}
	return s.forge(path, "gift.add", "tampered-round.klero")
}
