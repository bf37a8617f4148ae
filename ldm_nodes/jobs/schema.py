"""The tables of the queue, and how a file of one version becomes one of the next."""

from __future__ import annotations

APPLICATION_ID = 0x4C444D4A
"""`LDMJ`: marks an SQLite file as a queue of this program."""

# A change of a row writes all of it anew: what is large and never changes, `requests`, stands apart from what does.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE jobs (
        sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
        id         TEXT NOT NULL UNIQUE,
        state      TEXT NOT NULL,
        kind       TEXT NOT NULL,
        priority   INTEGER NOT NULL,
        number     NOT NULL,
        rank       NOT NULL,
        tie        INTEGER NOT NULL DEFAULT 9007199254740992,
        owner      TEXT NOT NULL,
        client_id  TEXT NOT NULL,
        batch_id   TEXT NOT NULL,
        item       INTEGER NOT NULL,
        retry_of   TEXT NOT NULL,
        created    REAL NOT NULL,
        started    REAL,
        finished   REAL,
        attempts   INTEGER NOT NULL DEFAULT 0,
        deaths     INTEGER NOT NULL DEFAULT 0,
        cancelling INTEGER NOT NULL DEFAULT 0,
        reason     TEXT NOT NULL DEFAULT '',
        outputs    TEXT NOT NULL DEFAULT '{}',
        places     TEXT NOT NULL DEFAULT '{}',
        messages   TEXT NOT NULL DEFAULT '[]'
    );
    CREATE INDEX jobs_waiting ON jobs (kind, priority DESC, rank, tie, sequence) WHERE state = 'queued';
    CREATE INDEX jobs_state ON jobs (state, kind, owner, sequence);
    CREATE INDEX jobs_owner ON jobs (owner, sequence);
    CREATE INDEX jobs_finished ON jobs (finished, sequence) WHERE finished IS NOT NULL;
    CREATE INDEX jobs_batch ON jobs (batch_id, item) WHERE batch_id != '';
    CREATE TABLE requests (
        sequence   INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
        prompt     TEXT NOT NULL,
        targets    TEXT NOT NULL,
        extra_data TEXT NOT NULL,
        hashes     TEXT NOT NULL
    );
    CREATE VIEW records AS SELECT * FROM jobs JOIN requests USING (sequence);
    CREATE TABLE events (
        id     INTEGER PRIMARY KEY AUTOINCREMENT,
        job_id TEXT NOT NULL,
        time   REAL NOT NULL,
        kind   TEXT NOT NULL,
        body   TEXT NOT NULL
    );
    CREATE INDEX events_job ON events (job_id, id);
    CREATE TABLE facts (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE jobs ADD COLUMN foreseen INTEGER NOT NULL DEFAULT 0;
    """,
)
"""What turns a file of version i into one of version i + 1. Entries are added, never changed."""

VERSION = len(MIGRATIONS)
