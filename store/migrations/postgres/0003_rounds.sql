-- +goose Up

CREATE TABLE rounds (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    community   TEXT COLLATE "C" NOT NULL REFERENCES communities (slug),
    subject     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed', 'final', 'void')),
    manifest    BYTEA NOT NULL,
    hash        BYTEA NOT NULL CHECK (length(hash) = 32),
    chain       BYTEA NOT NULL CHECK (length(chain) = 32),
    beacon      BIGINT NOT NULL,
    opens       BIGINT NOT NULL,
    gifts_start BIGINT NOT NULL,
    gifts_end   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    rehearsal   BOOLEAN NOT NULL,
    pool        TEXT COLLATE "C" NOT NULL CHECK (length(pool) BETWEEN 1 AND 38),
    gifts       BIGINT NOT NULL,
    weights     BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    versions    BIGINT NOT NULL,
    result      BYTEA NOT NULL CHECK (length(result) = 32),
    digest      BYTEA NOT NULL CHECK (length(digest) = 32),
    payouts     BIGINT NOT NULL,
    void_reason TEXT COLLATE "C" NOT NULL,
    ended_at    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX rounds_subject ON rounds (subject);
CREATE UNIQUE INDEX rounds_hash ON rounds (hash);
CREATE INDEX rounds_community ON rounds (community, id);

CREATE TABLE givers (
    round TEXT COLLATE "C" NOT NULL,
    donor TEXT COLLATE "C" NOT NULL,
    key   BYTEA NOT NULL,
    gifts BIGINT NOT NULL,
    PRIMARY KEY (round, donor)
);

CREATE TABLE round_acts (
    round TEXT COLLATE "C" NOT NULL,
    n     BIGINT NOT NULL,
    kind  TEXT COLLATE "C" NOT NULL,
    body  BYTEA NOT NULL,
    PRIMARY KEY (round, n)
);
CREATE INDEX round_acts_kind ON round_acts (round, kind, n);

CREATE TABLE projects (
    round       TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    applied_at  BIGINT NOT NULL,
    owner       TEXT COLLATE "C" NOT NULL,
    title       TEXT COLLATE "C" NOT NULL,
    account     TEXT COLLATE "C" NOT NULL,
    text_bytes  BIGINT NOT NULL,
    text_sha256 BYTEA NOT NULL CHECK (length(text_sha256) = 32),
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('applied', 'approved', 'rejected', 'appealed', 'withdrawn')),
    seq         BIGINT NOT NULL,
    rejected_at BIGINT NOT NULL,
    decided     TEXT COLLATE "C" NOT NULL,
    appeals     BIGINT NOT NULL,
    PRIMARY KEY (round, id)
);
CREATE INDEX projects_state ON projects (round, state);

CREATE TABLE gifts (
    round    TEXT COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    donor    TEXT COLLATE "C" NOT NULL,
    once     TEXT COLLATE "C" NOT NULL,
    same     BYTEA NOT NULL CHECK (length(same) = 32),
    project  TEXT COLLATE "C" NOT NULL,
    amount   TEXT COLLATE "C" NOT NULL CHECK (length(amount) BETWEEN 1 AND 38),
    paid     BOOLEAN NOT NULL,
    at       BIGINT NOT NULL,
    refunded BOOLEAN NOT NULL,
    PRIMARY KEY (round, n)
);
CREATE UNIQUE INDEX gifts_once ON gifts (round, once);
CREATE INDEX gifts_donor ON gifts (round, donor, n);
