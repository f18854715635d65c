"""A look inside a store that is a file, for tests of that kind of storage."""

import contextlib
import re
import sqlite3
import zlib
from pathlib import Path

from elements_procura.harvest import packing
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.snapshot import SqlSnapshot


def db_of(store: object) -> sqlite3.Connection:
    """The connection of what was opened."""
    assert isinstance(store, SqlReader | SqlSnapshot)
    assert isinstance(store._db, sqlite3.Connection)
    return store._db


BEFORE_CHANGES = """
DROP TRIGGER resources_numbered; DROP TRIGGER resources_erased;
DROP TRIGGER dossiers_staled; DROP TRIGGER spares_added; DROP TRIGGER spares_changed;
DROP TRIGGER spares_dropped; DROP INDEX resources_by_look; DROP TABLE erased;
ALTER TABLE resources DROP COLUMN change; ALTER TABLE resources DROP COLUMN look;
DELETE FROM meta WHERE key = 'identity';
DROP TABLE suppressed; DROP TABLE audit; DROP TABLE exports; DROP TABLE lineage;
ALTER TABLE parts DROP COLUMN hinted_at;
"""
"""Makes of a file one that numbers no changes, as those of earlier versions."""


def words_of(path: Path) -> bytes:
    """All that a store's files hold, also where nothing leads to, with packed bodies unpacked."""
    found: list[bytes] = []
    for file in path.parent.glob(f"{path.name}*"):
        raw = file.read_bytes()
        found.append(raw)
        for mark in re.finditer(rb"\xffEP1", raw):
            unpacker = zlib.decompressobj(-15, zdict=_DICTIONARY)
            # A long one goes on in another page: what stands in this one is told.
            with contextlib.suppress(zlib.error):
                found.append(unpacker.decompress(raw[mark.end() + 4 : mark.end() + 5_000]))
    with contextlib.closing(sqlite3.connect(path)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in db.execute(f"SELECT * FROM {table}"):
                found += [unpack(each) for each in row if isinstance(each, bytes)]
    return b"\n".join(found)


_DICTIONARY = Path(packing.__file__).with_name("bodies-1.dict").read_bytes()
