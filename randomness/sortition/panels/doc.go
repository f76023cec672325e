// Package panels computes the fairest lottery over panels that all meet the quotas, and proves it
// (docs/spec/panels.md, Lottery and Certificate).
//
// Most callers need two calls. [Solve] turns a quota.Problem into a [Result]: equally likely panels,
// everybody's probability as a fraction, and the certificate. [Verify] checks such a result from
// anybody, trusting nothing in it, in whole numbers and fractions: that every panel meets the quotas,
// that everybody is on as many panels as their probability says, give or take one, and that no lottery
// whatever is fairer. [Seat] says who sits on each panel; [Marshal] and [Parse] are the one encoding.
//
// The search runs in floating point, in this order: LEXIMIN over panels in fractions, people who have
// the same features taken together (climb); that point written as an average of panels (walk), or by
// the membership programme (member) with the people whom no panel can seat (cover) and cuts where
// fractions promise too much (cutOff); equal panels (round, repair); and where the question stays open, the
// fairest lottery that column generation finds (approximate). Nothing of this is trusted: a result is
// verified before it is returned.
//
// The same problem and options give the same bytes on any machine. The work allowed is counted in steps
// of the simplex; when it is spent, the result is the best so far, and its [Verdict] says how far from
// proved. Solve refuses with [ErrInfeasible] quotas that no panel meets.
package panels
