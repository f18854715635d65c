"""Tables in any destination of dlt, kept up to date by their keys.

dlt loads table after table, without a transaction over all of them. The table ``_export`` says
what has begun or is done: whoever comes after an export that was cut off loads its rows once
more, by the same keys. What a body no longer has is read back and loaded again with ``deleted_at``.
"""

import contextlib
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from elements_procura.errors import InputError, StoreError
from elements_procura.export.aside import NOTED, Aside
from elements_procura.export.cells import Column, Row, Type
from elements_procura.export.layout import (
    DELETED,
    FETCHED,
    RESOURCE,
    ROW,
    Layout,
    Table,
    links_of,
)
from elements_procura.export.parquet import Parquet, schema_of_columns
from elements_procura.export.texts import storable
from elements_procura.export.warehouse.dlt_dataset import (
    LOADED,
    Dataset,
    Load,
    TableMissing,
    opened,
)
from elements_procura.export.warehouse.keeping import FoundNote
from elements_procura.export.warehouse.merging import NOTES
from elements_procura.export.warehouse.note import schema_of

_STANDING = "_export"
_BEGUN, _BEGUN_ANEW, _DONE = "begun", "begun anew", "done"
_STANDINGS = (
    Column("number", Type.INTEGER),
    Column("what", Type.TEXT),
    Column("standing", Type.TEXT),
)
_ANEW = "Say --force to write all of it anew, or choose another target"
_AT_ONCE = 4_000  # rows that dlt is given in one piece


class DltTarget:
    """A dataset that tables are kept in.

    Args:
        to: The destination's name in dlt.
        place: Where it is, as :func:`~elements_procura.export.warehouse.dlt_dataset.opened` takes
            it.
        dataset: The dataset's name; by default called after API and tenant.

    Raises:
        InputError: dlt would alter the name of the dataset.
    """

    def __init__(self, to: str, *, place: str | None = None, dataset: str | None = None) -> None:
        if dataset is not None and not re.fullmatch(r"[a-z](?:_?[a-z0-9]+)*", dataset):
            raise InputError(
                "dlt would alter the dataset's name",
                hint="Begin with a small letter; then small letters, digits and single _",
            )
        self._to, self._place, self._dataset = to, place, dataset
        self.state: Any = None

    @contextlib.contextmanager
    def open(self, layout: Layout, api: str, tenant: str) -> Iterator["OpenDlt"]:
        """Open the dataset.

        Raises:
            ConfigError: A library or a setting is missing.
            InputError: dlt knows no such destination.
            StoreError: It cannot be used, or an export into it is under way.
        """
        dataset = self._dataset or schema_of(api, tenant)
        with opened(self._to, self._place, dataset) as (held, rows):
            made = OpenDlt(held, layout, rows)
            try:
                yield made
            finally:
                made.close()


