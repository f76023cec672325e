// Package charter holds a community to its own rules (docs/spec/charter.md): the one document that says
// who votes with what share, how the founders' share shrinks, how the rules are amended, and who is a
// member.
//
// Most callers need two calls. [Parse] reads a charter and refuses one that breaks a rule, naming every
// broken rule at once. [History] replays adoptions and members in the order of the log and answers which
// charter and which tier are in force at a time, the same on every machine; its [Members] give the roll
// of a chamber.
//
// [Amend] refuses what no vote may change: power that a charter has given away stays given away.
// [Example] is a charter to begin with, and [WhatJuryDecides] says in one interval what its jury's share
// is worth.
//
// Every refusal is a [Refusal] with a stable rule and a JSON pointer; [Refusals] lists those of an error.
//
// The package believes nobody: the tier is counted, never declared; a move of a member is verified by its
// signatures. It does no I/O and has no clock: times are Unix seconds that callers pass. It does not know
// polls; whether a poll adopted an amendment is for the package that verifies polls.
package charter
