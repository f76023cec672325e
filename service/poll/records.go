package poll

import (
	"encoding/json"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/voting"
)

// Open is the body of poll.open.
type Open struct {
	Hash     beacon.Hash     `json:"hash"`
	Manifest json.RawMessage `json:"manifest"` // canonical
}

// Close is the body of poll.close: no ballot is recorded after it.
type Close struct {
	At      int64       `json:"at"`
	Ballots int64       `json:"ballots"` // ballot.cast records
	Hash    beacon.Hash `json:"hash"`
}

// Result is the body of poll.result.
type Result struct {
	Beacon     beacon.File    `json:"beacon"`
	Hash       beacon.Hash    `json:"hash"`
	Outcome    voting.Outcome `json:"outcome"`
	Transcript File           `json:"transcript"`
}

// Void is the body of poll.void: the poll will have no result.
type Void struct {
	Hash   beacon.Hash `json:"hash"`
	Late   bool        `json:"late"` // the round was due, so the ballots could be read
	Reason string      `json:"reason"`
}

// Check reads the manifest and compares its hash.
func (o Open) Check() error {
	if _, err := ParseManifest(o.Manifest); err != nil {
		return err
	}
	if hash := HashBytes(o.Manifest); hash != o.Hash {
		return refuse(RuleForm, "hash is %s, the manifest's is %s", o.Hash, hash)
	}
	return nil
}

// Check holds the form.
func (c Close) Check() error {
	if c.At < 1 || c.Ballots < 0 {
		return refuse(RuleForm, "poll.close at %d with %d ballots", c.At, c.Ballots)
	}
	return nil
}

// Check holds the form.
func (v Void) Check() error {
	if !isText(v.Reason, 500) {
		return refuse(RuleForm, "reason: 1 to 500 bytes without control characters")
	}
	return nil
}

// SubjectName splits a poll's subject.
func SubjectName(subject string) (community, name string, ok bool) {
	rest, ok := strings.CutPrefix(subject, "community/")
	community, name, cut := strings.Cut(rest, "/poll/")
	return community, name, ok && cut && community != "" && name != "" && !strings.Contains(community+name, "/")
}
