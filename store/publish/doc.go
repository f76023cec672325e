// Package publish derives the log's public files from the rows of the database (docs/spec/record.md,
// C2SP tlog-tiles) and can regenerate them at any time: the rows are the truth.
//
// A service needs three calls. [New], then [Publisher.Reconcile] before it accepts work: that refuses
// a database which does not continue what was published. Then [Publisher.Run], which publishes until
// its context ends. [Publisher.Published] waits until given records are public, [Publisher.Kick]
// shortens the wait. For tools there are [Publisher.Step], one round of Run, and [Publisher.Rebuild].
//
// # What holds at every moment, also when the process dies
//
//   - The signed checkpoint is in the database before anybody can see it, so the log never signs two
//     trees of one size.
//   - Whatever a published checkpoint covers is published: blobs first, then tiles, the checkpoint
//     last, each file written under another name, synced and renamed, and its directory synced.
//   - A file has one content for ever, partial tiles too: the name carries the width. All bytes follow
//     from the rows (Ed25519 signs without randomness), so replicas may publish side by side, into one
//     directory or several.
//   - The published checkpoint never goes back: publishers on one directory take turns.
//
// What it refuses: a database older than what was published, another tree at the published size,
// another key, and files or hashes that do not follow from the records. It never repairs those on its
// own; the [Refusal] says what to do. The directory holds nothing private.
package publish
