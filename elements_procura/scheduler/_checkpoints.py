"""Checkpoints of the request ledger, by a thread of their own."""

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path

_log = logging.getLogger(__name__)


class Checkpoints:
    """Moves what the log holds into the file, and syncs both, while the event loop goes on.

    A passive checkpoint waits for nobody and keeps nobody waiting: grants go on meanwhile.

    Args:
        path: The ledger's file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Make a checkpoint, unless one is being made."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=checkpoint, args=(self._path,), name="ledger-checkpoint"
            )
            self._thread.start()

    def wait(self) -> None:
        """Return when no checkpoint is being made any more."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None


def checkpoint(path: Path) -> None:
    """Make one checkpoint; where it fails, another one will do."""
    address = f"{path.absolute().as_uri()}?mode=rw"  # a file that is gone is not made anew
    try:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=0.0)
        with contextlib.closing(connection):
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error as error:
        _log.debug("No checkpoint of the request ledger: %s", error)
