"""The SQLite file of a harvest: its schema, opening it, and its errors.

Most resources are not shared, so queries say ``+share IS NULL``: without the plus, SQLite would
look them up by the index on ``share``, and find nearly all rows.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath

from elements_procura.disk.errors import disk_errors, is_damage, is_there
from elements_procura.disk.part_file import Draft
from elements_procura.disk.sqlite import looking, real
from elements_procura.errors import StoreError
from elements_procura.harvest.sqlite.changes import CHANGES, LINEAGE

SCHEMA_VERSION = 11
APPLICATION_ID = 0x45505248  # "EPRH"
_BUSY_SECONDS = 10.0
_CACHE_KIB = 256
_LOG_BYTES = 16 * 1024 * 1024
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dossiers (
    id PRIMARY KEY NOT NULL,                 -- a number, or a text where the API has texts
    state TEXT NOT NULL DEFAULT 'open',      -- open, complete, quarantined, gone: by its last pass
    open INTEGER NOT NULL DEFAULT 0,         -- resources still to be fetched
    failed INTEGER NOT NULL DEFAULT 0,       -- resources in quarantine
    pass INTEGER NOT NULL DEFAULT 1,         -- the last pass that was begun: its refreshes and one
    changed INTEGER NOT NULL DEFAULT 0,      -- a change was found since the last pass ended
    partial INTEGER NOT NULL DEFAULT 0,      -- the pass has lost something: it does not show all
    tried_at REAL,                           -- when the last pass ended
    fetched_at REAL,                         -- when the last that could read everything was begun
    cost INTEGER NOT NULL DEFAULT 1,         -- requests of the last pass, shared ones left out
    changes REAL NOT NULL DEFAULT 0,         -- what its refreshes have shown: see refresh.Seen
    busy REAL NOT NULL DEFAULT 0,
    quiet REAL NOT NULL DEFAULT 0,
    listing INTEGER NOT NULL DEFAULT 0,      -- the last listing that named it
    digest BLOB,                             -- of its row there
    digest_before BLOB,                      -- of its row in the listing before
    due INTEGER NOT NULL DEFAULT 0,          -- 1: to be refreshed before others, a sign of change,
                                             -- 2: the same, and its roots suffice
    parts TEXT,                              -- what the last pass has asked for, NULL: all of it
    unlisted INTEGER NOT NULL DEFAULT 0,     -- 1: a listing that is believed lacks it, 2: that
                                             -- somebody has vouched for
    deleted TEXT,                            -- the evidence that it was deleted
    lacking_since REAL,                      -- the first of the listings that lack it
    deleted_at REAL
);
CREATE INDEX dossiers_by_state ON dossiers (state);
CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    dossier NOT NULL REFERENCES dossiers (id),
    parent INTEGER,                          -- whose answer led to it last, NULL: not known
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    share TEXT UNIQUE,                       -- its name whichever dossier leads to it
    root INTEGER NOT NULL DEFAULT 0,         -- 1: where a pass begins, 2: a row of the listing
    pass INTEGER NOT NULL DEFAULT 1,         -- the last pass of its dossier that wanted it, or 0
    skipped INTEGER NOT NULL DEFAULT 0,      -- passes of those that did not ask for its part
    state TEXT NOT NULL DEFAULT 'queued',    -- queued, quarantined, or what the last look at it
                                             -- says: stored, pending (lost, and not believed yet),
                                             -- forbidden, gone
    status INTEGER,                          -- 200 while there is a body to show, else of the last
                                             -- answer, 0: nothing leads there
    fetched_at REAL,                         -- seconds since the epoch, of a shared one also when
                                             -- it failed, or 0: whoever meets it is to ask for it
    changed_at REAL,                         -- when it was first fetched as it is
    sha256 BLOB,
    error TEXT,
    change INTEGER DEFAULT 0,                -- the number of its last change, 0: never shown;
                                             -- whoever sets NULL is given the next one
    look INTEGER NOT NULL DEFAULT 0          -- of its last change or look
);
CREATE INDEX resources_queued ON resources (id) WHERE state = 'queued';
CREATE INDEX resources_by_dossier ON resources (dossier);
CREATE TABLE shares (                        -- who else needs a resource besides its own dossier
    resource INTEGER NOT NULL REFERENCES resources (id),
    dossier NOT NULL REFERENCES dossiers (id),
    path TEXT NOT NULL,                      -- where that one leads to it
    pass INTEGER NOT NULL DEFAULT 1,         -- the last pass of it that did
    waiting INTEGER NOT NULL DEFAULT 0,      -- 1: counted as open there, 2: as failed
    PRIMARY KEY (resource, dossier)
) WITHOUT ROWID;
CREATE INDEX shares_by_dossier ON shares (dossier);
CREATE INDEX resources_forbidden ON resources (kind) WHERE state = 'forbidden';
CREATE TABLE losses (                        -- what was shown, and the last look at it lacks
    resource INTEGER PRIMARY KEY REFERENCES resources (id),
    subject TEXT NOT NULL,                   -- its kind, or 'dossier' for where a pass begins
    status INTEGER NOT NULL,                 -- of that look, 0: unlinked, 204: now empty
    since REAL NOT NULL,                     -- the first look that lacks it
    seen REAL NOT NULL,                      -- the last
    state TEXT NOT NULL DEFAULT 'pending',   -- pending, doubted, believed, vouched (by somebody)
    settled_at REAL,                         -- since when it is one of the latter two
    body BLOB                                -- of a collection the empty one, and once that is
                                             -- believed the one before it
);
CREATE TABLE accepted (                      -- concerns that somebody has acknowledged
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (subject, state)
) WITHOUT ROWID;
CREATE TABLE tries (                         -- who could not read a shared resource by their path
    resource INTEGER NOT NULL REFERENCES resources (id),
    dossier NOT NULL REFERENCES dossiers (id),
    at REAL NOT NULL,
    PRIMARY KEY (resource, dossier)
) WITHOUT ROWID;
CREATE TABLE bodies (resource INTEGER PRIMARY KEY REFERENCES resources (id), body BLOB NOT NULL);
CREATE TABLE spares (                        -- rows of the listing, each shown until there is a
                                             -- body where its dossier's pass begins
    resource INTEGER PRIMARY KEY REFERENCES resources (id),
    at REAL NOT NULL,                        -- when it was listed
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE history (                       -- bodies that others have replaced
    resource INTEGER NOT NULL REFERENCES resources (id),
    since REAL NOT NULL,
    until REAL NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX history_by_resource ON history (resource);
"""
PARTS = """
CREATE TABLE parts (                         -- of dossiers with several, once all of one is known
    dossier NOT NULL REFERENCES dossiers (id),
    part TEXT NOT NULL,
    tried_at REAL,                           -- when the last pass that asked for it ended
    fetched_at REAL,                         -- when the last that could read all of it was begun
    cost INTEGER NOT NULL DEFAULT 1,         -- requests, shared ones left out
    changes REAL NOT NULL DEFAULT 0,         -- what refreshes have shown that no sign prompted
    busy REAL NOT NULL DEFAULT 0,
    quiet REAL NOT NULL DEFAULT 0,
    due INTEGER NOT NULL DEFAULT 0,          -- 1: a sign of change, 2: that prompted this pass
    changed INTEGER NOT NULL DEFAULT 0,      -- as of dossiers, of the last pass
    partial INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (dossier, part)
) WITHOUT ROWID;
"""
TRAFFIC = """
CREATE TABLE traffic (                       -- of all runs: see traffic.Stretch
    start REAL PRIMARY KEY,
    seconds REAL NOT NULL,
    unanswered INTEGER NOT NULL,
    throttled INTEGER NOT NULL,
    server_errors INTEGER NOT NULL,
    repeated INTEGER NOT NULL,
    waited REAL NOT NULL,
    interruptions INTEGER NOT NULL,
    away REAL NOT NULL,
    latency TEXT NOT NULL                    -- JSON
);
"""
RIGHTS = """
CREATE TABLE suppressed (                    -- what was erased, and may not come back
    hash BLOB PRIMARY KEY NOT NULL           -- with a key that stands in meta
) WITHOUT ROWID;
CREATE TABLE audit (                         -- what was done for persons' rights
    at REAL NOT NULL,
    action TEXT NOT NULL,
    counts TEXT NOT NULL                     -- JSON
);
CREATE TABLE exports (                       -- that were made of this store
    place TEXT PRIMARY KEY NOT NULL,
    options TEXT NOT NULL                    -- JSON
) WITHOUT ROWID;
"""
# Of a part: when it may have changed by a noisy sign, since the last pass that asked for it.
HINTS = "ALTER TABLE parts ADD COLUMN hinted_at REAL;"
SCHEMA += TRAFFIC + PARTS + CHANGES + RIGHTS + LINEAGE + HINTS


