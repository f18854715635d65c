"""The right to write a store that is in a server: a row with a number that grows.

Whoever takes it raises the number, the *fence*, and every transaction begins by looking for its own
one there and holding the row until it ends. So whoever was suspended and wakes up late writes
nothing; and one that is suspended inside a transaction is cut off by the server before its lease
has ended. It ends at once when the connection that has taken it is gone.
"""

import contextlib
import os
import socket
import threading
import time

import psycopg

from elements_procura.errors import ConfigError, StoreInUse
from elements_procura.harvest.address import ServerAddress
from elements_procura.harvest.postgres.connection import MARK, Connection
from elements_procura.harvest.sql.database import Rows

_DYING = 1.0
"""Seconds until a server has noticed that a process is gone which has just been killed."""
_HELD = (
    "holder IS NOT NULL AND until > clock_timestamp() AND EXISTS"
    " (SELECT 1 FROM pg_stat_activity WHERE pid = process"
    # Of other users' connections it is not shown since when they are there.
    " AND coalesce(backend_start, since) = since)"
)
_LOOK = f"SELECT fence, current_setting('{MARK}', true) FROM lease"  # noqa: S608 - a constant
_KEEP = (
    "UPDATE lease SET until = clock_timestamp() + make_interval(secs => ?)"  # noqa: S608 - as above
    f" WHERE fence = ? AND current_setting('{MARK}', true) = ?"
)
_TAKE = (
    "UPDATE lease SET fence = fence + 1, holder = ?, process = pg_backend_pid(), since ="  # noqa: S608 - constants
    " (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),"
    f" until = clock_timestamp() + make_interval(secs => ?) WHERE NOT ({_HELD}) RETURNING fence"
)


class RowLease:
    """The row of one store, held from :func:`leased` to :meth:`release`.

    Args:
        db: The connection that has taken it.
        address: The store.
        fence: The number that came with it.
        holder: Who holds it.

    Attributes:
        lock: Held by whoever uses the connection; the heartbeat uses it as well.
    """

    def __init__(self, db: Connection, address: ServerAddress, fence: int, holder: str) -> None:
        self._db = db
        self._address = address
        self._fence = fence
        self._process = os.getpid()
        self.holder = holder
        self.lock: threading.RLock = threading.RLock()
        self._ended = threading.Event()
        threading.Thread(target=self._beat, name="lease of a harvest", daemon=True).start()

    def check(self) -> None:
        """Make sure that it is still held.

        Raises:
            StoreInUse: Another process has taken it.
        """
        self._check_process()
        self._check(self._db.execute(_LOOK, ()))

    def begin(self) -> None:
        """Begin a transaction that nobody can take it away from.

        That another process has taken it is raised by whatever looks at an outcome first, by
        COMMIT at the latest.

        Raises:
            StoreInUse: It belongs to another process.
        """
        self._check_process()
        self._db.begin(f"{_LOOK} FOR SHARE", (), check=self._check)

    def release(self) -> None:
        """Let go of it; without effect the second time."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._process != os.getpid():
            return
        # Whoever takes it next sees that the connection is gone.
        with contextlib.suppress(psycopg.Error):
            self._db.execute(
                "UPDATE lease SET holder = NULL, until = NULL WHERE fence = ?", (self._fence,)
            )

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise StoreInUse(
                f"{self._address.url} belongs to the process that opened it",
                hint="Open it in the process that writes it",
            )

    def _check(self, rows: Rows) -> None:
        (fence, mark) = rows.fetchone() or (None, self._db.mark)
        if mark != self._db.mark:
            raise ConfigError(
                f"{self._address.url} is reached by a pool that gives each transaction another "
                "session",
                hint="Have PgBouncer pool sessions (pool_mode=session), or name the server itself",
            )
        if fence != self._fence:
            raise StoreInUse(
                f"{self._address.url} was taken over by another process",
                hint="This one was suspended for longer than its lease; the other goes on with it",
            )

    def _beat(self) -> None:
        while not self._ended.wait(self._address.lease / 3):
            with self.lock:
                if self._ended.is_set() or not self._db.is_open:
                    return
                if self._db.in_transaction:  # which holds the row
                    continue
                with contextlib.suppress(psycopg.Error):
                    self._db.execute(_KEEP, (self._address.lease, self._fence, self._db.mark))


def leased(db: Connection, address: ServerAddress) -> RowLease:
    """Take the lease of a store.

    Raises:
        StoreInUse: Another process holds it.
        psycopg.Error: The server does not answer.
    """
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    patience = time.monotonic() + _DYING
    while True:
        taken = db.execute(_TAKE, (holder, float(address.lease))).fetchone()
        if taken is not None:
            return RowLease(db, address, taken[0], holder)
        if time.monotonic() > patience:
            break
        time.sleep(_DYING / 20)
    raise StoreInUse(
        f"{address.url} is in use by {holder_in(db)}",
        hint="Wait for it to end, or choose another store; `status` can look meanwhile",
    )


def holder_in(db: Connection) -> str | None:
    """Name who holds the lease now; None if nobody does."""
    row = db.execute(f"SELECT holder FROM lease WHERE {_HELD}").fetchone()  # noqa: S608 - a constant
    return None if row is None else str(row[0])
