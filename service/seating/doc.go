// Package seating replays what becomes of the places that a draw gave (docs/spec/seat.md).
//
// Most callers need two calls. [New] makes the [Jury] of a draw's result and its seats.open record;
// [Jury.Apply] takes the next seat.move, or refuses it and leaves the jury as it was. [Replay] does
// both for a whole history. [Jury.Due] says which moves follow by rule at a time, so that a service
// appends them and a verifier finds that nothing else was possible.
//
// Nobody picks a person. In each stratum the offers go to the people drawn for the seats, in their
// order, and then to the alternates in theirs: after n offers the next one is a function of the
// result, and [Jury.Apply] takes no other. The seats of a draw of panels ([NewOfPanel]) have no list of
// alternates: whenever one falls vacant, who is asked next follows from the quotas, from who holds the
// other seats and from the draw's tickets (package alternates).
//
// It refuses, as *[Refusal] with a stable rule: another person than the one whose turn it is, an
// answer too late, an expiry too early, an act that the seat's state has not, time that goes back,
// and members that an act has not. It has no clock and keeps nothing: the log is the record.
package seating
