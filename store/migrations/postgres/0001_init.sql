-- +goose Up

-- Text ids come from the caller; no sequence orders anything. Times are Unix seconds.
-- Digests, keys and signatures are raw bytes. Text compares by bytes, as it does in SQLite.

CREATE TABLE instance (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    origin     TEXT COLLATE "C" NOT NULL,
    vkey       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE cities (
    slug       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE keys (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    city        TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    label       TEXT COLLATE "C" NOT NULL,
    secret_hash BYTEA NOT NULL CHECK (length(secret_hash) = 32),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT NOT NULL
);
CREATE INDEX keys_city ON keys (city, created_at, id);

CREATE TABLE registers (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    city        TEXT COLLATE "C" NOT NULL REFERENCES cities (slug),
    name        TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'importing', 'imported', 'freezing', 'frozen')),
    mapping     BYTEA NOT NULL,
    secret      BYTEA NOT NULL CHECK (length(secret) = 32),
    row_count   BIGINT NOT NULL,
    report      BYTEA NOT NULL,
    k           BIGINT NOT NULL,
    small_cells TEXT COLLATE "C" NOT NULL,
    root        BYTEA NOT NULL CHECK (length(root) = 32),
    file        BYTEA NOT NULL CHECK (length(file) = 32),
    bytes       BIGINT NOT NULL,
    features    TEXT COLLATE "C" NOT NULL,
    households  BOOLEAN NOT NULL,
    sealed      BOOLEAN NOT NULL,
    erased      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    frozen_at   BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX registers_name ON registers (city, name);
CREATE INDEX registers_city ON registers (city, id);
CREATE INDEX registers_root ON registers (root, frozen_at);

-- Rows arrive in the order of the file, so the primary key grows at its end; only the second index
-- is written at random places.
CREATE TABLE residents (
    register_id TEXT COLLATE "C" NOT NULL,
    row_number  BIGINT NOT NULL,
    id          BYTEA NOT NULL CHECK (length(id) = 32),
    record      BYTEA,
    salt        BYTEA,
    line        BYTEA NOT NULL,
    PRIMARY KEY (register_id, row_number)
);
CREATE UNIQUE INDEX residents_id ON residents (register_id, id);

CREATE TABLE register_pages (
    register_id TEXT COLLATE "C" NOT NULL,
    n           BIGINT NOT NULL,
    first_id    BYTEA NOT NULL CHECK (length(first_id) = 32),
    hash        BYTEA NOT NULL CHECK (length(hash) = 32),
    data        BYTEA NOT NULL,
    PRIMARY KEY (register_id, n)
);
CREATE UNIQUE INDEX register_pages_first ON register_pages (register_id, first_id);

CREATE TABLE uploads (
    upload TEXT COLLATE "C" NOT NULL,
    n      BIGINT NOT NULL,
    data   BYTEA NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (upload, n)
);
CREATE INDEX uploads_at ON uploads (at);

CREATE TABLE draws (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    city        TEXT COLLATE "C" NOT NULL REFERENCES cities (slug),
    subject     TEXT COLLATE "C" NOT NULL,
    seq         BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'drawn', 'void')),
    register_id TEXT COLLATE "C" NOT NULL,
    manifest    BYTEA NOT NULL,
    commitment  BYTEA NOT NULL CHECK (length(commitment) = 32),
    chain       BYTEA NOT NULL CHECK (length(chain) = 32),
    round       BIGINT NOT NULL,
    draw_time   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    rehearsal   BOOLEAN NOT NULL,
    result      BYTEA NOT NULL,
    void_reason TEXT COLLATE "C" NOT NULL,
    opened_at   BIGINT NOT NULL,
    closed_at   BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX draws_subject ON draws (subject, seq);
CREATE UNIQUE INDEX draws_commitment ON draws (commitment);
CREATE INDEX draws_city ON draws (city, id);

CREATE TABLE beacons (
    chain      BYTEA NOT NULL CHECK (length(chain) = 32),
    round      BIGINT NOT NULL,
    signature  BYTEA NOT NULL,
    previous   BYTEA NOT NULL,
    source     TEXT COLLATE "C" NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (chain, round)
);

CREATE TABLE jobs (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    city        TEXT COLLATE "C" NOT NULL,
    target      TEXT COLLATE "C" NOT NULL,
    dedupe_key  TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    run_at      BIGINT NOT NULL,
    step        TEXT COLLATE "C" NOT NULL,
    done        BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    attempt     BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    report      BYTEA NOT NULL,
    error       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe_key);
CREATE INDEX jobs_due ON jobs (state, run_at, id);

CREATE TABLE log_head (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    size        BIGINT NOT NULL,
    root        BYTEA NOT NULL CHECK (length(root) = 32)
);
-- The root of no records is the digest of nothing (RFC 9162, section 2.1.1).
INSERT INTO log_head (id, size, root)
VALUES (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- Apart from log_head, so that the publisher does not contend with those who append.
CREATE TABLE log_signed (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL,
    note BYTEA NOT NULL
);
INSERT INTO log_signed (id, size, note)
VALUES (1, 0, '\x');

CREATE TABLE log_entries (
    seq     BIGINT PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    n       BIGINT NOT NULL,
    leaf    BYTEA NOT NULL CHECK (length(leaf) = 32),
    record  BYTEA NOT NULL
);
CREATE UNIQUE INDEX log_entries_subject ON log_entries (subject, n);

-- Tree hashes in the order of golang.org/x/mod/sumdb/tlog.StoredHashIndex.
CREATE TABLE log_nodes (
    idx  BIGINT PRIMARY KEY,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE blobs (
    sha256 BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    data   BYTEA NOT NULL
);

CREATE TABLE once (
    principal TEXT COLLATE "C" NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    request   BYTEA NOT NULL CHECK (length(request) = 32),
    answer    BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX once_at ON once (at);
