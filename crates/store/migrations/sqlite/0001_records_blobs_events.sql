-- Records, function code and queued events.

-- One row per entity. `sequence` is the creation order: it only grows, also over deletions.
CREATE TABLE record (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    account     TEXT    NOT NULL,
    region      TEXT    NOT NULL,
    parent_kind TEXT    NOT NULL, -- '' with the parent '' for what stands at the top
    parent      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    version     INTEGER NOT NULL, -- 1 when inserted, one more at every put
    body        TEXT    NOT NULL  -- JSON
) STRICT;

-- One record, all records of a kind below a parent by id or prefix of it, and all children of a parent.
CREATE UNIQUE INDEX record_by_place ON record (account, region, parent_kind, parent, kind, id);
-- Pages in creation order.
CREATE INDEX record_by_creation ON record (account, region, parent_kind, parent, kind, sequence);
-- What is known by its id alone, such as the REST API of a host name.
CREATE INDEX record_by_id ON record (kind, id);

-- Deployment packages, named by the SHA-256 of their bytes.
CREATE TABLE blob (
    hash BLOB PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Asynchronous invocations that are accepted and not yet done. Times are milliseconds since 1970.
CREATE TABLE event (
    id              TEXT    PRIMARY KEY,
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    function_arn    TEXT    NOT NULL, -- as invoked, with its qualifier
    payload         BLOB    NOT NULL,
    context         TEXT    NOT NULL, -- JSON of the runner's own
    accepted_at     INTEGER NOT NULL,
    attempts        INTEGER NOT NULL, -- made and failed
    next_attempt_at INTEGER NOT NULL, -- when it may be claimed; while it is claimed, when the claim ends
    claimed         INTEGER NOT NULL  -- 1 while someone works on it
) STRICT;

CREATE INDEX event_by_time ON event (next_attempt_at);

-- The queue's length, so that the limit costs no scan.
CREATE TABLE event_total (total INTEGER NOT NULL) STRICT;
INSERT INTO event_total (total) VALUES (0);
CREATE TRIGGER event_added AFTER INSERT ON event BEGIN UPDATE event_total SET total = total + 1; END;
CREATE TRIGGER event_removed AFTER DELETE ON event BEGIN UPDATE event_total SET total = total - 1; END;
