"""Looking into an SQLite file that another process may be writing."""

import os
import sqlite3
from pathlib import Path

from elements_procura.disk.errors import is_there


def real(path: Path) -> Path:
    """The file itself, whatever links lead to it: SQLite keeps its log beside that one."""
    return Path(os.path.realpath(path))


def looking(path: Path, *, timeout: float, brief: bool = False) -> sqlite3.Connection:
    """A connection that only reads, every statement its own transaction.

    To read a file in write-ahead mode, SQLite makes two files beside it, and leaves them there.
    Where no log lies beside the file it is whole by itself, and can do without them: a writer that
    begins meanwhile writes to its log first, for longer than a brief look takes; and where nothing
    can be made, no writer of ours will begin.

    Args:
        path: The file.
        timeout: Seconds to wait for a lock.
        brief: Whether the connection is closed again within moments.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    path = real(path)
    log = path.with_name(path.name + "-wal")
    is_whole = not is_there(log) or not log.stat().st_size
    still = is_whole and (brief or not os.access(path.parent, os.W_OK))
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
