"""Files that are there whole or not at all: written aside, renamed once they are on the disk."""

import asyncio
import contextlib
import os
import secrets
import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from elements_procura.disk.errors import disk_errors, writing_hint

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL  # never a file or a link that somebody else has put there
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


class Draft:
    """A file under a temporary name that gets its own with :meth:`keep`.

    Without that, leaving the ``with`` block removes it, and a file that had the name before is
    untouched. Its owner alone may read it, whatever the umask.

    Args:
        to: The path that it gets.
        part: The path until then, on the same file system; a file there is one that a killed
            process left, so whoever names it holds a lock. By default a new name beside ``to``.

    Attributes:
        file: To write to.
        part: The path until it is kept.
    """

    file: BinaryIO

    def __init__(self, to: Path, *, part: Path | None = None) -> None:
        self._to = to
        self._is_named = part is not None
        self.part: Path = part or to.with_name(f".{to.name[:200]}.{secrets.token_hex(4)}")
        self._is_there = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def open(self) -> None:
        """Create it."""
        if self._is_named:
            self.part.unlink(missing_ok=True)
        descriptor = os.open(self.part, _FLAGS, 0o600)
        self._is_there = True
        self.file = os.fdopen(descriptor, "wb")
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # some file systems have modes of their own
                os.fchmod(descriptor, 0o600)

    def finish(self) -> None:
        """Close it; what was written is on the disk then."""
        if not self.file.closed:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()

    def keep(self) -> None:
        """Give it its name; a file that had it is replaced."""
        self.finish()
        self.part.replace(self._to)
        self._is_there = False
        sync_folder(self._to.parent)

    def discard(self) -> None:
        """Close and remove it, unless it was kept."""
        if not self._is_there:
            return
        with contextlib.suppress(OSError):  # a full disk: the write before has raised already
            self.file.close()
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)


def replace_file(path: Path, data: bytes | memoryview, *, part: Path | None = None) -> None:
    """Write a whole file; ``part`` as of :class:`Draft`.

    Raises:
        OSError: It cannot be written; a file that was there before still is.
    """
    with Draft(path, part=part) as draft:
        draft.file.write(data)
        draft.keep()


class PartFile:
    """A :class:`Draft` for coroutines, whose errors are ours.

    Args:
        to: The path that it gets.

    Attributes:
        size: Bytes written so far.
    """

    def __init__(self, to: str | os.PathLike[str]) -> None:
        self._to = Path(to)
        self._draft = Draft(self._to)
        self.size: int = 0

    async def __aenter__(self) -> Self:
        with self._as_ours():
            await asyncio.to_thread(self._draft.open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Not in a thread: a cancelled caller must not leave the file behind.
        self._draft.discard()

    async def write(self, piece: memoryview) -> None:
        """Append ``piece``.

        Raises:
            StoreError: It cannot be written.
        """
        with self._as_ours():
            self.size += await asyncio.to_thread(self._draft.file.write, piece)

    async def keep(self) -> None:
        """Give the file its name; whatever had that name is replaced."""
        with self._as_ours():
            await asyncio.to_thread(self._draft.keep)

    def _as_ours(self) -> contextlib.AbstractContextManager[None]:
        return disk_errors(
            "the file cannot be written", self._to, hint=partial(writing_hint, self._to.parent)
        )


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
