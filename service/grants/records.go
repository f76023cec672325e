package grants

import (
	"encoding/json"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
)

// Open is the body of round.open.
type Open struct {
	Hash     beacon.Hash     `json:"hash"`
	Manifest json.RawMessage `json:"manifest"` // canonical
}

// Topup is the body of round.topup: money added to the pool.
type Topup struct {
	Amount    funding.Amount `json:"amount"`
	At        int64          `json:"at"`
	Reference string         `json:"reference"` // what the payer's books say
}

// Reason says why a gift goes back.
type Reason string

// The reasons of a refund.
const (
	ForAsked  Reason = "asked"
	ForFailed Reason = "failed"
	ForFraud  Reason = "fraud"
)

// Refund is the body of gift.refund.
type Refund struct {
	At     int64  `json:"at"`
	N      int64  `json:"n"` // of the gift.add in the round's subject
	Reason Reason `json:"reason"`
}

// Weights is the body of round.weights. The file has one line {"donor","weight"} a donor, ascending.
type Weights struct {
	At      int64     `json:"at"`
	File    poll.File `json:"file"`
	Source  string    `json:"source"`
	Version int64     `json:"version"` // from 1
}

// Close is the body of round.close: no gift or top-up is recorded after it.
type Close struct {
	At    int64 `json:"at"`
	Gifts int64 `json:"gifts"` // gift.add records
}

// ResultRecord is the body of round.result.
type ResultRecord struct {
	At      int64        `json:"at"`
	Beacon  *beacon.File `json:"beacon,omitempty"` // of a sealed round
	Changes []Correction `json:"changes"`          // empty in version 1
	Digest  beacon.Hash  `json:"digest"`
	File    poll.File    `json:"file"`
	Hash    beacon.Hash  `json:"hash"`
	Reason  string       `json:"reason,omitempty"` // from version 2
	Version int64        `json:"version"`
}

// Payout is the body of payout.done: somebody paid.
type Payout struct {
	Account   string         `json:"account"`
	Amount    funding.Amount `json:"amount"`
	At        int64          `json:"at"`
	Project   string         `json:"project"`
	Reference string         `json:"reference"`
	Version   int64          `json:"version"`
}

// Void is the body of round.void: the round will have no result.
type Void struct {
	At     int64  `json:"at"`
	Reason string `json:"reason"`
}

// Parse reads the canonical body of a record and checks its form.
func Parse[B interface{ Check() error }](b []byte) (B, error) {
	var body, none B
	if err := canonical.Unmarshal(b, &body); err != nil {
		return none, refuse(RuleRecord, "%v", err)
	}
	if err := body.Check(); err != nil {
		return none, err
	}
	return body, nil
}

// Check reads the manifest and compares its hash.
func (o Open) Check() error {
	if _, err := ParseManifest(o.Manifest); err != nil {
		return err
	}
	if hash := HashBytes(o.Manifest); hash != o.Hash {
		return refuse(RuleRecord, "hash is %s, the manifest's is %s", o.Hash, hash)
	}
	return nil
}

// Check holds the form.
func (t Topup) Check() error {
	if t.Amount.IsZero() {
		return refuse(RuleAmount, "round.topup of 0")
	}
	return firstError(checkTime("round.topup", t.At), checkText("reference", t.Reference, 200))
}

// Check holds the form.
func (r Refund) Check() error {
	if r.N < 1 || r.N > maxInteger || r.Reason != ForAsked && r.Reason != ForFailed && r.Reason != ForFraud {
		return refuse(RuleRecord, "gift.refund of record %d for the reason %.20q: want asked, failed or fraud", r.N, r.Reason)
	}
	return checkTime("gift.refund", r.At)
}

// Check holds the form.
func (w Weights) Check() error {
	if w.Version < 1 || w.Version > maxInteger || w.File.Bytes < 0 {
		return refuse(RuleRecord, "round.weights: version %d with %d bytes", w.Version, w.File.Bytes)
	}
	return firstError(checkTime("round.weights", w.At), checkText("source", w.Source, 200))
}

// Check holds the form.
func (c Close) Check() error {
	if c.Gifts < 0 || c.Gifts > maxInteger {
		return refuse(RuleRecord, "round.close with %d gifts", c.Gifts)
	}
	return checkTime("round.close", c.At)
}

// Check holds the form.
func (r ResultRecord) Check() error {
	if r.Version < 1 || r.Version > maxInteger || r.File.Bytes < 0 || r.Changes == nil {
		return refuse(RuleRecord, "round.result: version %d with %d bytes, or no changes", r.Version, r.File.Bytes)
	}
	if first := r.Version == 1; first != (r.Reason == "") || first && len(r.Changes) > 0 {
		return refuse(RuleChanges, "version 1 has neither changes nor a reason, every other one has a reason")
	}
	if r.Version > 1 {
		if err := checkText("reason", r.Reason, 500); err != nil {
			return err
		}
	}
	return firstError(checkTime("round.result", r.At), checkChanges(r.Changes))
}

// Check holds the form.
func (p Payout) Check() error {
	if p.Amount.IsZero() || p.Version < 1 || p.Version > maxInteger || !isSlug(p.Project) {
		return refuse(RuleRecord, "payout.done of %s to %.40q by version %d", p.Amount, p.Project, p.Version)
	}
	return firstError(checkTime("payout.done", p.At), checkText("account", p.Account, 200), checkText("reference", p.Reference, 200))
}

// Check holds the form.
func (v Void) Check() error {
	return firstError(checkTime("round.void", v.At), checkText("reason", v.Reason, 500))
}

func checkTime(kind string, at int64) error {
	if at < 1 || at > maxInteger {
		return refuse(RuleRecord, "%s: at is %d, want Unix seconds", kind, at)
	}
	return nil
}

func checkText(member, s string, limit int) error {
	if !isText(s, limit) {
		return refuse(RuleRecord, "%s: 1 to %d bytes without control characters", member, limit)
	}
	return nil
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// SubjectName splits a round's subject.
func SubjectName(subject string) (community, name string, ok bool) {
	rest, ok := strings.CutPrefix(subject, "community/")
	community, name, cut := strings.Cut(rest, "/round/")
	return community, name, ok && cut && isSlug(community) && isSlug(name)
}
