package grants

import (
	"crypto/sha256"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// ResultFile is what a version publishes: the result of matching.md with the round, its version and
// all that it changes. Equal input gives equal bytes.
type ResultFile struct {
	funding.Result
	Changes []Correction `json:"changes"`
	Invalid []Invalid    `json:"invalid,omitempty"` // sealed gifts that do not count, by number
	Jury    *JuryPart    `json:"jury,omitempty"`
	Round   beacon.Hash  `json:"round"`
	Version int64        `json:"version"`
}

// Invalid is a sealed gift that did not open or did not hold, with the rule that it broke.
type Invalid struct {
	N    int64  `json:"n"` // of its record
	Rule string `json:"rule"`
}

// Canonical returns the bytes whose digest the log holds.
func (f ResultFile) Canonical() ([]byte, error) { return canonical.Marshal(f) }

// ParseResultFile reads canonical bytes. It checks the form; whether it is the true result only
// [Round.Compute] can say.
func ParseResultFile(b []byte) (ResultFile, error) {
	var f ResultFile
	if err := canonical.Unmarshal(b, &f); err != nil {
		return ResultFile{}, refuse(RuleResult, "result of a round: %v", err)
	}
	if f.Spec != funding.Spec || f.Version < 1 {
		return ResultFile{}, refuse(RuleResult, "result of a round: version %d, spec %.20q, this program knows %s", f.Version, f.Spec, funding.Spec)
	}
	if err := f.checkJury(); err != nil {
		return ResultFile{}, err
	}
	return f, checkChanges(f.Changes)
}

// checkJury requires a row of the jury for each project, so that what they get in all is an amount.
func (f ResultFile) checkJury() error {
	if f.Jury == nil {
		return nil
	}
	switch n := f.Jury.None; {
	case n != "" && n != JuryAbsent && n != JuryVoid && n != JuryForm:
		return refuse(RuleResult, "jury: none is %.20q, want absent, void or form", n)
	case n != "" && !f.Jury.Part.IsZero():
		return refuse(RuleResult, "jury: a part of %s without votes", f.Jury.Part)
	}
	if len(f.Jury.Projects) != len(f.Projects) {
		return refuse(RuleResult, "jury: %d rows for %d projects", len(f.Jury.Projects), len(f.Projects))
	}
	for i, p := range f.Projects {
		j := f.Jury.Projects[i]
		if _, ok := p.Amount.Add(j.Amount); !ok || j.Project != p.Project {
			return refuse(RuleResult, "jury: row %d is of %.40q, the project is %.40q, or the sum exceeds 38 digits", i+1, j.Project, p.Project)
		}
	}
	return nil
}

// Payable is what one project gets in all: of the matching and of the jury's part.
type Payable struct {
	Project string
	Amount  funding.Amount
}

// Payable lists every project of the file, by id.
func (f ResultFile) Payable() []Payable {
	list := make([]Payable, len(f.Projects))
	for i, p := range f.Projects {
		list[i] = Payable{p.Project, p.Amount}
		if f.Jury != nil {
			list[i].Amount, _ = p.Amount.Add(f.Jury.Projects[i].Amount) // fits: part of one pool, or checked when parsed
		}
	}
	return list
}

// digest is that of matching.md, over what projects get in all.
func (f ResultFile) digest() beacon.Hash {
	lines := make([]string, len(f.Projects))
	for i, p := range f.Payable() {
		lines[i] = p.Project + "=" + p.Amount.String()
	}
	return sha256.Sum256([]byte(strings.Join(lines, "\n")))
}

// Version is a computed version of a round's result. Only [Round.Compute] makes one.
type Version struct {
	File   ResultFile
	Bytes  []byte      // of File
	Digest beacon.Hash // of what projects get in all
	of     *Round
	paying map[string]funding.Amount
}

// Compute makes the next version. changes are empty for the first and must differ from those of the
// version before; jury is the result of the jury's poll where the manifest names one, else nil.
// Nothing is changed. The caller writes a record with the version's digest and file.
func (r *Round) Compute(changes []Correction, jury *voting.Result) (*Version, error) {
	n := len(r.versions)
	if n == 0 && len(changes) > 0 {
		return nil, refuse(RuleChanges, "the first version has no changes")
	}
	if n > 0 && sameChanges(changes, r.versions[n-1].File.Changes) {
		return nil, refuse(RuleChanges, "version %d would change nothing", n+1)
	}
	in, err := r.Inputs(changes)
	if err != nil {
		return nil, err
	}
	part, err := r.takeJury(&in, jury)
	if err != nil {
		return nil, err
	}
	match, err := in.match()
	if err != nil {
		return nil, refuse(RuleResult, "matching: %v", err)
	}
	v := &Version{of: r, paying: map[string]funding.Amount{}}
	v.File = ResultFile{Result: match, Changes: append([]Correction{}, changes...), Invalid: r.Invalid(), Jury: part, Round: r.door.Hash, Version: int64(n + 1)}
	v.Digest = v.File.digest()
	if part != nil {
		part.Digest = v.Digest
	}
	for _, p := range v.File.Payable() {
		v.paying[p.Project] = p.Amount
	}
	v.Bytes, err = v.File.Canonical()
	return v, err
}

// Record returns the body of the version's round.result. reason is empty for the first version.
func (v *Version) Record(at int64, reason string) ResultRecord {
	return ResultRecord{
		At: at, Beacon: v.of.opened, Changes: v.File.Changes, Digest: v.Digest, File: poll.FileOf(v.Bytes),
		Hash: v.of.door.Hash, Reason: reason, Version: v.File.Version,
	}
}

// Invalid lists the sealed gifts that did not open or did not hold, by number.
func (r *Round) Invalid() (list []Invalid) {
	for _, g := range r.gifts {
		if g.invalid != "" {
			list = append(list, Invalid{g.n, g.invalid})
		}
	}
	return list
}

// Versions returns the results recorded so far, the newest last.
func (r *Round) Versions() []*Version { return append([]*Version{}, r.versions...) }

// ApplyResult takes the round.result of the version that Compute made from the record's changes.
func (r *Round) ApplyResult(rec ResultRecord, v *Version) error {
	if err := firstError(rec.Check(), r.admits("round.result", rec.At, closed)); err != nil {
		return err
	}
	switch want := int64(len(r.versions) + 1); {
	case v.of != r || v.File.Version != want || rec.Version != want:
		return refuse(RuleResult, "round.result: version %d, computed %d, the next is %d", rec.Version, v.File.Version, want)
	case rec.Hash != r.door.Hash:
		return refuse(RuleWrongRound, "round.result of round %s, this is %s", rec.Hash, r.door.Hash)
	case !sameChanges(rec.Changes, v.File.Changes):
		return refuse(RuleChanges, "round.result: its changes are not those that were computed")
	case !sameBeacon(rec.Beacon, r.opened):
		return refuse(RuleBeacon, "round.result: its beacon is not the one that opened the gifts")
	case rec.Digest != v.Digest || rec.File != poll.FileOf(v.Bytes):
		return refuse(RuleResult, "round.result: digest %s and file %s, computed %s and %s", rec.Digest, rec.File.SHA256, v.Digest, poll.FileOf(v.Bytes).SHA256)
	}
	for project, paid := range r.paid {
		if v.paying[project].Cmp(paid) < 0 {
			return refuse(RulePayout, "round.result: %s gets %s, but %s was paid", project, v.paying[project], paid)
		}
	}
	r.versions, r.last = append(r.versions, v), rec.At
	return nil
}

func sameBeacon(a, b *beacon.File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Chain == b.Chain && a.Round == b.Round && string(a.Signature) == string(b.Signature) && string(a.Previous) == string(b.Previous)
}
