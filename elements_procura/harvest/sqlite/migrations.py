"""Brings the file of an earlier version up to this one's schema."""

import sqlite3

from elements_procura.harvest.sqlite.changes import CHANGES, ERASED, LINEAGE, NUMBERED
from elements_procura.harvest.sqlite.database import (
    HINTS,
    PARTS,
    RIGHTS,
    SCHEMA_VERSION,
    TRAFFIC,
    statements,
)

_TO_2 = """
ALTER TABLE dossiers ADD COLUMN pass INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dossiers ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN tried_at REAL;
ALTER TABLE dossiers ADD COLUMN fetched_at REAL;
ALTER TABLE dossiers ADD COLUMN cost INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dossiers ADD COLUMN changes REAL NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN busy REAL NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN quiet REAL NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN listing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN digest BLOB;
ALTER TABLE dossiers ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN deleted TEXT;
ALTER TABLE resources ADD COLUMN root INTEGER NOT NULL DEFAULT 0;
ALTER TABLE resources ADD COLUMN pass INTEGER NOT NULL DEFAULT 1;
ALTER TABLE resources ADD COLUMN changed_at REAL;
ALTER TABLE shares ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE shares ADD COLUMN pass INTEGER NOT NULL DEFAULT 1;
ALTER TABLE shares ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
CREATE TABLE history (
    resource INTEGER NOT NULL REFERENCES resources (id),
    since REAL NOT NULL,
    until REAL NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX history_by_resource ON history (resource);
UPDATE resources SET changed_at = fetched_at WHERE state = 'stored';
UPDATE resources SET root = 1 WHERE kind = 'dossier' OR path LIKE '/api/v1/%';
UPDATE resources SET root = 2 WHERE kind = 'row';
UPDATE shares SET (waiting, path) =
    (SELECT CASE state WHEN 'queued' THEN 1 WHEN 'quarantined' THEN 2 ELSE 0 END,
            replace(path, '/klantdossiers/' || dossier || '/',
                    '/klantdossiers/' || shares.dossier || '/')
     FROM resources WHERE id = shares.resource);
UPDATE dossiers SET
    cost = max(1, (SELECT count(*) FROM resources WHERE dossier = dossiers.id AND +share IS NULL)),
    tried_at = (SELECT min(fetched_at) FROM resources WHERE dossier = dossiers.id)
    WHERE open = 0;
UPDATE dossiers SET fetched_at = tried_at WHERE state IN ('complete', 'gone');
"""

# What is told about a picture was asked for of everybody until then. Where pictures are not wanted
# it no longer is: that is no loss that anybody has to be told of.
_TO_3 = """
ALTER TABLE dossiers ADD COLUMN lacking_since REAL;
ALTER TABLE dossiers ADD COLUMN deleted_at REAL;
CREATE TABLE losses (
    resource INTEGER PRIMARY KEY REFERENCES resources (id),
    subject TEXT NOT NULL,
    status INTEGER NOT NULL,
    since REAL NOT NULL,
    seen REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    settled_at REAL,
    body BLOB
);
CREATE TABLE accepted (
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (subject, state)
) WITHOUT ROWID;
CREATE TABLE tries (
    resource INTEGER NOT NULL REFERENCES resources (id),
    dossier NOT NULL REFERENCES dossiers (id),
    at REAL NOT NULL,
    PRIMARY KEY (resource, dossier)
) WITHOUT ROWID;
CREATE TABLE spares (
    resource INTEGER PRIMARY KEY REFERENCES resources (id),
    at REAL NOT NULL,
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL
);
UPDATE resources SET state = 'gone', status = 0 WHERE kind LIKE '%/profielfoto' AND state = 'stored'
    AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'include' AND value LIKE '%profielfotos%');
UPDATE dossiers SET lacking_since = tried_at WHERE unlisted OR deleted = 'unlisted and 404';
UPDATE dossiers SET deleted_at = tried_at WHERE deleted IS NOT NULL;
UPDATE resources SET state = 'forbidden',
    status = iif(EXISTS (SELECT 1 FROM bodies WHERE resource = resources.id), 200, 403)
    WHERE state = 'gone' AND status = 403;
CREATE INDEX resources_forbidden ON resources (kind) WHERE state = 'forbidden';
INSERT INTO losses (resource, subject, status, since, seen, state, settled_at)
    SELECT resources.id, iif(root = 1, 'dossier', kind), status, at, at, 'believed', at
    FROM (SELECT *, coalesce(nullif(fetched_at, 0), CAST(strftime('%s', 'now') AS REAL)) AS at
          FROM resources) resources
    JOIN dossiers ON dossiers.id = dossier
    WHERE status IN (0, 404, 410) AND deleted IS NOT 'unlisted and 404'
    AND EXISTS (SELECT 1 FROM bodies WHERE resource = resources.id);
UPDATE losses SET state = 'pending', settled_at = NULL WHERE subject = 'dossier'
    AND EXISTS (SELECT 1 FROM resources WHERE id = resource AND state = 'gone');
UPDATE resources SET state = 'pending', status = 200
    WHERE id IN (SELECT resource FROM losses WHERE state = 'pending');
"""

# Which answer led to what is learned by the next whole pass; parts come after it.
_TO_5 = (
    """
ALTER TABLE dossiers ADD COLUMN digest_before BLOB;
ALTER TABLE dossiers ADD COLUMN parts TEXT;
ALTER TABLE resources ADD COLUMN parent INTEGER;
ALTER TABLE resources ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
"""
    + PARTS
)

# What begins as packed bodies do is marked; the others are packed when they are next written.
_PACKING = ";".join(
    f"UPDATE {table} SET body = CAST(x'ff455030' || body AS BLOB)"  # noqa: S608 - constants
    " WHERE substr(body, 1, 3) = x'ff4550'"
    for table in ("bodies", "spares", "history", "losses")
)

# What is shown is numbered in the order in which it was found, for want of a better one.
_TO_7 = f"""
ALTER TABLE resources ADD COLUMN change INTEGER DEFAULT 0;
ALTER TABLE resources ADD COLUMN look INTEGER NOT NULL DEFAULT 0;
UPDATE resources SET change = id, look = id
    WHERE status = 200 OR id IN (SELECT resource FROM spares);
INSERT OR IGNORE INTO meta VALUES ('identity', lower(hex(randomblob(16))));
{CHANGES}
"""  # noqa: S608 - constants

_TO_9 = f"DROP TRIGGER resources_erased; {ERASED} {LINEAGE}"
_TO_11 = f"""
DROP TRIGGER IF EXISTS resources_changed;
DROP TRIGGER IF EXISTS resources_looked;
DROP TRIGGER IF EXISTS resources_numbered;
{NUMBERED}
"""
_STEPS = {
    1: _TO_2,
    2: _TO_3,
    3: TRAFFIC,
    4: _TO_5,
    5: _PACKING,
    6: _TO_7,
    7: RIGHTS,
    8: _TO_9,
    9: HINTS,
    10: _TO_11,
}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file up to date, in one transaction: it is the old one whole or the new one whole.

    A file of this version, or of a later one, is left as it is.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        while version < SCHEMA_VERSION:
            for statement in statements(_STEPS[version]):
                connection.execute(statement)
            version += 1
            connection.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
