-- +goose Up

ALTER TABLE draws ADD COLUMN lottery_id TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE lotteries (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    city        TEXT COLLATE "C" NOT NULL REFERENCES cities (slug),
    register_id TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('computing', 'ready', 'failed', 'cancelled')),
    terms       BYTEA NOT NULL,
    method      TEXT COLLATE "C" NOT NULL,
    panels      BIGINT NOT NULL,
    file        BYTEA NOT NULL CHECK (length(file) = 32),
    bytes       BIGINT NOT NULL,
    root        BYTEA NOT NULL CHECK (length(root) = 32),
    proved      BOOLEAN NOT NULL,
    gap         TEXT COLLATE "C" NOT NULL,
    lowest      BIGINT NOT NULL,
    highest     BIGINT NOT NULL,
    job         TEXT COLLATE "C" NOT NULL,
    draw_id     TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    closed_at   BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX lotteries_city ON lotteries (city, id);

CREATE TABLE lottery_files (
    lottery TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data    BYTEA NOT NULL
);
