// Package audit defines the records of the public log and their one encoding
// (docs/spec/record.md).
//
// Writers need [Record.Encode], which gives the bytes that are hashed and stored verbatim. Readers
// need [Decode], its strict inverse, and [Record.Decoded], which gives the typed body of the
// record's kind ([CityAdd], [RegisterCommit], [DrawOpen], [DrawResult], [DrawVoid], [Heartbeat],
// [LogContinue]). [Chain] follows many records in the order of the log and refuses whatever breaks
// the chain of a subject or the sequence of its draws.
//
// # Invariants
//
//   - Encode(Decode(b)) gives b, or Decode failed.
//   - A record is at most [MaxRecord] bytes.
//   - n counts from 1 within a subject; prev is the leaf hash of n-1, zero for n = 1.
//   - A body of a known kind has exactly the members of its type, in range.
//
// The package refuses to guess: a kind that it does not know decodes as an envelope, so that its
// place in the chain can be checked, but [Record.Decoded] answers [ErrUnknownKind]. It does no I/O
// and has no clock.
package audit
