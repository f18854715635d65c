"""A look inside a store that is a file, for tests of that kind of storage."""

import sqlite3

from elements_procura.harvest.sqlite.reader import SqliteReader
from elements_procura.harvest.sqlite.snapshot import SqliteSnapshot


def db_of(store: object) -> sqlite3.Connection:
    """The connection of what was opened."""
    assert isinstance(store, SqliteReader | SqliteSnapshot)
    return store._db
