"""Brings the file of an earlier version up to this one's schema."""

import sqlite3

from elements_procura.harvest._database import SCHEMA_VERSION

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

_STEPS = {1: _TO_2}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file up to date, in one transaction: it is the old one whole or the new one whole.

    A file of this version, or of a later one, is left as it is.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        while version < SCHEMA_VERSION:
            for statement in _STEPS[version].split(";"):
                connection.execute(statement)
            version += 1
            connection.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
