"""A lock between processes: a file that tells who holds it, and that a crash releases."""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_LONGEST_NOTE = 200
_LOOKS = 100  # tries at a lock that others are only looking at


class FileLock:
    """An advisory lock on ``path``, held from :meth:`acquire` to :meth:`release`.

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
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _HELD:
                return False
            raise  # a file system without locks: nobody holds it, and nobody can
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
            _look(descriptor)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

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
    """Inside, nobody else is in a block like this with the same file; it may block.

    Where the file system knows no locks, nothing is locked.
    """
    if sys.platform == "win32":
        yield  # appending is atomic there, and nothing is ever cut off between two appends
        return
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        _unlock(descriptor)


def _unlock(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        return
    for _ in range(_LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Shared, it can be had from those who only look, and they are gone at once.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        else:
            return
    raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))


def _look(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
