package grants

import (
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// State is where a project stands. The zero value is a project that is not there.
type State string

// The states of a project.
const (
	Applied   State = "applied"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Appealed  State = "appealed"
	Withdrawn State = "withdrawn"
)

// Project is a project after the moves applied so far.
type Project struct {
	ID         string
	Owner      string // member id
	Title      string
	Account    string    // empty: none was given
	Text       poll.File // description
	State      State
	Seq        int64    // moves that took effect
	RejectedAt int64    // of the last rejection
	Decided    []string // reviewers who decided before the appeal
	Appeals    int64    // 0 or 1
}

// Door is what one round refuses on arrival: of projects and of gifts.
type Door struct {
	Manifest *Manifest
	Hash     beacon.Hash
}

// NextProject returns the project after a move. p is the project so far, the zero Project where there
// is none; key is the owner's on the round's roll, nil for somebody who is not on it, and not used for
// a reviewer's move. The caller compares the time with that of the record before.
func (d Door) NextProject(p Project, key *identity.Key, mv Move) (Project, error) {
	if err := mv.Check(); err != nil {
		return Project{}, err
	}
	if p.State != "" && p.ID != mv.Project {
		return Project{}, refuse(RuleUnknown, "project %s: a move of %s", p.ID, mv.Project)
	}
	if err := d.permits(p, mv); err != nil {
		return Project{}, err
	}
	if mv.Act.Owned() {
		if err := d.signed(p, key, mv); err != nil {
			return Project{}, err
		}
	}
	return p.after(mv), nil
}

// from lists the states in which an act is possible.
func from(a Act) []State {
	switch a {
	case Apply:
		return []State{""}
	case Change:
		return []State{Applied}
	case Approve:
		return []State{Applied, Appealed}
	case Reject:
		return []State{Applied, Appealed, Approved}
	case Appeal:
		return []State{Rejected}
	}
	return []State{Applied, Approved, Rejected, Appealed}
}

func (d Door) permits(p Project, mv Move) error {
	m := d.Manifest
	if p.State == "" && mv.Act != Apply {
		return refuse(RuleUnknown, "project %s: nobody has applied", mv.Project)
	}
	if !slices.Contains(from(mv.Act), p.State) {
		return refuse(RuleState, "project %s is %s: it takes no %s", mv.Project, p.State, mv.Act)
	}
	if mv.At >= m.GiftsEnd {
		return refuse(RuleWindow, "project %s: %s at %d, gifts ended at %d", mv.Project, mv.Act, mv.At, m.GiftsEnd)
	}
	switch mv.Act {
	case Apply, Change:
		if mv.At < m.Opens || mv.At >= m.ApplicationsEnd {
			return refuse(RuleWindow, "project %s: %s at %d, applications are taken from %d to before %d", mv.Project, mv.Act, mv.At, m.Opens, m.ApplicationsEnd)
		}
	case Approve, Reject:
		return d.permitsReview(p, mv)
	case Appeal:
		if p.Appeals > 0 {
			return refuse(RuleAppeal, "project %s has appealed once", p.ID)
		}
		if mv.At-p.RejectedAt >= m.Appeal {
			return refuse(RuleAppeal, "project %s: appeal at %d, it was rejected at %d and had %d seconds", p.ID, mv.At, p.RejectedAt, m.Appeal)
		}
	}
	return nil
}

func (d Door) permitsReview(p Project, mv Move) error {
	if p.State == Approved && mv.At >= d.Manifest.GiftsStart {
		return refuse(RuleWindow, "project %s: reject at %d, an approval stands once gifts began at %d", p.ID, mv.At, d.Manifest.GiftsStart)
	}
	if p.Appeals > 0 && slices.Contains(p.Decided, mv.Reviewer) {
		return refuse(RuleReviewer, "project %s: %s decided before the appeal and does not decide it", p.ID, mv.Reviewer)
	}
	return nil
}

func (d Door) signed(p Project, key *identity.Key, mv Move) error {
	if mv.Act == Change && mv.Owner != p.Owner {
		return refuse(RuleState, "project %s: its owner does not change", p.ID)
	}
	if key == nil {
		return refuse(RuleNotOnRoll, "project %s: its owner is not on the roll of the round", mv.Project)
	}
	object, err := mv.Object(d.Hash, p.Seq+1)
	if err != nil {
		return refuse(RuleRecord, "project.move: %v", err)
	}
	if err := key.Verify(identity.ThingProject, object, *mv.Signature); err != nil {
		return refuse(RuleSignature, "%s of project %s as its move %d: %v", mv.Act, mv.Project, p.Seq+1, err)
	}
	return nil
}

// after does what permits has allowed. It cannot fail, and shares no memory with p.
func (p Project) after(mv Move) Project {
	p.ID, p.Decided = mv.Project, slices.Clone(p.Decided)
	p.Seq++
	switch mv.Act {
	case Apply, Change:
		p.State, p.Owner, p.Title, p.Account, p.Text = Applied, mv.Owner, mv.Title, mv.Account, *mv.Text
	case Approve:
		p.State = Approved
	case Reject:
		p.State, p.RejectedAt = Rejected, mv.At
	case Appeal:
		p.State = Appealed
		p.Appeals++
	case Withdraw:
		p.State = Withdrawn
	}
	if mv.Reviewer != "" && p.Appeals == 0 && !slices.Contains(p.Decided, mv.Reviewer) {
		p.Decided = append(p.Decided, mv.Reviewer)
	}
	return p
}
