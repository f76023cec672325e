-- +goose Up

-- Older replicas may still add cities and keys: the new columns have defaults for them.
ALTER TABLE cities ADD COLUMN approvals BIGINT NOT NULL DEFAULT 1 CHECK (approvals IN (1, 2));
ALTER TABLE keys ADD COLUMN community TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX keys_community ON keys (community, created_at, id);

CREATE TABLE proposals (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    city        TEXT COLLATE "C" NOT NULL REFERENCES cities (slug),
    request     BYTEA NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'opened', 'rejected')),
    draw_id     TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX proposals_city ON proposals (city, id);

CREATE TABLE juries (
    subject     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    draw_id     TEXT COLLATE "C" NOT NULL,
    city        TEXT COLLATE "C" NOT NULL REFERENCES cities (slug),
    register_id TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX juries_draw ON juries (draw_id);

CREATE TABLE codes (
    subject    TEXT COLLATE "C" NOT NULL,
    seat       BIGINT NOT NULL,
    purpose    TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('answer', 'key')),
    hash       BYTEA NOT NULL CHECK (length(hash) = 32),
    person     TEXT COLLATE "C" NOT NULL,
    deadline   BIGINT NOT NULL,
    printed_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (subject, seat, purpose)
);
CREATE UNIQUE INDEX codes_hash ON codes (hash);
CREATE INDEX codes_deadline ON codes (deadline);

CREATE TABLE communities (
    slug       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE charters (
    community TEXT COLLATE "C" NOT NULL REFERENCES communities (slug),
    seq       BIGINT NOT NULL,
    hash      BYTEA NOT NULL CHECK (length(hash) = 32),
    charter   BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    effective BIGINT NOT NULL,
    poll      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community, seq)
);

CREATE TABLE members (
    community   TEXT COLLATE "C" NOT NULL REFERENCES communities (slug),
    id          TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'suspended', 'left')),
    key         BYTEA NOT NULL,
    seq         BIGINT NOT NULL,
    admitted_at BIGINT NOT NULL,
    left_at     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (community, id)
);
-- Who has left frees the key for another membership.
CREATE UNIQUE INDEX members_key ON members (community, key) WHERE state <> 'left';
CREATE INDEX members_state ON members (community, state);

CREATE TABLE polls (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    community   TEXT COLLATE "C" NOT NULL REFERENCES communities (slug),
    subject     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed', 'counted', 'void')),
    manifest    BYTEA NOT NULL,
    hash        BYTEA NOT NULL CHECK (length(hash) = 32),
    chain       BYTEA NOT NULL CHECK (length(chain) = 32),
    round       BIGINT NOT NULL,
    opens       BIGINT NOT NULL,
    closes      BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    rehearsal   BOOLEAN NOT NULL,
    ballots     BIGINT NOT NULL,
    voters      BIGINT NOT NULL,
    outcome     BYTEA NOT NULL,
    transcript  BYTEA NOT NULL CHECK (length(transcript) = 32),
    void_reason TEXT COLLATE "C" NOT NULL,
    ended_at    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX polls_subject ON polls (subject);
CREATE UNIQUE INDEX polls_hash ON polls (hash);
CREATE INDEX polls_community ON polls (community, id);

CREATE TABLE electors (
    poll  TEXT COLLATE "C" NOT NULL,
    voter TEXT COLLATE "C" NOT NULL,
    key   BYTEA NOT NULL,
    casts BIGINT NOT NULL,
    last  BIGINT NOT NULL,
    PRIMARY KEY (poll, voter)
);

CREATE TABLE cursors (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL
);
