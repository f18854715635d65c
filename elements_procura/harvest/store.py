"""The harvest's file: ledger and raw bodies in one SQLite database per tenant.

Every answer is one transaction: the body, its hash, the work it leads to and what that means for
its dossier. So a process may die at any moment: what was committed is never asked for again, and
what was not is still in the queue. The raw body is the truth; everything typed is derived.
"""

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Self

import attrs

from elements_procura._lock import FileLock
from elements_procura.errors import StoreError
from elements_procura.harvest._database import (
    APPLICATION_ID,
    SCHEMA,
    SCHEMA_VERSION,
    connect,
    locked,
    store_errors,
)
from elements_procura.harvest.reader import StoreReader
from elements_procura.harvest.source import (
    BY_SHARING,
    Answer,
    DossierId,
    Found,
    Root,
    Want,
    Work,
)


@attrs.frozen
class Settled:
    """What one transaction brought about.

    Attributes:
        work: New resources to fetch.
        dossiers: Dossiers of which nothing is left to fetch, with their state.
    """

    work: tuple[Work, ...] = ()
    dossiers: tuple[tuple[DossierId, str], ...] = ()


class Store(StoreReader):
    """One tenant's harvest. Synchronous; use it from one thread at a time.

    Open it with :meth:`create` or :meth:`open`, or with :meth:`read` for looking only.
    """

    def __init__(self, connection: sqlite3.Connection, path: FilePath, lock: FileLock) -> None:
        super().__init__(connection, path)
        self._lock = lock

    @classmethod
    def create(cls, path: FilePath | str, *, tenant: str) -> Self:
        """A new store, readable by its owner alone.

        Args:
            path: The file, which must not be there yet.
            tenant: Whose data it holds; opening it for another is refused.

        Raises:
            StoreError: The file exists or cannot be made, or another process is about to.
        """
        path = FilePath(path)
        with store_errors(path), contextlib.ExitStack() as undo:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = locked(path)
            undo.callback(lock.release)
            # Made before SQLite sees it, so that it and its journal are never group-readable.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            store = cls(connect(path), path, lock)
            undo.callback(store.close)
            with store._transaction():
                for statement in SCHEMA.split(";"):
                    store._db.execute(statement)
                store._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                store._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                store._db.execute("INSERT INTO meta VALUES ('tenant', ?)", (tenant,))
            undo.pop_all()
        return store

    @classmethod
    def open(cls, path: FilePath | str, *, tenant: str) -> Self:
        """The store of an earlier run.

        Raises:
            StoreError: There is none, it is no store of a harvest, it is another tenant's, or
                another process is harvesting into it.
        """
        path = FilePath(path)
        with store_errors(path), contextlib.ExitStack() as undo:
            if not path.is_file():
                raise StoreError(f"{path} is not there", hint="Begin a harvest to make it")
            lock = locked(path)
            undo.callback(lock.release)
            store = cls(connect(path), path, lock)
            undo.callback(store.close)
            store._check()
            if store.tenant != tenant:
                raise StoreError(
                    f"{path} holds the harvest of another tenant",
                    hint="Choose another --out for each organisation",
                )
            undo.pop_all()
        return store

    def close(self) -> None:
        """Close the file; everything is committed already."""
        super().close()
        self._lock.release()

    # -- writing ---------------------------------------------------------------------------

    def add_dossiers(self, roots: Iterable[Root]) -> int:
        """Queue dossiers; those that are known already are left as they are.

        Returns:
            How many were new.
        """
        with self._transaction():
            return sum([self._add_dossier(root) for root in roots])

    def finish_listing(self, *, include: Iterable[str], requests: int) -> None:
        """All dossiers are known, and so are the kinds of resource that are wanted of them."""
        with self._transaction():
            names = ",".join(sorted(include))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('include', ?)", (names,))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('listed', '1')")
            self._count("requests", requests)

    def add_requests(self, requests: int) -> None:
        """Count requests that led to nothing that is stored."""
        with self._transaction():
            self._count("requests", requests)

    def put(self, work: Work, answer: Answer, found: Found, *, requests: int) -> Settled:
        """Store an answer and queue what it leads to: one transaction.

        Args:
            work: What was fetched.
            answer: What holds the body as it came, and does not show it.
            found: What it leads to.
            requests: Requests that have left since the last call.
        """
        with self._transaction():
            # Guarded by its state: a resource that was settled before is not settled twice.
            if not self._keep(work, answer):
                return Settled()
            new = [made for want in found.wants if (made := self._want(work.dossier, want))]
            for reason, count in found.saved.items():
                self._count(f"saved: {reason}", count)
            self._count("requests", requests)
            return Settled(tuple(new), tuple(self._close_dossiers(work, failed=False)))

    def gone(self, work: Work, *, status: int, requests: int) -> Settled:
        """A resource does not exist, or may not be read. With all of them gone the dossier is."""
        with self._transaction():
            if not self._settle(work, "gone", status=status, sha256=None, error=None):
                return Settled()
            self._count("requests", requests)
            return Settled((), tuple(self._close_dossiers(work, failed=False)))

    def quarantine(self, work: Work, *, error: str, requests: int) -> Settled:
        """A resource cannot be read: its dossier is put aside with the reason."""
        with self._transaction():
            if not self._settle(work, "quarantined", status=None, sha256=None, error=error):
                return Settled()
            self._count("requests", requests)
            return Settled((), tuple(self._close_dossiers(work, failed=True)))

    def requeue_quarantined(self) -> int:
        """Put everything that is in quarantine back into the queue.

        Returns:
            How many resources.
        """
        with self._transaction():
            rows = self._db.execute("SELECT id, dossier FROM resources WHERE state = 'quarantined'")
            resources = rows.fetchall()
            for resource, owner in resources:
                self._db.execute(
                    "UPDATE resources SET state = 'queued', error = NULL WHERE id = ?", (resource,)
                )
                for dossier in self._waiting_for(resource, owner):
                    self._db.execute(
                        "UPDATE dossiers SET open = open + 1, failed = failed - 1, state = 'open'"
                        " WHERE id = ?",
                        (dossier,),
                    )
        return len(resources)

    # -- inside ----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with store_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _add_dossier(self, root: Root) -> bool:
        cursor = self._db.execute("INSERT OR IGNORE INTO dossiers (id) VALUES (?)", (root.dossier,))
        if cursor.rowcount != 1:
            return False
        for want in root.found.wants:
            self._want(root.dossier, want)
        for reason, count in root.found.saved.items():
            self._count(f"saved: {reason}", count)
        if root.row is not None:
            want, row = root.row
            work = self._want(root.dossier, want)
            if work is not None:
                self._keep(work, row)
                list(self._close_dossiers(work, failed=False))
        return True

    def _keep(self, work: Work, answer: Answer) -> bool:
        sha256 = hashlib.sha256(answer.body).digest()
        if not self._settle(work, "stored", status=200, sha256=sha256, error=None):
            return False
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, answer.body))
        return True

    def _want(self, dossier: DossierId, want: Want) -> Work | None:
        """Queue a resource unless it is known; a shared one is then waited for as well."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO resources (dossier, kind, path, share) VALUES (?, ?, ?, ?)",
            (dossier, want.kind, want.path, want.share),
        )
        if cursor.rowcount == 1 and cursor.lastrowid is not None:
            self._db.execute("UPDATE dossiers SET open = open + 1 WHERE id = ?", (dossier,))
            return Work(cursor.lastrowid, dossier, want.kind, want.path)
        if want.share is not None:
            self._share(dossier, want.share)
        return None

    def _share(self, dossier: DossierId, share: str) -> None:
        known, owner, state = self._db.execute(
            "SELECT id, dossier, state FROM resources WHERE share = ?", (share,)
        ).fetchone()
        if owner == dossier:
            return
        cursor = self._db.execute("INSERT OR IGNORE INTO shares VALUES (?, ?)", (known, dossier))
        if cursor.rowcount == 1:
            self._count(f"saved: {BY_SHARING}", 1)
            self._db.execute(
                "UPDATE dossiers SET open = open + ?, failed = failed + ? WHERE id = ?",
                (state == "queued", state == "quarantined", dossier),
            )

    def _settle(
        self, work: Work, state: str, *, status: int | None, sha256: bytes | None, error: str | None
    ) -> bool:
        cursor = self._db.execute(
            "UPDATE resources SET state = ?, status = ?, fetched_at = ?, sha256 = ?, error = ?"
            " WHERE id = ? AND state = 'queued'",
            (state, status, time.time(), sha256, error, work.id),
        )
        return cursor.rowcount == 1

    def _close_dossiers(self, work: Work, *, failed: bool) -> Iterator[tuple[DossierId, str]]:
        """Count a settled resource off on every dossier that waits for it."""
        for dossier in self._waiting_for(work.id, work.dossier):
            row = self._db.execute(
                "UPDATE dossiers SET open = open - 1, failed = failed + ? WHERE id = ?"
                " RETURNING open, failed",
                (failed, dossier),
            ).fetchone()
            if row[0] == 0:
                state = self._closed_state(dossier, failed=row[1])
                self._db.execute("UPDATE dossiers SET state = ? WHERE id = ?", (state, dossier))
                yield dossier, state

    def _waiting_for(self, resource: int, owner: DossierId) -> list[DossierId]:
        rows = self._db.execute("SELECT dossier FROM shares WHERE resource = ?", (resource,))
        return [owner, *(dossier for (dossier,) in rows)]

    def _closed_state(self, dossier: DossierId, *, failed: int) -> str:
        if failed:
            return "quarantined"
        (anything,) = self._db.execute(
            "SELECT EXISTS (SELECT 1 FROM resources WHERE dossier = ? AND state = 'stored')",
            (dossier,),
        ).fetchone()
        return "complete" if anything else "gone"

    def _count(self, name: str, more: int) -> None:
        if more:
            self._db.execute(
                "INSERT INTO counts VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                (name, more),
            )
