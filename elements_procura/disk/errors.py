"""The one translation of file-system and SQLite exceptions into errors of this package."""

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from elements_procura.errors import ElementsProcuraError, StoreError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# SQLite's numbers, which are a part of its file format's documentation: FULL, IOERR; CORRUPT,
# NOTADB, IOERR_READ, IOERR_SHORT_READ. A command's --help must not load SQLite for their names.
_NO_ROOM_SQLITE = (13, 10)
_DAMAGE = (11, 26, 266, 522)
Hint = str | Callable[[Exception], str]


@contextlib.contextmanager
def disk_errors(
    problem: str, path: Path, *, hint: Hint = "", kind: type[ElementsProcuraError] = StoreError
) -> Iterator[None]:
    """Raise an error of ours for any of the file system or of SQLite that is raised inside.

    Args:
        problem: The failed action; the reason is appended.
        path: The file or folder, for the free space where that may be the reason. It is part of
            the message only if ``problem`` holds it.
        hint: The next step, or a function that derives it from the foreign exception.
        kind: The class of the error.

    Raises:
        ElementsProcuraError: An error of class ``kind``. The foreign exception is not shown with
            it: its frames may hold the bytes that were written.
    """
    try:
        yield
    except _foreign() as error:
        step = hint if isinstance(hint, str) else hint(error)
        raise kind(f"{problem}: {reason_of(error, path)}", hint=step) from None


def _foreign() -> tuple[type[Exception], ...]:
    """What the file system and SQLite raise; nobody raises SQLite's who has not loaded it."""
    # Not `import sqlite3`, which would raise where no more files can be opened; and a thread that
    # is importing it may not have come to its Error yet.
    return OSError, getattr(sys.modules.get("sqlite3"), "Error", OSError)


def is_there(path: Path) -> bool:
    """Find out whether a file or folder exists, where ``Path.exists`` would raise or guess.

    A folder on the way that nobody may look into says nothing about what is in it: some versions of
    Python raise PermissionError then, others answer no, and a missing file would be made anew.

    Args:
        path: Where; a link counts as what it leads to.

    Raises:
        StoreError: It cannot be found out.
    """
    hint = f"May you look into {path.parent}? If not, choose another place"
    with disk_errors(f"{path} cannot be looked for", path, hint=hint):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError, ValueError):  # a zero byte in the name
            return False
        return True


def is_damage(error: Exception) -> bool:
    """Whether SQLite says that a file is damaged."""
    extended = getattr(error, "sqlite_errorcode", 0)
    return extended in _DAMAGE or extended & 0xFF in _DAMAGE


def writing_hint(folder: Path, _error: Exception | None = None) -> str:
    """The next step when something in ``folder`` could not be written."""
    with contextlib.suppress(StoreError):
        if not is_there(folder):
            return f"Make the folder {folder} first"
    return f"Is there room in {folder}, and may you write there?"


def reason_of(error: Exception, path: Path) -> str:
    """The reason of a failure, with the free space where that may be it.

    Args:
        error: Of the file system or of SQLite; their texts hold no value that was written.
        path: The file.
    """
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if getattr(error, "errno", 0) in _NO_ROOM or code in _NO_ROOM_SQLITE:
        text += f" ({free_space(path)})"
    return text


def free_space(path: Path) -> str:
    """The free space for ``path``, in words."""
    import shutil  # noqa: PLC0415 - loaded on need

    for folder in (path, *path.absolute().parents):
        with contextlib.suppress(OSError):
            return f"{shutil.disk_usage(folder).free // 1_000_000:,} MB free"
    return "nobody knows how much is free"
