"""Persistent counts of long windows, in SQLite."""

import asyncio
import contextlib
import math
import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from elements_procura.disk.errors import disk_errors, is_damage, writing_hint
from elements_procura.disk.sqlite import looking
from elements_procura.errors import StoreError
from elements_procura.scheduler._checkpoints import Checkpoints
from elements_procura.scheduler._counts import Count, LedgerBusy

if TYPE_CHECKING:
    from elements_procura.scheduler._rates import Rate

__all__ = ["SqliteLedger"]

_BEGINNING = 30.0  # seconds that a new process waits for others
_PAUSE = 0.02
_LOOK_AGAIN = 0.002
_MANY = 1000  # grants after which a checkpoint is made, however little time has passed
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_OF_PARENTS: list[sqlite3.Connection] = []
_forks = 0  # how many forks lie between the first process and this one


def _count_fork() -> None:
    global _forks  # noqa: PLW0603 - one number for the process, as cheap to ask as can be
    _forks += 1


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_count_fork)


class SqliteLedger:
    """Counts in an SQLite file of their own, none of which ``kill -9`` loses.

    A grant is one small transaction in write-ahead mode, which waits for no disk; of bulk one
    transaction counts eight ahead, and where hundreds a second are granted, up to 32. Threads of
    their own make the checkpoints, one for every new stretch of time (five minutes of a day), and
    close the file; the grant after a checkpoint syncs one page, as the log begins anew. A power cut
    may lose what came after the last checkpoint. Several processes may
    share the file: together they grant what the window has, to the last request.

    Args:
        path: The file; its folder must be there.

    Raises:
        StoreError: The file cannot be opened, read or written.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = path
        self._guard = threading.RLock()  # between the scheduler's thread and one that closes
        self._open: sqlite3.Connection | None = None
        self._forks = _forks
        self._checkpoints = Checkpoints(Path(path))
        self._last: float | None = None
        self._adds = 0
        self._versions: dict[float, int] = {}
        self._has_begun = False

    def _connection(self) -> sqlite3.Connection:
        if self._forks != _forks:
            self._leave_to_parent()
        if self._open is None:
            # Without a timeout: who has to wait must not keep the event loop from going on.
            connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=0.0, check_same_thread=False
            )
            try:
                self._begin(connection)
            except sqlite3.Error:
                connection.close()
                raise
            self._open = connection
        return self._open

    def _begin(self, connection: sqlite3.Connection) -> None:
        # Checkpoints sync, and they have their own connection. What is left for this one is a sync
        # when it begins the log anew after a checkpoint, once in five minutes: with OFF, a power
        # cut could leave the old log's head before the new log's rest, and spoil the file.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        # Not asked for again: changing the mode needs the file for itself.
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # Of a new file: every grant writes one page to the log.
            connection.execute("PRAGMA page_size = 512")
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS grants (seconds REAL, start REAL,"
            " total INTEGER NOT NULL, bulk INTEGER NOT NULL,"
            " PRIMARY KEY (seconds, start)) WITHOUT ROWID"
        )
        # A ledger of an earlier version gets it here; that version goes on beside it.
        connection.execute(
            "CREATE TABLE IF NOT EXISTS lessons (key TEXT PRIMARY KEY, lesson TEXT NOT NULL)"
        )

    def _leave_to_parent(self) -> None:
        """Keep a forked child from closing connections, which would free the parent's locks."""
        self._forks = _forks
        if self._open is not None:
            _OF_PARENTS.append(self._open)
            self._forget_connection()

    def _forget_connection(self) -> sqlite3.Connection | None:
        connection, self._open = self._open, None
        self._versions.clear()  # another connection counts them anew
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the file: all that is read and added inside is kept whole, or not at all.

        Raises:
            LedgerBusy: Another process holds it just now.
            StoreError: The file cannot be written.
        """
        with self._guard:
            try:
                connection = self._connection()
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                self._fail(error)
            try:
                yield
                connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):  # it has rolled back by itself
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    self._fail(error)
                raise

    def load(self, rate: "Rate", since: float) -> list[Count]:
        """All counts of this window since then; older ones are thrown away.

        Processes that begin a new file together wait for each other here, but an event loop is
        never kept waiting.

        Raises:
            LedgerBusy: Another process holds the file.
            StoreError: The file cannot be read.
        """
        give_up = time.monotonic() + _BEGINNING
        while True:
            try:
                return self._load(rate, since)
            except LedgerBusy:
                if self._has_begun or _is_on_a_loop() or time.monotonic() >= give_up:
                    raise
            # Unevenly, or processes that began together would try together for ever.
            time.sleep(_PAUSE * (0.5 + random.random()))  # noqa: S311 - nothing to guess here

    def _load(self, rate: "Rate", since: float) -> list[Count]:
        key = {"seconds": rate.seconds, "since": since}
        with self._guard:
            try:
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
            except sqlite3.Error as error:
                self._fail(error)
            if not self._has_begun:
                self._has_begun = True
                self._checkpoints.begin()  # what a new file begins with is synced too
            if all(map(_is_count, rows)):
                return [Count(*row) for row in rows]
        path = Path(self._path)
        raise StoreError(
            f"The request ledger {path} cannot be used: a count in it is spoiled",
            hint=_left_behind(path),
        )

    def changed(self, rate: "Rate") -> bool:
        """Whether anybody else has changed the file since this was asked last."""
        with self._guard:
            try:
                version: int = self._connection().execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error as error:
                self._fail(error)
            known = self._versions.get(rate.seconds)
            self._versions[rate.seconds] = version
        return known != version

    def add(self, rate: "Rate", count: Count) -> None:
        """Change the count of one stretch."""
        with self._guard:
            try:
                self._connection().execute(
                    "INSERT INTO grants VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET total = total + excluded.total, bulk = bulk + excluded.bulk",
                    (rate.seconds, count.start, count.total, count.bulk),
                )
            except sqlite3.Error as error:
                self._fail(error)
        self._adds += 1
        if (self._last is not None and count.start > self._last) or self._adds >= _MANY:
            self._checkpoints.begin()
            self._adds = 0
        self._last = count.start

    def recall(self, key: str) -> str | None:
        """What :meth:`keep` was given under this key last, or None.

        Raises:
            LedgerBusy: Another process holds the file.
            StoreError: The file cannot be read.
        """
        with self._guard:
            try:
                found = (
                    self._connection()
                    .execute("SELECT lesson FROM lessons WHERE key = ?", (key,))
                    .fetchone()
                )
            except sqlite3.Error as error:
                self._fail(error)
        return found[0] if found and isinstance(found[0], str) else None

    def keep(self, key: str, lesson: str) -> None:
        """Store a text under a key, in place of the one before.

        Raises:
            LedgerBusy: Another process holds the file.
            StoreError: The file cannot be written.
        """
        with self._guard:
            try:
                self._connection().execute(
                    "INSERT INTO lessons VALUES (?, ?)"
                    " ON CONFLICT DO UPDATE SET lesson = excluded.lesson",
                    (key, lesson),
                )
            except sqlite3.Error as error:
                self._fail(error)

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
        """Close the file, after a last checkpoint; the next call opens it again."""
        with self._guard:
            if self._forks != _forks:
                self._leave_to_parent()
            connection = self._forget_connection()
        self._checkpoints.wait()
        if connection is not None:
            connection.close()

    async def aclose(self) -> None:
        """Close the file by a thread, as the last checkpoint may take its time."""
        closing = threading.Thread(target=self.close, name="ledger-close")
        closing.start()
        while closing.is_alive():  # noqa: ASYNC110 - a loop on virtual time may know no threads
            await asyncio.sleep(_LOOK_AGAIN)

    def _fail(self, error: sqlite3.Error) -> NoReturn:
        """Raise SQLite's failure as an error of this package."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise LedgerBusy(
                "The request ledger is held by another process",
                hint="End the program that holds it, or wait; what was counted is kept",
            ) from None
        path = Path(self._path)
        problem = f"The request ledger {path} cannot be used"
        with disk_errors(problem, path, hint=partial(_hint, path)):
            raise error


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_count(row: tuple[Any, ...]) -> bool:
    """Whether a row is one: SQLite keeps a text in a column of numbers."""
    start, *counts = row
    is_time = isinstance(start, int | float) and math.isfinite(start)
    return is_time and all(isinstance(each, int) for each in counts)


def _left_behind(path: Path) -> str:
    return f"Move {path.name} away: what it has counted of the last day is lost, no answer is"


def _hint(path: Path, error: Exception) -> str:
    """The next step when the file fails."""
    if is_damage(error):
        return _left_behind(path)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
        return "Look again in a moment"
    return writing_hint(path.parent)


def _look(path: str | PathLike[str], query: str, *given: float) -> list[tuple[Any, ...]]:
    path = Path(path)
    with (
        disk_errors(f"The request ledger {path} cannot be read", path, hint=partial(_hint, path)),
        contextlib.closing(looking(path, timeout=5.0, brief=True)) as connection,
    ):
        return connection.execute(query, given).fetchall()
