package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// solving is one computation, timed by phase when it is done again.
type solving struct {
	ctx     context.Context
	problem *quota.Problem
	result  *panels.Result
	order   []string // phases in the order in which they began first
	spent   map[string]time.Duration
	phase   string
	since   time.Duration
}

// solve adds the processor time of each phase to spent, after what the computation before left there.
func (s *solving) solve() (err error) {
	s.order, s.spent, s.phase = nil, map[string]time.Duration{}, ""
	if s.since, err = processorTime(); err != nil {
		return err
	}
	s.result, err = panels.Solve(s.ctx, s.problem, panels.Options{Progress: func(p panels.Progress) { s.enter(p.Phase) }})
	s.enter("")
	return err
}

// enter ends the phase at hand when another one begins.
func (s *solving) enter(phase string) {
	if phase == s.phase {
		return
	}
	now, err := processorTime()
	if err != nil { // solve has asked for it already
		return
	}
	if s.phase != "" {
		if _, known := s.spent[s.phase]; !known {
			s.order = append(s.order, s.phase)
		}
		s.spent[s.phase] += now - s.since
	}
	s.phase, s.since = phase, now
}

// said is what the row is about: the pool, the result, whether it is proved, and where the time went.
func (s *solving) said() (string, error) {
	v, err := panels.Verify(s.problem, s.result)
	if err != nil {
		return "", err
	}
	proof := "proved"
	if !v.Optimal {
		proof = "gap " + v.Gap.FloatString(5)
	}
	var by []string
	for _, phase := range s.order {
		by = append(by, fmt.Sprintf("%s %.1f", phase, s.spent[phase].Seconds()*1000))
	}
	p, r := s.problem, s.result
	return fmt.Sprintf("fairest lottery: %d people, %d types, %d rows; %d levels, %d panels (%d different), %s; ms: %s",
		p.People(), len(p.Types), len(p.Rows), len(r.Levels), r.Panels, len(r.Lottery), proof, strings.Join(by, ", ")), nil
}
