"""Where the counts of long windows outlive a process.

The seam is three plain methods. A ledger only remembers; what is full, who may still leave and when
a count expires is decided above it.
"""

import contextlib
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from elements_procura.disk.errors import disk_errors, writing_hint
from elements_procura.disk.sqlite import looking
from elements_procura.errors import StoreError

if TYPE_CHECKING:
    from elements_procura.scheduler._rates import Rate

_BEGINNING = 30.0  # seconds that a new process waits for others
_PAUSE = 0.02
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@attrs.frozen
class Count:
    """Requests granted in one stretch of time.

    Attributes:
        start: Seconds since the epoch at which the stretch begins.
        total: Requests granted in it, or by how much that number changes.
        bulk: How many of them were bulk.
    """

    start: float
    total: int
    bulk: int


class LedgerBusy(StoreError):
    """Somebody else holds the ledger just now: nothing was kept, ask again in a moment."""

    code = "store.busy"


class Ledger(Protocol):
    """Remembers counts.

    The calls come on the scheduler's own thread, one ``add`` per grant, and must be quick: one
    that would have to wait raises :class:`LedgerBusy` instead, and is made again later. A ledger
    that several processes share may also have a method ``changed(rate) -> bool``: whether others
    have added to it since this window was loaded or asked about last. Their counts are then loaded
    before anything leaves.
    """

    def load(self, rate: "Rate", since: float) -> Iterable[Count]:
        """All counts of this window whose start is not before ``since``."""

    def add(self, rate: "Rate", count: Count) -> None:
        """Change the count of one stretch; it is kept when the process dies right after."""

    def close(self) -> None:
        """Let go of files and connections; a later call takes them up again."""


class SqliteLedger:
    """Counts in an SQLite file of their own, exact after ``kill -9``.

    Every grant is one small transaction in write-ahead mode, without a sync to the disk: a power
    cut may lose what came after the last checkpoint, and one is made for every new stretch of time
    (five minutes of a day). Several processes may share the file: together they grant no more than
    the window has.

    Args:
        path: The file; its folder must be there.

    Raises:
        StoreError: The file cannot be opened, read or written.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = path
        self._open: sqlite3.Connection | None = None
        self._last: float | None = None
        self._versions: dict[float, int] = {}
        self._has_begun = False

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            # Without a timeout: who has to wait must not keep the event loop from going on.
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=0.0)
            try:
                # Not asked for again: changing the mode needs the file for itself.
                if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                    connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS grants (seconds REAL, start REAL,"
                    " total INTEGER NOT NULL, bulk INTEGER NOT NULL,"
                    " PRIMARY KEY (seconds, start)) WITHOUT ROWID"
                )
            except sqlite3.Error:
                connection.close()
                raise
            self._open = connection
        return self._open

    def load(self, rate: "Rate", since: float) -> list[Count]:
        """All counts of this window since then; older ones are thrown away.

        Processes that begin a new file together wait for each other here.
        """
        give_up = time.monotonic() + _BEGINNING
        while True:
            try:
                return self._load(rate, since)
            except LedgerBusy:
                if self._has_begun or time.monotonic() >= give_up:
                    raise
            # Unevenly, or processes that began together would try together for ever.
            time.sleep(_PAUSE * (0.5 + random.random()))  # noqa: S311 - nothing to guess here

    def _load(self, rate: "Rate", since: float) -> list[Count]:
        key = {"seconds": rate.seconds, "since": since}
        with self._errors():
            connection = self._connection()
            rows = connection.execute(
                "SELECT start, total, bulk FROM grants"
                " WHERE seconds = :seconds AND start >= :since",
                key,
            ).fetchall()
            with contextlib.suppress(sqlite3.OperationalError):  # busy: another time will do
                connection.execute(
                    "DELETE FROM grants WHERE seconds = :seconds AND start < :since", key
                )
            self._has_begun = True
            return [Count(*row) for row in rows]

    def changed(self, rate: "Rate") -> bool:
        """Whether anybody else has changed the file since this was asked last."""
        with self._errors():
            version = self._data_version()
        known = self._versions.get(rate.seconds)
        self._versions[rate.seconds] = version
        return known != version

    def _data_version(self) -> int:
        found: int = self._connection().execute("PRAGMA data_version").fetchone()[0]
        return found

    def add(self, rate: "Rate", count: Count) -> None:
        """Change the count of one stretch."""
        with self._errors():
            connection = self._connection()
            connection.execute(
                "INSERT INTO grants VALUES (:seconds, :start, :total, :bulk) ON CONFLICT DO UPDATE"
                " SET total = total + excluded.total, bulk = bulk + excluded.bulk",
                {
                    "seconds": rate.seconds,
                    "start": count.start,
                    "total": count.total,
                    "bulk": count.bulk,
                },
            )
            if self._last is not None and count.start > self._last:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._last = count.start

    @staticmethod
    def used(path: str | PathLike[str], *, now: float) -> dict[float, Count]:
        """What a file counts, for looking only, also while a harvest writes it.

        Args:
            path: The file.
            now: Seconds since the epoch.

        Returns:
            By the length of a window in seconds, what was granted in the one that ends now; what
            a stretch (five minutes of a day) counts is in it when the stretch begins in it.

        Raises:
            StoreError: The file cannot be read.
        """
        rows = _look(
            path,
            "SELECT seconds, min(start), sum(total), sum(bulk) FROM grants"
            " WHERE start > ? - seconds AND total != 0 GROUP BY seconds",
            now,
        )
        return {seconds: Count(*count) for seconds, *count in rows}

    @staticmethod
    def counted(path: str | PathLike[str]) -> dict[float, list[Count]]:
        """All that a file still counts, for looking only, also while a harvest writes it.

        Returns:
            By the length of a window in seconds, its stretches, oldest first.

        Raises:
            StoreError: The file cannot be read.
        """
        found: dict[float, list[Count]] = {}
        rows = _look(
            path, "SELECT seconds, start, total, bulk FROM grants WHERE total != 0 ORDER BY start"
        )
        for seconds, *count in rows:
            found.setdefault(seconds, []).append(Count(*count))
        return found

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._open is not None:
            self._open.close()
            self._open = None
            self._versions.clear()  # another connection counts them anew

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        path = Path(self._path)
        problem = f"The request ledger {path} cannot be used"
        with disk_errors(problem, path, hint=writing_hint(path.parent)):
            try:
                yield
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BUSY:
                    raise
                raise LedgerBusy(
                    "The request ledger is held by another process",
                    hint="End the program that holds it, or wait; what was counted is kept",
                ) from None


def _look(path: str | PathLike[str], query: str, *given: float) -> list[tuple[Any, ...]]:
    hint = "Look again in a moment"
    with (
        disk_errors("The request ledger cannot be read", Path(path), hint=hint),
        contextlib.closing(looking(Path(path), timeout=5.0, brief=True)) as connection,
    ):
        return connection.execute(query, given).fetchall()
