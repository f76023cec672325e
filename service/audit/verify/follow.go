package verify

import (
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// draw is one draw on the subject, and where its records stand in the bundle.
type draw struct {
	manifest *sortition.Manifest
	commit   audit.Hash
	opened   int // index in evidence.records
	ended    int // index of its result or void, 0 while it is open
	result   *audit.DrawResult
	void     *audit.DrawVoid

	file  audit.Hash    // of the register, from check 6
	chain *beacon.Chain // from check 7
	due   int64         // Unix seconds of the round, from check 7

	lottery *lottery // of method panels, from check 10
}

func (d *draw) name() string { return fmt.Sprintf("draw %d", d.manifest.Seq) }

// ruleChecks says by which check a broken rule of package audit is reported; all others by check 4.
func ruleChecks(r audit.Rule) int {
	switch r {
	case audit.RuleManifest, audit.RuleCommit:
		return 6
	case audit.RuleRound:
		return 9
	}
	return 4
}

// follow walks the subject's records in their order until one breaks the chain.
func (e *evidence) follow() {
	var chain audit.Chain
	for i, r := range e.records {
		if r.record.Subject != e.b.Index.Subject {
			continue
		}
		body, err := chain.Add(r.record, audit.LeafHash(r.raw))
		if errors.As(err, &e.broken) {
			return
		}
		e.note(i, body)
	}
}

func (e *evidence) note(i int, body any) {
	switch b := body.(type) {
	case audit.DrawOpen:
		m, err := sortition.ParseManifest(b.Manifest)
		if err != nil {
			return // audit.Chain refused it before
		}
		e.draws = append(e.draws, &draw{manifest: m, commit: b.Commit, opened: i})
	case audit.DrawResult:
		d := e.draws[len(e.draws)-1]
		d.ended, d.result = i, &b
	case audit.DrawVoid:
		d := e.draws[len(e.draws)-1]
		d.ended, d.void = i, &b
	}
}

// intact returns why the subject's chain is broken, as check no sees it: the break itself when that
// is the check's own rule, notChecked when it is the rule of an earlier check. Records after the
// break were not followed, so check 4 does not hold whatever the rule.
func (e *evidence) intact(no int) error {
	if e.broken == nil {
		return nil
	}
	switch owner := ruleChecks(e.broken.Rule); {
	case owner == no:
		return e.broken
	case owner < no || no == 4:
		return notChecked(owner)
	}
	return nil
}

// chainComplete is check 4: nothing is left out between the first record of the subject and the last
// one of the bundle, and the log has them in that order.
func (e *evidence) chainComplete() (string, error) {
	last := int64(-1)
	var own int64
	for i, r := range e.records {
		if r.fault != nil {
			return "", fmt.Errorf("records/%04d.json: %w", i, r.fault)
		}
		if r.proof.Index <= last {
			return "", fmt.Errorf("records/%04d.json stands at %d of the log, not after the one before it at %d", i, r.proof.Index, last)
		}
		last = r.proof.Index
		if r.record.Subject == e.b.Index.Subject {
			own++
		} else if !supports(r.body) {
			return "", fmt.Errorf("records/%04d.json is a %s on %s, which has nothing to do with the bundle's subject", i, r.record.Kind, r.record.Subject)
		}
	}
	if err := e.intact(4); err != nil {
		return "", err
	}
	if len(e.draws) == 0 {
		return "", fmt.Errorf("no draw on %s", e.b.Index.Subject)
	}
	return fmt.Sprintf("%s of %s, n 1 to %d without a gap; %s", plural(own, "record", "records"), e.b.Index.Subject, own,
		plural(int64(len(e.draws)), "draw", "draws in sequence")), nil
}

// supports reports whether a record may stand beside the subject's own.
func supports(body any) bool {
	switch body.(type) {
	case audit.CityAdd, audit.CityPolicy, audit.RegisterCommit:
		return true
	}
	return false
}
