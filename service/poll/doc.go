// Package poll is a question put to a community, from its manifest to its transcript
// (docs/spec/poll.md): what may be opened, what a ballot is, which ballot counts, and how sealed
// ones open. Counting itself is package voting's.
//
// A voter needs [Seal] and [Ballot.Sign]; a tally needs [NewBox], fed with the poll's records in
// order, and [Box.Count]. The service and the verifier call the same two, so there is one rule for
// what is accepted and what is counted.
//
// Everything that can be seen when a ballot arrives is refused then, by [CheckCast], and recorded
// nowhere; everything that shows itself only when it opens makes the ballot invalid, with a reason in
// the transcript. A recorded ballot that should have been refused at the door fails the whole poll.
package poll
