"""A look inside a store that is a file, for tests of that kind of storage."""

import sqlite3

from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.snapshot import SqlSnapshot


def db_of(store: object) -> sqlite3.Connection:
    """The connection of what was opened."""
    assert isinstance(store, SqlReader | SqlSnapshot)
    assert isinstance(store._db, sqlite3.Connection)
    return store._db


BEFORE_CHANGES = """
DROP TRIGGER resources_changed; DROP TRIGGER resources_looked; DROP TRIGGER resources_erased;
DROP TRIGGER dossiers_staled; DROP TRIGGER spares_added; DROP TRIGGER spares_changed;
DROP TRIGGER spares_dropped; DROP INDEX resources_by_look; DROP TABLE erased;
ALTER TABLE resources DROP COLUMN change; ALTER TABLE resources DROP COLUMN look;
DELETE FROM meta WHERE key = 'identity';
"""
"""Makes of a file one that numbers no changes, as those of earlier versions."""
