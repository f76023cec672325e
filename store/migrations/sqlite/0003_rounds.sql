-- +goose Up

CREATE TABLE rounds (
    id          TEXT    NOT NULL PRIMARY KEY,
    community   TEXT    NOT NULL REFERENCES communities (slug),
    subject     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'closed', 'final', 'void')),
    manifest    BLOB    NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    chain       BLOB    NOT NULL CHECK (length(chain) = 32),
    beacon      INTEGER NOT NULL,
    opens       INTEGER NOT NULL,
    gifts_start INTEGER NOT NULL,
    gifts_end   INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    rehearsal   INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    pool        TEXT    NOT NULL CHECK (length(pool) BETWEEN 1 AND 38),
    gifts       INTEGER NOT NULL,
    weights     INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    versions    INTEGER NOT NULL,
    result      BLOB    NOT NULL CHECK (length(result) = 32),
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    payouts     INTEGER NOT NULL,
    void_reason TEXT    NOT NULL,
    ended_at    INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX rounds_subject ON rounds (subject);
CREATE UNIQUE INDEX rounds_hash ON rounds (hash);
CREATE INDEX rounds_community ON rounds (community, id);

CREATE TABLE givers (
    round TEXT    NOT NULL,
    donor TEXT    NOT NULL,
    key   BLOB    NOT NULL,
    gifts INTEGER NOT NULL,
    PRIMARY KEY (round, donor)
) STRICT, WITHOUT ROWID;

CREATE TABLE round_acts (
    round TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    body  BLOB    NOT NULL,
    PRIMARY KEY (round, n)
) STRICT;
CREATE INDEX round_acts_kind ON round_acts (round, kind, n);

CREATE TABLE projects (
    round       TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    applied_at  INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    text_bytes  INTEGER NOT NULL,
    text_sha256 BLOB    NOT NULL CHECK (length(text_sha256) = 32),
    state       TEXT    NOT NULL CHECK (state IN ('applied', 'approved', 'rejected', 'appealed', 'withdrawn')),
    seq         INTEGER NOT NULL,
    rejected_at INTEGER NOT NULL,
    decided     TEXT    NOT NULL,
    appeals     INTEGER NOT NULL,
    PRIMARY KEY (round, id)
) STRICT;
CREATE INDEX projects_state ON projects (round, state);

-- With a rowid: else SQLite looks for one donor's gifts in the primary key, among everybody's.
CREATE TABLE gifts (
    round    TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    donor    TEXT    NOT NULL,
    once     TEXT    NOT NULL,
    same     BLOB    NOT NULL CHECK (length(same) = 32),
    project  TEXT    NOT NULL,
    amount   TEXT    NOT NULL CHECK (length(amount) BETWEEN 1 AND 38),
    paid     INTEGER NOT NULL CHECK (paid IN (0, 1)),
    at       INTEGER NOT NULL,
    refunded INTEGER NOT NULL CHECK (refunded IN (0, 1)),
    PRIMARY KEY (round, n)
) STRICT;
CREATE UNIQUE INDEX gifts_once ON gifts (round, once);
CREATE INDEX gifts_donor ON gifts (round, donor, n);