def statements(script: str) -> Iterator[str]:
    """Split a script at the semicolons that end a statement: a trigger holds others."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def connect(path: FilePath) -> sqlite3.Connection:
    """Connect to an existing file, every statement its own transaction."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def write_ahead(connection: sqlite3.Connection) -> None:
    """Make a store ready to be written. This alters the file: make sure first that it is one."""
    # WAL with NORMAL survives a killed process whole; a power cut may cost the last answers,
    # which are then still in the queue.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # An eighth of the usual, which costs no time: a process may have a hundred tenants for hours.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    # What is erased or replaced is overwritten: it is personal.
    connection.execute("PRAGMA secure_delete = ON")
    # The log grows while somebody reads; it is cut back to this once it is folded in.
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")


def connect_to_look(path: FilePath, *, brief: bool) -> sqlite3.Connection:
    """Connect to an existing file for reading; ``brief`` as for :func:`looking`."""
    return looking(path, timeout=_BUSY_SECONDS, brief=brief)


@contextlib.contextmanager
def store_errors(path: FilePath) -> Iterator[None]:
    """Raise a StoreError for whatever SQLite or the file system raises."""
    with disk_errors(f"{path} cannot be used", path, hint=_hint):
        try:
            yield
        except FileExistsError:
            hint = "Choose another name: what is there stays as it is"
            raise StoreError(f"{path} exists already", hint=hint) from None
        except sqlite3.Error:
            if path.is_dir():  # SQLite opens it, and then cannot read it
                raise folder_error(path) from None
            raise


