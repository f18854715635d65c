"""Files that are there whole or not at all."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from elements_procura.errors import StoreError


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
        with _as_ours():
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
        with _as_ours():
            self.size += await asyncio.to_thread(self._file.write, piece)

    async def keep(self) -> None:
        """Give the file its name; whatever had that name is replaced."""
        with _as_ours():
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


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"the file cannot be written: {error.strerror}") from None
