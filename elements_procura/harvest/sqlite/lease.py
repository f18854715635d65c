"""The right to write a store that is a file: a lock beside it, which a crash releases."""

import os
from pathlib import Path as FilePath

from elements_procura.disk.lock import FileLock
from elements_procura.disk.sqlite import real
from elements_procura.errors import StoreInUse


class FileLease:
    """The lock of one store, held from :func:`leased` to :meth:`release`.

    Args:
        lock: Taken already.
        path: The store, for messages.
    """

    def __init__(self, lock: FileLock, path: FilePath) -> None:
        self._lock = lock
        self._path = path
        self._process = os.getpid()

    @property
    def holder(self) -> str:
        """Who holds it."""
        return self._lock.holder()

    def check(self) -> None:
        """Make sure that this is the process that took it.

        The operating system takes it from nobody; but a process that was forked meanwhile has the
        store's connection too, and would write beside the one that holds the lock.

        Raises:
            StoreInUse: It was taken by the process that this one was forked from.
        """
        if os.getpid() != self._process:
            raise StoreInUse(
                f"{self._path} belongs to the process that opened it",
                hint="Open it in the process that writes it",
            )

    def release(self) -> None:
        """Let go of it."""
        self._lock.release()


def lock_of(path: FilePath) -> FileLock:
    """Return the lock of the store at ``path``: the same, whatever links lead there."""
    path = real(path)
    return FileLock(path.with_name(path.name + ".lock"))


def leased(path: FilePath) -> FileLease:
    """Take the lock of the store at ``path``.

    Raises:
        StoreInUse: Another process holds it.
        OSError: The lock's file cannot be made.
    """
    lock = lock_of(path)
    if not lock.acquire():
        raise StoreInUse(
            f"{path} is in use by {lock.holder()}",
            hint="Wait for it to end, or choose another store; `status` can look meanwhile",
        )
    return FileLease(lock, path)
