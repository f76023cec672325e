-- +goose Up

-- Older replicas may still add cities and keys: the new columns have defaults for them.
ALTER TABLE cities ADD COLUMN approvals INTEGER NOT NULL DEFAULT 1 CHECK (approvals IN (1, 2));
ALTER TABLE keys ADD COLUMN community TEXT NOT NULL DEFAULT '';
CREATE INDEX keys_community ON keys (community, created_at, id);

CREATE TABLE proposals (
    id          TEXT    NOT NULL PRIMARY KEY,
    city        TEXT    NOT NULL REFERENCES cities (slug),
    request     BLOB    NOT NULL,
    proposed_by TEXT    NOT NULL,
    approved_by TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'opened', 'rejected')),
    draw_id     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE INDEX proposals_city ON proposals (city, id);

CREATE TABLE juries (
    subject     TEXT    NOT NULL PRIMARY KEY,
    draw_id     TEXT    NOT NULL,
    city        TEXT    NOT NULL REFERENCES cities (slug),
    register_id TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX juries_draw ON juries (draw_id);

CREATE TABLE codes (
    subject    TEXT    NOT NULL,
    seat       INTEGER NOT NULL,
    purpose    TEXT    NOT NULL CHECK (purpose IN ('answer', 'key')),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    person     TEXT    NOT NULL,
    deadline   INTEGER NOT NULL,
    printed_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    PRIMARY KEY (subject, seat, purpose)
) STRICT;
CREATE UNIQUE INDEX codes_hash ON codes (hash);
CREATE INDEX codes_deadline ON codes (deadline);

CREATE TABLE communities (
    slug       TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE charters (
    community TEXT    NOT NULL REFERENCES communities (slug),
    seq       INTEGER NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    charter   BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    effective INTEGER NOT NULL,
    poll      TEXT    NOT NULL,
    PRIMARY KEY (community, seq)
) STRICT;

CREATE TABLE members (
    community   TEXT    NOT NULL REFERENCES communities (slug),
    id          TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('active', 'suspended', 'left')),
    key         BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    admitted_at INTEGER NOT NULL,
    left_at     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    PRIMARY KEY (community, id)
) STRICT;
-- Who has left frees the key for another membership.
CREATE UNIQUE INDEX members_key ON members (community, key) WHERE state <> 'left';
CREATE INDEX members_state ON members (community, state);

CREATE TABLE polls (
    id          TEXT    NOT NULL PRIMARY KEY,
    community   TEXT    NOT NULL REFERENCES communities (slug),
    subject     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'closed', 'counted', 'void')),
    manifest    BLOB    NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    chain       BLOB    NOT NULL CHECK (length(chain) = 32),
    round       INTEGER NOT NULL,
    opens       INTEGER NOT NULL,
    closes      INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    rehearsal   INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    ballots     INTEGER NOT NULL,
    voters      INTEGER NOT NULL,
    outcome     BLOB    NOT NULL,
    transcript  BLOB    NOT NULL CHECK (length(transcript) = 32),
    void_reason TEXT    NOT NULL,
    ended_at    INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX polls_subject ON polls (subject);
CREATE UNIQUE INDEX polls_hash ON polls (hash);
CREATE INDEX polls_community ON polls (community, id);

CREATE TABLE electors (
    poll  TEXT    NOT NULL,
    voter TEXT    NOT NULL,
    key   BLOB    NOT NULL,
    casts INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    PRIMARY KEY (poll, voter)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    name TEXT    NOT NULL PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT;