class OpenDlt(Aside[Parquet]):
    """A dataset during an export.

    Args:
        dataset: Where the rows go.
        layout: The tables.
        folder: A folder for rows that are on their way.
    """

    def __init__(self, dataset: Dataset, layout: Layout, folder: Path) -> None:
        super().__init__(layout, folder, Parquet)
        self._dataset = dataset
        self.name: str = dataset.name
        self.can_erase: bool = not dataset.appends
        self._note = ""
        self._brought: dict[str, set[str]] = {name: set() for name in layout.tables}
        self._firms: dict[str, dict[str, Row]] = {
            feed.node.table: {} for feed in layout.firms.values()
        }
        self._latest: dt.datetime | None = None

    # -- what is there -----------------------------------------------------------------------

    def standing(self) -> FoundNote | None:
        """The note of the last export; None for a new dataset.

        Raises:
            StoreError: The dataset is there and holds something else.
        """
        query = f"SELECT number, what, standing FROM {self._dataset.table(_STANDING)}"
        try:
            told = sorted(self._dataset.rows(query))
        except TableMissing:
            if self._dataset.holds([*self._layout.tables]):
                raise StoreError(
                    f"{self.name} holds tables that are no export", hint="Choose another --schema"
                ) from None
            return None
        if not told:
            return FoundNote("")
        done = [str(text) for _, what, text in told if what == _DONE]
        *_, what, text = told[-1]
        if what == _BEGUN and done:
            return FoundNote(done[-1], is_cut_off=True)
        return FoundNote(str(text), is_partial=what != _DONE)

    def living(self) -> dict[str, int]:
        """Count the rows of each table, but for those that are deleted.

        Raises:
            StoreError: A table is not there, or not as it was made.
        """
        there = self._dataset.holds([*self._layout.tables])
        for name, table in self._layout.tables.items():
            own = {column.name for column in table.columns}
            if {*there.get(name, [])} - {LOADED} != own:
                raise StoreError(
                    f"{self.name} was altered since the last export: {name} is not as it was made",
                    hint=_ANEW,
                )
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM {self._dataset.current(name)} AS t"
            " WHERE deleted_at IS NULL"
            for name in sorted(self._layout.tables)
        )
        try:
            return {str(name): int(count) for name, count in self._dataset.rows(query)}
        except TableMissing:
            raise StoreError(
                f"{self.name} was altered since the last export: a table is gone", hint=_ANEW
            ) from None

    # -- rows --------------------------------------------------------------------------------

    def begin(self, *, anew: bool, note: str) -> None:
        """Make ready for rows."""
        super().begin(anew=anew, note=note)
        self._note = note

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        kept = tuple([storable(cell) for cell in row])
        key = kept[self._at(table, ROW)]
        if not self._anew and table in self._firms:
            self._firms[table][key] = kept
            return
        if not self._anew:
            self._brought[table].add(key)
        self._write(table, kept)

    def _at(self, table: str, column: str) -> int:
        return [each.name for each in self._layout.tables[table].columns].index(column)

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        super().note(what, resource, kind, at)
        if at is not None and (self._latest is None or at > self._latest):
            self._latest = at

    # -- the end -----------------------------------------------------------------------------

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date; count their rows."""
        if self._anew:
            self._dataset.forget()
            self._dataset.load([self._told(_BEGUN_ANEW, self._note)])
            self._finish(self._sinks)
            loads = [Load(name, self._pieces(name), "replace") for name in self._layout.tables]
            self._dataset.load(loads, anew=True)
            return self.living()
        self._finish([NOTES])
        notes = Load(NOTES, self._pieces(NOTES, NOTED), "replace", is_keyed=False)
        self._dataset.load([self._told(_BEGUN, self._note), notes])
        if self._erased:
            self._erase()
        for table in self._layout.tables.values():
            if not self._is_touched(table.kinds):
                continue
            if table.name in self._firms:
                self._settle_firms(table)
            else:
                self._read_back(table)
        self._bring()
        self._end_firms()
        return self.living()

    def seal(self, before: Any) -> None:
        """Seal nothing: no two destinations could be asked for it alike."""

    def broken(self, seal: Any) -> list[str]:
        """Find nothing, as nothing is sealed."""
        return []

    def keep(self, standing: str) -> None:
        """Write the note."""
        self._dataset.load([self._told(_DONE, standing)])

    def _told(self, what: str, text: str) -> Load:
        cells = [[time.time_ns()], [what], [text]]  # later ones are greater
        return Load(
            _STANDING,
            [pa.table(cells, schema=schema_of_columns(_STANDINGS))],
            "append",
            is_keyed=False,
        )

    def _bring(self) -> None:
        names = [name for name in self._layout.tables if name in self._sinks]
        self._finish(names)
        if names:
            self._dataset.load([Load(name, self._pieces(name), "merge") for name in names])
        self._sinks.clear()

    def _pieces(self, name: str, columns: tuple[Column, ...] | None = None) -> Iterator[pa.Table]:
        schema = schema_of_columns(columns or self._layout.tables[name].columns)
        if name not in self._sinks:
            yield schema.empty_table()
            return
        with pq.ParquetFile(self._file_of(name)) as file:
            for batch in file.iter_batches(_AT_ONCE):
                yield pa.Table.from_batches([batch])
            if not file.metadata.num_rows:
                yield schema.empty_table()

    def _erase(self) -> None:
        erased = f"SELECT {RESOURCE} FROM {self._dataset.table(NOTES)} WHERE what = 'erased'"
        for name in self._layout.tables.keys() - self._firms.keys():
            self._dataset.execute(
                f"DELETE FROM {self._dataset.table(name)} WHERE {RESOURCE} IN ({erased})"
            )

    def _read_back(self, table: Table) -> None:
        """Take rows that end tonight, or were looked at, as they are to be now."""
        brought = self._brought[table.name]
        key, fetched, deleted = (self._at(table.name, each) for each in (ROW, FETCHED, DELETED))
        where = f"n.what = 'looked' OR n.what IN ('changed', 'deleted') AND t.{DELETED} IS NULL"
        for row, what, moment in self._noted(table, where=where):
            if what == "looked":
                row[fetched] = moment
            elif row[key] in brought:
                continue
            else:
                row[deleted] = moment
            self._write(table.name, tuple(row))

    def _settle_firms(self, table: Table) -> None:
        """Take records that many dossiers share, as they were fetched last."""
        new = self._firms[table.name]
        key, fetched, deleted = (self._at(table.name, each) for each in (ROW, FETCHED, DELETED))
        for row, what, moment in self._noted(table, join="LEFT JOIN"):
            if what == "looked":
                row[fetched] = moment
            other = new.get(row[key])
            if other is not None and (row[deleted] or other[fetched] >= row[fetched]):
                continue
            new.pop(row[key], None)
            if what == "looked":
                new[row[key]] = tuple(row)
        for kept in new.values():
            self._write(table.name, kept)

    def _noted(
        self, table: Table, *, join: str = "JOIN", where: str = "1 = 1"
    ) -> Iterator[tuple[list[Any], str | None, dt.datetime | None]]:
        """Rows that are there, each with what has become of its resource, and when."""
        kinds = ", ".join(f"'{kind}'" for kind in table.kinds)
        query = (
            f"SELECT {self._columns(table)}, n.what, n.moment"
            f" FROM {self._dataset.current(table.name)} AS t"
            f" {join} {self._dataset.table(NOTES)} AS n"
            f" ON n.{RESOURCE} = t.{RESOURCE} AND n.kind IN ({kinds}) WHERE {where}"
        )
        for *cells, what, moment in self._dataset.rows(query):
            yield _as_made(table, cells), what, _instant(moment)

    def _columns(self, table: Table) -> str:
        return ", ".join(f"t.{self._dataset.column(each.name)}" for each in table.columns)

    def _end_firms(self) -> None:
        """End records that no dossier leads to any more; take them out if anything is erased."""
        for kind, feed in self._layout.firms.items():
            table, links = self._layout.tables[feed.node.table], self._layout.tables[links_of(kind)]
            column = next(key.column for key in links.references if key.to == "id")
            led = (
                f"SELECT l.{column} FROM {self._dataset.current(links.name)} AS l"
                f" WHERE l.{DELETED} IS NULL AND l.{column} IS NOT NULL"
            )
            if self._erased:
                own = self._dataset.table(table.name)
                self._dataset.execute(f"DELETE FROM {own} WHERE id NOT IN ({led})")
                continue
            unled = (
                f"SELECT {self._columns(table)} FROM {self._dataset.current(table.name)} AS t"
                f" WHERE t.{DELETED} IS NULL AND t.id NOT IN ({led})"
            )
            for cells in self._dataset.rows(unled):
                row = _as_made(table, [*cells])
                row[self._at(table.name, DELETED)] = self._latest
                self._write(table.name, tuple(row))
        self._bring()


def _as_made(table: Table, cells: list[Any]) -> list[Any]:
    """Cells as they were made, whatever a driver has made of them."""
    return [
        None if cell is None else _CELLS.get(column.type, str)(cell)
        for cell, column in zip(cells, table.columns, strict=True)
    ]


def _decimal(cell: Any) -> Decimal:
    return cell if isinstance(cell, Decimal) else Decimal(str(cell))


def _instant(cell: Any) -> dt.datetime | None:
    if cell is None:
        return None
    made = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(str(cell))
    return made if made.tzinfo is not None else made.replace(tzinfo=dt.UTC)


def _date(cell: Any) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    return dt.date.fromisoformat(cell) if isinstance(cell, str) else cell


_CELLS: dict[Type, Callable[[Any], Any]] = {
    Type.INSTANT: _instant,
    Type.INTEGER: int,
    Type.DECIMAL: _decimal,
    Type.DATE: _date,
    Type.BOOLEAN: bool,
}
