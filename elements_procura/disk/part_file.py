"""Files, and lines of files, that are there whole or not at all."""

import asyncio
import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import SQLITE_FULL, SQLITE_IOERR
from types import TracebackType
from typing import BinaryIO, Self

from elements_procura.errors import StoreError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PartFile:
    """A file under a temporary name, beside the one that it becomes when :meth:`keep` is called.

    Left without that, nothing is left behind, and a file that was there before is untouched.

    Args:
        to: What it becomes.

    Attributes:
        size: Bytes written so far.
    """

    def __init__(self, to: str | os.PathLike[str]) -> None:
        self._to = Path(to)
        self._part: Path | None = None
        self._file: BinaryIO | None = None
        self.size = 0

    async def __aenter__(self) -> Self:
        with _as_ours(self._to):
            await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Not in a thread: a cancelled caller must not leave the file behind.
        if self._file is not None:
            self._file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    async def write(self, piece: memoryview) -> None:
        """Append ``piece``.

        Raises:
            StoreError: It cannot be written.
        """
        assert self._file is not None, "used outside its async with block"  # noqa: S101 - ours
        with _as_ours(self._to):
            self.size += await asyncio.to_thread(self._file.write, piece)

    async def keep(self) -> None:
        """Give the file its name; whatever had that name is replaced."""
        with _as_ours(self._to):
            await asyncio.to_thread(self._keep)

    def _open(self) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self._to.name}.", dir=self._to.parent)
        self._part = Path(name)
        self._file = os.fdopen(handle, "wb")

    def _keep(self) -> None:
        assert self._file is not None  # noqa: S101 - opened before
        assert self._part is not None  # noqa: S101 - opened before
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._to)
        self._part = None


def append_line(descriptor: int, line: bytes) -> None:
    """Append ``line`` whole and on a line of its own, or leave the file as it was.

    Args:
        descriptor: Of a file that was opened to append, and to be read if it can be.
        line: With the line feed at its end.

    Raises:
        OSError: It cannot be written.
    """
    before = os.fstat(descriptor)
    is_file = stat.S_ISREG(before.st_mode)
    if is_file and before.st_size and _last_byte(descriptor) != b"\n":
        line = b"\n" + line  # after what a full disk or a power cut has torn
    written = 0
    try:
        while written < len(line):
            written += os.write(descriptor, line[written:])
    except OSError:
        # Not if somebody else has appended meanwhile: theirs would be lost.
        if is_file and written and os.fstat(descriptor).st_size == before.st_size + written:
            os.ftruncate(descriptor, before.st_size)
        raise


def _last_byte(descriptor: int) -> bytes:
    try:
        os.lseek(descriptor, -1, os.SEEK_END)
        return os.read(descriptor, 1)
    except OSError:
        return b"\n"  # it may only be written


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk, where the file system knows how to."""
    if sys.platform == "win32":
        return
    # Network and foreign file systems refuse with EINVAL and others: it was a favour, then.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def trouble(error: Exception, path: Path) -> str:
    """Why a file cannot be used, and how much room there is where that may be the reason.

    Args:
        error: Of the file system or of SQLite; their texts hold no value that was written.
        path: The file.
    """
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if getattr(error, "errno", 0) in _NO_ROOM or code in (SQLITE_FULL, SQLITE_IOERR):
        text += f" ({room(path)})"
    return text


def room(path: Path) -> str:
    """How much room there is for ``path``, in words."""
    for folder in (path, *path.absolute().parents):
        with contextlib.suppress(OSError):
            return f"{shutil.disk_usage(folder).free // 1_000_000:,} MB free"
    return "nobody knows how much is free"


@contextlib.contextmanager
def _as_ours(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        text = f"the file cannot be written: {trouble(error, path)}"
    else:
        return
    raise StoreError(text, hint=f"Is there room in {path.parent}, and may you write there?")
