"""A directory of files that are there whole or not at all, readable by their owner alone."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

from elements_procura.disk.lock import FileLock
from elements_procura.disk.part_file import trouble
from elements_procura.errors import StoreError

MANIFEST = "_manifest.json"
"""Tells of the other files; written last: without it, there is no export."""
_PART = ".part"
_LOCK = ".lock"


class Folder:
    """Where an export goes. Files are made aside and get their names together, at the end.

    Args:
        path: The directory; it is made when it is not there.
        force: Replace an export that is there, and begin instead of one that is under way.
            What a dead one left is taken away without it.

    Raises:
        StoreError: On entering: an export is there, or the directory cannot be used.
    """

    def __init__(self, path: Path, *, force: bool) -> None:
        self._path = path
        self._part = path / _PART
        self._lock = FileLock(self._part / _LOCK)
        self._force = force
        self._open: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        with self.errors():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse(MANIFEST)
            self._clear_away()
            self._part.mkdir(mode=0o700)
            if not self._lock.acquire():
                raise self._under_way()
        return self

    def _clear_away(self) -> None:
        """Take away what a dead export left; it holds its lock no more."""
        if not self._part.exists():
            return
        if not self._force and not self._lock.acquire():
            raise self._under_way()
        self._lock.release()
        shutil.rmtree(self._part, ignore_errors=True)

    def _under_way(self) -> StoreError:
        return StoreError(
            f"an export into {self._path} is under way, by {self._lock.holder()}",
            hint="Wait for it to end, or say --force to begin instead of it",
        )

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            with contextlib.suppress(OSError):  # a full disk is told by what was written before
                file.close()
        self._lock.release()
        shutil.rmtree(self._part, ignore_errors=True)

    def file(self, name: str) -> BinaryIO:
        """A new file that will be called ``name``.

        Raises:
            StoreError: There is one already, or it cannot be made.
        """
        self._refuse(name)
        with self.errors():
            made = self._open[name] = _private(self._part / name)
        return made

    def part(self, name: str) -> Path:
        """Where a file stands before it has its name."""
        return self._part / name

    def finish(self) -> None:
        """Close the files; they are on the disk then."""
        with self.errors():
            for file in self._open.values():
                file.flush()
                os.fsync(file.fileno())
                file.close()

    def keep(self, manifest: dict[str, Any]) -> None:
        """Give the files their names, and write what tells of them."""
        text = json.dumps(manifest, indent=2).encode() + b"\n"
        with self.errors():
            stale = _files_of(self._path / MANIFEST) - self._open.keys()
            (self._path / MANIFEST).unlink(missing_ok=True)
            for name in self._open:
                (self._part / name).replace(self._path / name)
            for name in stale:
                (self._path / name).unlink(missing_ok=True)
            with _private(self._part / MANIFEST) as file:
                file.write(text)
            (self._part / MANIFEST).replace(self._path / MANIFEST)

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """What the file system raises becomes a StoreError."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be written to: {trouble(error, self._path)}",
                hint="Choose another --out",
            ) from None

    def _refuse(self, name: str) -> None:
        if not self._force and (self._path / name).exists():
            raise StoreError(
                f"{self._path / name} exists already",
                hint="Choose another --out, or say --force to replace it",
            )


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _files_of(manifest: Path) -> set[str]:
    """The files of an earlier export: plain names only, whatever the manifest says."""
    try:
        tables = json.loads(manifest.read_bytes())["tables"]
        names = {str(table["file"]) for table in tables}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if Path(name).name == name and not name.startswith(".")}