def folder_error(path: FilePath) -> StoreError:
    """Make the error for a folder where a store should be."""
    return StoreError(
        f"{path} is a directory, and a store is a file", hint="Name the store's file in it"
    )


def _hint(error: Exception) -> str:
    if is_damage(error):
        return "The file is damaged: put a copy of it back, or begin another harvest"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    step = next((hint for codes, hint in _HINTS if code in codes), "")
    if isinstance(error, PermissionError):
        return "Ask for the right to write there, or choose another place"
    return "What was committed is intact" + step


_HINTS = (
    (
        (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        ": make room on the disk, then go on",
    ),
    (
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
        ": end the program that holds the file, then go on",
    ),
    (
        (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM),
        ": see that you may write the file and its folder, then go on",
    ),
)
"""The next steps by SQLite's code."""


def make(
    path: FilePath,
    meta: Mapping[str, str],
    fill: Callable[[sqlite3.Connection], None] | None = None,
) -> None:
    """Make a new file with the schema and ``meta``, readable by its owner alone, or none.

    Call it with the lock held.

    Args:
        path: Where.
        meta: Notes.
        fill: Fills the tables, inside a transaction, before anybody sees the file.
    """
    path = real(path)
    if is_there(path):
        raise FileExistsError
    _clear_away_logs(path)
    # Created before SQLite opens it, so that it is never group-readable.
    with Draft(path, part=path.with_name(path.name + ".new")) as draft:
        draft.finish()
        with contextlib.closing(sqlite3.connect(draft.part, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")  # no file beside it to be left over
            for statement in statements(SCHEMA):
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            if fill is not None:
                connection.execute("BEGIN")
                fill(connection)
                connection.execute("COMMIT")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        draft.keep()


def _clear_away_logs(path: FilePath) -> None:
    """Remove SQLite's logs of a missing file, whose content would return in the new one.

    Raises:
        StoreError: A log holds something; only its owner knows whether it is wanted.
    """
    logs = [path.with_name(path.name + end) for end in ("-wal", "-journal", "-shm")]
    full = [each.name for each in logs[:2] if is_there(each) and each.stat().st_size]
    if full:
        raise StoreError(
            f"{path} is not there, but of an earlier one {' and '.join(full)} is left",
            hint="Put that store back, or move them away; then begin again",
        )
    for each in logs:
        each.unlink(missing_ok=True)
