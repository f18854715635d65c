"""The harvest's file: ledger and raw bodies in one SQLite database per tenant.

Every answer is one transaction: the body, its hash, the work it leads to and what that means for
its dossier. So a process may die at any moment: what was committed is never asked for again, and
what was not is still in the queue. The raw body is the truth; everything typed is derived.
"""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Self

from elements_procura.clock import Clock
from elements_procura.errors import StoreError
from elements_procura.harvest.address import Where, path_of
from elements_procura.harvest.erasure.lists import list_beside, list_of, write_list
from elements_procura.harvest.sql.origin import first_meta
from elements_procura.harvest.sql.store import SqlStore
from elements_procura.harvest.sqlite.changes import NEXT_NUMBER
from elements_procura.harvest.sqlite.database import (
    connect,
    folder_error,
    make,
    store_errors,
    write_ahead,
)
from elements_procura.harvest.sqlite.lease import FileLease, leased
from elements_procura.harvest.sqlite.migrations import migrate
from elements_procura.harvest.sqlite.reader import InFile, SqliteReader

_CUT = "PRAGMA wal_checkpoint(TRUNCATE)"


class SqliteStore(InFile, SqlStore):
    """A file that is open for one run. Open it with :meth:`create` or :meth:`open`.

    Attributes:
        lease: The right to write it.
        path: The file.
    """

    _next_number = NEXT_NUMBER

    def __init__(
        self, connection: sqlite3.Connection, path: FilePath, lease: FileLease, clock: Clock | None
    ) -> None:
        self.path = path
        super().__init__(connection, lease, clock)

    @staticmethod
    def read(where: Where, *, brief: bool = False) -> SqliteReader:
        """Open an existing file for looking."""
        return SqliteReader.read(where, brief=brief)

    @classmethod
    def create(
        cls,
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> Self:
        """Make a new file, readable by its owner alone."""
        path = path_of(where)
        with store_errors(path), contextlib.ExitStack() as undo:
            path.parent.mkdir(parents=True, exist_ok=True)
            lease = leased(path)
            undo.callback(lease.release)
            make(path, first_meta(tenant=tenant, selection=selection, history=history))
            store = cls(connect(path), path, lease, clock)
            undo.callback(store.close)
            write_ahead(store._db)
            store.begin_line()
            store.finish_erasures()
            undo.pop_all()
        return store

    @classmethod
    def open(cls, where: Where, *, tenant: str, clock: Clock | None = None) -> Self:
        """Open the file of an earlier run; one of an earlier version is brought up to this one."""
        path = path_of(where)
        with store_errors(path), contextlib.ExitStack() as undo:
            if path.is_dir():
                raise folder_error(path)
            if not path.is_file():
                raise StoreError(f"{path} is not there", hint="Begin a harvest to make it")
            lease = leased(path)
            undo.callback(lease.release)
            store = cls(connect(path), path, lease, clock)
            undo.callback(store.close)
            store._check(oldest=1)
            write_ahead(store._db)
            migrate(store._db)
            if store.tenant != tenant:
                raise StoreError(
                    f"{path} holds the harvest of another tenant",
                    hint="Choose another store for each organisation",
                )
            store._resources.rights.read()
            store.begin_line()
            store.finish_erasures()
            undo.pop_all()
        return store

    def purge(self) -> int:
        """Erase for good what the source no longer has, with its history."""
        erased = super().purge()
        # What was erased still stands in the log of changes, until that is cut back.
        with self._one_thread, store_errors(self.path):
            self._db.execute(_CUT).fetchall()
        return erased

    def finish_erasures(self) -> None:
        """Finish what was begun; take over the list beside it, which may know of more.

        A copy that was put back in the place of the file knows less than the list.
        """
        hashes, listed = self.suppressed()[1], list_beside(self.path)
        if listed is not None and not listed[1] <= hashes:
            self.suppress(*listed)
        elif hashes and (listed is None or listed[1] < hashes):
            self._list_beside()
        super().finish_erasures()

    def _list_beside(self) -> None:
        write_list(list_of(self.path), self.suppressed())

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        self._before_looking()
        return super()._errors()

    def _scrub(self) -> bool:
        # The log of changes and the pages that are free still hold what was erased. Whoever looks
        # at the file now keeps the log from being cut.
        with self._one_thread, store_errors(self.path):
            for statement in (_CUT, "VACUUM", _CUT):
                found = self._db.execute(statement).fetchone()
                if found is not None and found[0]:
                    return False
        return True

    def _begin(self) -> None:
        self.lease.check()
        self._db.execute("BEGIN IMMEDIATE")
