"""Tables in a DuckDB file, by one transaction for each export.

Rows go into files of CSV beside it first, which only their owner may read, and which are gone in
the end: so memory stays small, whatever the database needs. DuckDB lets one process at a time open
a file that is written; whoever reads it meanwhile waits until the export has ended.
"""

import contextlib
import datetime as dt
import glob
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.errors import StoreError
from elements_procura.export.cells import Column, Row, Type
from elements_procura.export.layout import Layout, Table
from elements_procura.export.merging import NOTES, endings, living, merges, quoted, stage_of
from elements_procura.export.sinks import Csv
from elements_procura.export.target_note import TargetNote
from elements_procura.export.texts import storable
from elements_procura.export.warehouse import FoundNote

_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INSTANT: "TIMESTAMP WITH TIME ZONE",
    Type.INTEGER: "BIGINT",
    Type.DECIMAL: "DECIMAL(38,18)",
    Type.DATE: "DATE",
    Type.BOOLEAN: "BOOLEAN",
    Type.JSON: "VARCHAR",
}
_STANDING = "_export"
_CSV = (
    "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
    " allow_quoted_nulls = false, new_line = '\\r\\n', parallel = false"
)
_LONGEST = 16_000_000  # bytes of a row
_NOTED = (
    Column("what", Type.TEXT),
    Column("resource_id", Type.INTEGER),
    Column("kind", Type.TEXT),
    Column("moment", Type.INSTANT),
)
_SETTINGS: dict[str, Any] = {
    "threads": "1",
    "memory_limit": "80MB",
    "preserve_insertion_order": "false",
}


