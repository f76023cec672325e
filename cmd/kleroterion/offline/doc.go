// Package offline is the part of the command line that proves something from files alone: no
// server, no database, no network. Each command is one function of its named inputs that writes its
// answer to the given writer, in the same packages as the service uses.
//
// An error made by [Unusable] means that an input could not be used (exit 2); [ErrFalse] that the
// inputs were fine and the claim is not true (exit 1).
package offline
