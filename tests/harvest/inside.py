"""A look inside a store that is a file, for tests of that kind of storage."""

import sqlite3

from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.snapshot import SqlSnapshot


def db_of(store: object) -> sqlite3.Connection:
    """The connection of what was opened."""
    assert isinstance(store, SqlReader | SqlSnapshot)
    assert isinstance(store._db, sqlite3.Connection)
    return store._db
