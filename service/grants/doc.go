// Package grants is a funding round of a community, from its manifest to its payouts
// (docs/spec/round.md): which projects take part, which gifts count, how large the pool is, what each
// version of the result says and what may be paid. Matching itself is package funding's.
//
// Most callers need two things. [New] with the Apply methods replays a round's records in the order of
// the log; each takes one kind, and after an error, which is a *[Refusal], the round is as it was.
// [Round.Compute] then makes the next version of the result, and [Round.ApplyResult] takes its record.
// A service whose rows hold the round asks a [Door] instead: [Door.CheckGift] and [Door.NextProject]
// say, from one donor, one project and one record, what Round would. When an open round ends it takes the
// gifts that it verified from its own rows: [NewRecorded], [Round.ApplyRecorded].
//
// A donor's own gift is signed by the key on the roll, a paid one by a payment connector that the
// manifest names. In a sealed round nobody can read a donor's gift before its beacon; [Round.Open]
// opens all of them on all cores.
//
// It refuses: gifts by strangers, to projects that are not approved, to one's own, outside the window,
// twice with another amount; acts that a project's state has not; decisions by a reviewer about an
// appeal against themself; corrections that are not what they say; payouts above their version. It has
// no clock and keeps nothing: the log is the record.
package grants
