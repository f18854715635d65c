"""A directory of files that are there whole or not at all, readable by their owner alone."""

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Self

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.disk.lock import FileLock
from elements_procura.disk.part_file import Draft, replace_file
from elements_procura.errors import StoreError

MANIFEST = "_manifest.json"
"""Manifest, written last: a directory without it is incomplete."""
_PART = ".part"
_LOCK = ".lock"


class Folder:
    """Where an export goes. Files are made aside and get their names together, at the end.

    Args:
        path: The directory; it is made when it is not there.
        force: Replace an export that is there, and begin instead of one that is under way. Files of
            a crashed export are removed in any case.

    Raises:
        StoreError: On entering: an export is there, or the directory cannot be used.
    """

    def __init__(self, path: Path, *, force: bool) -> None:
        self._path = path
        self._part = path / _PART
        self._lock = FileLock(self._part / _LOCK)
        self._force = force
        self._drafts: dict[str, Draft] = {}
        self._own: tuple[int, int] | None = None
        self._is_new = False

    def __enter__(self) -> Self:
        with self.errors():
            self._is_new = not is_there(self._path)
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse(MANIFEST)
            self._clear_away()
            self._part.mkdir(mode=0o700)
            if not self._lock.acquire():
                raise self._under_way()
            self._own = self._lock_there()
        return self

    def _lock_there(self) -> tuple[int, int] | None:
        """Which file the lock is: another one, where somebody has begun instead of this export."""
        try:
            found = self._lock.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _clear_away(self) -> None:
        """Remove the files of a crashed export, whose lock is free."""
        if not is_there(self._part):
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
        is_ours = self._lock_there() == self._own
        for draft in self._drafts.values():
            if is_ours:
                draft.discard()
            else:
                with contextlib.suppress(OSError):
                    draft.file.close()
        self._lock.release()
        if is_ours:
            shutil.rmtree(self._part, ignore_errors=True)
            if self._is_new:
                with contextlib.suppress(OSError):  # it holds the export
                    self._path.rmdir()

    def file(self, name: str) -> BinaryIO:
        """A new file that will be called ``name``.

        Raises:
            StoreError: It exists already, or cannot be made.
        """
        self._refuse(name)
        draft = self._drafts[name] = Draft(self._path / name, part=self._part / name)
        with self.errors():
            draft.open()
        return draft.file

    def write(self, name: str, data: bytes) -> None:
        """Write all of a new file that will be called ``name``; raises as :meth:`file`."""
        file = self.file(name)
        with self.errors():
            file.write(data)

    def part(self, name: str) -> Path:
        """The path of a file before it has its name."""
        return self._part / name

    def finish(self) -> None:
        """Close the files; they are on the disk then."""
        with self.errors():
            for draft in self._drafts.values():
                draft.finish()
        if self._lock_there() != self._own:
            raise StoreError(
                f"another export into {self._path} was begun instead of this one",
                hint="Nothing was changed; the other one goes on",
            )

    def keep(self, manifest: dict[str, Any]) -> None:
        """Give the files their names, and write the manifest."""
        text = json.dumps(manifest, indent=2).encode() + b"\n"
        with self.errors():
            stale = _files_of(self._path / MANIFEST) - self._drafts.keys()
            (self._path / MANIFEST).unlink(missing_ok=True)
            for draft in self._drafts.values():
                draft.keep()
            for name in stale:
                (self._path / name).unlink(missing_ok=True)
            replace_file(self._path / MANIFEST, text, part=self._part / MANIFEST)

    def errors(self) -> contextlib.AbstractContextManager[None]:
        """Errors of the file system as :class:`StoreError`."""
        problem = f"{self._path} cannot be written to"
        return disk_errors(problem, self._path, hint="Choose another --out")

    def _refuse(self, name: str) -> None:
        if not self._force and is_there(self._path / name):
            raise StoreError(
                f"{self._path / name} exists already",
                hint="Choose another --out, or say --force to replace it",
            )


def remove(path: Path, *, ending: str) -> bool:
    """Remove an export and what was written beside it; whatever else is there stays.

    Args:
        path: The directory.
        ending: How the names of its files end, as a killed export has not listed them.

    Returns:
        Whether none of it is left.
    """
    ours = [path / name for name in _files_of(path / MANIFEST)]
    ours += [path / MANIFEST, *path.glob(f"*{ending}")]
    try:
        for folder in (path / _PART, *path.glob("change=*")):
            shutil.rmtree(folder, ignore_errors=not is_there(folder))
        for each in ours:
            each.unlink(missing_ok=True)
    except OSError:
        return False
    with contextlib.suppress(OSError):  # it holds something else
        path.rmdir()
    return True


def _files_of(manifest: Path) -> set[str]:
    """The files of an earlier export: plain names only, whatever the manifest says."""
    try:
        tables = json.loads(manifest.read_bytes())["tables"]
        names = {str(table["file"]) for table in tables}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if Path(name).name == name and not name.startswith(".")}
