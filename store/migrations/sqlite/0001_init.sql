-- +goose Up

-- Text ids come from the caller; no sequence orders anything. Times are Unix seconds.
-- Digests, keys and signatures are raw bytes.

CREATE TABLE instance (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    origin     TEXT    NOT NULL,
    vkey       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cities (
    slug       TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    city        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    label       TEXT    NOT NULL,
    secret_hash BLOB    NOT NULL CHECK (length(secret_hash) = 32),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX keys_city ON keys (city, created_at, id);

CREATE TABLE registers (
    id          TEXT    NOT NULL PRIMARY KEY,
    city        TEXT    NOT NULL REFERENCES cities (slug),
    name        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('draft', 'importing', 'imported', 'freezing', 'frozen')),
    mapping     BLOB    NOT NULL,
    secret      BLOB    NOT NULL CHECK (length(secret) = 32),
    row_count   INTEGER NOT NULL,
    report      BLOB    NOT NULL,
    k           INTEGER NOT NULL,
    small_cells TEXT    NOT NULL,
    root        BLOB    NOT NULL CHECK (length(root) = 32),
    file        BLOB    NOT NULL CHECK (length(file) = 32),
    bytes       INTEGER NOT NULL,
    features    TEXT    NOT NULL,
    households  INTEGER NOT NULL CHECK (households IN (0, 1)),
    sealed      INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    erased      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    frozen_at   INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX registers_name ON registers (city, name);
CREATE INDEX registers_city ON registers (city, id);
CREATE INDEX registers_root ON registers (root, frozen_at);

-- Rows arrive in the order of the file, so the primary key grows at its end; only the second index
-- is written at random places.
CREATE TABLE residents (
    register_id TEXT    NOT NULL,
    row_number  INTEGER NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 32),
    record      BLOB,
    salt        BLOB,
    line        BLOB    NOT NULL,
    PRIMARY KEY (register_id, row_number)
) STRICT;
CREATE UNIQUE INDEX residents_id ON residents (register_id, id);

CREATE TABLE register_pages (
    register_id TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    first_id    BLOB    NOT NULL CHECK (length(first_id) = 32),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    data        BLOB    NOT NULL,
    PRIMARY KEY (register_id, n)
) STRICT;
CREATE UNIQUE INDEX register_pages_first ON register_pages (register_id, first_id);

CREATE TABLE uploads (
    upload TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    data   BLOB    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (upload, n)
) STRICT;
CREATE INDEX uploads_at ON uploads (at);

CREATE TABLE draws (
    id          TEXT    NOT NULL PRIMARY KEY,
    city        TEXT    NOT NULL REFERENCES cities (slug),
    subject     TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'drawn', 'void')),
    register_id TEXT    NOT NULL,
    manifest    BLOB    NOT NULL,
    commitment  BLOB    NOT NULL CHECK (length(commitment) = 32),
    chain       BLOB    NOT NULL CHECK (length(chain) = 32),
    round       INTEGER NOT NULL,
    draw_time   INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    rehearsal   INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    result      BLOB    NOT NULL,
    void_reason TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX draws_subject ON draws (subject, seq);
CREATE UNIQUE INDEX draws_commitment ON draws (commitment);
CREATE INDEX draws_city ON draws (city, id);

CREATE TABLE beacons (
    chain      BLOB    NOT NULL CHECK (length(chain) = 32),
    round      INTEGER NOT NULL,
    signature  BLOB    NOT NULL,
    previous   BLOB    NOT NULL,
    source     TEXT    NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (chain, round)
) STRICT;

CREATE TABLE jobs (
    id          TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    city        TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    dedupe_key  TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    run_at      INTEGER NOT NULL,
    step        TEXT    NOT NULL,
    done        INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    fence       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    report      BLOB    NOT NULL,
    error       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe_key);
CREATE INDEX jobs_due ON jobs (state, run_at, id);

CREATE TABLE log_head (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    size        INTEGER NOT NULL,
    root        BLOB    NOT NULL CHECK (length(root) = 32)
) STRICT;
-- The root of no records is the digest of nothing (RFC 9162, section 2.1.1).
INSERT INTO log_head (id, size, root)
VALUES (1, 0, X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- Apart from log_head, so that the publisher does not contend with those who append.
CREATE TABLE log_signed (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    note BLOB    NOT NULL
) STRICT;
INSERT INTO log_signed (id, size, note)
VALUES (1, 0, X'');

CREATE TABLE log_entries (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    leaf    BLOB    NOT NULL CHECK (length(leaf) = 32),
    record  BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_entries_subject ON log_entries (subject, n);

-- Tree hashes in the order of golang.org/x/mod/sumdb/tlog.StoredHashIndex.
CREATE TABLE log_nodes (
    idx  INTEGER PRIMARY KEY,
    hash BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE blobs (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    data   BLOB NOT NULL
) STRICT;

CREATE TABLE once (
    principal TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    request   BLOB    NOT NULL CHECK (length(request) = 32),
    answer    BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT;
CREATE INDEX once_at ON once (at);
