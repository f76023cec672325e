// Package store keeps kleroterion's rows and its public log in SQLite or PostgreSQL.
//
// Most callers need two calls: [Open], which migrates and checks the database, and the [DB] that it
// returns, which is a service.Store: Read runs a function on one snapshot, Write in one transaction
// that is durable when Write returns nil and leaves no trace otherwise.
//
// # What holds on both databases
//
//   - A domain row and its log record commit in one transaction, or neither does.
//   - Write is serializable: its result is that of some order of the transactions, one at a time.
//   - A statement that failed for another reason than service.ErrNotFound, ErrExists or ErrStale
//     spoils its transaction: Write then fails even where fn went on and returned nil.
//   - A Tx ends with its fn; used later it answers sql.ErrTxDone.
//   - Text sorts by its bytes, times are Unix seconds, ids are the caller's.
//
// # SQLite
//
// One goroutine owns the writing connection. Each Write runs in its own savepoint of a transaction
// that it shares with the writes queued beside it, so that many small writes cost one sync (group
// commit); one that fails or panics rolls back alone. The connection keeps the statements that it has
// parsed. The database runs in WAL mode with
// synchronous=FULL and secure_delete: erased bytes are overwritten in the file, and the write-ahead
// log is emptied afterwards. Several processes may open one file.
//
// # PostgreSQL
//
// Each Write is its own serializable transaction, repeated after a conflict (SQLSTATE 40001, 40P01).
// The SQL keeps to what CockroachDB and its like share: no sequences, no advisory locks, no
// triggers. Those were not tested.
//
// # What it refuses
//
// A database that a newer version migrated, one that is behind where nobody asked for migration, a
// PostgreSQL session that does not wait for its disk, an in-memory SQLite database.
//
// What erasing does not reach: backups, copies of the file, PostgreSQL's dead rows before VACUUM and
// its archived write-ahead log. Keep those no longer than the law lets you keep the person's record.
package store
