"""The tables in a DuckDB file, inside the transaction of an export."""

from pathlib import Path
from typing import Any

import attrs
import duckdb

from elements_procura.errors import StoreError
from elements_procura.export.aside import NOTED, Aside
from elements_procura.export.cells import Column, Row, Type
from elements_procura.export.layout import DELETED, RESOURCE, ROW, Layout, Table
from elements_procura.export.sinks import Csv
from elements_procura.export.texts import storable
from elements_procura.export.warehouse.duckdb_sums import Sums, by, hash_of, sums_in
from elements_procura.export.warehouse.keeping import FoundNote
from elements_procura.export.warehouse.merging import (
    NOTES,
    ended,
    endings,
    erases,
    living,
    looks,
    merges,
    quoted,
    stage_of,
)

TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INSTANT: "TIMESTAMP WITH TIME ZONE",
    Type.INTEGER: "BIGINT",
    Type.DECIMAL: "DECIMAL(38,18)",
    Type.DATE: "DATE",
    Type.BOOLEAN: "BOOLEAN",
    Type.JSON: "VARCHAR",
}
STANDING = "_export"
"""The table that holds the note of the last export."""
_CSV = (
    "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
    " allow_quoted_nulls = false, new_line = '\\r\\n', parallel = false"
)
_NOTE_COLUMN = (
    f"SELECT 1 FROM duckdb_columns() WHERE table_name = '{STANDING}' AND column_name = 'standing'"
)
_LEAST_BUFFER = 512 * 1024  # bytes; and always more than the longest row
_LONG = 1024 * 1024  # bytes of a row, above which the database needs more memory
_ROWS_AT_ONCE = 48  # of such rows
_FEW = 20_000  # resources that a night changes: their rows are held in memory, table after table


