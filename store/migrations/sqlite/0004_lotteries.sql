-- +goose Up

ALTER TABLE draws ADD COLUMN lottery_id TEXT NOT NULL DEFAULT '';

CREATE TABLE lotteries (
    id          TEXT    NOT NULL PRIMARY KEY,
    city        TEXT    NOT NULL REFERENCES cities (slug),
    register_id TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('computing', 'ready', 'failed', 'cancelled')),
    terms       BLOB    NOT NULL,
    method      TEXT    NOT NULL,
    panels      INTEGER NOT NULL,
    file        BLOB    NOT NULL CHECK (length(file) = 32),
    bytes       INTEGER NOT NULL,
    root        BLOB    NOT NULL CHECK (length(root) = 32),
    proved      INTEGER NOT NULL CHECK (proved IN (0, 1)),
    gap         TEXT    NOT NULL,
    lowest      INTEGER NOT NULL,
    highest     INTEGER NOT NULL,
    job         TEXT    NOT NULL,
    draw_id     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE INDEX lotteries_city ON lotteries (city, id);

-- Files that no draw has committed to: from then on they are public, among the blobs.
CREATE TABLE lottery_files (
    lottery TEXT NOT NULL PRIMARY KEY,
    data    BLOB NOT NULL
) STRICT;
