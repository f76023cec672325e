// Package verify re-checks what a log and its bundles of draws, polls and funding rounds claim, check by
// numbered check, and says of each what the evidence is (docs/spec/bundle.md, docs/spec/poll.md,
// docs/spec/round.md, docs/spec/record.md).
//
// An auditor calls [Bundle] on one opened bundle, or [Log] on a whole published log, and prints the
// [Report] with [Fprint]. Both take the policy that the auditor brings; a bundle's own policy is used
// only when there is none, and the report then says so.
//
// Nothing is believed because a service says it: signatures, inclusion, order, the register's tree,
// the round, the beacon, the whole draw with the lottery over panels that it may be of, of a poll
// charter, members, seats, rolls and tally, of a funding round projects, gifts, weights and the matching
// of every version are computed again from the bytes. A check that needs the outcome of a failed one
// fails with "not checked". What no file can show is listed in the report.
//
// An error means that the input could not be read; whatever could be read and does not hold is a
// failed check. The package does no I/O of its own and has no clock.
package verify
