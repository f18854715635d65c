"""The SQLite file of a harvest: its schema, how it is opened, and what its errors become."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path as FilePath

from elements_procura._lock import FileLock
from elements_procura.errors import StoreError

SCHEMA_VERSION = 1
APPLICATION_ID = 0x45505248  # "EPRH"
_BUSY_SECONDS = 10.0
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dossiers (
    id PRIMARY KEY NOT NULL,                 -- a number, or a text where the API has texts
    state TEXT NOT NULL DEFAULT 'open',      -- open, complete, quarantined, gone
    open INTEGER NOT NULL DEFAULT 0,         -- resources still to be fetched
    failed INTEGER NOT NULL DEFAULT 0        -- resources in quarantine
);
CREATE INDEX dossiers_by_state ON dossiers (state);
CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    dossier NOT NULL REFERENCES dossiers (id),
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    share TEXT UNIQUE,                       -- its name whichever dossier leads to it
    state TEXT NOT NULL DEFAULT 'queued',    -- queued, stored, gone, quarantined
    status INTEGER,
    fetched_at REAL,                         -- seconds since the epoch
    sha256 BLOB,
    error TEXT
);
CREATE INDEX resources_queued ON resources (id) WHERE state = 'queued';
CREATE INDEX resources_by_dossier ON resources (dossier);
CREATE TABLE shares (                        -- who else needs a resource besides its own dossier
    resource INTEGER NOT NULL REFERENCES resources (id),
    dossier NOT NULL REFERENCES dossiers (id),
    PRIMARY KEY (resource, dossier)
) WITHOUT ROWID;
CREATE INDEX shares_by_dossier ON shares (dossier);
CREATE TABLE bodies (resource INTEGER PRIMARY KEY REFERENCES resources (id), body BLOB NOT NULL);
"""


def connect(path: FilePath, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to an existing file, every statement its own transaction."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    if not read_only:
        # WAL with NORMAL survives a killed process whole; a power cut may cost the last answers,
        # which are then still in the queue.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


@contextlib.contextmanager
def store_errors(path: FilePath) -> Iterator[None]:
    """Whatever SQLite or the file system raises becomes a StoreError."""
    try:
        yield
    except FileExistsError:
        text, hint = "exists already", "Choose another --out, or --resume to go on with it"
    except (sqlite3.Error, OSError) as error:
        # Their texts name files and SQL, never a value that was bound.
        text, hint = f"cannot be used: {error}", "What was committed is intact"
    else:
        return
    raise StoreError(f"{path} {text}", hint=hint)


def locked(path: FilePath) -> FileLock:
    """The lock of the store at ``path``, taken."""
    lock = FileLock(path.with_name(path.name + ".lock"))
    if not lock.acquire():
        raise StoreError(
            f"{path} is in use by {lock.holder()}",
            hint="Wait for it to end, or choose another --out; `status` can look meanwhile",
        )
    return lock
