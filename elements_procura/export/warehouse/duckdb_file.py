"""Tables in a DuckDB file, by one transaction for each export.

Rows go into files of CSV beside it first, which only their owner may read, and which are gone in
the end: so memory stays small, whatever the database needs. DuckDB lets one process at a time open
a file that is written; whoever reads it meanwhile waits until the export has ended.
"""

import contextlib
import glob
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.errors import StoreError
from elements_procura.export.layout import Layout
from elements_procura.export.warehouse.duckdb_tables import STANDING, OpenDuckDB
from elements_procura.export.warehouse.note import TargetNote

_SETTINGS: dict[str, Any] = {
    "threads": "1",
    "memory_limit": "48MB",  # it takes half as much again
    "preserve_insertion_order": "false",
}


class DuckDBTarget:
    """A file that tables are kept in.

    Args:
        path: The file; it is made when it is not there, readable by its owner alone.
        state: What the file was like after the last export, if that is known: then nobody has to
            look whether its rows are those that were written.

    Attributes:
        state: What it is like once the block of :meth:`open` has ended.
    """

    def __init__(self, path: Path | str, *, state: Any = None) -> None:
        self._path = Path(path)
        self.state: Any = state

    @contextlib.contextmanager
    def open(self, layout: Layout, api: str, tenant: str) -> Iterator[OpenDuckDB]:
        """Begin the transaction.

        Raises:
            StoreError: The file cannot be used, or is open in another process.
        """
        del api, tenant
        path = self._path
        with (
            disk_errors(f"{path} cannot be used", path, hint="Choose another --out"),
            contextlib.ExitStack() as stack,
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            prefix = f".{path.name}.export-"
            before = [*path.parent.glob(f"{glob.escape(prefix)}*")]
            aside = tempfile.mkdtemp(prefix=prefix, dir=path.parent)
            stack.callback(shutil.rmtree, aside, ignore_errors=True)
            is_new = not is_there(path)
            with _errors(path):
                try:
                    db = stack.enter_context(
                        duckdb.connect(path, config=_SETTINGS | {"temp_directory": aside})
                    )
                except duckdb.Error:
                    if is_new:  # the beginning of a file, which DuckDB would not open again
                        path.unlink(missing_ok=True)
                    raise
                if is_new:
                    path.chmod(0o600)
                # Where Python runs a line or a notebook, DuckDB would draw a bar on stdout.
                db.execute("SET enable_progress_bar = false")
                for left in before:  # by one that was killed: nobody else has the file open
                    shutil.rmtree(left, ignore_errors=True)
                # Nobody else can write it from here on.
                is_untouched = self.state is not None and self.state == _state_of(path)
                db.execute("BEGIN")
                opened = OpenDuckDB(db, layout, path, Path(aside), is_untouched=is_untouched)
                stack.callback(opened.close)
                yield opened
                db.execute("COMMIT")
                db.execute("CHECKPOINT")
                self.state = _state_of(path)


def _state_of(path: Path) -> list[int] | None:
    """What a file is like, for as long as nobody writes it; None while changes are beside it."""
    if is_there(path.with_name(f"{path.name}.wal")):
        return None
    found = path.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def identity_in(path: Path) -> str | None:
    """The identity of the store whose tables a file holds; None if it holds something else.

    Raises:
        StoreError: It cannot be opened.
    """
    with _errors(path), duckdb.connect(path, read_only=True, config=_SETTINGS) as db:
        query = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
        if db.execute(query, [STANDING]).fetchone() == (0,):
            return None
        (standing,) = db.execute(f"SELECT max(standing) FROM {STANDING}").fetchone() or (None,)
    return None if standing is None else TargetNote.from_text(standing, str(path)).identity


def write_again(path: Path) -> None:
    """Write a file anew: what was deleted from it stays in free blocks until then.

    Raises:
        StoreError: It cannot be opened, or the new one not be made.
    """
    new = path.with_name(f".{path.name}.anew")
    new.unlink(missing_ok=True)
    with disk_errors(f"{path} cannot be written anew", path, hint="Make room, then again"):
        try:
            with _errors(path), duckdb.connect(config=_SETTINGS) as db:
                for name, file in (("old", path), ("new", new)):
                    where = str(file).replace("'", "''")
                    db.execute(f"ATTACH '{where}' AS {name}")
                new.chmod(0o600)
                db.execute("COPY FROM DATABASE old TO new")
                db.execute("DETACH new")
                db.execute("DETACH old")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
            new.with_name(f"{new.name}.wal").unlink(missing_ok=True)


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Raise a StoreError for whatever DuckDB raises, without a value of a row."""
    hint = "Nothing was changed there: see to the file, then export again"
    try:
        yield
    except duckdb.IOException:
        problem = "cannot be opened: it is in use, or no DuckDB file"
        raise StoreError(f"{path} {problem}", hint=hint) from None
    except duckdb.Error as error:
        raise StoreError(f"{path} cannot be used: {type(error).__name__}", hint=hint) from None
