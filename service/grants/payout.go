package grants

import "kleroterion/funding"

// Paid returns what was paid to a project so far.
func (r *Round) Paid(project string) funding.Amount { return r.paid[project] }

// ApplyPayout takes what somebody paid by the newest version: never more than it gives, to the
// project's own account where it named one, and a reference once for each project.
func (r *Round) ApplyPayout(p Payout) error {
	if err := firstError(p.Check(), r.admits("payout.done", p.At, closed)); err != nil {
		return err
	}
	n := len(r.versions)
	if n == 0 || p.Version != int64(n) {
		return refuse(RulePayout, "payout.done by version %d: the newest is %d", p.Version, n)
	}
	gets, listed := r.versions[n-1].paying[p.Project]
	if !listed {
		return refuse(RuleUnknown, "payout.done: version %d gives %s nothing", n, p.Project)
	}
	if account := r.projects[p.Project].Account; account != "" && account != p.Account {
		return refuse(RulePayout, "payout.done to %.40q: the account of %s is %s", p.Account, p.Project, account)
	}
	once := p.Project + " " + p.Reference
	if r.receipts[once] {
		return refuse(RuleRepeated, "payout.done: %s was paid by reference %.80q already", p.Project, p.Reference)
	}
	sum, ok := r.paid[p.Project].Add(p.Amount)
	if !ok || sum.Cmp(gets) > 0 {
		return refuse(RulePayout, "payout.done of %s: %s gets %s and was paid %s", p.Amount, p.Project, gets, r.paid[p.Project])
	}
	r.paid[p.Project], r.receipts[once], r.last = sum, true, p.At
	return nil
}
