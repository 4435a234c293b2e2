-- Log events and metric datapoints. Times are milliseconds since 1970.

CREATE TABLE log_group (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, so that what a deleted group left is nobody's
    account        TEXT    NOT NULL,
    region         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    class          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    retention_days INTEGER,          -- NULL: for ever
    tags           TEXT    NOT NULL, -- JSON object
    stored_bytes   INTEGER NOT NULL  -- of its events, as AWS counts them
) STRICT;

CREATE UNIQUE INDEX log_group_by_name ON log_group (account, region, name);

CREATE TABLE log_stream (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    log_group        INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    first_event_at   INTEGER, -- NULL until there is an event
    last_event_at    INTEGER,
    last_ingested_at INTEGER
) STRICT;

CREATE UNIQUE INDEX log_stream_by_name ON log_stream (log_group, name);
CREATE INDEX log_stream_by_last_event ON log_stream (log_group, coalesce(last_event_at, 0), name);

CREATE TABLE log_event (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of arrival
    log_group   INTEGER NOT NULL,
    log_stream  INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    ingested_at INTEGER NOT NULL,
    message     TEXT    NOT NULL
) STRICT;

CREATE INDEX log_event_by_stream ON log_event (log_stream, at, id);
CREATE INDEX log_event_by_group ON log_event (log_group, at, id);

-- Groups and streams that are gone while their events still await the sweep: each has one of the two.
CREATE TABLE log_trash (
    id         INTEGER PRIMARY KEY,
    log_group  INTEGER,
    log_stream INTEGER
) STRICT;

CREATE TABLE metric (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       TEXT    NOT NULL,
    region        TEXT    NOT NULL,
    namespace     TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    dimensions    TEXT    NOT NULL, -- JSON array of [name, value], sorted by name
    last_datum_at INTEGER NOT NULL  -- the newest minute
) STRICT;

CREATE UNIQUE INDEX metric_by_key ON metric (account, region, namespace, name, dimensions);
CREATE INDEX metric_by_last_datum ON metric (last_datum_at);

CREATE TABLE metric_datapoint (
    metric  INTEGER NOT NULL,
    minute  INTEGER NOT NULL, -- its first millisecond
    unit    TEXT    NOT NULL,
    samples REAL    NOT NULL,
    sum     REAL    NOT NULL,
    minimum REAL    NOT NULL,
    maximum REAL    NOT NULL,
    samples_by_value BLOB NOT NULL, -- pairs of little-endian doubles, value and count, ascending; what is known of the distribution
    PRIMARY KEY (metric, minute, unit)
) STRICT, WITHOUT ROWID;

CREATE INDEX metric_datapoint_by_minute ON metric_datapoint (minute);
