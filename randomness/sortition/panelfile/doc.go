// Package panelfile is the file that a draw of method panels commits to before its round
// (docs/spec/panels.md, Draw).
//
// The file holds quotas, who is seated or left out already, and the lottery with its certificate. With
// the register's entries it says who sits on each of the equal panels, and that no lottery is fairer.
//
// Most callers need two calls. [Build] makes the file and the list that goes into the manifest, from
// the register's [Entries], the [Terms] and what panels.Solve found. [Check] is what a stranger does with
// the file: it makes the pool again, verifies the certificate, seats all panels and computes their
// root; [Lottery.Is] then compares them with a manifest, and [Lottery.Panel] says who was drawn.
//
// It refuses, as *[Refusal] with a stable rule, a file in any but its one form, ids that the register
// does not have, people who do not disclose what the quotas ask for, a lottery that breaks a quota or
// whose certificate does not hold, and a manifest that names another list. It has no randomness: which
// panel is drawn follows from the round (package sortition).
package panelfile
