"""The gate of several processes on one machine: an SQLite file."""

import asyncio
import contextlib
import json
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elements_procura.disk.errors import disk_errors, writing_hint
from elements_procura.errors import StoreError
from elements_procura.scheduler._account import turn
from elements_procura.scheduler._account_shape import account_of
from elements_procura.scheduler._machine import this_machine
from elements_procura.scheduler._shared import SharedGate
from elements_procura.scheduler._turns import TURN_SECONDS, TurnLost

if TYPE_CHECKING:
    from elements_procura.clock import Clock

__all__ = ["FileGate"]

_log = logging.getLogger(__name__)

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# So soon after a turn of another machine, this one was not started since: both use the file.
_SOON = 5.0
_SPOILED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class FileGate(SharedGate):
    """Shares an account's limits among processes of one machine, without a server.

    All that share an account give the same file, the same ``account`` and the same rates. Short
    windows, the day's count, refusals and who is interactive are shared; each gets its turn. The
    processes must run on one machine, as they measure by its one monotonic clock; the file must not
    lie on a network drive.

    Args:
        path: The file; its folder must be there. Many accounts may share one file.
        account: Which account of the server this is; the same word in all processes.

    Raises:
        ConfigError: ``account`` is empty.
    """

    def __init__(self, path: str | PathLike[str], *, account: str) -> None:
        super().__init__(account=account, site="")
        self._path = Path(path)

    def _open_turns(self, clock: "Clock") -> "FileTurns":
        return FileTurns(self._path, self._account, clock)


class FileTurns:
    """One account in an SQLite file; a thread of its own takes the turns.

    Args:
        path: The file.
        account: The account's name in it.
        clock: The machine's.
    """

    def __init__(self, path: Path, account: str, clock: "Clock") -> None:
        self._path = path
        self._account = account
        self._clock = clock
        self._machine = this_machine()
        self._open: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # what is open
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gate")

    async def turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Take one turn."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._turn, ask)

    async def aclose(self) -> None:
        """Close the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        with disk_errors(f"The gate {self._path} cannot be used", self._path, hint=self._hint):
            try:
                return self._whole(ask)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
                    raise TurnLost(f"{self._path} is locked") from None
                raise

    def _hint(self, error: Exception) -> str:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _SPOILED:
            mine = f"If {self._path} is the gate's own, delete it: that costs the day's count"
            return f"{mine}, and nothing else. If not, name another file"
        return writing_hint(self._path.parent)

    def _connection(self) -> sqlite3.Connection:
        if self._open is not None and self._file != self._there():
            # It was deleted, or another put in its place: others open that one, and an account
            # that is kept twice lets twice as many leave.
            self._close()
        if self._open is None:
            connection = sqlite3.connect(
                self._path,
                isolation_level=None,
                timeout=TURN_SECONDS,
                check_same_thread=False,
            )
            try:
                self._check_ours(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS gates (account TEXT PRIMARY KEY, state TEXT)"
                )
            except (sqlite3.Error, StoreError):
                connection.close()
                raise
            self._open, self._file = connection, self._there()
        return self._open

    def _check_ours(self, connection: sqlite3.Connection) -> None:
        """Leave the databases of others, a harvest's as well, as they are.

        Raises:
            StoreError: It is one.
        """
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        columns = connection.execute("SELECT name FROM pragma_table_info('gates')").fetchall()
        if names and (names != [("gates",)] or columns != [("account",), ("state",)]):
            raise StoreError(
                f"The gate {self._path} is a database of something else",
                hint="Name a file of its own: it is made when it is first used",
            )

    def _there(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _meet_machine(self, state: dict[str, Any], wall: float) -> None:
        """Forget the moments of another machine, or of this one before it was started.

        Raises:
            StoreError: Another machine uses the file now: their clocks have nothing in common.
        """
        if state.get("machine", self._machine) == self._machine:
            return
        if abs(wall - state.get("wall", 0.0)) < _SOON:
            raise StoreError(
                f"The gate {self._path} is used by another machine, too",
                hint="A file serves the processes of one machine: share a RedisGate among several",
            )
        for name in ("epoch", "now"):
            del state[name]
        state["owners"] = {}

    def _whole(self, ask: dict[str, Any]) -> dict[str, Any]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            row = connection.execute(
                "SELECT state FROM gates WHERE account = ?", (self._account,)
            ).fetchone()
            state = {} if row is None else account_of(row[0])
            if state is None:
                _log.warning("%s is spoiled in %s: it begins anew", self._account, self._path)
                state = {}
            # Asked for while the file is held, so that moments follow each other as turns do.
            now, wall = self._clock.now() * 1000, self._clock.wall()
            self._meet_machine(state, wall)
            answer = turn(state, ask, now, wall)
            if state:
                state["machine"], state["wall"] = self._machine, wall
                connection.execute(
                    "INSERT INTO gates VALUES (?, ?)"
                    " ON CONFLICT (account) DO UPDATE SET state = excluded.state",
                    (self._account, json.dumps(state, separators=(",", ":"))),
                )
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return answer