class DuckDBTarget:
    """A file that tables are kept in.

    Args:
        path: The file; it is made when it is not there, readable by its owner alone.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)

    @contextlib.contextmanager
    def open(self, layout: Layout, api: str, tenant: str) -> Iterator["OpenDuckDB"]:
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
                db = stack.enter_context(
                    duckdb.connect(path, config=_SETTINGS | {"temp_directory": aside})
                )
                if is_new:
                    path.chmod(0o600)
                # Where Python runs a line or a notebook, DuckDB would draw a bar on stdout.
                db.execute("SET enable_progress_bar = false")
                for left in before:  # by one that was killed: nobody else has the file open
                    shutil.rmtree(left, ignore_errors=True)
                db.execute("BEGIN")
                opened = OpenDuckDB(db, layout, path, Path(aside))
                stack.callback(opened.close)
                yield opened
                db.execute("COMMIT")


def identity_in(path: Path) -> str | None:
    """The identity of the store whose tables a file holds; None if it holds something else.

    Raises:
        StoreError: It cannot be opened.
    """
    with _errors(path), duckdb.connect(path, read_only=True, config=_SETTINGS) as db:
        query = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
        if db.execute(query, [_STANDING]).fetchone() == (0,):
            return None
        (standing,) = db.execute(f"SELECT max(standing) FROM {_STANDING}").fetchone() or (None,)
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


class OpenDuckDB:
    """A file inside the transaction of an export.

    Args:
        db: The connection.
        layout: The tables.
        path: The file.
        aside: A folder for rows that are on their way.
    """

    def __init__(
        self, db: duckdb.DuckDBPyConnection, layout: Layout, path: Path, aside: Path
    ) -> None:
        self._db = db
        self._layout = layout
        self._aside = aside
        self.name: str = str(path)
        self.can_erase: bool = True
        self._anew = False
        self._files: dict[str, Any] = {}
        self._sinks: dict[str, Csv] = {}
        self._kinds: set[str] = set()
        self._written: set[str] = set()
        self._erased = False

    def close(self) -> None:
        """Let go of files; without effect the second time."""
        for file in self._files.values():
            file.close()

    def standing(self) -> FoundNote | None:
        """The note of the last export; None for a new target.

        Raises:
            StoreError: The file is there and holds something else.
        """
        held = {name for (name,) in self._run("SELECT table_name FROM duckdb_tables()").fetchall()}
        if _STANDING in held:
            (found,) = self._run(f"SELECT max(standing) FROM {_STANDING}").fetchone() or (None,)
            return FoundNote(str(found or ""))
        if held:
            raise StoreError(
                f"{self.name} holds tables that are no export", hint="Choose another --out"
            )
        return None

    def living(self) -> dict[str, int]:
        """Count the rows of each table, but for those that are deleted."""
        there = dict(
            self._run(
                "SELECT table_name, string_agg(column_name || ' ' || data_type, ';'"
                " ORDER BY column_index) FROM duckdb_columns() GROUP BY table_name"
            ).fetchall()
        )
        for name, table in self._layout.tables.items():
            own = ";".join(f"{column.name} {_TYPES[column.type]}" for column in table.columns)
            if there.get(name) != own:
                raise StoreError(
                    f"{self.name} was altered since the last export: {name} is not as it was made",
                    hint="Say --force to write all of it anew, or choose another target",
                )
        return dict(self._run(living(self._layout, home="")).fetchall())

    def begin(self, *, anew: bool, note: str) -> None:
        """Make ready for rows."""
        del note
        self._anew = anew
        if not anew:
            self._sink(NOTES, _NOTED)

    def _sink(self, name: str, columns: tuple[Column, ...]) -> Csv:
        file = self._files[name] = (self._aside / f"{name}.csv").open("wb")
        sink = self._sinks[name] = Csv(file, columns)
        return sink

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        del is_typed, misfits
        sink = self._sinks.get(table)
        if sink is None:
            sink = self._sink(table, self._layout.tables[table].columns)
        sink.write(tuple([storable(cell) for cell in row]))

    def skip(self) -> None:
        """Do nothing: whoever counts does so before."""

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        self._sinks[NOTES].write((what, resource, kind, at))
        self._erased = self._erased or what == "erased"
        if kind is not None:
            self._kinds.add(kind)

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date; count their rows."""
        for name, sink in self._sinks.items():
            sink.close()
            self._files[name].close()
        if self._anew:
            for table in self._layout.tables.values():
                self._run(f"DROP TABLE IF EXISTS {quoted(table.name)}")
                self._take(table, quoted(table.name))
            self._run(f"CREATE TABLE IF NOT EXISTS {_STANDING} (standing VARCHAR)")
        else:
            self._fill(f"CREATE TEMP TABLE {NOTES} AS", NOTES, _NOTED)
            for table in self._layout.tables.values():
                is_staged = table.name in self._sinks
                if not is_staged and not self._erased and not self._kinds & {*table.kinds}:
                    continue
                self._written.add(table.name)
                self._take(table, f"TEMP {stage_of(table)}")
                for statement in merges(
                    self._layout,
                    table,
                    home="",
                    staged=int(is_staged),
                    erased=self._erased,
                    upserts=False,
                ):
                    self._run(statement)
            self._written |= {feed.node.table for feed in self._layout.firms.values()}
            for statement in endings(self._layout, home="", erased=self._erased):
                self._run(statement)
        return dict(self._run(living(self._layout, home="")).fetchall())

    def _take(self, table: Table, name: str) -> None:
        """Make a table of the rows that were added to it."""
        make = "CREATE TEMP TABLE" if name.startswith("TEMP ") else "CREATE TABLE"
        name = name.removeprefix("TEMP ")
        columns = ", ".join(f"{quoted(each.name)} {_TYPES[each.type]}" for each in table.columns)
        self._run(f"{make} {name} ({columns})")
        if table.name in self._sinks:
            self._fill(f"INSERT INTO {name}", table.name, table.columns)

    def _fill(self, into: str, name: str, columns: tuple[Column, ...]) -> None:
        """Read what was written aside, as it was written: nothing is guessed."""
        file = str(self._aside / f"{name}.csv").replace("'", "''")
        types = ", ".join(f"'{each.name}': '{_TYPES[each.type]}'" for each in columns)
        self._run(
            f"{into} SELECT * FROM read_csv('{file}', columns = {{{types}}}, {_CSV},"
            f" max_line_size = {_LONGEST})"
        )

    def seal(self, before: Any) -> dict[str, Any]:
        """Sums of the rows of each table; they hold for this version of DuckDB."""
        told = before if before and before["by"] == duckdb.__version__ else None
        names = self._layout.tables if told is None else self._written
        sums = {} if told is None else told["sums"]
        return {"by": duckdb.__version__, "sums": sums | self._sums(names)}

    def broken(self, seal: Any) -> list[str]:
        """The tables that do not add up."""
        if not seal or seal["by"] != duckdb.__version__:
            return []
        sums = self._sums(self._layout.tables)
        return [name for name, total in sums.items() if seal["sums"].get(name) != total]

    def _sums(self, tables: Iterable[str]) -> dict[str, str]:
        query = " UNION ALL ".join(
            f"SELECT '{name}', CAST(coalesce(sum(hash(t)), 0) AS VARCHAR) FROM {quoted(name)} AS t"
            " WHERE deleted_at IS NULL"
            for name in tables
        )
        return dict(self._run(query).fetchall()) if query else {}

    def keep(self, standing: str) -> None:
        """Write the note."""
        self._run(f"DELETE FROM {_STANDING}")
        self._db.execute(f"INSERT INTO {_STANDING} VALUES (?)", [standing])

    def _run(self, statement: str) -> duckdb.DuckDBPyConnection:
        # Made of names of the layout alone, quoted.
        return self._db.execute(statement)


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
