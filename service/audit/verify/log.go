package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"kleroterion/service/audit/checkpoint"
)

// Source reads the published files of a log by their names, such as checkpoint and
// tile/entries/000.p/12 (docs/spec/record.md). A name that is not published is fs.ErrNotExist. It is
// safe for concurrent use.
type Source interface {
	Read(ctx context.Context, name string) ([]byte, error)
}

// Log makes the seven checks of docs/spec/record.md on a whole log: it reads every entry once, in a
// stream, and keeps one summary for each subject. An error of src other than fs.ErrNotExist, or of
// ctx, ends it.
func Log(ctx context.Context, src Source, opts Options) (Report, error) {
	s := &scan{ctx: ctx, src: src, opts: opts, rounds: newRounds(opts.chains(), chainReader(ctx, src))}
	checks, err := runSteps(s.steps())
	if err != nil {
		return Report{}, err
	}
	return Report{OK: allHold(checks), Checks: checks, NotShown: s.notShown(), Subject: s.head.Origin, Of: "log"}, nil
}

func (s *scan) steps() []step {
	return []step{
		{"checkpoint signed by the log", nil, s.signed},
		{"entries are the tree's", []int{1}, s.entriesMatch},
		{"every record is canonical", []int{2}, s.allCanonical},
		{"every subject's chain is complete", []int{3}, s.allComplete},
		{"draws follow the rules", []int{4}, s.allDraws},
		{"seen rounds verify, none goes back", []int{3}, s.allSeen},
		{"extends the checkpoint kept before", []int{2}, s.extendsSaved},
	}
}

// read reads a published file. What is not there is a finding; any other error is not.
func (s *scan) read(name string) ([]byte, error) {
	b, err := s.src.Read(s.ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not published: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, unreadable{fmt.Errorf("reading %s: %w", name, err)}
	}
	return b, nil
}

// signed is check 1 of a log. Without a policy of the auditor the published one is used.
func (s *scan) signed() (string, error) {
	note, err := s.read("checkpoint")
	if err != nil {
		return "", err
	}
	pol, whose := s.opts.Policy, "the policy you brought"
	if pol == nil {
		whose = "the policy that the log publishes"
		text, err := s.read("policy.txt")
		if err != nil {
			return "", err
		}
		own, err := checkpoint.ParsePolicy(text)
		if err != nil {
			return "", err
		}
		pol = &own
	}
	head, w, err := checkpoint.Open(note, *pol)
	if err != nil {
		return "", fmt.Errorf("%w (under %s)", err, whose)
	}
	s.head = head
	return fmt.Sprintf("log %s signed %s, under %s; %s", head.Origin, plural(head.Size, "record", "records"), whose, cosigners(w, *pol)), nil
}

// entriesMatch is check 2, and the one pass over the log on which the later checks report.
func (s *scan) entriesMatch() (string, error) {
	if err := s.run(); err != nil {
		return "", err
	}
	if root := s.tree.root(); root != s.head.Root {
		return "", fmt.Errorf("the tree over all entries has the root %s, the checkpoint says %s", root, s.head.Root)
	}
	return fmt.Sprintf("%s, root %s", plural(s.head.Size, "entry", "entries"), short(s.head.Root)), nil
}

func (s *scan) extendsSaved() (string, error) {
	old := s.opts.Saved
	switch {
	case old == nil:
		return "no checkpoint was kept from the last time", nil
	case old.Origin != s.head.Origin:
		return "", fmt.Errorf("the checkpoint kept is of the log %s", old.Origin)
	case old.Size > s.head.Size:
		return "", fmt.Errorf("the log shrank from %s to %s entries", count(old.Size), count(s.head.Size))
	case s.savedRoot != old.Root:
		return "", fmt.Errorf("the first %s entries have the root %s, the checkpoint kept says %s: the log was rewritten",
			count(old.Size), s.savedRoot, old.Root)
	}
	return fmt.Sprintf("the first %s entries are those of the last time", count(old.Size)), nil
}
