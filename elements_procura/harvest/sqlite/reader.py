"""Looking into a harvest's file, also while another process writes it."""

import contextlib
import sqlite3
from pathlib import Path as FilePath

from elements_procura.errors import StoreError
from elements_procura.harvest.address import Where, path_of, url_of
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sqlite.database import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    connect_to_look,
    store_errors,
)


class InFile(SqlReader):
    """What both who looks and who writes know of a file.

    Args:
        connection: To the file.
        path: Where it is.
    """

    _db: sqlite3.Connection
    path: FilePath

    @property
    def url(self) -> str:
        """The identity of the store."""
        return url_of(self.path)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def schema_version(self) -> int:
        """The version of the schema that it is stored in."""
        return SCHEMA_VERSION

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return store_errors(self.path)

    def _check(self, *, oldest: int = SCHEMA_VERSION) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise StoreError(f"{self.path} is not a harvest", hint="Choose another file")
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} was made by a later version", hint="Update elements-procura"
            )
        if version < oldest:
            raise StoreError(
                f"{self.path} was made by an earlier version",
                hint="Go on with the harvest: harvest … --resume brings it up to this one",
            )


class SqliteReader(InFile):
    """A stored harvest, opened for reading only. Open it with :meth:`read`.

    Attributes:
        path: The file.
    """

    def __init__(self, connection: sqlite3.Connection, path: FilePath) -> None:
        super().__init__(connection)
        self.path = path

    @staticmethod
    def read(where: Where, *, brief: bool = False) -> "SqliteReader":
        """Open an existing store, also while a harvest is writing it.

        Args:
            where: The file, or its URL.
            brief: It is closed again within moments, so no files are made beside it.

        Raises:
            StoreError: Nothing is there, or something else than the store of a harvest.
        """
        path = path_of(where)
        with store_errors(path), contextlib.ExitStack() as undo:
            reader = SqliteReader(connect_to_look(path, brief=brief), path)
            undo.callback(reader.close)
            reader._check()
            undo.pop_all()
        return reader
