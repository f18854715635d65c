"""A lock between processes: a file that names its holder, and that a crash releases."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import filelock

if sys.platform != "win32":
    import fcntl

_LONGEST_NOTE = 200
_POLL = 0.005
_LOOKS = 100  # tries at a lock that others are only looking at


class FileLock:
    """An advisory lock on ``path``, held from :meth:`acquire` to :meth:`release`.

    The lock itself is :mod:`filelock`'s, of a descriptor of ours: it stands in the way of any
    ``filelock.FileLock`` of the same path, and the file holds who has taken it.

    The operating system lets go of it when the process ends, however it ends, so there is never
    one left behind. The file stays: removing it would race with the next holder. It belongs to
    the process that took it: a child that was forked meanwhile neither keeps nor releases it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._process = 0

    def acquire(self) -> bool:
        """Take the lock if nobody holds it, without waiting.

        Raises:
            OSError: The file cannot be made or opened, or its file system knows no locks.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.path, flags, 0o600)
        try:
            is_ours = _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise  # a file system without locks: nobody holds it, and nobody can
        if not is_ours:
            os.close(descriptor)
            return False
        with contextlib.suppress(OSError):  # the note is a courtesy
            note = f"process {os.getpid()} on {socket.gethostname()}"
            os.truncate(descriptor, 0)
            os.write(
                descriptor, f"{note}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode()
            )
        self._descriptor, self._process = descriptor, os.getpid()
        return True

    def held(self) -> bool:
        """Whether anybody holds the lock now. Makes nothing, and is in nobody's way."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError:
            return False  # nobody has ever taken it
        try:
            return _is_held(descriptor)
        finally:
            os.close(descriptor)

    def holder(self) -> str:
        """Who took the lock last, as that process wrote it down."""
        try:
            note = self.path.read_text(encoding="utf-8", errors="replace")[:_LONGEST_NOTE]
        except OSError:
            note = ""
        return note if note.isprintable() and note else "another process"

    def release(self) -> None:
        """Let go of the lock; without effect when this process does not hold it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if self._process == os.getpid():
            _unlock(descriptor)  # closing alone would leave it to whoever was forked meanwhile
        os.close(descriptor)


@contextlib.contextmanager
def alone(descriptor: int) -> Iterator[None]:
    """Allow one holder at a time for a file; entering may block.

    Where the file system knows no locks, nothing is locked.
    """
    with contextlib.suppress(OSError):
        filelock.lock_descriptor(descriptor, poll_interval=_POLL)
    try:
        yield
    finally:
        _unlock(descriptor)


def _lock(descriptor: int) -> bool:
    for _ in range(_LOOKS):
        if filelock.lock_descriptor(descriptor, blocking=False):
            return True
        # Shared, it can be had from those who only look, and they are gone at once.
        if _is_held(descriptor):
            return False
    return False


def _is_held(descriptor: int) -> bool:
    """Whether somebody holds the lock; readers that only test it do not count."""
    if sys.platform == "win32":  # where a look is a lock for a moment
        is_free = filelock.lock_descriptor(descriptor, blocking=False)
        if is_free:
            filelock.unlock_descriptor(descriptor)
        return not is_free
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _unlock(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        filelock.unlock_descriptor(descriptor)