class OpenDuckDB(Aside[Csv]):
    """A file inside the transaction of an export.

    Args:
        db: The connection.
        layout: The tables.
        path: The file.
        aside: A folder for rows that are on their way.
        is_untouched: Whether it is known that nobody has opened the file since the last export.
    """

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        layout: Layout,
        path: Path,
        aside: Path,
        *,
        is_untouched: bool = False,
    ) -> None:
        super().__init__(layout, aside, Csv)
        self._db = db
        self.name: str = str(path)
        self.can_erase: bool = True
        self._is_untouched = is_untouched
        self._changes = 0  # resources that have changed, or are gone
        self._changed: set[str | None] = set()  # their kinds
        self._shared = {feed.node.table for feed in layout.firms.values()}
        self._moved: dict[str, int] = {}  # by how much the sum of a table's rows has grown
        self._unsummed: set[str] = set()
        self._written: set[str] = set()

    def standing(self) -> FoundNote | None:
        """The note of the last export; None for a new target.

        Raises:
            StoreError: The file is there and holds something else.
        """
        held = {name for (name,) in self._run("SELECT table_name FROM duckdb_tables()").fetchall()}
        if STANDING in held:
            if not self._run(_NOTE_COLUMN).fetchall():
                return FoundNote("")
            (found,) = self._run(f"SELECT max(standing) FROM {STANDING}").fetchone() or (None,)
            return FoundNote(str(found or ""), is_untouched=self._is_untouched)
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
            own = ";".join(f"{column.name} {TYPES[column.type]}" for column in table.columns)
            if there.get(name) != own:
                raise StoreError(
                    f"{self.name} was altered since the last export: {name} is not as it was made",
                    hint="Say --force to write all of it anew, or choose another target",
                )
        return self._counted()

    def _counted(self) -> dict[str, int]:
        return dict(self._run(living(self._layout, home="")).fetchall())

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        del is_typed, misfits
        self._write(table, tuple([storable(cell) for cell in row]))

    def note(self, what: str, resource: int, kind: str | None, at: Any) -> None:
        """Take note of a resource."""
        super().note(what, resource, kind, at)
        if what != "looked":
            self._changes += 1
            self._changed.add(kind)

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date; count their rows."""
        self._finish(self._sinks)
        longest = max([sink.longest for sink in self._sinks.values()], default=0)
        if longest > _LONG:
            self._run(f"SET memory_limit = '{_ROWS_AT_ONCE * longest}B'")
        if self._anew:
            for table in self._layout.tables.values():
                self._run(f"DROP TABLE IF EXISTS {quoted(table.name)}")
                self._take(table, quoted(table.name))
            self._run(f"DROP TABLE IF EXISTS {STANDING}")
            self._run(f"CREATE TABLE {STANDING} (standing VARCHAR)")
            self._unsummed = self._written = {*self._layout.tables}
            return self._counted()
        self._fill(f"CREATE TEMP TABLE {NOTES} AS", NOTES, NOTED)
        for table in self._layout.tables.values():
            if table.name in self._sinks or self._erased or self._is_touched(table.kinds):
                self._merge(table)
        self._written |= self._shared
        self._unsummed |= self._shared
        for statement in endings(self._layout, home="", erased=self._erased):
            self._run(statement)
        return self._counted()

    def _merge(self, table: Table) -> None:
        self._written.add(table.name)
        is_staged = table.name in self._sinks
        if not is_staged and not self._erased and self._changed.isdisjoint(table.kinds):
            self._run(looks(table, home=""))
            return
        self._take(table, f"TEMP {stage_of(table)}")
        if table.name in self._shared or self._changes > _FEW:
            self._unsummed.add(table.name)
            for statement in merges(
                self._layout,
                table,
                home="",
                staged=int(is_staged),
                erased=self._erased,
                upserts=False,
            ):
                self._run(statement)
        else:
            self._swap(table, quoted(table.name), stage_of(table))
        self._run(f"DROP TABLE {stage_of(table)}")

    def _swap(self, table: Table, into: str, stage: str) -> None:
        """Bring a table up to date, and reckon its sum."""
        if self._erased:
            self._drop(table, erases(table, home=""))
        which = f"{NOTES} AS n WHERE {ended(table)}"
        if self._run(f"SELECT 1 FROM {into} AS t, {which} LIMIT 1").fetchall():
            self._end(table, f"DELETE FROM {into} AS t USING {which}", stage)
        self._run(looks(table, home=""))
        self._drop(table, f"DELETE FROM {into} WHERE {ROW} IN (SELECT {ROW} FROM {stage})")
        query = f"SELECT sum({hash_of(table)}) FROM {stage} WHERE {DELETED} IS NULL"
        for (total,) in self._run(query).fetchall():
            self._move(table, total or 0)
        self._run(f"INSERT INTO {into} SELECT * FROM {stage}")

    def _drop(self, table: Table, delete: str) -> None:
        """Take out rows; DuckDB reads these alone for it."""
        gone = self._run(f"{delete} RETURNING {hash_of(table)}, {DELETED} IS NULL").fetchall()
        self._move(table, -sum(own for own, is_alive in gone if is_alive))

    def _end(self, table: Table, delete: str, stage: str) -> None:
        """Mark rows as deleted: take them out, to put them back.

        DuckDB would read all columns of the table to alter some rows and say what they were.
        """
        gone: Any = self._db.sql(f"{delete} RETURNING *")
        for (total,) in gone.query("gone", f"SELECT sum({hash_of(table)}) FROM gone").fetchall():
            self._move(table, -total)
        gone.query(
            "gone",
            f"INSERT INTO {stage} SELECT gone.* REPLACE (n.moment AS {DELETED}) FROM gone"
            f" JOIN {NOTES} AS n ON n.{RESOURCE} = gone.{RESOURCE} AND n.what != 'erased'"
            f" WHERE gone.{ROW} NOT IN (SELECT {ROW} FROM {stage})",
        )

    def _move(self, table: Table, by_: int) -> None:
        self._moved[table.name] = self._moved.get(table.name, 0) + by_

    def _take(self, table: Table, name: str) -> None:
        """Make a table of the rows that were added to it."""
        make = "CREATE TEMP TABLE" if name.startswith("TEMP ") else "CREATE TABLE"
        name = name.removeprefix("TEMP ")
        columns = ", ".join(f"{quoted(each.name)} {TYPES[each.type]}" for each in table.columns)
        self._run(f"{make} {name} ({columns})")
        if table.name in self._sinks:
            self._fill(f"INSERT INTO {name}", table.name, table.columns)

    def _fill(self, into: str, name: str, columns: tuple[Column, ...]) -> None:
        """Read what was written aside, as it was written: nothing is guessed."""
        file = str(self._file_of(name)).replace("'", "''")
        types = ", ".join(f"'{each.name}': '{TYPES[each.type]}'" for each in columns)
        longest = self._sinks[name].longest + 1
        self._run(
            f"{into} SELECT * FROM read_csv('{file}', columns = {{{types}}}, {_CSV},"
            f" max_line_size = {longest}, buffer_size = {max(_LEAST_BUFFER, 2 * longest)})"
        )

    def seal(self, before: Any) -> dict[str, Any]:
        """Sums of the rows of each table."""
        told = _told(before)
        rows, looks_ = ({}, {}) if told is None else (told.rows, told.looks)
        rows = {name: total + self._moved.get(name, 0) for name, total in rows.items()}
        unsummed = self._unsummed if told is not None else self._layout.tables.keys()
        written = self._written if told is not None else self._layout.tables.keys()
        found = sums_in(self._db, self._layout, rows=unsummed, looks=written)
        return {"by": by(), **attrs.asdict(Sums(rows | found.rows, looks_ | found.looks))}

    def broken(self, seal: Any) -> list[str]:
        """The tables that do not add up."""
        told = _told(seal)
        if told is None:
            return []
        names = self._layout.tables.keys()
        return sums_in(self._db, self._layout, rows=names, looks=names).other_than(told)

    def keep(self, standing: str) -> None:
        """Write the note."""
        self._run(f"DELETE FROM {STANDING}")
        self._db.execute(f"INSERT INTO {STANDING} VALUES (?)", [standing])

    def _run(self, statement: str) -> duckdb.DuckDBPyConnection:
        # Made of names of the layout alone, quoted.
        return self._db.execute(statement)


def _told(seal: Any) -> Sums | None:
    """The sums of a seal; None where another version has made them."""
    return Sums(seal["rows"], seal["looks"]) if seal and seal["by"] == by() else None
