"""The storage that keeps each tenant in a file of its own."""

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager

from elements_procura.clock import Clock, SystemClock
from elements_procura.disk.errors import is_there
from elements_procura.harvest.address import Where, path_of
from elements_procura.harvest.erasure.lists import list_of, write_list
from elements_procura.harvest.sql.erasing import note_audit, note_export
from elements_procura.harvest.sql.snapshot import SqlSnapshot
from elements_procura.harvest.sqlite.database import connect, make, store_errors
from elements_procura.harvest.sqlite.lease import leased, lock_of
from elements_procura.harvest.sqlite.reader import SqliteReader
from elements_procura.harvest.sqlite.snapshot import snapshot
from elements_procura.harvest.sqlite.store import SqliteStore


class SqliteBackend:
    """Stores at paths and ``sqlite:`` URLs."""

    def create(
        self,
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> SqliteStore:
        """Make a new file."""
        return SqliteStore.create(
            where, tenant=tenant, selection=selection, history=history, clock=clock
        )

    def open(self, where: Where, *, tenant: str, clock: Clock | None = None) -> SqliteStore:
        """Open the file of an earlier run."""
        return SqliteStore.open(where, tenant=tenant, clock=clock)

    def read(self, where: Where, *, brief: bool = False) -> SqliteReader:
        """Open a file for looking."""
        return SqliteReader.read(where, brief=brief)

    def exists(self, where: Where) -> bool:
        """Look for a file."""
        return is_there(path_of(where))

    def snapshot(self, where: Where) -> AbstractContextManager[SqlSnapshot]:
        """Hold one moment of a file."""
        return snapshot(where)

    def copy_in(self, where: Where, moment: SqlSnapshot) -> None:
        """Make a new file of a moment of another store."""
        path = path_of(where)
        with store_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lease = leased(path)
            try:
                make(path, {}, moment.copy_to)
                listed = moment.reader.suppressed()
                if listed[1]:
                    write_list(list_of(path), listed)
            finally:
                lease.release()

    def note_export(self, where: Where, place: str, options: str) -> None:
        """Note an export in a file, also while a harvest writes it."""
        path = path_of(where)
        with store_errors(path), contextlib.closing(connect(path)) as db:
            note_export(db, place, options)

    def note_audit(self, where: Where, action: str, counts: Mapping[str, int]) -> None:
        """Note what was done for a person in a file, also while a harvest writes it."""
        path = path_of(where)
        with store_errors(path), contextlib.closing(connect(path)) as db:
            note_audit(db, action, counts, now=SystemClock().wall())

    def holder(self, where: Where) -> str | None:
        """Name who holds the lock of a file now."""
        lock = lock_of(path_of(where))
        return lock.holder() if lock.held() else None
